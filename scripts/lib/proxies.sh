# shellcheck shell=bash
# Sourced: nginx and HAProxy, which the tests put before the server, and PgBouncer, which they put before its database.

# shellcheck source=scripts/lib/apt.sh
. "$(dirname "${BASH_SOURCE[0]}")/apt.sh"

# Prints where a program is: that of a package is not on the path of a user who is not root.
find_proxy() { PATH=$PATH:/usr/sbin:/sbin command -v "$1"; }

# Exports VESTIBULE_TEST_NGINX, VESTIBULE_TEST_HAPROXY and VESTIBULE_TEST_PGBOUNCER, where they are; installs by apt what is missing.
prepare_test_proxies() {
    local name missing=()
    for name in nginx haproxy pgbouncer; do
        find_proxy "$name" >/dev/null || missing+=("$name")
    done
    if [ ${#missing[@]} -gt 0 ]; then apt_install_stopped 'a proxy' "${missing[@]}" || return 1; fi
    VESTIBULE_TEST_NGINX=$(find_proxy nginx) && VESTIBULE_TEST_HAPROXY=$(find_proxy haproxy) || return 1
    VESTIBULE_TEST_PGBOUNCER=$(find_proxy pgbouncer) || return 1
    export VESTIBULE_TEST_NGINX VESTIBULE_TEST_HAPROXY VESTIBULE_TEST_PGBOUNCER
}
