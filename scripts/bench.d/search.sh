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
    local store=$1 key figures anonymous find='/profiles/find/10/0/20/60/half/half/half'
    start_server "$store-few"
    few_server=$url few_pid=$pid
    start_server "$store-many"
    anonymous=$(curl -fsS -X POST "$url/auth/session" | sed -n 's/.*"token":"\([^"]*\)".*/\1/p')
    while read -r key figures; do
        record "$key" "$figures"
    done < <("$bare" searches --store "$store" --few "$few_server/" --many "$url/" --token "$anonymous" --seconds "$seconds")
    if [ "$store" = postgres ]; then
        record search/postgres/pgbench "$(search_by_pgbench)"
        measure_get search/postgres/server "$find" "$anonymous"
    fi
    stop
    stop_few
}

# The search as one statement by pgbench, from as many connections as the server has to the database; prints JSON.
search_by_pgbench() {
    "$postgres_bin/pgbench" -n -M prepared -c 16 -j 1 -T "$seconds" -f "$root/scripts/bench.d/search.sql" "$many_url" 2>/dev/null |
        sed -n 's/^tps = \([0-9.]*\).*/{"rps":\1}/p'
}
