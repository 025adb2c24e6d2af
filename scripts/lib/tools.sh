# shellcheck shell=bash
# Installs what the scripts need and do not find, to be sourced: `. scripts/lib/tools.sh; need cc build-essential`.
#
# need COMMAND PACKAGE          a command, from a Debian package; fails with what to install where it may not
# need_component COMMAND NAME   a cargo command, from a component of the toolchain
# need_cargo COMMAND CRATE      a cargo command, from a crate

# shellcheck source=scripts/lib/apt.sh
. "$(dirname "${BASH_SOURCE[0]}")/apt.sh"

need() {
    if command -v "$1" >/dev/null; then return 0; fi
    apt_install "$1" "$2"
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
