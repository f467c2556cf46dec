# gateway.sh - the gateway as a process: TLS, ports that are taken, kills, limits of size, time and number.
# Read by tests/e2e/run.
# shellcheck shell=bash disable=SC2154  # $bin, $scratch, $city and $port come from tests/e2e/run

# Status and body of a GET by HTTPS: path, further options of curl. The certificate is checked.
https_get() {
    curl -sS --cacert "$scratch/cert.pem" -o "$scratch/body" -w '%{http_code}' "${@:2}" \
        "https://127.0.0.1:$web_port$1" 2>>"$scratch/curl.log"
}

serves() {
    [[ $(https_get /readyz) == 200 ]]
}

certificate_make() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
        -addext subjectAltName=IP:127.0.0.1 -keyout "$scratch/key.pem" -out "$scratch/cert.pem" \
        2>"$scratch/openssl.log" && chmod 600 "$scratch/key.pem"
}

# The city may not start, and its last words hold the code $1. Arguments: code, further ones of up.
refuses_to_start() {
    local code=0
    "$bin/cakupan" up --state "$scratch/refused" --city "$city" --no-baseline "${@:2}" \
        >"$scratch/refused.log" 2>&1 || code=$?
    [[ $code == 3 ]] && grep -qF "[$1]" "$scratch/refused.log"
}

test_gateway_over_tls() {
    local state=$scratch/tls web_port=$((port + 2)) status other=$((port + 10))
    certificate_make || { fail "no certificate: $(tail -n 1 "$scratch/openssl.log")"; return; }
    city_up "$state" "$port" --population 2000 --no-audit-tables --tls-cert "$scratch/cert.pem" \
        --tls-key "$scratch/key.pem" || { fail "the city does not start"; return; }
    wait_until 10 serves || fail "not ready: $(cat "$scratch/body")"
    if [[ $(https_get /v1/totals) != 200 ]] || ! grep -q '"registered":' "$scratch/body"; then
        fail "no totals by HTTPS"
    fi
    ! https_get /healthz --tls-max 1.1 >/dev/null || fail "TLS 1.1 is spoken"
    ! curl -sS "http://127.0.0.1:$web_port/healthz" >"$scratch/plain" 2>&1 || fail "plain HTTP is answered"
    status=$("$bin/cakupan" status --state "$state" | grep '^gateway')
    [[ $status == *runs* ]] || fail "status: $status"

    kill_service "$state" gateway || fail "the gateway did not come back"
    wait_until 10 serves || fail "not ready after kill -9"

    refuses_to_start PORT_TAKEN --port $((web_port - 2)) --listen 127.0.0.2 ||
        fail "a taken port of browsers: $(tail -n 1 "$scratch/refused.log")"
    refuses_to_start PORT_TAKEN --port "$port" || fail "a taken port of devices"
    chmod 644 "$scratch/key.pem"
    refuses_to_start KEY_FILE_OPEN --port "$other" --tls-cert "$scratch/cert.pem" \
        --tls-key "$scratch/key.pem" ||
        fail "a key that others read: $(tail -n 1 "$scratch/refused.log")"
    chmod 600 "$scratch/key.pem"
    refuses_to_start CANNOT_START --port "$other" --tls-cert "$scratch/key.pem" \
        --tls-key "$scratch/key.pem" ||
        fail "a pair that is none: $(tail -n 1 "$scratch/refused.log")"
    refuses_to_start OPTION_VALUE --port "$other" --tls-cert "$scratch/cert.pem" ||
        fail "half a pair: $(tail -n 1 "$scratch/refused.log")"
    city_down "$state" || fail "down"
    logs_are_clean "$state" || fail "a sanitizer or an assertion spoke"
}

# One answer's first line, to what is sent as it stands: $1.
first_line() {
    local line
    exec {fd}<>"/dev/tcp/127.0.0.1/$web_port" || return 1
    printf '%b' "$1" >&"$fd"
    IFS= read -r -t 20 line <&"$fd"
    exec {fd}>&-
    echo "${line%$'\r'}"
}

test_gateway_keeps_its_limits() {
    local state=$scratch/limits web_port=$((port + 2)) fd long start
    local pair="POST /v1/pair HTTP/1.1\r\nHost: x\r\nContent-Type: application/json"
    city_up "$state" "$port" --population 2000 --no-audit-tables --requests-per-second 5 ||
        { fail "the city does not start"; return; }
    long=$(head -c 3000 /dev/zero | tr '\0' a)
    [[ $(first_line "GET /$long HTTP/1.1\r\nHost: x\r\n\r\n") == *" 414 "* ]] || fail "a long line"
    [[ $(first_line "GET / HTTP/1.1\r\nHost:\r\nA: $long\r\nB: $long\r\nC: $long\r\n\r\n") == *" 431 "* ]] ||
        fail "long headers"
    [[ $(first_line "GET /v1/totals?region=%%zz HTTP/1.1\r\nHost: x\r\n\r\n") == *" 400 "* ]] ||
        fail "percent codes"
    [[ $(first_line "DELETE /v1/totals HTTP/1.1\r\nHost: x\r\n\r\n") == *" 405 "* ]] || fail "a method"
    [[ $(first_line "$pair\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n") == *" 400 "* ]] ||
        fail "two ends of one body"
    [[ $(first_line "$pair\r\nContent-Length: 9999\r\nExpect: 100-continue\r\n\r\n") == *" 413 "* ]] ||
        fail "a long body"
    start=$SECONDS
    [[ $(first_line "GET /healthz HTTP/1.1\r\nHost:") == *" 408 "* ]] || fail "headers that never end"
    ((SECONDS - start < 14)) || fail "slow headers were let in for $((SECONDS - start)) s"
    for _ in {1..30}; do # by one program: a busy machine starts few a second
        printf 'url = "http://127.0.0.1:%s/healthz"\noutput = "/dev/null"\n' "$web_port"
    done | curl -s -K - -w '%{http_code}\n' >"$scratch/statuses"
    [[ $(sort -u "$scratch/statuses" | tr '\n' ' ') == "200 429 " ]] || fail "the rate has no limit"
    city_down "$state" || fail "down"
    logs_are_clean "$state" || fail "a sanitizer or an assertion spoke"
}
