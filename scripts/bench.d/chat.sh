# shellcheck shell=bash
# The measurements of conversations of scripts/bench; to be sourced by it, after servers.sh.
#
# It uses: bare, work, secret, accounts, warm_up, seconds, only, stores.
#
# In each store are 64 accounts with a conversation of 100 messages each; a crowd with 3 messages each, of which the last two
# have long conversations if those are read; and 10 admins, since an account may have only 1,000 streams.

streams=10000
talks=1000
crowd=20000
brief=$((crowd - 2))
admins=10

wants_chat() {
    case "$1" in
    postgres) { { wanted chat || wanted log; } && has_store postgres; } || wanted streams || wanted delivery || wanted upload ;;
    *) { wanted chat || wanted log; } && has_store "$1" ;;
    esac
}

# prepare_chat STORE: makes the accounts, and lists in $work/users-STORE and $work/admins-STORE who they are.
prepare_chat() {
    local store=$1 number
    start_server "$store-chat"
    register "$accounts"
    for number in $(seq 0 $((admins - 1))); do add_user "$store-chat" "admin-$number@example.test" admin; done
    "$bare" crowd --store "$store" --database "$(database_of "$store-chat")" --accounts "$crowd"
    history_of "$store" 'bench-%' 100
    if wanted log; then
        history_of "$store" "crowd-$brief@%" 1000
        history_of "$store" "crowd-$((brief + 1))@%" 1000000
    fi
    history_of "$store" 'crowd-%' 3
    "$bare" chat callers --url "$url/user" --name bench --count "$accounts" >"$work/users-$store"
    "$bare" chat callers --url "$url/user" --name admin --count "$admins" >"$work/admins-$store"
    stop
}

# history_of STORE EMAILS MESSAGES
history_of() {
    "$bare" chat history --store "$1" --database "$(database_of "$1-chat")" --emails "$2" --messages "$3"
}

# start_bare_chat STORE: beside the database of the server; lists in $work/bare who may ask.
start_bare_chat() {
    local id
    read -r id _ <"$work/users-$1"
    start_bare "$1-chat" "$id"
    echo "none $bare_token" >"$work/bare"
}

# send KEY PATH OPTION…: messages without pause to what runs.
send() {
    local key=$1 path=$2
    shift 2
    "$bare" chat send --url "$url/" --path "$path" --seconds "$warm_up" "$@" >/dev/null
    record "$key" "$("$bare" chat send --url "$url/" --path "$path" --seconds "$seconds" "$@")"
}

round_of_chat() {
    local store=$1
    start_bare_chat "$store"
    send "chat/$store/baseline" '/user/user_chat/{id}' --callers "$work/bare" --crowd "$accounts"
    send "chat/$store/crowd" '/user/user_chat/{id}' --callers "$work/bare" --crowd "$brief"
    stop
    start_server "$store-chat"
    send "chat/$store/server" '/user/user_chat/{id}' --callers "$work/users-$store"
    send "chat/$store/short" '/user/admin_chat/{id}' --callers "$work/admins-$store" --crowd "$brief"
    stop
}

round_of_log() {
    local store=$1 key figures token
    start_server "$store-chat"
    read -r _ token <"$work/admins-$store"
    while read -r key figures; do
        record "log/$store/$key" "$figures"
    done < <("$bare" chat log --url "$url/" --token "$token" --short "$brief" --long $((brief + 1)) --seconds "$seconds")
    stop
}

# Opens the streams of what runs: open_streams KEY PATH CALLERS
open_streams() {
    record "$1" "$("$bare" chat streams --url "$url/" --path "$2" --callers "$3" --crowd "$streams" --pid "$pid")"
}

# Every stream is an open file of the server and one of the client.
allow_files() {
    local needed=$((streams + 1000))
    [ "$(ulimit -n)" = unlimited ] || [ "$(ulimit -n)" -ge "$needed" ] || ulimit -n "$needed" || {
        echo "$streams streams need $needed open files: raise the limit (ulimit -n)." >&2
        return 1
    }
}

round_of_streams() {
    allow_files
    start_bare memory
    echo "none $bare_token" >"$work/bare"
    open_streams streams/baseline '/broadcast/{id}' "$work/bare"
    stop
    start_server postgres-chat
    open_streams streams/server '/user/{id}/chat/events' "$work/admins-postgres"
    stop
}

# deliver KEY EVENTS PATH CALLERS
deliver() {
    local key=$1
    set -- "$bare" chat delivery --url "$url/" --events "$2" --path "$3" --callers "$4" --crowd "$talks" --rate 1000
    "$@" --seconds "$warm_up" >/dev/null
    record "$key" "$("$@" --seconds "$seconds")"
}

round_of_delivery() {
    allow_files
    start_bare memory
    echo "none $bare_token" >"$work/bare"
    deliver delivery/baseline '/broadcast/{id}' '/broadcast/{id}' "$work/bare"
    stop
    start_bare_chat postgres
    deliver delivery/committed '/broadcast/{id}' '/broadcast/{id}' "$work/bare"
    stop
    start_server postgres-chat
    deliver delivery/server '/user/{id}/chat/events' '/user/admin_chat/{id}' "$work/admins-postgres"
    stop
}

# upload KEY CALLERS OPTION…: files without pause to what runs.
upload() {
    local key=$1 callers=$2
    shift 2
    record "$key" "$("$bare" upload --url "$url/" --path '/user/{id}/documents/taxId' --callers "$callers" --pid "$pid" \
        --seconds "$seconds" "$@")"
}

round_of_upload() {
    mkdir -p "$work/files"
    start_bare memory
    echo "none $bare_token" >"$work/bare"
    upload upload/baseline "$work/bare" --crowd 16
    stop
    rm -rf "$work/files"
    start_server postgres-chat
    upload upload/server "$work/users-postgres"
    stop
}
