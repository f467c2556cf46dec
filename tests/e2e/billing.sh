# billing.sh - end-to-end tests of billing: a year of bills against plain SQL, workers killed and stopped
# during a surge and during closes. Read by tests/e2e/run.
# shellcheck shell=bash disable=SC2154  # $bin, $tools, $scratch, $city, $port come from tests/e2e/run

# 10,000 people have wage workers enough for the layoffs, and partitions that are rebuilt while the next round
# begins.
readonly year_people=1000 surge_people=10000 surge_layoffs=1200 billing_rounds=20

# Pairs a device of a role: state, name, role.
pair_role() {
    "$bin/cakupan" device add --state "$1" --name "$2" --role "$3" --area 3671 --out "$1/$2.device" \
        >>"$scratch/up.log" 2>&1
}

bill() {
    "$bin/cakupan" bill "$1" --state "$state" "${@:2}" 2>>"$scratch/bill.log"
}

# One office tells what happened: person or labour, seed, events, the business date.
tell_story() {
    "$tools/e2e_story" "$state/$1.device" "$state/$1.outbox" "$city" "$1" "$2" "$3" "$4" \
        >>"$scratch/story.log" 2>&1
}

# The shipped tariff, but that from April 2026 on the city pays more for its own.
dearer_tariff() {
    awk '/"segment": "PBPU_PEMDA".*"2021-01-01"/ { row = 1 }
         { line = $0
           if (row) {
               copy = copy $0 "\n"
               sub(/"valid_to": null/, "\"valid_to\": \"2026-03-31\"", line)
           }
           print line }
         row && /"source"/ {
             sub(/"2021-01-01"/, "\"2026-04-01\"", copy)
             sub(/42000/, "45300", copy); sub(/35000/, "38000", copy); sub(/2800/, "3100", copy)
             printf "    },\n    {\n%s", copy
             row = 0
         }' "$city/tariff.json"
}

# What the city owes by a month's frozen invoice, corrections included.
invoiced_rupiah() {
    sqlite3 "$1" "SELECT month, sum(iif(payer LIKE 'CITY_%', amount_rupiah + corrections_rupiah, 0)) FROM
        invoices GROUP BY month ORDER BY month" | tr '|' ' '
}

# A payment is booked on the first month, reversed (twice: the answer might have been lost) and booked on the
# second.
pay_the_wrong_month() {
    local pay=("$bin/cakupan" pay --state "$1") before after
    before=$(bill show "$2" --json | jq -S 'del(.payment.payments)')
    {
        "${pay[@]}" "$2" --amount 1000 --sp2d 1/SP2D --date 2026-12-21 &&
            ! "${pay[@]}" "$3" --amount 1000 --sp2d 1/SP2D --date 2026-12-21 &&
            "${pay[@]}" "$2" --reverse 1/SP2D --reason 'it pays for December' &&
            "${pay[@]}" "$2" --reverse 1/SP2D --reason 'it pays for December' &&
            "${pay[@]}" "$3" --amount 1000 --sp2d 1/SP2D --date 2026-12-21
    } >>"$scratch/pay.log" 2>&1 || fail "$(tail -n 1 "$scratch/pay.log")"
    after=$(bill show "$2" --json | jq -S 'del(.payment.payments)')
    [[ $before == "$after" ]] || fail "a reversed payment has left a trace in $2"
}

# Twelve closes with everything that may happen in between, much of it learnt late; in July the tariff
# changes, from April on. Every line of every invoice must be what recount_bill.sql counts from the list of
# events.
test_a_year_of_bills() {
    local state=$scratch/year month today
    dearer_tariff >"$scratch/dearer.json"
    for month in {01..12}; do
        today=2026-$month-21
        [[ $month == 01 ]] && today=2026-01-19 # the first day on which January may be closed
        city_up "$state" "$port" --no-audit-tables --population $year_people --today "$today" ||
            { fail "the city does not start on $today"; return; }
        if [[ $month == 01 ]]; then
            pair_role "$state" person bpjs && pair_role "$state" labour labour-office || fail "pairing"
            tell_story person 99 300 "$today"
        fi
        if [[ $month == 07 ]]; then
            bill retariff --tariff "$scratch/dearer.json" >/dev/null || fail "retariff"
        fi
        tell_story person "1$month" 100 "$today" && tell_story labour "2$month" 40 "$today" ||
            fail "$today: $(tail -n 1 "$scratch/story.log")"
        bill close "2026-$month" >/dev/null || fail "close of 2026-$month: $(tail -n 1 "$scratch/bill.log")"
        bill show "2026-$month" --raw >"$scratch/invoice-$month"
        tell_story person "3$month" 20 "$today" || fail "$(tail -n 1 "$scratch/story.log")"
        [[ $month == 12 ]] || city_down "$state" || fail "down"
    done
    bill close 2026-03 >/dev/null || fail "March closed again"
    bill show 2026-03 --raw | cmp -s - "$scratch/invoice-03" || fail "March has another invoice"
    pay_the_wrong_month "$state" 2026-11 2026-12
    project "$state" || return
    "$bin/cakupan" verify --state "$state" >"$scratch/verify.log" 2>&1 ||
        fail "verify: $(tail -n 3 "$scratch/verify.log")"
    [[ $(sqlite3 "$state/billing/audit.db" "SELECT group_concat(month || ' ' || amount_rupiah || ' ' ||
        (reverses IS NOT NULL), ', ') FROM (SELECT * FROM payments ORDER BY decision)") == \
        "2026-11 1000 0, 2026-11 -1000 1, 2026-12 1000 0" ]] || fail "audit.db tells the payments otherwise"
    city_down "$state" || fail "down"
    recount_bills "$state" 2026-07 "$scratch/dearer"
    [[ $(wc -l <"$scratch/bills.txt") == 12 ]] || fail "$(wc -l <"$scratch/bills.txt") months recounted"
    logs_are_clean "$state" || fail "a sanitizer or an assertion spoke"
}

# Brings audit.db of a running city up to date.
project() {
    "$bin/billing" projector --state "$1" --city "$city" --once yes >"$scratch/projector.log" 2>&1 ||
        fail "projector: $(tail -n 1 "$scratch/projector.log")"
}

# The judge: a stopped state; further arguments: from which month another city's tariff is in force.
recount_bills() {
    local state=$1
    if (($# > 2)); then
        mkdir -p "$3"
        cp "$city"/* "$3/"
        cp "$scratch/dearer.json" "$3/tariff.json"
    fi
    "$tools/e2e_recount_bill" "$state/journal/journal.db" "$state/billing/audit.db" \
        tests/e2e/recount_bill.sql "$city" "${@:2}" >"$scratch/bills.txt" 2>"$scratch/recount.log" ||
        fail "$(head -n 3 "$scratch/recount.log")"
    invoiced_rupiah "$state/billing/audit.db" | cmp -s - "$scratch/bills.txt" || fail "the sums differ"
}

# "NUMBER PID" of the workers that have spoken.
billing_workers() {
    "$bin/cakupan" billing status --state "$1" --json 2>/dev/null |
        jq -r '.workers[] | select(.pid > 0) | "\(.number) \(.pid)"'
}

all_counted() {
    "$bin/cakupan" billing status --state "$1" --json 2>/dev/null |
        jq -e '.lag_records == 0 and ([.partitions[] | select(.ready | not)] | length == 0) and
               (.partitions | length > 0)' >/dev/null
}

# Kills a worker, or stops it for longer than its lease, while months close and layoffs come.
harm_a_worker() {
    local state=$1 round=$2 pid
    pid=$(billing_workers "$state" | sort -R | sed -n '1s/.* //p')
    [[ -n $pid ]] || return 0
    if ((round % 2)); then
        kill -9 "$pid" 2>/dev/null
    else
        kill -STOP "$pid" 2>/dev/null
        (sleep "$((RANDOM % 3)).5" && kill -CONT "$pid" 2>/dev/null) &
    fi
    return 0
}

# Closes a month; while workers are being killed it may have to be asked for again.
close_patiently() {
    for _ in {1..20}; do
        bill close "$1" >/dev/null && return
        sleep 0.5
    done
    return 1
}

# Twenty rounds: layoffs in bulk and kaders' traffic; in every second round a month is closed, too, and closed
# again after the next harm. The oracle outside: recount_bill.sql, and the invoices' bytes kept from the first
# answer.
test_bills_survive_kills() {
    local state=$scratch/surge round month=0 surge closing kept
    city_up "$state" "$port" --no-audit-tables --population $surge_people --today 2026-01-05 ||
        { fail "the city does not start"; return; }
    city_down "$state" || fail "down"
    city_up "$state" "$port" --no-audit-tables --today 2026-12-21 --workers-max 3 ||
        { fail "the city does not start again"; return; }
    "$bin/cakupan" billing scale 3 --state "$state" >>"$scratch/bill.log" 2>&1 || fail "scale 3"
    "$bin/cakupan" simulate surge --state "$state" --layoffs $surge_layoffs --devices 5 --rate 100 \
        --seconds 25 --json >"$scratch/simulate.json" 2>"$scratch/simulate.log" &
    surge=$!
    for ((round = 1; round <= billing_rounds; round++)); do
        closing=
        if ((round % 2 == 0 && month < 10)); then
            month=$((month + 1))
            close_patiently "2026-$(printf %02d $month)" &
            closing=$!
        fi
        sleep "0.$((RANDOM % 9 + 1))"
        harm_a_worker "$state" "$round"
        [[ -z $closing ]] || wait "$closing" ||
            fail "close of month $month: $(tail -n 1 "$scratch/bill.log")"
        if [[ -n $closing ]]; then
            kept=$scratch/kept-$month
            bill show "2026-$(printf %02d $month)" --raw >"$kept" || fail "show of month $month"
        fi
    done
    wait $surge || fail "the surge: $(tail -n 1 "$scratch/simulate.log")"
    wait_until 30 all_counted "$state" || fail "billing does not come to rest"
    for ((; month > 0; month--)); do
        bill close "2026-$(printf %02d $month)" >/dev/null || fail "month $month closed again"
        bill show "2026-$(printf %02d $month)" --raw | cmp -s - "$scratch/kept-$month" ||
            fail "month $month has another invoice"
    done
    bill close 2026-11 >/dev/null || fail "close of November: $(tail -n 1 "$scratch/bill.log")"
    bill close 2026-12 >/dev/null || fail "close of December: $(tail -n 1 "$scratch/bill.log")"
    project "$state" || return
    "$bin/cakupan" verify --state "$state" >"$scratch/verify.log" 2>&1 ||
        fail "verify: $(tail -n 3 "$scratch/verify.log")"
    city_down "$state" || fail "down"
    recount_bills "$state"
    logs_are_clean "$state" || fail "a sanitizer or an assertion spoke"
}

# "NAME PARTITIONS" of the workers that hold some.
partitions_held() {
    "$bin/cakupan" billing status --state "$1" --json 2>/dev/null |
        jq -r '.workers[] | select(.partitions > 0) | "\(.name) \(.partitions)"'
}

both_hold_half() {
    [[ $(partitions_held "$1") == $'billing-worker-1 8\nbilling-worker-far 8' ]]
}

one_holds_all() {
    [[ $(partitions_held "$1") == 'billing-worker-1 16' ]] && all_counted "$1"
}

feed_is_missed() {
    ! "$bin/cakupan" billing status --state "$1" >"$scratch/status.log" 2>&1 &&
        grep -q 'feed has been silent' "$scratch/status.log"
}

# Runs a service by hand; its pid joins `far_pids`. Arguments: name of the log, then the command line.
by_hand() {
    "$bin/$2" "${@:3}" >"$scratch/$1.log" 2>&1 &
    far_pids+=($!)
}

register_key() {
    "$bin/cakupan" device add --state "$1" --name "$2" --role service --area 3671 --key "$1/keys/$2.pub" \
        >>"$scratch/up.log" 2>&1 || fail "the key of $2 is not taken"
}

# Services on machines of their own reach one another over TCP with CURVE, by keys that the operator
# registers; the state lies on a disk that they share. All ask before their keys are known, and ask again.
over_tcp() {
    local state=$1 here=tcp://127.0.0.1
    local common=(--state "$state" --city "$state/city" --feed "$here:$((port + 10))"
        --doorbell "$here:$((port + 11))")
    local worker=(billing worker --name billing-worker-far "${common[@]}"
        --coordinator "$here:$((port + 12))")
    city_down "$state" || fail "down"
    by_hand enrollment_far enrollment --listen "$here:$port" "${common[@]}"
    by_hand coordinator billing coordinator --workers "$here:$((port + 12))" --workers-max 1 "${common[@]}"
    by_hand far "${worker[@]}"
    wait_until 20 feed_is_missed "$state" || fail "a key that nobody knows follows the feed"
    register_key "$state" billing
    register_key "$state" billing-worker
    wait_until 30 both_hold_half "$state" || fail "the far worker gets no work: $(partitions_held "$state")"
    wait_until 20 all_counted "$state" || fail "billing does not count"
    kill -9 "${far_pids[2]}"
    wait_until 10 one_holds_all "$state" || fail "the far worker's partitions are not taken over"
    kill -9 "${far_pids[0]}"
    wait_until 20 feed_is_missed "$state" || fail "a silent feed is not told: $(<"$scratch/status.log")"
}

test_workers_over_tcp() {
    local state=$scratch/far far_pids=()
    city_up "$state" "$port" --no-audit-tables --population 2000 ||
        { fail "the city does not start"; return; }
    over_tcp "$state"
    kill "${far_pids[@]}" 2>/dev/null
    wait "${far_pids[@]}"
    logs_are_clean "$state" || fail "a sanitizer or an assertion spoke"
}
