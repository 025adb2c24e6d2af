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
    if [ ${#missing[@]} -gt 0 ]; then install_proxies "${missing[@]}" || return 1; fi
    VESTIBULE_TEST_NGINX=$(find_proxy nginx) && VESTIBULE_TEST_HAPROXY=$(find_proxy haproxy) || return 1
    VESTIBULE_TEST_PGBOUNCER=$(find_proxy pgbouncer) || return 1
    export VESTIBULE_TEST_NGINX VESTIBULE_TEST_HAPROXY VESTIBULE_TEST_PGBOUNCER
}

# Installs the packages without their services: the tests start processes of their own.
install_proxies() {
    local policy=/usr/sbin/policy-rc.d is_ours='' outcome=0
    apt_possible 'a proxy' "$@" || return 1
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null && as_root chmod 755 "$policy" || return 1
        is_ours=1
    fi
    apt_install 'a proxy' "$@" || outcome=1
    if [ -n "$is_ours" ]; then as_root rm -f "$policy"; fi
    if command -v systemctl >/dev/null; then as_root systemctl disable --quiet "$@" 2>/dev/null || true; fi
    return "$outcome"
}
