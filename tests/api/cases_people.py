"""cases_people.py - pairing, sessions, events, members and refusals, as devices and offices use them, and
misuse.
"""
import threading
import time

from client import require

KELURAHAN = "3671051004"
JSON = "application/json"
PROTOBUF = "application/x-protobuf"
REASON = {"Cakupan_Reason": "uji coba"}


def person(number, **other):
    return {
        "kind": "ENROL",
        "nik": f"36710541{number % 12 + 1:02d}90{number:04d}",
        "captured_at_ms": int(time.time() * 1000),
        "author": "Uji",
        "name": f"Orang {number}",
        "birth_date": f"1990-{number % 12 + 1:02d}-01",
        "sex": "female",
        "kelurahan": KELURAHAN,
        "segment": "PBPU_PEMDA",
        "care_class": 3,
        "local_card": True,
        **other,
    }


def new_token(city, role, area="3671"):
    return city.json("device", "add", "--name", f"Uji {role}", "--role", role, "--area", area, "--token")[
        "token"
    ]


def pairing(city):
    return city.json("device", "add", "--name", "Siti", "--role", "kader", "--area", KELURAHAN, "--web")[
        "code"
    ]


def unused_limits(test):
    """Pairings are few a minute: the test gets a gateway of its own, whose count begins anew."""

    def run(client, city):
        with city.gateway("--requests-per-second", "0") as port:
            test(client.at(port), city)

    return run


@unused_limits
def test_a_code_pairs_one_browser(client, city):
    code, nonce = pairing(city), "a" * 22
    first = client.expect(200, None, "POST", "/v1/pair", body={"code": code, "nonce": nonce}).json
    again = client.expect(
        200, None, "POST", "/v1/pair", body={"code": code.lower().replace("-", " "), "nonce": nonce}
    ).json
    require(
        first["token"] == again["token"] and first["device"] == again["device"],
        "the same code and nonce give another token",
    )
    client.expect(410, "PAIRING_USED", "POST", "/v1/pair", body={"code": code, "nonce": "b" * 22})
    session = client.expect(200, None, "GET", "/v1/session", token=first["token"]).json
    require(
        (session["role"], session["area"], session["next_sequence"]) == ("kader", KELURAHAN, 1), f"{session}"
    )


@unused_limits
def test_two_browsers_with_one_code(client, city):
    code, answers = pairing(city), []
    threads = [
        threading.Thread(
            target=lambda letter=letter: answers.append(
                client.ask("POST", "/v1/pair", body={"code": code, "nonce": letter * 22}).status
            )
        )
        for letter in "cdefgh"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    require(sorted(answers) == [200] + [410] * 5, f"{sorted(answers)}")


@unused_limits
def test_bad_pairings(client, _city):
    good = {"code": "7K2M-9QTX-4BWC", "nonce": "n" * 22}
    client.expect(404, "PAIRING_UNKNOWN", "POST", "/v1/pair", body=good)
    for body in (
        {"code": good["code"]},
        {"nonce": good["nonce"]},
        {**good, "more": 1},
        [good],
        "text",
        {**good, "nonce": "short"},
        {**good, "nonce": "n" * 65},
        {**good, "nonce": 7},
        {**good, "code": None},
    ):
        answer = client.ask("POST", "/v1/pair", body=body, type_=JSON)
        require(answer.status == 400, f"{body}: {answer.status}")


@unused_limits
def test_codes_that_are_none(client, _city):
    for code in ("", "7K2M", "U" * 12, "7K2M-9QTX-4BWC-7K2M", "\u0000" * 12, "’" * 12):
        answer = client.ask("POST", "/v1/pair", body={"code": code, "nonce": "n" * 22})
        require(answer.status in (400, 404), f"{code!r}: {answer.status}")


@unused_limits
def test_texts_that_are_no_pairing(client, _city):
    for text in ("", "{", "[" * 3000, "\x00", '{"code": "a", "code": "b"}', b'{"code": "\xff"}'):
        client.expect(400, "JSON_INVALID", "POST", "/v1/pair", body=text, type_=JSON)


def test_sessions_tell_rights(client, _city):
    rights = {
        role: client.expect(200, None, "GET", "/v1/session", role).json["may"]
        for role in ("kader", "labour-office", "bpjs", "health-office", "finance", "reader", "service")
    }
    require("bills.close" in rights["finance"] and "bills.close" not in rights["reader"], f"{rights}")
    require("layoffs.send" in rights["labour-office"] and "layoffs.send" not in rights["kader"], f"{rights}")


def test_events_are_counted_once(client, city):
    token = new_token(city, "kader")
    before = city.json("totals")["registered"]
    hello = client.expect(
        200, None, "POST", "/v1/events", token=token, body={"first_sequence": 0, "events": []}
    ).json
    require(hello["expected_sequence"] == 1 and hello["outcomes"] == [], f"{hello}")
    batch = {"first_sequence": 1, "events": [person(1), person(2), person(3, nik="3671053202900003")]}
    dry = client.expect(200, None, "POST", "/v1/events", token=token, body={**batch, "check_only": True}).json
    require([each["outcome"] for each in dry["outcomes"]] == ["accepted", "accepted", "refused"], f"{dry}")
    first = client.expect(200, None, "POST", "/v1/events", token=token, body=batch)
    again = client.expect(200, None, "POST", "/v1/events", token=token, body=batch)
    require(first.json == again.json, "the same batch again has another answer")
    refused = first.json["outcomes"][2]
    require((refused["outcome"], refused["code"]) == ("refused", "NIK_DATE"), f"{refused}")
    after = city.json("totals")["registered"]
    require(after == before + 2, f"{after - before} people more")
    english = client.expect(
        200,
        None,
        "POST",
        "/v1/events",
        token=token,
        body={"first_sequence": 4, "language": "en", "events": [person(4, nik="1")]},
    ).json
    require(
        english["outcomes"][0]["code"] == "NIK_LENGTH" and "digits" in english["outcomes"][0]["sentence"],
        f"{english}",
    )


def test_sequences_have_no_gaps(client, city):
    token = new_token(city, "kader")

    def send(sequence, *events):
        return client.ask(
            "POST", "/v1/events", token=token, body={"first_sequence": sequence, "events": events}
        )

    require(send(1, person(11)).status == 200, "the first event")
    gap = send(5, person(12))
    require((gap.status, gap.code, gap.json["expected_sequence"]) == (409, "SEQUENCE_GAP", 2), f"{gap.body}")
    reused = send(1, person(13)).json["outcomes"][0]
    require((reused["outcome"], reused["code"]) == ("refused", "ID_REUSED"), f"{reused}")


BAD_BATCHES = (
    {},
    [],
    7,
    {"first_sequence": 1},
    {"events": []},
    {"first_sequence": -1, "events": []},
    {"first_sequence": 1.5, "events": []},
    {"first_sequence": "1", "events": []},
    {"first_sequence": 1, "events": {}},
    {"first_sequence": 1, "events": [7]},
    {"first_sequence": 1, "events": [{}]},
    {"first_sequence": 1, "events": [], "more": 1},
    {"first_sequence": 1, "events": [{"kind": "FLY", "captured_at_ms": 1, "author": "U"}]},
    {"first_sequence": 1, "events": [person(20, care_class=9)]},
    {"first_sequence": 1, "events": [person(20, name="n" * 5000)]},
    {"first_sequence": 1, "events": [person(20, birth_date="1990-02-30")]},
    {"first_sequence": 1 << 63, "events": []},
    {"first_sequence": 1 << 70, "events": []},
    {"first_sequence": 1, "language": "xx", "events": []},
    {"first_sequence": 1, "check_only": "yes", "events": []},
    {"first_sequence": 1, "events": [person(20, wage_rupiah=-1)]},
    {"first_sequence": 1, "events": [person(20, wage_rupiah=1e300)]},
    {"first_sequence": 1, "events": [person(20)] * 4097},
)


def test_batches_that_are_none(client, city):
    """Each by a device of its own: whoever sends too many such is shut out for a while."""
    for index in range(0, len(BAD_BATCHES), 6):
        token = new_token(city, "kader")
        for body in BAD_BATCHES[index : index + 6]:
            answer = client.ask("POST", "/v1/events", token=token, body=body, type_=JSON)
            refused = answer.status == 200 and [each["outcome"] for each in answer.json["outcomes"]] == [
                "refused"
            ]
            require(answer.status == 400 or refused, f"{str(body)[:90]}: {answer.status} {answer.body[:120]}")
    token = new_token(city, "kader")
    for text in (
        "",
        "{",
        "[" * 100000,
        '{"first_sequence": 1, "first_sequence": 2, "events": []}',
        b"\xff\xfe",
    ):
        answer = client.ask("POST", "/v1/events", token=token, body=text, type_=JSON)
        require(answer.status == 400, f"{text[:20]!r}: {answer.status} {answer.code}")


def test_who_sends_garbage_is_shut_out(client, city):
    """Batches that are none: 400 each, until the door closes with 429; nobody else notices."""
    token, other = new_token(city, "kader"), new_token(city, "kader")
    codes = [
        client.ask("POST", "/v1/events", token=token, body=f"[{index}", type_=JSON).code
        for index in range(120)
    ]
    require(codes[0] == "JSON_INVALID" and "DOOR_CLOSED" in codes, f"{sorted(set(codes), key=str)}")
    answer = client.ask("POST", "/v1/events", token=other, body=b"\xff\x00", type_=PROTOBUF)
    require(
        answer.status == 200 and answer.type == PROTOBUF and answer.body,
        f"{answer.status}: an Ack that refuses",
    )
    client.expect(200, None, "POST", "/v1/events", token=other, body={"first_sequence": 0, "events": []})


def test_members_are_shown_to_who_may(client, city):
    token = new_token(city, "kader")
    nik = person(31)["nik"]
    client.expect(
        200, None, "POST", "/v1/events", token=token, body={"first_sequence": 1, "events": [person(31)]}
    )
    shown = client.expect(200, None, "GET", f"/v1/members/{nik}", "bpjs", **REASON)
    require(shown.headers["cache-control"] == "no-store", f"{shown.headers}")
    client.expect(404, "MEMBER_UNKNOWN", "GET", "/v1/members/3671054107909999", "bpjs", **REASON)
    client.expect(400, "REASON_MISSING", "GET", f"/v1/members/{nik}", "bpjs")
    client.expect(400, "REASON_MISSING", "GET", f"/v1/members/{nik}", "bpjs", Cakupan_Reason="x")
    for wrong, code in (("1", "NIK_LENGTH"), ("3671053202900003", "NIK_DATE")):
        client.expect(422, code, "GET", f"/v1/members/{wrong}", "bpjs", **REASON)
    elsewhere = new_token(city, "kader", "367101")
    client.expect(403, "REGION_OUTSIDE_AREA", "GET", f"/v1/members/{nik}", token=elsewhere, **REASON)


def test_refusals_come_in_pages(client, city):
    token = new_token(city, "kader")
    wrong = [person(100 + index, nik=f"367105320290{index:04d}") for index in range(1, 8)]
    client.expect(200, None, "POST", "/v1/events", token=token, body={"first_sequence": 1, "events": wrong})
    page = client.expect(200, None, "GET", "/v1/refusals?limit=3&code=NIK_DATE", "health-office").json
    require(len(page["refusals"]) == 3 and page["next_before"], f"{page}")
    more = client.expect(
        200, None, "GET", f"/v1/refusals?limit=3&before={page['next_before']}", "health-office"
    ).json
    offsets = [each["offset"] for each in page["refusals"] + more["refusals"]]
    require(offsets == sorted(set(offsets), reverse=True), f"pages overlap: {offsets}")
    require(all("*" in each["nik"] for each in page["refusals"]), "a NIK is shown whole")
    for query in ("limit=0", "limit=x", "limit=-1", "limit=99999", "before=x", "device=x"):
        client.expect(400, "PARAMETER_INVALID", "GET", f"/v1/refusals?{query}", "health-office")


def test_reports_of_layoffs_are_for_the_offices_of_their_area(client, city):
    worker = person(150, segment="PPU_BU", employer=777, wage_rupiah=5000000, local_card=False)
    seen = {name: worker[name] for name in ("captured_at_ms", "author", "nik")} | {"kind": "LAYOFF"}
    for role, event in (("bpjs", worker), ("kader", seen)):
        body = {"first_sequence": 1, "events": [event]}
        client.expect(200, None, "POST", "/v1/events", token=new_token(city, role), body=body)
    path = "/v1/refusals?code=LAYOFF_REPORTED"
    for area, reason, shown in (
        ("3671", REASON, [worker["nik"]]),
        ("367105", REASON, [worker["nik"]]),
        ("367105", {}, ["3671**********50"]),
        ("367101", REASON, []),
    ):
        token = new_token(city, "labour-office", area)
        rows = client.expect(200, None, "GET", path, token=token, **reason).json["refusals"]
        require([row["nik"] for row in rows] == shown, f"{area}, {reason}: {rows}")
