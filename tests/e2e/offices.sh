# offices.sh - end-to-end tests of the offices over HTTP. Read by tests/e2e/run.
# shellcheck shell=bash disable=SC2154  # $bin, $scratch and $port come from tests/e2e/run

test_offices_over_http() {
    local state=$scratch/offices
    city_up "$state" "$port" --no-audit-tables --population 1000 --today 2026-11-20 --requests-per-second 0 ||
        { fail "the city does not start"; return; }
    python3 tests/e2e/offices.py "$bin/cakupan" "$state" "http://127.0.0.1:$((port + 2))" \
        2>"$scratch/offices.log" || fail "$(head -n 3 "$scratch/offices.log")"
    "$bin/cakupan" verify --state "$state" >"$scratch/verify.log" 2>&1 || fail "verify finds something"
    city_down "$state"
}
