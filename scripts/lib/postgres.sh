# shellcheck shell=bash
# A throw-away PostgreSQL cluster, to be sourced: `. scripts/lib/postgres.sh; postgres_up`.
#
# postgres_up      make a cluster in a temporary folder, start it on a free loopback port, export
#                  VESTIBULE_TEST_POSTGRES_URL, and remove it all when the shell exits
# postgres_halt    stop the server as a crash would (nothing is flushed that was not already)
# postgres_resume  start it again on the same port
# postgres_standby make a standby that follows it, on another port, and print its URL
# postgres_promote make the standby a server of its own, which takes writes
# postgres_down    stop the server and remove the cluster (done on exit by itself)
#
# POSTGRES_FSYNC=off (default on) makes tests faster; what was committed then does not survive a power cut.
# Needs bash, and PostgreSQL: where it is missing it is installed with apt-get, as root or by sudo.

# shellcheck source=scripts/lib/apt.sh
. "$(dirname "${BASH_SOURCE[0]}")/apt.sh"

POSTGRES_FSYNC=${POSTGRES_FSYNC:-on}
postgres_bin='' postgres_dir='' postgres_port='' postgres_user=''

# Prints the folder that holds initdb and postgres; fails if there is none.
postgres_find() {
    local found
    found=$(for dir in /usr/lib/postgresql/*/bin /usr/local/pgsql/bin; do
        if [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ]; then printf '%s\n' "$dir"; fi
    done | sort -V | tail -n 1)
    if [ -z "$found" ] && found=$(command -v initdb); then
        found=$(dirname "$(readlink -f "$found")")
    fi
    [ -n "$found" ] && printf '%s\n' "$found"
}

# Sets postgres_bin, installing PostgreSQL where that is possible.
postgres_require() {
    if postgres_bin=$(postgres_find); then return 0; fi
    apt_possible PostgreSQL postgresql || return 1
    # A package's own cluster is of no use here, and its default port may be taken.
    as_root mkdir -p /etc/postgresql-common || return 1
    [ -e /etc/postgresql-common/createcluster.conf ] ||
        echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null || return 1
    apt_install PostgreSQL postgresql || return 1
    postgres_bin=$(postgres_find)
}

# Runs a command as the user that owns the cluster: PostgreSQL refuses root.
postgres_as_owner() {
    if [ "$(id -u)" -ne 0 ]; then
        (cd / && "$@")
    elif command -v setpriv >/dev/null; then
        (cd / && setpriv --reuid="$postgres_user" --regid="$(id -g "$postgres_user")" --clear-groups -- "$@")
    else
        (cd / && runuser -u "$postgres_user" -- "$@")
    fi
}

# Sets postgres_user to an unprivileged user: oneself, or as root `postgres`, made where it is missing.
postgres_choose_user() {
    postgres_user=$(id -un)
    [ "$(id -u)" -eq 0 ] || return 0
    postgres_user=postgres
    id postgres >/dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin postgres
}

# Prints a loopback port that nobody listens on at this moment, below the range of outgoing connections.
postgres_free_port() {
    local port
    for _ in $(seq 100); do
        port=$((20000 + RANDOM % 12000))
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return 0
        fi
    done
    return 1
}

postgres_resume() {
    postgres_as_owner "$postgres_bin/pg_ctl" start -D "$postgres_dir/data" -l "$postgres_dir/log" -w -s \
        -o "-p $postgres_port" >/dev/null
}

postgres_halt() {
    postgres_as_owner "$postgres_bin/pg_ctl" stop -D "$postgres_dir/data" -m immediate -w -s >/dev/null
}

postgres_standby() {
    local port folder=$postgres_dir/standby try
    postgres_as_owner "$postgres_bin/pg_basebackup" -d "${VESTIBULE_TEST_POSTGRES_URL%/*}" -D "$folder" -c fast -R \
        --no-sync || return 1
    for try in 1 2 3 4 5; do
        port=$(postgres_free_port) || return 1
        if postgres_as_owner "$postgres_bin/pg_ctl" start -D "$folder" -l "$folder.log" -w -s -o "-p $port" >/dev/null
        then break; fi
        if [ "$try" = 5 ]; then
            cat "$folder.log" >&2
            return 1
        fi
    done
    echo "postgres://postgres@127.0.0.1:$port/postgres"
}

postgres_promote() {
    postgres_as_owner "$postgres_bin/pg_ctl" promote -D "$postgres_dir/standby" -w -s
}

postgres_down() {
    [ -n "$postgres_dir" ] || return 0
    if [ -e "$postgres_dir/data/postmaster.pid" ]; then postgres_halt || true; fi
    if [ -e "$postgres_dir/standby/postmaster.pid" ]; then
        postgres_as_owner "$postgres_bin/pg_ctl" stop -D "$postgres_dir/standby" -m immediate -w -s >/dev/null || true
    fi
    rm -rf "$postgres_dir"
    postgres_dir=''
}

postgres_up() {
    postgres_require && postgres_choose_user || return 1
    postgres_dir=$(mktemp -d "${TMPDIR:-/tmp}/vestibule-postgres.XXXXXX")
    # What the caller does on exit is kept, and done first.
    local before
    before=$(trap -p EXIT | sed -e "s/^trap -- '//" -e "s/' EXIT\$//" -e "s/'\\\\''/'/g")
    # shellcheck disable=SC2064 # the earlier command is wanted as it is now
    trap "${before:+$before; }postgres_down" EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    if [ "$(id -u)" -eq 0 ]; then chown "$postgres_user" "$postgres_dir"; fi
    postgres_as_owner "$postgres_bin/initdb" -D "$postgres_dir/data" -U postgres -A trust -E UTF8 --locale=C --no-sync \
        >"$postgres_dir/initdb.log" 2>&1 || {
        cat "$postgres_dir/initdb.log" >&2
        return 1
    }
    cat >>"$postgres_dir/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$postgres_dir'
max_connections = 300
fsync = $POSTGRES_FSYNC
full_page_writes = $POSTGRES_FSYNC
CONF
    # Between looking for a port and taking it somebody else may take it: look again.
    local try
    for try in 1 2 3 4 5; do
        postgres_port=$(postgres_free_port) || return 1
        if postgres_resume; then break; fi
        if [ "$try" = 5 ]; then
            cat "$postgres_dir/log" >&2
            return 1
        fi
    done
    export VESTIBULE_TEST_POSTGRES_URL="postgres://postgres@127.0.0.1:$postgres_port/postgres"
}
