#!/usr/bin/env python3
"""people.py - people over HTTP, as browsers and programs do it: pairing, lost answers, the same batch from
everywhere at once, enrollment killed in between, revocation, areas, pages of refusals. Run by
tests/e2e/people.sh.

usage: people.py CAKUPAN STATE URL. Says what is wrong and exits with 1.
"""
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

CAKUPAN, STATE, URL = sys.argv[1:4]
HOST = URL.split("//")[1]
KELURAHAN, OTHER_KELURAHAN = "3671051004", "3671011001"
SEED = int(os.environ.get("CAKUPAN_SEED", "7"))
ROUNDS, BATCH, ANSWERED_WITHIN_S = 12, 20, 90
failures = []


def check(condition, sentence):
    if not condition:
        failures.append(sentence)
        print(sentence, file=sys.stderr)


def command(*arguments):
    return subprocess.run([CAKUPAN, *arguments, "--state", STATE], capture_output=True, text=True,
                          check=True).stdout


def ask(method, path, token=None, body=None, headers=None, timeout=20):
    """Status, headers and JSON (or bytes) of one request on a connection of its own; 0 where it was lost."""
    connection = http.client.HTTPConnection(HOST, timeout=timeout)
    headers = dict(headers or {})
    if token:
        headers["Authorization"] = "Bearer " + token
    if isinstance(body, (dict, list)):
        body, headers["Content-Type"] = json.dumps(body), "application/json"
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        data = answer.read()
    except (OSError, http.client.HTTPException):
        return 0, {}, None
    finally:
        connection.close()
    kind = answer.headers.get("Content-Type", "")
    return answer.status, answer.headers, json.loads(data) if "json" in kind else data


def token_of(name, role, area):
    return json.loads(command("device", "add", "--name", name, "--role", role, "--area", area, "--token",
                              "--json"))


def nik(number):
    return "367105%02d0790%04d" % (1 + number // 9999 % 28, 1 + number % 9999)


def enrolment(number, kelurahan=KELURAHAN):
    return {"kind": "ENROL", "nik": nik(number), "captured_at_ms": int(time.time() * 1000) - 60000,
            "author": "Siti",
            "name": "Orang %d" % number, "birth_date": "1990-07-%02d" % (1 + number // 9999 % 28),
            "sex": "male",
            "kelurahan": kelurahan, "segment": "PBPU_PEMDA", "care_class": 3, "local_card": True}


def batch_of(first, count, number):
    return {"first_sequence": first, "language": "en",
            "events": [enrolment(number + i) for i in range(count)]}


def code_is(answer, status, code):
    check(answer[0] == status and isinstance(answer[2], dict) and answer[2].get("code") == code,
          "%s %s was expected, not %s %s" % (status, code, answer[0], answer[2]))


def test_pairing():
    code = json.loads(command("device", "add", "--name", "Siti", "--role", "kader", "--area", KELURAHAN,
                              "--web", "--json"))
    wish = {"code": code["code"].lower().replace("-", " "), "nonce": "a" * 22}
    first, again = ask("POST", "/v1/pair", body=wish), ask("POST", "/v1/pair", body=wish)
    check(first[0] == 200 and first[2] == again[2], "the same code and nonce give the same token")
    code_is(ask("POST", "/v1/pair", body=dict(wish, nonce="b" * 22)), 410, "PAIRING_USED")
    code_is(ask("POST", "/v1/pair", body={"code": "0000-0000-0000", "nonce": "a" * 22}), 404,
            "PAIRING_UNKNOWN")
    code_is(ask("POST", "/v1/pair", body={"code": code["code"]}), 400, "PARAMETER_INVALID")
    code_is(ask("POST", "/v1/pair", body={"code": code["code"], "nonce": "short"}), 400,
            "PARAMETER_INVALID")
    code_is(ask("POST", "/v1/pair", body=b"{", headers={"Content-Type": "application/json"}), 400,
            "JSON_INVALID")
    session = ask("GET", "/v1/session", first[2]["token"])[2]
    told = (session["device"], session["role"], session["area"])
    check(told == (first[2]["device"], "kader", KELURAHAN), "the session is the device's: %s" % session)
    return first[2]["token"], first[2]["device"]


def test_pairing_beside_guessers():
    """Twenty addresses that guess codes as fast as they may keep nobody else from pairing."""
    code = json.loads(command("device", "add", "--name", "Ani", "--role", "kader", "--area", KELURAHAN,
                              "--web", "--json"))["code"]

    def pair_from(address, wish):
        connection = http.client.HTTPConnection(HOST, timeout=20, source_address=(address, 0))
        connection.request("POST", "/v1/pair", json.dumps(wish), {"Content-Type": "application/json"})
        status = connection.getresponse().status
        connection.close()
        return status

    guesses = [pair_from("127.0.1.%d" % (1 + i % 20), {"code": "0000-0000-0000", "nonce": "g" * 22})
               for i in range(200)]
    check(set(guesses) == {404}, "who guesses is told that there is no such code: %s" % set(guesses))
    check(pair_from("127.0.2.1", {"code": code, "nonce": "a" * 22}) == 200, "another address pairs")


def test_batch_from_everywhere(token):
    """The same batch from four connections at once and twice after one another: stored once, told alike."""
    batch, answers = batch_of(1, 200, 0), []
    threads = [threading.Thread(target=lambda: answers.append(ask("POST", "/v1/events", token, batch)))
               for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers += [ask("POST", "/v1/events", token, batch) for _ in range(2)]
    check(all(answer[0] == 200 for answer in answers),
          "all are answered: %s" % [answer[0] for answer in answers])
    check(all(answer[2]["outcomes"] == answers[0][2]["outcomes"] for answer in answers),
          "all are told the same")
    outcomes = answers[0][2]["outcomes"]
    check([outcome["sequence"] for outcome in outcomes] == list(range(1, 201)),
          "one outcome an event, in order")
    check(all(outcome["outcome"] == "accepted" for outcome in outcomes),
          "all are accepted: %s" % outcomes[0])
    check(len({outcome["offset"] for outcome in outcomes}) == 200, "each has an offset of its own")
    other = dict(batch, events=[dict(batch["events"][0], name="Lain")])
    check(ask("POST", "/v1/events", token, other)[2]["outcomes"][0]["code"] == "ID_REUSED",
          "another content is found out")
    code_is(ask("POST", "/v1/events", token, batch_of(202, 1, 500)), 409, "SEQUENCE_GAP")
    hello = ask("POST", "/v1/events", token, {"first_sequence": 0, "events": []})[2]
    check(hello["expected_sequence"] == 201, "a hello tells where enrollment stands: %s" % hello)


def lose_answer(token, batch):
    """Sends the batch and hangs up before the answer."""
    connection = http.client.HTTPConnection(HOST, timeout=20)
    connection.request("POST", "/v1/events", json.dumps(batch),
                       {"Authorization": "Bearer " + token, "Content-Type": "application/json"})
    connection.sock.close()


def pid_of(service):
    with open("%s/run/%s.ready" % (STATE, service), encoding="utf-8") as file:
        return int(next(line[4:] for line in file if line.startswith("pid=")))


def kill_enrollment(delay_s):
    time.sleep(delay_s)
    try:
        os.kill(pid_of("enrollment"), signal.SIGKILL)
    except (OSError, StopIteration):
        pass  # it is just starting again


def test_killed_between_commit_and_answer(token):
    """Whatever is lost on the way, each batch is repeated until it is answered, and counted once."""
    dice = random.Random(SEED)
    first, offsets, lost = 201, [], 0
    for number in range(ROUNDS):
        batch = batch_of(first, BATCH, 1000 + number * BATCH)
        if number % 3 == 0:
            lose_answer(token, batch)
        killer = threading.Thread(target=kill_enrollment, args=(dice.uniform(0, 0.006),))
        if number % 3:
            killer.start()
        answer = (0, {}, None)
        until = time.monotonic() + ANSWERED_WITHIN_S
        while time.monotonic() < until:
            answer = ask("POST", "/v1/events", token, batch)
            if answer[0] == 200:
                break
            check(answer[0] in (0, 503), "only an absence is told: %s" % (answer,))
            lost += 1
            time.sleep(0.2)
        if number % 3:
            killer.join()
        check(answer[0] == 200, "round %d is answered in the end" % number)
        if answer[0] != 200:
            return 0
        accepted = [row for row in answer[2]["outcomes"] if row["outcome"] == "accepted"]
        offsets += [row["offset"] for row in accepted]
        first += BATCH
    check(lost > 0, "no answer was lost: the test has tested nothing")
    check(len(offsets) == len(set(offsets)) == ROUNDS * BATCH,
          "%d events, %d offsets" % (ROUNDS * BATCH, len(set(offsets))))
    return ROUNDS * BATCH


def test_bodies(token):
    code_is(ask("POST", "/v1/events", token, b"<xml/>", {"Content-Type": "text/xml"}), 415, "MEDIA_TYPE")
    code_is(ask("POST", "/v1/events", token, b'{"x":', {"Content-Type": "application/json"}), 400,
            "JSON_INVALID")
    code_is(ask("POST", "/v1/events", token, b" " * (1 << 20 | 1), {"Content-Type": "application/json"}),
            413, "BODY_TOO_LARGE")
    answer = ask("POST", "/v1/events", token, b"\x08\x05", {"Content-Type": "application/x-protobuf"})
    check(answer[0] == 200 and answer[2].startswith(b"\x08"),
          "a hello of protobuf gets an ack: %s" % (answer,))
    code_is(ask("POST", "/v1/events", None, b"{}", {"Content-Type": "application/json"}), 401,
            "TOKEN_MISSING")
    code_is(ask("POST", "/v1/events", "cak_" + "A" * 43, b"{", {"Content-Type": "application/json"}), 401,
            "TOKEN_UNKNOWN")
    check(pid_of("gateway") > 0 and ask("GET", "/healthz")[0] == 200, "the gateway lives on")


def test_malformed_bodies_close_the_door():
    device = token_of("noisy", "kader", KELURAHAN)
    codes = [ask("POST", "/v1/events", device["token"], b"{",
                 {"Content-Type": "application/json"})[2]["code"]
             for _ in range(12)]
    check(codes[:10] == ["JSON_INVALID"] * 10 and codes[11] == "DOOR_CLOSED", "a door closes: %s" % codes)
    answer = ask("POST", "/v1/events", device["token"], {"first_sequence": 1, "events": []})
    code_is(answer, 429, "DOOR_CLOSED")
    check(int(answer[1]["Retry-After"]) > 0 and answer[2]["retry_after_ms"] > 0, "and says for how long")
    check(ask("GET", "/v1/session", device["token"])[0] == 200, "who asks for other things is not meant")


def test_a_flood_is_slowed():
    device, slowed = token_of("flood", "kader", KELURAHAN), None
    large = dict(enrolment(1), reason="x" * 65000)  # an allowance is counted in bytes, too
    check_only = {"first_sequence": 1, "check_only": True, "events": [large] * 15}
    for _ in range(60):
        answer = ask("POST", "/v1/events", device["token"], check_only)
        if answer[0] == 429:
            slowed = answer
            break
    check(slowed and slowed[2]["code"] == "RATE_LIMITED" and int(slowed[1]["Retry-After"]) >= 1 and
          slowed[2]["retry_after_ms"] > 0, "who floods is told to wait: %s" % (slowed or answer[:2],))


def test_members(token, kader):
    office = token_of("Dinkes", "health-office", "3671")["token"]
    reason = {"Cakupan-Reason": "layanan%20di%20puskesmas%203671054107900001"}
    member = ask("GET", "/v1/members/" + nik(0), token, headers=reason)
    check(member[0] == 200 and member[2]["covered"] and member[2]["covered_by"] == "CITY" and
          member[2]["nik"] == nik(0)[:4] + "**********" + nik(0)[-2:] and "birth_date" not in member[2],
          "a kader sees the cover, not the birth date: %s" % (member[2],))
    check(member[1]["Cache-Control"] == "no-store", "a person is kept by no cache")
    check(ask("GET", "/v1/members/" + nik(0), office, headers=reason)[2]["birth_date"] == "1990-07-01",
          "an office does")
    code_is(ask("GET", "/v1/members/" + nik(0), office), 400, "REASON_MISSING")
    code_is(ask("GET", "/v1/members/" + nik(0), office, headers={"Cakupan-Reason": "%0a%0a%0a"}), 400,
            "REASON_MISSING")
    code_is(ask("GET", "/v1/members/36710541079000", office, headers=reason), 422, "NIK_LENGTH")
    code_is(ask("GET", "/v1/members/" + nik(77777), office, headers=reason), 404, "MEMBER_UNKNOWN")
    code_is(ask("GET", "/v1/members/" + nik(0), token_of("BPKD", "finance", "3671")["token"],
                headers=reason), 403,
            "ROLE_NOT_ALLOWED")
    stranger = token_of("elsewhere", "kader", OTHER_KELURAHAN)["token"]
    code_is(ask("GET", "/v1/members/" + nik(0), stranger, headers=reason), 403, "REGION_OUTSIDE_AREA")
    answer = ask("POST", "/v1/events", stranger, batch_of(1, 1, 60000))
    check(answer[2]["outcomes"][0]["code"] == "REGION_OUTSIDE_AREA",
          "a kader enrols in its area: %s" % (answer[2],))
    with open(STATE + "/log/enrollment.log", encoding="utf-8") as log:
        looks = [line for line in log if "looked up" in line or "not shown" in line]
    check(any("device %d (Siti)" % kader in line and "layanan di puskesmas ####" in line for line in looks),
          "who looked and why is logged")
    check(any("that nobody has looked up" in line and "(Dinkes)" in line for line in looks),
          "who tries NIKs that nobody has is logged, too")


def test_refusals(token):
    first = ask("POST", "/v1/events", token, {"first_sequence": 0, "events": []})[2]["expected_sequence"]
    batch = {"first_sequence": first, "events": [{"kind": "NOPE"}] * 7}
    check(ask("POST", "/v1/events", token, batch)[0] == 200, "what can't be accepted is kept")
    seen, before = [], None
    while True:
        page = ask("GET", "/v1/refusals?limit=3" + ("&before=%d" % before if before else ""), token)[2]
        seen += page["refusals"]
        before = page["next_before"]
        if before is None:
            break
    check([row["sequence"] for row in seen] == list(range(first + 6, first - 1, -1)),
          "its own, newest first, each once")
    check(all(row["code"] == "KIND_UNKNOWN" and row["author"] == "" for row in seen),
          "with all members: %s" % seen[:1])
    for query in ("limit=0", "limit=1001", "before=x", "code=NOPE", "device=0", "page=2",
                  "limit=1&limit=2"):
        code_is(ask("GET", "/v1/refusals?" + query, token), 400, "PARAMETER_INVALID")


def test_a_layoff_seen_at_the_door(token):
    """A kader's layoff is the labour office's work, until that office's own is accepted."""
    worker = dict(enrolment(55555), segment="PPU_BU", employer=77, wage_rupiah=6000000)
    for field in ("care_class", "local_card"):
        del worker[field]
    now = int(time.time() * 1000) - 60000
    layoff = {"kind": "LAYOFF", "nik": nik(55555), "captured_at_ms": now, "author": "Siti",
              "reason": "pabrik tutup"}
    dinkes = token_of("Dinkes 2", "health-office", "3671")["token"]
    office = token_of("Disnaker", "labour-office", "3671")["token"]
    first = ask("POST", "/v1/events", token, {"first_sequence": 0, "events": []})[2]["expected_sequence"]
    sent = [ask("POST", "/v1/events", dinkes, {"first_sequence": 1, "events": [worker]}),
            ask("POST", "/v1/events", token, {"first_sequence": first, "events": [layoff]}),
            ask("POST", "/v1/events", dinkes, {"first_sequence": 2, "events": [layoff]})]
    codes = [answer[2]["outcomes"][0]["code"] for answer in sent]
    check(codes == ["", "LAYOFF_REPORTED", "ROLE_NOT_ALLOWED"], "kept as a report: %s" % codes)
    path, reason = "/v1/refusals?code=LAYOFF_REPORTED", {"Cakupan-Reason": "minta%20bukti"}
    row = ask("GET", path, office)[2]["refusals"][0]
    report = row["report"]
    check(row["nik"] == nik(55555)[:4] + "**********" + nik(55555)[-2:], "masked: %s" % row)
    check((report["open"], report["name"], str(report["kelurahan"]), report["employer"], report["seen"]) ==
          (True, "Orang 55555", KELURAHAN, 77, "pabrik tutup"), "who, where, employer: %s" % report)
    check(ask("GET", path, office, headers=reason)[2]["refusals"][0]["nik"] == nik(55555), "with a reason")
    other = ask("GET", path, dinkes, headers=reason)[2]["refusals"][0]
    check("*" in other["nik"], "nobody else sees it")
    code_is(ask("GET", path, office, headers={"Cakupan-Reason": "%20"}), 400, "REASON_MISSING")
    listed = json.loads(command("refusals", "--code", "LAYOFF_REPORTED", "--json"))
    check(len(listed) == 1 and listed[0]["report"]["open"] and "*" in listed[0]["nik"], "%s" % listed)
    proven = dict(layoff, proof="notice", employer=77)
    answer = ask("POST", "/v1/events", office, {"first_sequence": 1, "events": [proven]})
    check(answer[2]["outcomes"][0]["outcome"] == "accepted", "the labour office's layoff: %s" % answer[2])
    check(not ask("GET", path, office)[2]["refusals"][0]["report"]["open"], "settled by it")


def test_revocation(token, device):
    command("device", "revoke", str(device))
    code_is(ask("GET", "/v1/session", token), 401, "DEVICE_REVOKED")
    code_is(ask("POST", "/v1/events", token, {"first_sequence": 0, "events": []}), 401, "DEVICE_REVOKED")
    code_is(ask("GET", "/v1/refusals", token), 401, "DEVICE_REVOKED")
    code_is(ask("GET", "/v1/members/" + nik(0), token, headers={"Cakupan-Reason": "check"}), 401,
            "DEVICE_REVOKED")


def nothing_secret_is_written(token):
    for folder, _, files in os.walk(STATE + "/log"):
        for name in files:
            with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
                text = file.read()
            check(token not in text and token[4:] not in text, "a token stands in " + name)
            check(all(number not in text for number in (nik(0), nik(55555), "3671054107900001")),
                  "a NIK stands in " + name)


def members():
    return json.loads(command("status", "--json"))["enrollment"]["members"]


def main():
    before = members()
    token, device = test_pairing()
    test_pairing_beside_guessers()
    test_batch_from_everywhere(token)
    repeated = test_killed_between_commit_and_answer(token)
    check(members() == before + 200 + repeated, "each person is counted once: %d" % (members() - before))
    test_bodies(token)
    test_malformed_bodies_close_the_door()
    test_a_flood_is_slowed()
    test_members(token, device)
    test_refusals(token)
    test_a_layoff_seen_at_the_door(token)
    test_revocation(token, device)
    nothing_secret_is_written(token)
    sys.exit(1 if failures else 0)


main()
