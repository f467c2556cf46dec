"""cases_totals.py - the public's figures: the same as the command line's, small cells withheld, ETags,
gzip.
"""
import gzip
import json
import re
import time

from client import require

OFFICER = "health-office"
BELOW = 5
SETTLED_S = 20


def plain(body):
    """Without what the gateway says about its audience."""
    return {
        name: value
        for name, value in body.items()
        if name not in ("audience", "suppressed_below", "stale_since")
    }


def without_clock(body):
    """Billing's as-of moves between two looks; its figures don't."""
    billing = {
        name: value for name, value in (body.get("billing") or {}).items() if not re.search("as_of|_ms", name)
    }
    return {**plain(body), "billing": billing}


def difference(client, city, region):
    """What the API and the command line say differently of a region; empty: nothing."""
    query = f"?region={region}" if region else ""
    shown = client.expect(200, None, "GET", "/v1/totals" + query, OFFICER).json
    told = city.json("totals", *(["--region", region] if region else []))
    one, other = without_clock(shown), without_clock(told)
    require(list(one) == list(other), f"other fields than the command line's: {list(one)} and {list(other)}")
    return {name: (one[name], other[name]) for name in one if one[name] != other[name]}


def test_totals_are_the_command_lines(client, city):
    for region in (None, "367105", "3671051004"):
        # The bill follows the events at its own pace: between two looks it may have come further.
        until = time.monotonic() + SETTLED_S
        while (differing := difference(client, city, region)) and time.monotonic() < until:
            time.sleep(0.1)
        require(not differing, f"{region}: {differing}")
    table = client.expect(200, None, "GET", "/v1/totals?level=all", OFFICER).json
    require(len(table["rows"]) == 1 + 13 + 104, f"{len(table['rows'])} rows of all levels")


def cells(node, path=""):
    """Every count of a body: (path, value)."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from cells(value, f"{path}/{name}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from cells(value, f"{path}/{index}")
    else:
        yield path, node


COUNTS = re.compile(
    r"/(registered|active|city_paid|grace|[A-Z_]+|people|enrolled|born|moved_in|moved_out|moved_within|"
    r"died|laid_off|rehired|switched|suspended|resumed|corrected|merged|activated|grace_ended|refused)$"
)


def test_the_public_sees_no_small_cells(client, _city):
    bodies = [
        client.expect(200, None, "GET", path).json
        for path in ["/v1/totals"]
        + [f"/v1/totals?region=3671{kecamatan:02d}" for kecamatan in range(1, 14)]
        + ["/v1/totals?region=3671051004"]
    ]
    small = [
        f"{body['name']}{path}: {value}"
        for body in bodies
        for path, value in cells(body)
        if COUNTS.search(path) and isinstance(value, int) and 0 < value < BELOW
    ]
    require(not small, f"{len(small)} small cells, the first: {small[:4]}")
    require(
        all(body["audience"] == "public" and body["suppressed_below"] == BELOW for body in bodies), "audience"
    )
    bill = bodies[0]["billing"]
    told = [bill["arrears"], bill["invoice"] and bill["invoice"]["owed"]]
    told += [payer["corrections_amount"] for month in bill["projected"] for payer in month["payers"]]
    require(set(told) == {None}, f"corrections, or what contains them: {told}")
    table = client.expect(200, None, "GET", "/v1/totals?level=all").json
    small = [row for row in table["rows"] if any(isinstance(cell, int) and 0 < cell < BELOW for cell in row)]
    require(not small, f"small cells in the table: {small[:3]}")


def test_withheld_cells_cant_be_computed(client, _city):
    """In each sum (kelurahan of a kecamatan, segments of a region) no cell or two are withheld."""
    for code in ["3671"] + [f"3671{kecamatan:02d}" for kecamatan in range(1, 14)]:
        body = client.expect(200, None, "GET", f"/v1/totals?region={code}").json
        for group, columns in (
            ("regions", ("registered", "active", "city_paid", "grace")),
            ("segments", ("registered", "active")),
        ):
            for column in columns:
                withheld = [row for row in body[group] if row[column] is None]
                require(
                    len(withheld) != 1 or body[column] is None,
                    f"{code}: {group}/{column} withholds {withheld}, the sum {body[column]} tells it",
                )
        for group in ("regions",):
            for row in body[group]:
                require(
                    row["active"] is not None or row["active_percent"] is None,
                    f"{row}: the percentage tells it",
                )


def test_officers_see_all(client, _city):
    for role in ("labour-office", "bpjs", "health-office", "finance"):
        body = client.expect(200, None, "GET", "/v1/totals?region=367105", role).json
        require(body["audience"] == "officer" and not body["suppressed_below"], f"{role}: {body['audience']}")
        require(None not in (row["registered"] for row in body["regions"]), "an officer's cell is withheld")
    for role in ("kader", "reader"):
        answer = client.get("/v1/totals", role)
        require(
            answer.status == 403 or answer.json["audience"] == "public", f"{role} sees an officer's figures"
        )


def test_etags_and_gzip(client, _city):
    for path in ("/v1/totals", "/v1/totals?level=all", "/v1/regions", "/v1/codes", "/v1/history"):
        first = client.expect(200, None, "GET", path)
        same = client.get(path, If_None_Match=first.headers["etag"])
        require(same.status == 304 and not same.body, f"{path}: {same.status} for its own ETag")
        require(client.get(path, If_None_Match='W/"0-0"').status == 200, f"{path}: another ETag")
    raw = client.raw(
        b"GET /v1/totals HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
    )
    head, _, body = raw.partition(b"\r\n\r\n")
    require(b"Content-Encoding: gzip" in head and b"ccept-" in head, f"{head[:300]}")
    require(json.loads(gzip.decompress(body))["code"] == "3671", "the compressed body")


def test_officers_and_public_share_no_cache(client, _city):
    """The officer's ETag must not say to the public that its page is the same."""
    officer = client.get("/v1/totals?region=367105", OFFICER)
    public = client.get("/v1/totals?region=367105", If_None_Match=officer.headers["etag"])
    require(public.status == 200 or public.headers.get("etag") == officer.headers["etag"], f"{public.status}")
    require("Authorization" in officer.headers.get("vary", ""), f"Vary: {officer.headers.get('vary')}")


def test_bad_regions_levels_and_days(client, _city):
    for query in (
        "region=9999",
        "region=367199",
        "region=36710510049",
        "region=%27%3B--",
        "region=3671054107900001",
    ):
        client.expect(404, "REGION_UNKNOWN", "GET", f"/v1/totals?{query}")
    for language, sentence in (("id", "Wilayah Atlantis tidak"), ("en", "The region Atlantis is")):
        query = f"region=Atlantis&language={language}"
        for path in (f"/v1/totals?{query}", f"/v1/history?{query}"):
            told = client.expect(404, "REGION_UNKNOWN", "GET", path).json["detail"]
            require(told.startswith(sentence), f"{path}: {told}")
    client.expect(400, "PARAMETER_INVALID", "GET", "/v1/totals?3671054107900001=1")
    for query in (
        "level=galaxy",
        "level=",
        "region=",
        "region=" + "r" * 90,
        "as-of=yesterday",
        "as-of=2026-02-30",
    ):
        answer = client.get(f"/v1/totals?{query}")
        require(answer.status in (400, 404), f"{query}: {answer.status}")
    client.expect(404, "DAY_UNKNOWN", "GET", "/v1/totals?as-of=2001-01-01")
    client.expect(400, "HISTORY_LEVEL", "GET", "/v1/totals?as-of=2026-11-05&region=3671051004")
    for query in ("from=x", "to=2026-13-01", "from=2000-01-01&to=2026-01-01"):
        client.expect(400, "PARAMETER_INVALID", "GET", f"/v1/history?{query}")
    for path in ("/v1/totals?region=%00", "/v1/totals?region=%ff%fe", "/v1/totals?region=%zz"):
        require(client.get(path).status in (400, 404), path)


def test_documents_agree_with_answers(client, _city):
    document = client.expect(200, None, "GET", "/v1/openapi.json").json
    require(
        document == client.contract.document, "another OpenAPI document is served than proto/openapi.json"
    )
    problems = client.expect(200, None, "GET", "/v1/problems").json
    told = {each["code"]: each["status"] for each in problems.get("problems", problems)}
    listed = client.contract.statuses_of_codes
    wrong = [code for code, status in told.items() if listed.get(code, status) != status]
    require(not wrong, f"/v1/problems and the document differ about {wrong}")
    for path in ("/", "/kader", "/icon.svg"):
        require(client.get(path).status == 200, path)
    metrics = client.get("/metrics").body.decode()
    require("cakupan_http_requests_total" in metrics and "cak_" not in metrics, "metrics")
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        forwarded = client.get("/metrics", **{header: "10.0.0.1"})
        require(forwarded.status == 401, f"metrics for a proxy's client, {header}: {forwarded.status}")
