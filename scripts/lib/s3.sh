# shellcheck shell=bash
# A throw-away S3 server (moto) for the tests of vestibule-objects, to be sourced: `. scripts/lib/s3.sh; s3_up`.
#
# s3_up    start it on a free loopback port, export VESTIBULE_TEST_S3_URL, and end it when the shell exits
# s3_down  end it (done on exit by itself)
#
# It keeps everything in memory. Needs python3; its modules go to target/venv-s3, by pip.

# shellcheck source=scripts/lib/python.sh
. "$(dirname "${BASH_SOURCE[0]}")/python.sh"

s3_pid=''

s3_down() {
    [ -n "$s3_pid" ] || return 0
    kill "$s3_pid" 2>/dev/null && wait "$s3_pid" 2>/dev/null
    s3_pid=''
}

s3_up() {
    local venv output line
    venv=$(test_venv)-s3
    prepare_venv "$venv" moto.server 'moto[s3,server]==5.2.5' || return 1
    output=$(mktemp)
    "$venv/bin/python" "$(dirname "${BASH_SOURCE[0]}")/s3-server.py" >"$output" 2>/dev/null &
    s3_pid=$!
    # What the caller does on exit is kept, and done first.
    local before
    before=$(trap -p EXIT | sed -e "s/^trap -- '//" -e "s/' EXIT\$//" -e "s/'\\\\''/'/g")
    # shellcheck disable=SC2064 # the earlier command is wanted as it is now
    trap "${before:+$before; }s3_down" EXIT
    for _ in $(seq 300); do
        line=$(cat "$output")
        if [ -n "$line" ] || ! kill -0 "$s3_pid" 2>/dev/null; then break; fi
        sleep 0.1
    done
    rm -f "$output"
    if [ -z "$line" ]; then
        s3_down
        return 1
    fi
    export VESTIBULE_TEST_S3_URL=$line
}
