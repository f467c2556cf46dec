# people.sh - end-to-end tests of people over HTTP. Read by tests/e2e/run.
# shellcheck shell=bash disable=SC2154  # $bin, $scratch and $port come from tests/e2e/run

test_people_over_http() {
    local state=$scratch/people
    # So many events a second that a busy machine can flood it, too.
    city_up "$state" "$port" --no-audit-tables --population 1000 --requests-per-second 0 --device-rate 4096 ||
        { fail "the city does not start"; return; }
    python3 tests/e2e/people.py "$bin/cakupan" "$state" "http://127.0.0.1:$((port + 2))" \
        2>"$scratch/people.log" || fail "$(head -n 3 "$scratch/people.log")"
    "$bin/cakupan" verify --state "$state" >"$scratch/verify.log" 2>&1 || fail "verify finds something"
    city_down "$state"
}
