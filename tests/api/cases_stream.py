"""cases_stream.py - server-sent events: what a watcher hears, after an event, after a cut, and when it is
revoked.
"""
import contextlib
import http.client
import json
import time

from cases_people import new_token, person
from client import Answer, require

HEARD_S = 10
REVOKED_S = 25


class Watcher:
    """A connection to the stream, read event by event."""

    def __init__(self, client, token=None, last=None):
        headers = {"Accept": "text/event-stream"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if last:
            headers["Last-Event-ID"] = last
        self.connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=REVOKED_S)
        self.connection.request("GET", "/v1/totals/stream", headers=headers)
        self.reply = self.connection.getresponse()
        client.judge(
            "GET",
            "/v1/totals/stream",
            Answer(
                self.reply.status,
                self.reply.getheaders(),
                self.reply.read() if self.reply.status >= 400 else b"",
            ),
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def next(self):
        """The next event as a dict of its fields; None at the end."""
        fields = {}
        while line := self.reply.readline():
            line = line.decode().rstrip("\r\n")
            if not line and "data" in fields:
                return fields
            name, _, value = line.partition(":")
            if name:
                fields[name] = value.strip()
        return None

    def until(self, holds, seconds=HEARD_S):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            event = self.next()
            if event is None or holds(event):
                return event
        return None


def registered(event):
    return event.get("event") == "totals" and json.loads(event["data"])["city"]["registered"]


def test_the_stream_follows_the_events(client, city):
    token = new_token(city, "bpjs")
    with Watcher(client, client.token("health-office")) as watcher:
        first = watcher.next()
        before = registered(first)
        schema = client.contract.document["components"]["schemas"]["StreamTotals"]
        faults = client.contract.schema_faults(schema, json.loads(first["data"]))
        require(not faults, f"the event is not as documented: {faults}")
        started = time.monotonic()
        client.expect(
            200,
            None,
            "POST",
            "/v1/events",
            token=token,
            body={"first_sequence": 1, "events": [person(400), person(401)]},
        )
        heard = watcher.until(lambda event: registered(event) == before + 2)
        require(heard, f"no event with {before + 2} people within {HEARD_S} s")
        require(time.monotonic() - started < 3, f"it took {time.monotonic() - started:.1f} s")
    with Watcher(client, client.token("health-office"), last=heard["id"]) as again:
        client.expect(
            200, None, "POST", "/v1/events", token=token, body={"first_sequence": 3, "events": [person(402)]}
        )
        require(again.until(lambda event: registered(event) == before + 3), "nothing after Last-Event-ID")


def test_the_public_stream_withholds(client, _city):
    with Watcher(client) as watcher:
        told = json.loads(watcher.next()["data"])
    require(told["audience"] == "public" and told["suppressed_below"] == 5, f"{told['audience']}")
    small = [row for row in told["rows"] if any(isinstance(cell, int) and 0 < cell < 5 for cell in row[1:])]
    require(not small, f"small cells: {small[:3]}")


def test_a_strange_last_event_id(client, _city):
    for last in ("nonsense", "99999999999999999999-ffffffff", "-1", "%00", "x" * 60):
        with Watcher(client, last=last) as watcher:
            require(watcher.reply.status == 200 and watcher.next(), f"{last[:20]}: {watcher.reply.status}")


def test_a_revoked_watcher_is_told(client, city):
    device = city.json("device", "add", "--name", "Dicabut", "--role", "finance", "--area", "3671", "--token")
    with Watcher(client, device["token"]) as watcher:
        require(watcher.next(), "nothing at first")
        city.command("device", "revoke", str(device["id"]))
        end = watcher.until(lambda event: event.get("event") == "end", REVOKED_S)
        require(end and json.loads(end["data"])["code"] == "DEVICE_REVOKED", f"{end}")


def test_many_watchers_hear_the_same(client, city):
    token = new_token(city, "bpjs")
    with contextlib.ExitStack() as stack:
        watchers = [stack.enter_context(Watcher(client, client.token("bpjs"))) for _ in range(200)]
        before = registered(watchers[0].next())
        client.expect(
            200, None, "POST", "/v1/events", token=token, body={"first_sequence": 1, "events": [person(410)]}
        )
        for watcher in watchers:
            require(watcher.until(lambda event: registered(event) == before + 1), "a watcher heard nothing")
