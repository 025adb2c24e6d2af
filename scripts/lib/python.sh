# shellcheck shell=bash
# Sourced: Pythons with what tests talk to, such as aiosmtpd, the SMTP server of the tests of vestibule-smtp.

# shellcheck source=scripts/lib/apt.sh
. "$(dirname "${BASH_SOURCE[0]}")/apt.sh"

# Prints the folder of the virtual environment of the tests.
test_venv() {
  local root
  root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
  echo "${CARGO_TARGET_DIR:-$root/target}/venv"
}

# Makes a virtual environment once: its folder, a module that it is to have, and what pip installs for that. Needs python3;
# installs its venv module by apt where that is missing.
prepare_venv() {
  local venv=$1 module=$2 package=$3
  if "$venv/bin/python" -c "import $module" 2>/dev/null; then return 0; fi
  rm -rf "$venv"
  mkdir -p "$(dirname "$venv")"
  if ! python3 -m venv "$venv" >/dev/null 2>&1; then
    apt_install 'the venv of Python' python3 python3-venv || return 1
    rm -rf "$venv"
    python3 -m venv "$venv" || return 1
  fi
  "$venv/bin/pip" install --quiet --disable-pip-version-check "$package"
}

# Makes target/venv once and exports VESTIBULE_TEST_PYTHON. A VESTIBULE_TEST_PYTHON that is already set and has aiosmtpd
# is kept.
prepare_test_python() {
  if [ -n "${VESTIBULE_TEST_PYTHON:-}" ] && "$VESTIBULE_TEST_PYTHON" -c 'import aiosmtpd' 2>/dev/null; then
    return 0
  fi
  local venv
  venv=$(test_venv)
  prepare_venv "$venv" aiosmtpd 'aiosmtpd==1.4.6' || return 1
  export VESTIBULE_TEST_PYTHON=$venv/bin/python
}
