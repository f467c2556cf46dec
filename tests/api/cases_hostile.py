"""cases_hostile.py - clients that are slow, greedy or mean; others must not notice, and the gateway must
live on.
"""
import concurrent.futures
import contextlib
import glob
import http.client
import os
import random
import re
import signal
import socket
import subprocess
import time

from client import parse, read_all, require

CONNECTIONS = 1000
SEED = 4
# Answered from memory: only a gateway that ends refuses them.
FROM_MEMORY = ("/healthz", "/v1/openapi.json", "/v1/problems", "/v1/regions", "/v1/codes", "/metrics")


def test_a_thousand_connections(client, city):
    """As many as an address may have, none of which asks anything; others from elsewhere are served."""
    with contextlib.ExitStack() as stack:
        idle = [stack.enter_context(client.connect()) for _ in range(CONNECTIONS)]
        started = time.monotonic()
        for _ in range(50):
            client.expect(200, None, "GET", "/v1/totals")
        require(time.monotonic() - started < 5, f"50 requests took {time.monotonic() - started:.1f} s")
        for connection in idle[::50]:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            require(parse(read_all(connection)).status == 200, "an idle connection was forgotten")
        extra = [stack.enter_context(client.connect()) for _ in range(100)]
        extra[-1].settimeout(10)
        extra[-1].sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        with contextlib.suppress(OSError):
            require(
                not extra[-1].recv(100).startswith(b"HTTP/1.1 200"),
                "more than 1,024 of one address are served",
            )
        with socket.create_connection(
            ("127.0.0.1", client.port), 10, source_address=("127.0.0.2", 0)
        ) as other:
            other.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            require(parse(read_all(other)).status == 200, "another address is not served")
    client.expect(200, None, "GET", "/readyz")
    require(city.pid("gateway") > 0, "the gateway")


def test_slow_senders_hold_nobody_up(client, _city):
    """Two hundred that send a byte at a time: headers, bodies, lists; meanwhile everybody else is quick."""
    token = client.token("labour-office")
    starts = (
        b"GET /v1/totals HTTP/1.1\r\nX-Slow: ",
        f"POST /v1/layoffs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: text/csv\r\n"
        "Content-Length: 1000000\r\n\r\n".encode(),
        f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: "
        "application/json\r\nTransfer-Encoding: chunked\r\n\r\n".encode(),
    )
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(client.connect()) for _ in range(200)]
        for index, connection in enumerate(slow):
            connection.sendall(starts[index % len(starts)])
        longest = 0
        for round_ in range(40):
            for connection in slow[round_::40]:
                with contextlib.suppress(OSError):
                    connection.sendall(b"1")
            started = time.monotonic()
            client.expect(200, None, "GET", "/v1/totals")
            longest = max(longest, time.monotonic() - started)
        require(longest < 1, f"a request took {longest:.2f} s beside slow ones")


def test_readers_that_do_not_read(client, _city):
    """They ask for large answers and never take them."""
    with contextlib.ExitStack() as stack:
        for _ in range(50):
            connection = stack.enter_context(client.connect())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            connection.sendall(b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 100)
        started = time.monotonic()
        for _ in range(20):
            client.expect(200, None, "GET", "/v1/totals")
        require(time.monotonic() - started < 3, "others wait for who does not read")


def test_streams_fill_no_memory(client, _city):
    """What a watcher does not read waits in a small buffer: thousands must not take the machine's memory."""
    with client.connect() as stream:
        stream.sendall(b"GET /v1/totals/stream HTTP/1.1\r\nHost: x\r\n\r\n")
        require(stream.recv(100).startswith(b"HTTP/1.1 200"), "no stream")
        told = subprocess.run(
            ["ss", "-tmnH", f"sport = :{client.port}", "and", f"dport = :{stream.getsockname()[1]}"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    size = int(re.search(r"\btb(\d+)", told)[1])
    require(size <= 256 << 10, f"up to {size} bytes wait for a watcher")


def test_random_bytes(client, city):
    dice, before = random.Random(SEED), city.pid("gateway")

    def throw(data):
        with contextlib.suppress(OSError):
            answer = client.raw(data, seconds=0.2)
            require(not answer or answer.startswith(b"HTTP/1."), f"{data[:40]!r} is answered {answer[:60]!r}")

    words = [
        b"GET ",
        b"POST ",
        b"/v1/totals",
        b" HTTP/1.1\r\n",
        b"Host: x\r\n",
        b"\r\n",
        b"\r\n\r\n",
        b"Content-Length: ",
        b"-1",
        b"18446744073709551616",
        b"Transfer-Encoding: chunked\r\n",
        b"ffffffffffffffff\r\n",
        b"\x00",
        b"%00",
        b"Authorization: Bearer ",
        b"cak_",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02",
        b"?",
        b"&=",
        b"Expect: 100-continue\r\n",
        b"Range: bytes=0-\r\n",
        b"Connection: upgrade\r\n",
    ]
    thrown = [dice.randbytes(dice.randrange(1, 4000)) for _ in range(100)]
    thrown += [b"".join(dice.choice(words) for _ in range(dice.randrange(1, 30))) for _ in range(200)]
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        list(pool.map(throw, thrown))
    require(city.pid("gateway") == before, f"the gateway died of random bytes, seed {SEED}")
    client.expect(200, None, "GET", "/readyz")


def test_pipelines(client, _city):
    """Forty-eight requests in one breath are answered in their order; garbage behind them harms no answer."""
    paths = ["/healthz", "/v1/totals", "/v1/nowhere", "/v1/session"] * 12
    asked = b"".join(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode() for path in paths)
    for behind in (
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"\x00\xff garbage \r\n\r\n" * 5,
        b"nonsense nonsense nonsense\r\n\r\n",
    ):
        answers = client.raw(asked + behind, seconds=1)
        statuses = [int(each) for each in re.findall(rb"HTTP/1\.[01] (\d{3}) ", answers)]
        require(statuses[:48] == [200, 200, 404, 401] * 12, f"{statuses}")
        require(
            all(status >= 400 for status in statuses[48:]) or behind.startswith(b"GET"),
            f"garbage: {statuses[48:]}",
        )


SMUGGLED = b"GET /v1/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
TWO_ENDS = (
    b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    b"Content-Length: 0\r\nContent-Length: 40\r\n\r\n" + SMUGGLED,
    b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + SMUGGLED,
    b"Content-Length: -1\r\n\r\n" + SMUGGLED,
    b"Content-Length: +4\r\n\r\nabcd" + SMUGGLED,
    b"Content-Length: 4, 4\r\n\r\nabcd" + SMUGGLED,
    b"Content-Length : 40\r\n\r\n" + SMUGGLED,
    b"\x0bContent-Length: 40\r\n\r\n" + SMUGGLED,
    b"X-Note: a\rContent-Length: 40\r\n\r\n" + SMUGGLED,
    b"Transfer-Encoding\t: chunked\r\n\r\n" + SMUGGLED,
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + SMUGGLED,
)


def test_nothing_is_smuggled(client, _city):
    """Where two readers of a message could see two ends of it, what stands behind is no request."""
    for framing in TWO_ENDS:
        data = client.raw(
            b"POST /v1/pair HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + framing, seconds=2
        )
        require(b"/v1/smuggled" not in data, f"{framing[:50]!r}: the request behind it was answered")
    data = client.raw(
        b"POST /v1/pair HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n"
        b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        seconds=2,
    )
    require(b"/v1/smuggled" not in data, "chunks of HTTP/1.0: the request behind them was answered")


def test_bodies_that_end_early(client, _city):
    """Shorter than announced, then closed: nothing is taken in."""
    token = client.token("labour-office")
    before = len(client.expect(200, None, "GET", "/v1/jobs", "labour-office").json["jobs"])
    for _ in range(20):
        client.raw(
            f"POST /v1/layoffs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
            "Content-Type: text/csv\r\n"
            "Content-Length: 5000\r\n\r\nnik,employer\n".encode(),
            half_close=True,
        )
    after = len(client.expect(200, None, "GET", "/v1/jobs", "labour-office").json["jobs"])
    require(after == before, f"{after - before} half lists became jobs")


def until(holds, sentence, seconds=10):
    end = time.monotonic() + seconds
    while not holds():
        require(time.monotonic() < end, sentence)
        time.sleep(0.01)


def refuses_connections(client):
    with contextlib.suppress(ConnectionRefusedError), client.connect():
        return False
    return True


def test_a_stop_answers_what_is_open(client, city):
    """SIGTERM while a list is half sent: it, and who asks on an open connection, is told STOPPING; nothing of
    the list stays."""
    list_ = b"nik,employer,date,proof,dispute\n" * 1000
    token = client.token("labour-office")
    head = (
        f"POST /v1/layoffs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: text/csv\r\nContent-Length: {len(list_)}\r\n\r\n"
    )
    with city.gateway_process() as (port, process, state), contextlib.ExitStack() as stack:
        stopping, spool = client.at(port), os.path.join(state, "gateway", "spool")
        opened = stack.enter_context(
            contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20))
        )
        opened.request("GET", "/healthz")
        require(stopping.take(opened, "GET", "/healthz").status == 200, "it does not serve")
        half = stack.enter_context(stopping.connect())
        half.sendall(head.encode() + list_[:5000])
        until(lambda: os.listdir(spool), "the half list is not kept")
        process.terminate()
        until(lambda: refuses_connections(stopping), "it goes on listening")
        for path in ("/v1/session", *FROM_MEMORY):
            opened.request("GET", path, headers={"Authorization": f"Bearer {client.token('kader')}"})
            answer = stopping.take(opened, "GET", path)
            require((answer.status, answer.code) == (503, "STOPPING"), f"{path}: {answer.status}")
        half.sendall(list_[5000:])
        answer = parse(read_all(half))
        stopping.judge("POST", "/v1/layoffs", answer)
        require((answer.status, answer.code) == (503, "STOPPING"), f"the list: {answer.status}")
        require(process.wait(10) == 0, f"it ended with {process.returncode}")
        require(not os.listdir(spool), f"{os.listdir(spool)} stay")


def test_enrollment_stopped_and_back(client, city):
    """A stopped owner: who needs it is told within seconds, public figures go on; then all is as before."""
    pid = city.pid("enrollment")
    os.kill(pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        client.expect(503, "ENROLLMENT_AWAY", "GET", "/v1/session", "kader")
        require(time.monotonic() - started < 8, "it took too long to say so")
        client.expect(200, None, "GET", "/v1/totals")
    finally:
        os.kill(pid, signal.SIGCONT)
    client.expect(200, None, "GET", "/v1/session", "kader")


def test_logs_and_processes_hold_no_secrets(client, city):
    """Whole NIKs and tokens in a log, in a metric, in arguments or in the environment of what runs."""
    secrets = [each["token"] for each in client.tokens.values()]
    texts = {
        path: open(path, "rb").read()
        for path in glob.glob(f"{city.state}/log/*.log") + glob.glob(f"{city.state}-gateway-*.log")
    }
    texts["/metrics"] = client.get("/metrics").body
    for path in glob.glob("/proc/[0-9]*/cmdline") + glob.glob("/proc/[0-9]*/environ"):
        with contextlib.suppress(OSError):
            command = open(os.path.join(os.path.dirname(path), "cmdline"), "rb").read()
            if command.startswith(city.programs.encode()):
                texts[path] = open(path, "rb").read()
    for path, text in texts.items():
        require(not any(secret.encode() in text for secret in secrets), f"a token in {path}")
        found = re.search(rb"(?<!\d)3671\d{12}(?!\d)", text)
        require(not found, f"a NIK in {path}")
    spoken = [
        path
        for path, text in texts.items()
        if re.search(rb"runtime error:|AddressSanitizer|LeakSanitizer", text)
    ]
    require(not spoken, f"a sanitizer spoke in {spoken}")
