# shellcheck shell=bash
# Installs what the scripts need and do not find, to be sourced: `. scripts/lib/tools.sh; need cc build-essential`.
#
# need COMMAND PACKAGE          a command, from a Debian package; fails with what to install where it may not
# need_component COMMAND NAME   a cargo command, from a component of the toolchain
# need_cargo COMMAND CRATE      a cargo command, from a crate

need() {
    if command -v "$1" >/dev/null; then return 0; fi
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo "$1 is missing: install it (Debian: apt-get install $2) and try again." >&2
        return 1
    fi
    echo "$1 is missing: installing $2 with apt-get." >&2
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y "$2"; } </dev/null >&2
}

need_component() {
    if cargo "$1" --version >/dev/null 2>&1; then return 0; fi
    echo "cargo $1 is missing: adding the component $2 to the toolchain." >&2
    rustup component add "$2" >&2
}

need_cargo() {
    if cargo "$1" --version >/dev/null 2>&1; then return 0; fi
    echo "cargo $1 is missing: installing $2, which takes some minutes." >&2
    cargo install "$2" --locked --quiet >&2
}
