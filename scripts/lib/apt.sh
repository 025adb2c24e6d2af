# shellcheck shell=bash
# Debian packages for the scripts, to be sourced: `. scripts/lib/apt.sh; apt_install wrk wrk`.
#
# as_root COMMAND...            runs a command as root: as oneself, or by sudo
# apt_possible WHAT PACKAGE...  fails where packages cannot be installed, and says what to do
# apt_install WHAT PACKAGE...   installs the packages that bring what is missing
# apt_install_stopped WHAT PACKAGE...   the same without starting their services

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

apt_possible() {
    if command -v apt-get >/dev/null && { [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null; }; then return 0; fi
    echo "$1 is missing: install it (Debian: apt-get install ${*:2}) and try again." >&2
    return 1
}

apt_install() {
    apt_possible "$@" || return 1
    echo "$1 is missing: installing ${*:2} with apt-get." >&2
    { as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y "${@:2}"; } \
        </dev/null >&2
}

apt_install_stopped() {
    local policy=/usr/sbin/policy-rc.d is_ours='' outcome=0
    apt_possible "$@" || return 1
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null && as_root chmod 755 "$policy" || return 1
        is_ours=1
    fi
    apt_install "$@" || outcome=1
    if [ -n "$is_ours" ]; then as_root rm -f "$policy"; fi
    if command -v systemctl >/dev/null; then as_root systemctl disable --quiet "${@:2}" 2>/dev/null || true; fi
    return "$outcome"
}
