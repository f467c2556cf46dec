# web_city.sh - a small city with its gateway for the tests that speak HTTP: one device of each role, a month
# that may be closed. Read by tests/api/run and tests/browser/run after tests/e2e/lib.sh.
# shellcheck shell=bash disable=SC2154  # $bin, $tools, $scratch and $city come from the runs

readonly web_roles=(kader labour-office bpjs health-office finance reader service)

# A day that is not before today, in this month, on which a month that was begun on the 5th may be closed.
closing_day() {
    local today
    today=$(TZ=Asia/Jakarta date +%F)
    if ((10#${today#*-*-} > 21)); then
        echo "$today"
    else
        echo "${today%-*}-21"
    fi
}

# Starts the city twice: as it was on the 5th, so that this month is billed, then on closing_day. Arguments:
# state, base port, further options of the second start.
web_city_up() {
    local state=$1 today
    today=$(closing_day)
    city_up "$state" "$2" --population 2000 --no-audit-tables --today "${today%-*}-05" &&
        city_down "$state" && city_up "$state" "$2" --no-audit-tables --today "$today" "${@:3}"
}

# One token a role into STATE/tokens.json: {"ROLE": {"device": 7, "token": "cak_..."}, ...}.
web_tokens() {
    local role
    umask 077
    for role in "${web_roles[@]}"; do
        "$bin/cakupan" device add --state "$1" --name "Uji $role" --role "$role" --area 3671 --token --json |
            jq --arg role "$role" '{($role): .}' || return 1
    done | jq -s add >"$1/tokens.json"
}

# What the tests' programs are told. Arguments: state, base port.
web_environment() {
    export CAKUPAN_URL=http://127.0.0.1:$(($2 + 2)) CAKUPAN_STATE=$1 CAKUPAN_BIN=$bin
    local add="$bin/cakupan device add --state $1 --role kader --area 3671 --name Uji"
    export CAKUPAN_PAIRING="$add --web --json"
    export CAKUPAN_REVOKE="$bin/cakupan device revoke --state $1"
}
