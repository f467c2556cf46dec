"""cases_form.py - what every operation of the document must refuse, and how, whatever it is for."""
import contextlib
import os
import threading
import time

from client import Failed, parse, require

EXAMPLES = {"nik": "3671054107900001", "id": "0" * 32, "month": "2026-11", "year": "2026"}
PEOPLE_ROLES = ("kader", "labour-office", "bpjs", "health-office", "finance", "reader", "service")
SLOW_HEADERS_S = 10
# The longest that a read may take, and some for the machine.
SLOW_READ_S = 45


def example_path(path):
    for name, value in EXAMPLES.items():
        path = path.replace("{" + name + "}", value)
    return path


def needs_token(operation):
    security = operation.get("security", [])
    return bool(security) and {} not in security


def body_type(operation):
    return next(iter(operation.get("requestBody", {}).get("content", {})), None)


def role_of(operation):
    return operation["x-roles"][0] if needs_token(operation) else None


def each(client, judge):
    """Calls judge(method, path, operation) for every operation, and tells all that went wrong."""
    wrong = []
    for method, template, operation in client.contract.operations():
        try:
            judge(method, example_path(template), operation)
        except Failed as failed:
            wrong.append(str(failed))
    require(not wrong, f"{len(wrong)} operations: " + "; ".join(wrong[:5]))


def test_unknown_parameters_are_refused(client, _city):
    each(
        client,
        lambda method, path, operation: client.expect(
            400,
            "PARAMETER_INVALID",
            method,
            path + "?nonsense=1",
            role_of(operation),
            type_=body_type(operation),
        ),
    )


def test_a_parameter_twice_is_refused(client, _city):
    each(
        client,
        lambda method, path, operation: client.expect(
            400, "PARAMETER_INVALID", method, path + "?language=id&language=en", role_of(operation)
        ),
    )


def test_other_methods_are_refused(client, _city):
    def judge(method, path, _operation):
        known = client.contract.paths[client.contract.template(path)]
        for other in ("DELETE", "PATCH", "POST", "GET", "PUT"):
            if other.lower() in known:
                continue
            answer = client.ask(other, path)
            require(
                answer.status == 405 and method in answer.headers.get("allow", ""),
                f"{other} {path}: {answer.status}, Allow {answer.headers.get('allow')}",
            )
            client.contract.seen.setdefault((method, client.contract.template(path)), set()).add(405)

    each(client, judge)


def test_tokens_are_needed(client, _city):
    def judge(method, path, operation):
        if needs_token(operation):
            client.expect(401, "TOKEN_MISSING", method, path)
        if operation.get("security"):
            client.expect(401, "TOKEN_UNKNOWN", method, path, token="cak_" + "A" * 43, Cakupan_Reason="uji")
            client.expect(401, "TOKEN_UNKNOWN", method, path, token="cak_nonsense")

    each(client, judge)


def test_revoked_tokens_are_refused(client, city):
    device = city.json("device", "add", "--name", "Dicabut", "--role", "finance", "--area", "3671", "--token")
    client.expect(200, None, "GET", "/v1/session", token=device["token"])
    city.command("device", "revoke", str(device["id"]))

    def judge(method, path, operation):
        if operation.get("security"):
            client.expect(
                401,
                "DEVICE_REVOKED",
                method,
                path,
                token=device["token"],
                type_=body_type(operation),
                body="{}" if body_type(operation) else None,
                Cakupan_Reason="uji coba",
            )

    each(client, judge)


def test_roles_are_kept_apart(client, _city):
    def judge(method, path, operation):
        for role in PEOPLE_ROLES:
            kept = needs_token(operation) or path == "/metrics"  # others show everybody the public's figures
            if kept and role not in operation["x-roles"]:
                client.expect(
                    403,
                    "ROLE_NOT_ALLOWED",
                    method,
                    path,
                    role,
                    type_=body_type(operation),
                    body="{}" if body_type(operation) else None,
                    Cakupan_Reason="uji coba",
                )

    each(client, judge)


def test_long_addresses_and_headers_are_refused(client, _city):
    def judge(method, path, operation):
        client.expect(414, "URI_TOO_LONG", method, path + "?language=" + "i" * 3000, role_of(operation))
        client.expect(431, "HEADERS_TOO_LARGE", method, path, role_of(operation), X_Long="h" * 9000)

    each(client, judge)


def test_bodies_of_another_kind_are_refused(client, _city):
    def judge(method, path, operation):
        if body_type(operation):
            refused = client.expect(
                415, "MEDIA_TYPE", method, path, role_of(operation), body="<a/>", type_="text/xml"
            )
            require(body_type(operation) in refused.json["detail"], f"{method} {path}: {refused.json['detail']}")
            client.expect(415, "MEDIA_TYPE", method, path, role_of(operation), body="{}")
        else:
            client.expect(
                413, "BODY_TOO_LARGE", method, path, role_of(operation), body="{}", type_="text/csv"
            )

    each(client, judge)


def test_large_bodies_are_refused(client, _city):
    """Announced, and sent without a word about its size; a terabyte is refused at its headers."""

    def judge(method, path, operation):
        kind = body_type(operation)
        if not kind:
            return
        most = operation["x-limits"]["body_bytes"]
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\n"
            f"Authorization: Bearer {client.token(role_of(operation) or 'reader')}\r\n"
        )
        for more, body in (
            (f"Expect: 100-continue\r\nContent-Length: {most + 1}\r\n\r\n", b""),
            (f"Content-Length: {1 << 40}\r\n\r\n", b""),
            ("Transfer-Encoding: chunked\r\n\r\n", chunked(most + 1)),
        ):
            if len(body) > 17 << 20:
                continue
            with client.connect() as connection:
                sender = threading.Thread(target=send_all, args=(connection, (head + more).encode() + body))
                sender.start()
                answer = parse(connection.recv(65536))
                sender.join()
            client.judge(method, path, answer)
            require(
                (answer.status, answer.code) == (413, "BODY_TOO_LARGE"),
                f"{method} {path}: {answer.status} {answer.code} for {more.split()[-1]}",
            )

    each(client, judge)


def chunked(size):
    piece = b"1" * 65536
    pieces = [b"10000\r\n" + piece + b"\r\n"] * (size // 65536) + [
        b"%x\r\n" % (size % 65536 or 1) + b"1" * (size % 65536 or 1) + b"\r\n0\r\n\r\n"
    ]
    return b"".join(pieces)


def send_all(connection, data):
    with contextlib.suppress(OSError):
        connection.sendall(data)


def test_head_is_get_without_body(client, _city):
    def judge(method, path, operation):
        if method != "GET" or path.endswith("/stream"):
            return
        get, head = (
            client.ask(each_, path, role_of(operation), Cakupan_Reason="uji coba")
            for each_ in ("GET", "HEAD")
        )
        require(
            head.status == get.status and not head.body and head.type == get.type,
            f"{path}: HEAD {head.status} {head.type}, GET {get.status} {get.type}",
        )

    each(client, judge)


def test_rates_are_limited(client, city):
    """An address that asks more than it may; each operation is told so, with Retry-After."""
    with city.gateway("--requests-per-second", "1") as port:
        limited = client.at(port)

        def judge(method, path, _operation):
            for _ in range(30):
                answer = limited.ask(method, path)
                if answer.status == 429:
                    require(int(answer.headers["retry-after"]) > 0, "Retry-After is not above 0")
                    require(answer.code == "RATE_LIMITED", f"{path}: {answer.code}")
                    return
            raise Failed(f"{method} {path}: never 429")

        each(limited, judge)


def test_pairing_is_limited(client, city):
    with city.gateway("--requests-per-second", "1000") as port:
        limited = client.at(port)
        wish = {"code": "0000-0000-0000", "nonce": "n" * 22}
        codes = [limited.ask("POST", "/v1/pair", body=wish).code for _ in range(40)]
        require(codes[0] == "PAIRING_UNKNOWN" and codes[-1] == "PAIRING_LIMITED", f"{codes}")


def test_slow_headers_get_an_answer(client, _city):
    """One connection an operation, each with half of its headers; meanwhile the others are served."""
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        waiting = []
        for method, template, _ in client.contract.operations():
            connection = stack.enter_context(client.connect())
            connection.sendall(f"{method} {example_path(template)} HTTP/1.1\r\nHost: x\r\nX-Half: ".encode())
            waiting.append((method, example_path(template), connection))
        client.expect(200, None, "GET", "/v1/totals")
        require(time.monotonic() - started < SLOW_HEADERS_S / 2, "slow clients hold others up")
        for method, path, connection in waiting:
            answer = parse(connection.recv(65536))
            require(
                (answer.status, answer.code) == (408, "REQUEST_SLOW"), f"{method} {path}: {answer.status}"
            )
            client.contract.seen.setdefault((method, client.contract.template(path)), set()).add(408)
    require(time.monotonic() - started < SLOW_HEADERS_S + 5, "408 came too late")


def test_alone_it_says_who_is_away(client, city):
    """A gateway that reaches nobody: it answers all the same, and says what to do."""
    with city.gateway("--requests-per-second", "0", alone=True) as port:
        alone = client.at(port)
        alone.expect(200, None, "GET", "/healthz")
        require(alone.get("/readyz").status == 503, "it is ready without anybody behind it")

        def judge(method, path, operation):
            if operation.get("security") or path == "/v1/pair":
                kind = body_type(operation)
                body = '{"code": "7K2M-9QTX-4BWC", "nonce": "%s"}' % ("n" * 22) if kind else None
                answer = alone.ask(
                    method, path, role_of(operation), body=body, type_=kind, Cakupan_Reason="uji coba"
                )
                require(answer.status == 503 or path == "/metrics", f"{method} {path}: {answer.status}")

        each(alone, judge)


@contextlib.contextmanager
def gateway_with_program(client, city, name, script):
    """A gateway whose command line is this script: what its children may do to it."""
    program = os.path.join(f"{city.state}-{name}")
    with open(program, "w", encoding="utf-8") as file:
        file.write(f"#!/bin/sh\n{script}\n")
    os.chmod(program, 0o755)
    with city.gateway("--requests-per-second", "0", "--program", program) as port:
        yield client.at(port)


def child_reads(client):
    """The operations whose answer a child makes, while they wait."""
    for method, template, operation in client.contract.operations():
        if "504" in operation["responses"] and not template.startswith("/v1/jobs"):
            yield method, example_path(template), operation


CHILD_BODIES = {
    "POST": {"amount": 1, "sp2d": "1/SP2D", "date": "2026-11-22"},
    "PUT": {"iuran": 1, "bantuan": 1},
}


def test_children_that_crash_are_our_mistake(client, city):
    for name, script in (("crash", "kill -SEGV $$"), ("strange", "echo nonsense >&2; exit 3")):
        with gateway_with_program(client, city, name, script) as broken:
            for method, path, operation in child_reads(broken):
                broken.expect(
                    500, "INTERNAL", method, path, role_of(operation), body=CHILD_BODIES.get(method)
                )
            list_ = "nik,employer,date,proof,dispute\n"
            job = broken.expect(
                202, None, "POST", "/v1/layoffs", "labour-office", body=list_, type_="text/csv"
            )
            ended = broken.job(job, "labour-office")
            require(
                ended["state"] == "failed" and ended["problem"]["code"] == "JOB_CRASHED", f"{name}: {ended}"
            )


def test_children_that_refuse_are_quoted(client, city):
    """What a command says of its failure is the problem's code."""
    says = "echo 'cakupan bill: It can not be done. [BILLING_NOT_BEGUN]' >&2; exit 3"
    with gateway_with_program(client, city, "refuse", says) as refusing:
        for method, path, operation in child_reads(refusing):
            if "409" in operation["responses"]:
                refusing.expect(
                    409, "BILLING_NOT_BEGUN", method, path, role_of(operation), body=CHILD_BODIES.get(method)
                )


def test_children_that_hang_are_ended(client, city):
    """Reads whose children never end, each in its own thread; the rest of the gateway goes on."""
    with gateway_with_program(client, city, "slow", "exec sleep 300") as slow:
        codes = []
        threads = [
            threading.Thread(target=lambda path=path: codes.append(slow.get(path, "finance").code))
            for path in ("/v1/bills", "/v1/budget/2026")
        ]
        started = time.monotonic()
        for thread in threads:
            thread.start()
        job = slow.expect(
            202, None, "POST", "/v1/layoffs", "labour-office", body="nik\n", type_="text/csv"
        ).json
        for path in ("result", "file"):
            slow.expect(409, "JOB_UNFINISHED", "GET", f"/v1/jobs/{job['id']}/{path}", "labour-office")
        slow.expect(404, "JOB_UNKNOWN", "GET", f"/v1/jobs/{job['id']}", "finance")
        for _ in range(3):
            slow.expect(202, None, "POST", "/v1/layoffs", "labour-office", body="nik\n", type_="text/csv")
        slow.expect(503, "JOBS_FULL", "POST", "/v1/layoffs", "labour-office", body="nik\n", type_="text/csv")
        slow.expect(200, None, "GET", "/v1/totals")
        for thread in threads:
            thread.join(SLOW_READ_S)
        require(codes == ["ANSWER_SLOW"] * 2, f"{codes} after {time.monotonic() - started:.0f} s")


# These wait for the clock: they run beside the others.
BESIDE = (test_slow_headers_get_an_answer, test_children_that_hang_are_ended)
