# shellcheck shell=bash
# The measurement of searches for profiles of scripts/bench; to be sourced by it, after servers.sh.
#
# It uses: bare, url, pid, seconds, postgres_bin, many_url, root.

# The server with few profiles, which runs beside the one with many.
few_pid='' few_server=''

how_many() {
    case "$1" in
    *-few) echo 10000 ;;
    postgres-many) echo 1000000 ;;
    sqlite-many) echo 200000 ;;
    esac
}

# prepare_search STORE: fills both databases of a store.
prepare_search() {
    local database
    for database in "$1-few" "$1-many"; do
        start_server "$database"
        stop
        echo "Filling $database with $(how_many "$database") profiles." >&2
        "$bare" profiles --store "$1" --database "$(database_of "$database")" --profiles "$(how_many "$database")" --spread
    done
}

stop_few() {
    [ -n "$few_pid" ] || return 0
    pid=$few_pid few_pid=''
    stop
}

round_of_search() {
    local store=$1 key figures few_token many_token find='/profiles/find/10/0/20/60/half/half/half'
    start_server "$store-few"
    few_server=$url few_pid=$pid
    start_server "$store-many"
    few_token=$(anonymous_token "$few_server") many_token=$(anonymous_token "$url")
    while read -r key figures; do
        record "$key" "$figures"
    done < <("$bare" searches --store "$store" --few "$few_server/" --few-token "$few_token" --many "$url/" --many-token "$many_token" \
        --seconds "$seconds")
    if [ "$store" = postgres ]; then
        record search/postgres/pgbench "$(search_by_pgbench)"
        measure_get search/postgres/server "$find" "$many_token"
    fi
    stop
    stop_few
}

# The search as one statement by pgbench, from as many connections as the server has to the database; prints JSON.
search_by_pgbench() {
    local said
    if ! said=$("$postgres_bin/pgbench" -n -M prepared -c 16 -j 1 -T "$seconds" -D 'position={p:half}' -D 'looking={l:half}' \
        -D 'tribes={t:half}' -f "$root/scripts/bench.d/search.sql" "$many_url" 2>&1); then
        echo "$said" >&2
        return 1
    fi
    sed -n 's/^tps = \([0-9.]*\).*/{"rps":\1}/p' <<<"$said"
}

# The token of an anonymous session of the server at a URL.
anonymous_token() { curl -fsS -X POST "$1/auth/session" | sed -n 's/.*"token":"\([^"]*\)".*/\1/p'; }
