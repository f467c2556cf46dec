# lib.sh - instances, streams and kills for the end-to-end tests. Read by tests/e2e/run.
# shellcheck shell=bash disable=SC2154  # $bin, $tools, $scratch and $city come from tests/e2e/run

# Starts a small city and waits until it is ready. Arguments: state, base port, further options.
city_up() {
    "$bin/cakupan" up --state "$1" --port "$2" --city "$city" --detach "${@:3}" >>"$scratch/up.log" 2>&1
}

city_down() {
    "$bin/cakupan" down --state "$1" >>"$scratch/up.log" 2>&1
}

# The pid of a service as it says itself; empty where it is not ready.
pid_of() {
    case $2 in
    redis)
        redis-cli -s "$1/run/redis.sock" info server 2>/dev/null | sed -n 's/^process_id:\([0-9]*\).*/\1/p'
        ;;
    *) sed -n 's/^pid=//p' "$1/run/$2.ready" 2>/dev/null ;;
    esac
}

# Waits up to $1 seconds until the rest of the arguments, a command, succeeds.
wait_until() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < end)) || return 1
        sleep 0.05
    done
}

lives_anew() {
    local pid
    pid=$(pid_of "$1" "$2")
    [[ -n $pid && $pid != "$3" ]] && kill -0 "$pid" 2>/dev/null
}

# kill -9, and waits until the service is back under another pid.
kill_service() {
    local pid
    pid=$(pid_of "$1" "$2")
    [[ -n $pid ]] || return 1
    kill -9 "$pid" || return 1
    wait_until 30 lives_anew "$1" "$2" "$pid"
}

# Pairs a device: state, name. Prints its number.
pair() {
    "$bin/cakupan" device add --state "$1" --name "$2" --role kader --area 3671 --out "$1/$2.device" \
        2>>"$scratch/up.log" | sed -nE 's/^Device ([0-9]+) .*/\1/p'
}

# Runs a stream until it has ended well, starting it again whenever it is killed. State, name, first person,
# events, events per second.
keep_streaming() {
    local tries=0
    until "$tools/e2e_stream" "$1/$2.device" "$1/$2.outbox" "$1/$2.log" "$city" "$3" "$4" "$5" \
        2>>"$scratch/stream.log" & echo $! >"$1/$2.pid" && wait $!; do
        ((++tries < 40)) || return 1
        sleep 0.1
    done
}

# Asks a stream to send no more and end; it may just be starting again. True once it has.
stream_stops() {
    kill "$(<"$1")" 2>/dev/null
    ! kill -0 "$2" 2>/dev/null
}

redis_figure() {
    redis-cli -s "$1/run/redis.sock" "${@:2}" 2>/dev/null
}

# Whether Redis stands at the journal's head.
redis_is_exact() {
    "$bin/cakupan" verify --state "$1" >"$scratch/verify.log" 2>&1
}

# "KELURAHAN REGISTERED ACTIVE" as Redis has it, without empty ones.
redis_places() {
    local key
    for key in $(redis_figure "$1" --scan --pattern 'cakupan:kelurahan:*'); do
        echo "${key##*:} $(redis_figure "$1" hmget "$key" registered active | tr '\n' ' ')"
    done | awk '$2 + $3 > 0 { print $1, $2, $3 }' | sort
}

# Whether a sanitizer or an assertion spoke in a service's log.
logs_are_clean() {
    ! grep -lE 'runtime error:|AddressSanitizer|LeakSanitizer|\.c:[0-9]+: ' "$1"/log/*.log 2>/dev/null
}
