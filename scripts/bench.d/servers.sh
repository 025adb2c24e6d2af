# shellcheck shell=bash
# Starting, stopping and loading what scripts/bench measures; to be sourced by it.
#
# It sets: bare, vestibule (programs), work (a folder of this run), secret, samples (a file), postgres_url, crowd_url, chat_url,
# few_url, many_url, express_url, root.

pid='' start_ms='' url='' account='' token='' bare_token=''

# Starts a program that listens on $url and waits for the first 200 of a path: await PATH TOKEN LOG COMMAND…
await() {
    local path=$1 bearer=$2 log=$3 started
    shift 3
    started=$("$bare" launch --url "$url$path" --token "$bearer" --log "$work/$log" -- "$@") || {
        tail -n 20 "$work/$log" >&2
        return 1
    }
    read -r pid start_ms <<<"$started"
}

# Ends the program that was started last, as an operator would.
stop() {
    [ -n "$pid" ] || return 0
    kill -TERM "$pid" 2>/dev/null || true
    local patience=200
    while running && [ "$((patience -= 1))" -gt 0 ]; do sleep 0.1; done
    if running; then
        echo "Process $pid does not stop: killing it." >&2
        kill -KILL "$pid" 2>/dev/null || true
    fi
    pid=''
}

# A process that has ended but was not collected yet does not run.
running() {
    local state
    state=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$pid/status" 2>/dev/null) && [ -n "$state" ] && [ "$state" != Z ]
}

database_of() {
    case "$1" in
    postgres) echo "$postgres_url" ;;
    postgres-crowd) echo "$crowd_url" ;;
    postgres-chat) echo "$chat_url" ;;
    postgres-few) echo "$few_url" ;;
    postgres-many) echo "$many_url" ;;
    sqlite | sqlite-*) echo "sqlite://$work/$1/vestibule.db" ;;
    memory) echo 'memory:' ;;
    esac
}

# start_server STORE [TOKEN]: with a token the first 200 is that of `me`, on an existing database.
start_server() {
    local store=$1 bearer=${2:-} path=/health/live
    [ -z "$bearer" ] || path=/api/auth/me
    mkdir -p "$work/$store"
    url=http://127.0.0.1:$(postgres_free_port)
    settings_of "$store"
    await "$path" "${bearer:-none}" "server-$store.log" env "${settings[@]}" "$vestibule" serve
}

# Sets `settings`. Where mailboxes must be proven, a status takes most to be filtered and sorted by: so in a crowd.
settings_of() {
    settings=(
        DATABASE_URL="$(database_of "$1")"
        VESTIBULE_LISTEN="${url#http://}"
        VESTIBULE_METRICS_LISTEN="127.0.0.1:$(postgres_free_port)"
        VESTIBULE_DATA_DIR="$work/$1"
        VESTIBULE_BLOBS="file:$work/$1"
        VESTIBULE_SECRET="$secret"
        VESTIBULE_BCRYPT_COST=10
        VESTIBULE_LIMITS=off
        VESTIBULE_REFRESH_PER_ACCOUNT=64
        VESTIBULE_LIMIT_STREAMS_PER_ACCOUNT=1000
        VESTIBULE_LIMIT_STREAMS=10000
        VESTIBULE_MERN_VERIFY_EMAIL="$(case "$1" in *-crowd) echo on ;; *) echo off ;; esac)"
        RUST_LOG=info
    )
}

# add_root STORE: root@example.test, by the command line, beside the server that runs.
add_root() { add_user "$1" root@example.test root; }

# add_user STORE EMAIL ROLE
add_user() {
    settings_of "$1"
    env "${settings[@]}" "$vestibule" user create --email "$2" --role "$3" --password-stdin \
        <<<'correct horse battery' >/dev/null
}

# Prints the token of a sign-in of the dialect mern: sign_in [--email ADDRESS].
sign_in() {
    "$bare" sign-in --url "$url/api/auth/signin" "$@"
}

# start_bare STORE [ACCOUNT]: the account is one that the server made in the same database.
start_bare() {
    local store=$1
    bare_token=$("$bare" token --secret "$secret" --account "${2:-507f1f77bcf86cd799439011}")
    url=http://127.0.0.1:$(postgres_free_port)
    await /api/auth/me "$bare_token" bare.log \
        "$bare" serve --store "${store%-chat}" --database "$(database_of "$store")" --listen "${url#http://}" --secret "$secret" \
        --folder "$work/files"
}

start_express() {
    url=http://127.0.0.1:$(postgres_free_port)
    await /health/live none express.log env \
        NODE_ENV=production DATABASE_URL="$express_url" SECRET="$secret" PORT="${url##*:}" BCRYPT_COST=10 \
        node "$root/scripts/bench-peers/express/server.mjs"
}

# Makes accounts through the front door; sets account and token to the first one's.
register() {
    local first
    first=$("$bare" register --url "$url/api/auth/register" --accounts "$1")
    read -r account token <<<"$first"
}

# record KEY JSON
record() {
    printf '{"key":"%s",%s\n' "$1" "${2#\{}" >>"$samples"
    printf '  %-24s %s\n' "$1" "$2" >&2
}

# load SECONDS PATH TOKEN [ACCOUNTS]: 64 connections, or as many as $connections says, each asking again as soon as it is answered; prints JSON. One thread of
# wrk asks faster than any of these servers answers, and leaves them the most of the cores.
load() {
    local seconds=$1 path=$2 bearer=$3
    shift 3
    wrk --threads 1 --connections "${connections:-64}" --duration "${seconds}s" --timeout 20s --script "$root/scripts/bench.d/load.lua" \
        --header "Authorization: Bearer $bearer" "$url$path" ${1:+-- "$1"} | sed -n 's/^RESULT //p'
}

# Prints the resident memory of the running program, as JSON in MiB.
resident() {
    awk '/^VmRSS:/ { printf "{\"rss\":%.2f}\n", $2 / 1024 }' "/proc/$pid/status"
}

# Runs a command and afterwards records the greatest resident memory that was seen while it ran: watched KEY COMMAND…
watched() {
    local key=$1 sampler peak=$work/peak
    shift
    : >"$peak"
    (while sleep 0.2 && resident >>"$peak" 2>/dev/null; do :; done) &
    sampler=$!
    "$@"
    kill "$sampler" 2>/dev/null
    wait "$sampler" 2>/dev/null || true
    record "$key" "$(sort -t: -k2 -n "$peak" | tail -n 1)"
}

# Prints how many percent of the cores are busy in one second in which nothing of this run works.
busy() {
    local before after
    before=$(awk '/^cpu / { print $2 + $3 + $4 + $7 + $8 + $9, $5 + $6 }' /proc/stat)
    sleep 1
    after=$(awk '/^cpu / { print $2 + $3 + $4 + $7 + $8 + $9, $5 + $6 }' /proc/stat)
    awk -v before="$before" -v after="$after" 'BEGIN {
        split(before, b); split(after, a); used = a[1] - b[1]; idle = a[2] - b[2]
        printf "%d\n", 100 * used / (used + idle + 1e-9)
    }'
}
