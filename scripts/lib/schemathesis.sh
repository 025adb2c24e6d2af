# shellcheck shell=bash
# Sourced: Schemathesis, which holds the server against its OpenAPI description.

# shellcheck source=scripts/lib/python.sh
. "$(dirname "${BASH_SOURCE[0]}")/python.sh"

# Makes target/venv-schemathesis once and exports VESTIBULE_TEST_SCHEMATHESIS, the program. Needs python3.
prepare_test_schemathesis() {
    local venv
    venv=$(test_venv)-schemathesis
    prepare_venv "$venv" schemathesis 'schemathesis==4.32.5' || return 1
    export VESTIBULE_TEST_SCHEMATHESIS=$venv/bin/schemathesis
}
