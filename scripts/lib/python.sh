# shellcheck shell=bash
# Sourced: a Python with aiosmtpd, the SMTP server that the tests of vestibule-smtp talk to.

# shellcheck source=scripts/lib/apt.sh
. "$(dirname "${BASH_SOURCE[0]}")/apt.sh"

# Makes target/venv once and exports VESTIBULE_TEST_PYTHON. Needs python3; installs its venv module by apt where that
# is missing. A VESTIBULE_TEST_PYTHON that is already set and has aiosmtpd is kept.
prepare_test_python() {
  if [ -n "${VESTIBULE_TEST_PYTHON:-}" ] && "$VESTIBULE_TEST_PYTHON" -c 'import aiosmtpd' 2>/dev/null; then
    return 0
  fi
  local root venv
  root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
  venv=${CARGO_TARGET_DIR:-$root/target}/venv
  if ! "$venv/bin/python" -c 'import aiosmtpd' 2>/dev/null; then
    rm -rf "$venv"
    mkdir -p "$(dirname "$venv")"
    if ! python3 -m venv "$venv" >/dev/null 2>&1; then
      apt_install 'the venv of Python' python3 python3-venv || return 1
      rm -rf "$venv"
      python3 -m venv "$venv" || return 1
    fi
    "$venv/bin/pip" install --quiet --disable-pip-version-check 'aiosmtpd==1.4.6' || return 1
  fi
  export VESTIBULE_TEST_PYTHON=$venv/bin/python
}
