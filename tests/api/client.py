"""client.py - asks a gateway as any HTTP client does; every answer is judged by the contract before a test
sees it.
"""
import contextlib
import http.client
import itertools
import json
import os
import socket
import subprocess
import time
from urllib.parse import urlsplit


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = {name.lower(): value for name, value in headers}
        self.type = self.headers.get("content-type", "").split(";")[0]
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        return self.json.get("code") if self.type == "application/problem+json" else None


class Failed(Exception):
    """What a test found wrong."""


class Client:
    def __init__(self, port, contract, tokens):
        self.port = port
        self.contract = contract
        self.tokens = tokens
        self.faults = []

    def at(self, port):
        """The same client at another gateway; what it finds wrong is told here, too."""
        other = Client(port, self.contract, self.tokens)
        other.faults = self.faults
        return other

    def token(self, role):
        return self.tokens[role]["token"]

    def ask(self, method, path, role=None, body=None, type_=None, token=None, **headers):
        """One request on a connection of its own. `headers`: Cakupan_Reason="why" and the like."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        token = token or (self.token(role) if role else None)
        if token:
            sent["Authorization"] = f"Bearer {token}"
        if body is not None and not isinstance(body, (str, bytes)):
            body, type_ = json.dumps(body), type_ or "application/json"
        if type_:
            sent["Content-Type"] = type_
        if isinstance(body, str):
            body = body.encode()
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request(method, path, body, sent)
            return self.take(connection, method, path)

    def take(self, connection, method, path):
        """The answer to what was asked on this connection."""
        reply = connection.getresponse()
        answer = Answer(reply.status, reply.getheaders(), reply.read())
        self.judge(method, path, answer)
        return answer

    def judge(self, method, path, answer):
        self.faults += [
            f"{method} {path} -> {answer.status}: {fault}"
            for fault in self.contract.faults(method, path, answer)
        ]

    def get(self, path, role=None, **more):
        return self.ask("GET", path, role, **more)

    def expect(self, status, code, method, path, role=None, **more):
        """Asks, and fails unless status and code are these; code None: no problem."""
        answer = self.ask(method, path, role, **more)
        if (answer.status, answer.code) != (status, code):
            raise Failed(
                f"{method} {path} as {role}: {answer.status} {answer.code}, not {status} {code}: "
                f"{answer.body[:200].decode(errors='replace')}"
            )
        return answer

    def job(self, answer, role, seconds=40):
        """Follows the job of a 202 to its end."""
        end = time.monotonic() + seconds
        path = answer.json["links"]["self"]
        if answer.headers.get("location") != path:
            raise Failed(f"Location {answer.headers.get('location')} is not {path}")
        while time.monotonic() < end:
            job = self.expect(200, None, "GET", f"{path}?wait-ms=5000", role).json
            if job["state"] in ("done", "failed"):
                return job
        raise Failed(f"{path} did not end within {seconds} s")

    def connect(self, seconds=20):
        return socket.create_connection(("127.0.0.1", self.port), timeout=seconds)

    def raw(self, data, seconds=20, half_close=False):
        """Sends bytes as they are; everything that comes back until the other side closes."""
        with self.connect(seconds) as connection:
            with contextlib.suppress(OSError):
                connection.sendall(data)
                if half_close:
                    connection.shutdown(socket.SHUT_WR)
            return read_all(connection)


def read_all(connection):
    parts = []
    with contextlib.suppress(OSError):
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def parse(data):
    """The first answer in these bytes."""
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    words = lines[0].split(" ", 2)
    if len(words) < 2 or not words[0].startswith("HTTP/1."):
        raise Failed(f"no HTTP answer: {data[:80]!r}")
    headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:] if ":" in line]
    size = next((int(value) for name, value in headers if name.lower() == "content-length"), len(body))
    return Answer(int(words[1]), headers, body[:size])


class City:
    """The city that tests/api/run started, and its command line."""

    def __init__(self):
        self.state = os.environ["CAKUPAN_STATE"]
        self.programs = os.environ["CAKUPAN_BIN"]
        self.city = os.path.join(self.state, "city")
        self.ports = itertools.count(urlsplit(os.environ["CAKUPAN_URL"]).port + 1)
        with open(os.path.join(self.state, "tokens.json"), encoding="utf-8") as file:
            self.tokens = json.load(file)

    def command(self, *words, stdin=None):
        done = subprocess.run(
            [os.path.join(self.programs, "cakupan"), *words, "--state", self.state],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode > 1:
            raise Failed(f"cakupan {' '.join(words)}: {done.stderr.strip()[-200:]}")
        return done.stdout

    def json(self, *words):
        return json.loads(self.command(*words, "--json"))

    def pid(self, service):
        with open(os.path.join(self.state, "run", f"{service}.ready"), encoding="utf-8") as file:
            return int(next(line for line in file if line.startswith("pid=")).split("=")[1])

    @contextlib.contextmanager
    def gateway(self, *options, alone=False):
        """A second gateway with a port and a state of its own; `alone`: without anybody behind it."""
        with self.gateway_process(*options, alone=alone) as (port, _process, _state):
            yield port

    @contextlib.contextmanager
    def gateway_process(self, *options, alone=False):
        """The same, with its process and its state: (port, process, state)."""
        port = next(self.ports)
        state = f"{self.state}-gateway-{port}"
        links = (
            []
            if alone
            else [
                "--door",
                f"ipc://{self.state}/run/enrollment-door.sock",
                "--coverage",
                f"ipc://{self.state}/run/coverage.sock",
            ]
        )
        os.makedirs(state, mode=0o700, exist_ok=True)
        with open(f"{state}.log", "wb") as log:
            process = subprocess.Popen(
                [
                    os.path.join(self.programs, "gateway"),
                    "--state",
                    state,
                    "--city",
                    self.city,
                    "--listen",
                    f"127.0.0.1:{port}",
                    *links,
                    *options,
                ],
                stdout=log,
                stderr=log,
            )
        try:
            wait_for_port(port, process, f"{state}.log")
            if not alone:
                wait_until_ready(port)
            yield port, process, state
        finally:
            process.terminate()
            if process.wait(20) not in (0, -15):
                raise Failed(f"a gateway ended with {process.returncode}: {tail(state + '.log')}")


def tail(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return " ".join(file.read().split("\n")[-4:])


def wait_for_port(port, process, log, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise Failed(f"the gateway ended with {process.returncode}: {tail(log)}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise Failed(f"nobody listens on {port}")


def wait_until_ready(port, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.05)
    raise Failed(f"the gateway at {port} is not ready")


def require(holds, sentence):
    if not holds:
        raise Failed(sentence)
