"""cases_offices.py - the offices' work: layoff lists, months, payments, budget, reconciliation; and its
bad paths.
"""
import csv
import io
import os
import time

from cases_people import JSON, new_token, person
from client import require

LABOUR, FINANCE = "labour-office", "finance"
HEAD = "nik,employer,date,proof,dispute\n"
CSV = "text/csv"


def workers(client, city, count, first):
    """People with an employer, who may be laid off: their NIKs."""
    token = new_token(city, "bpjs")
    people = [
        person(first + index, segment="PPU_BU", employer=777, wage_rupiah=5000000, local_card=False)
        for index in range(count)
    ]
    answer = client.expect(
        200, None, "POST", "/v1/events", token=token, body={"first_sequence": 1, "events": people}
    )
    require(all(each["outcome"] == "accepted" for each in answer.json["outcomes"]), f"{answer.body[:600]}")
    return [each["nik"] for each in people]


def upload(client, path, role, text):
    return client.job(client.expect(202, None, "POST", path, role, body=text, type_=CSV), role)


def test_a_layoff_list_with_bad_rows(client, city):
    today = client.get("/v1/totals").json["day"]
    niks = workers(client, city, 3, 200)
    rows = [f"{nik},777,{today},agreement,no" for nik in niks]
    bad = [
        f"3671054107909999,777,{today},agreement,no",
        "123,777,2026-11-05,agreement,no",
        f"{niks[0]},777,{today},agreement,maybe",
    ]
    text = HEAD + "\n".join(rows[:2] + bad[:2] + rows[2:]) + "\n"
    before = city.json("totals")["flows_today"]["laid_off"]
    dry = upload(client, "/v1/layoffs?dry-run=true", LABOUR, text)
    require(dry["state"] == "done" and dry["dry_run"], f"{dry}")
    result = dry["result"]
    require((result["rows_total"], result["laid_off"], result["refused"]) == (5, 3, 2), f"{result}")
    require(
        [row["line"] for row in result["rows"] if row["outcome"] == "refused"] == [4, 5], f"{result['rows']}"
    )
    require(city.json("totals")["flows_today"]["laid_off"] == before, "a dry run laid people off")
    real = upload(client, "/v1/layoffs", LABOUR, text)
    require(real["result"]["laid_off"] == 3, f"{real['result']}")
    refused = client.expect(200, None, "GET", real["links"]["file"], LABOUR)
    table = list(csv.DictReader(io.StringIO(refused.body.decode("utf-8-sig"))))
    require(
        [row["nik"] for row in table] == ["3671054107909999", "123"], f"the refused rows as sent: {table}"
    )
    require(all(row["code"] and row["sentence"] for row in table), f"{table}")
    require("attachment" in refused.headers.get("content-disposition", ""), "no attachment")
    whole = client.expect(200, None, "GET", real["links"]["result"], LABOUR).json
    require(whole["laid_off"] == 3, f"{whole}")
    again = upload(client, "/v1/layoffs", LABOUR, text)["result"]
    require((again["laid_off"], again["unchanged"]) == (0, 3), f"the same list again: {again}")
    require(city.json("totals")["flows_today"]["laid_off"] == before + 3, "laid off twice")
    strange = upload(client, "/v1/layoffs", LABOUR, HEAD + bad[2] + "\n")
    require(strange["state"] == "done" or strange["problem"]["code"] == "CSV_INVALID", f"{strange}")


def test_lists_that_are_none(client, _city):
    for text in (
        "nonsense\n",
        "nik\n3671\n",
        "\x00\x01\x02",
        b"\xff\xfe\x00n",
        "nik,employer,date,proof\n" + "," * 4000,
        HEAD + '"' * 100,
    ):
        job = upload(client, "/v1/layoffs?dry-run=true", LABOUR, text)
        require(job["state"] == "failed" or job["result"]["laid_off"] == 0, f"{text[:20]!r}: {job}")
        if job["state"] == "failed":
            require(job["problem"]["code"] == "CSV_INVALID", f"{text[:20]!r}: {job['problem']}")
            for path in ("result", "file"):
                client.expect(422, "CSV_INVALID", "GET", f"{job['links']['self']}/{path}", LABOUR)
    empty = client.ask("POST", "/v1/layoffs", LABOUR, type_=CSV, body="")
    require(empty.status in (400, 415, 422), f"nothing: {empty.status}")
    for query in ("dry-run=maybe", "dry-run=", "language=xx"):
        client.expect(400, "PARAMETER_INVALID", "POST", f"/v1/layoffs?{query}", LABOUR, body=HEAD, type_=CSV)


def test_jobs_belong_to_who_sent_them(client, city):
    job = upload(client, "/v1/layoffs?dry-run=true", LABOUR, HEAD + "1,2,2026-11-05,none,no\n")
    other = new_token(city, LABOUR)
    for path in ("", "/result", "/file"):
        client.expect(404, "JOB_UNKNOWN", "GET", job["links"]["self"] + path, token=other)
        client.expect(404, "JOB_LOST", "GET", "/v1/jobs/" + "0" * 32 + path, LABOUR)
        answer = client.get("/v1/jobs/nonsense" + path, LABOUR)
        require(answer.status == 404, f"{answer.status}")
    listed = client.expect(200, None, "GET", "/v1/jobs", LABOUR).json["jobs"]
    require(job["id"] in [each["id"] for each in listed], "the job is not listed")
    require(
        not client.expect(200, None, "GET", "/v1/jobs", token=other).json["jobs"], "another's jobs are listed"
    )
    client.expect(400, "PARAMETER_INVALID", "GET", job["links"]["self"] + "?wait-ms=never", LABOUR)


def test_bad_months_and_years(client, _city):
    for month in ("2026-13", "2026-00", "202611", "x", "2026-11-01", "2026-1"):
        for path in (
            "",
            "/preview",
            "/findings",
            "/roster.csv",
            "/roster.xlsx",
            "/minutes.pdf",
            "/differences",
        ):
            answer = client.get(f"/v1/bills/{month}{path}", FINANCE)
            require(
                (answer.status, answer.code) == (422, "MONTH_INVALID"),
                f"{month}{path}: {answer.status} {answer.code}",
            )
        for path, more in (
            ("close", {}),
            ("reconciliation", {"body": "nik,amount\n", "type_": CSV}),
            ("payments", {"body": {"amount": 1, "sp2d": "1", "date": "2026-11-21"}}),
        ):
            client.expect(422, "MONTH_INVALID", "POST", f"/v1/bills/{month}/{path}", FINANCE, **more)
        client.expect(422, "MONTH_INVALID", "GET", f"/v1/grace?month={month}", LABOUR)
    for year in ("26", "x", "20266", "-202"):
        client.expect(422, "BUDGET_YEAR", "GET", f"/v1/budget/{year}", FINANCE)
        client.expect(
            422, "BUDGET_YEAR", "PUT", f"/v1/budget/{year}", FINANCE, body={"iuran": 1, "bantuan": 1}
        )


def next_month(month):
    year, number = map(int, month.split("-"))
    return f"{year + number // 12}-{number % 12 + 1:02d}"


def test_a_month_from_preview_to_payment(client, city):
    month = client.expect(200, None, "GET", "/v1/bills", FINANCE).json["open_month"]
    bill = f"/v1/bills/{month}"
    client.expect(404, "BILL_MONTH_NOT_CLOSED", "GET", bill, FINANCE)
    for name in ("roster.csv", "roster.xlsx", "minutes.pdf"):
        client.expect(404, "BILL_MONTH_NOT_CLOSED", "GET", f"{bill}/{name}", FINANCE)
    client.expect(404, "RECONCILIATION_NONE", "GET", f"{bill}/differences", FINANCE)
    client.expect(409, "BILL_MONTH_BEFORE_STATE", "GET", "/v1/bills/2001-01/preview", FINANCE)
    preview = client.expect(200, None, "GET", f"{bill}/preview", "reader").json
    later = client.ask("POST", f"/v1/bills/{next_month(month)}/close", FINANCE)
    if later.status == 202:
        ended = client.job(later, FINANCE)
        require(ended["state"] == "failed" and ended["problem"]["code"] == "BILL_MONTH_NOT_OPEN", f"{ended}")
    closed = client.job(client.expect(202, None, "POST", f"{bill}/close", FINANCE), FINANCE)
    require(closed["state"] == "done", f"{closed}")
    frozen = client.expect(200, None, "GET", bill, "reader").json
    require(frozen["frozen"] and frozen["invoice_hash"], f"{frozen}")
    require(
        frozen["totals"]["city"]["owed"] == preview["totals"]["city"]["owed"],
        "the close and its preview differ",
    )
    again = client.job(client.expect(202, None, "POST", f"{bill}/close", FINANCE), FINANCE)
    require(
        again["state"] == "done" and again["result"]["invoice_hash"] == frozen["invoice_hash"], f"{again}"
    )
    client.expect(409, "BILL_MONTH_CLOSED", "GET", f"{bill}/preview", FINANCE)
    told = city.json("bill", "show", month)
    require(told["invoice_hash"] == frozen["invoice_hash"], "the command line shows another invoice")
    downloads(client, city, bill)
    payments(client, bill, frozen["totals"]["city"]["owed"])
    reconciliation(client, bill)
    findings = client.expect(200, None, "GET", f"{bill}/findings?limit=5", "health-office").json
    require(findings is not None, "findings")
    client.expect(400, "PARAMETER_INVALID", "GET", f"{bill}/findings?limit=x", "health-office")
    client.expect(200, None, "GET", f"{bill}?by-kecamatan=true", "health-office")
    client.expect(400, "PARAMETER_INVALID", "GET", f"{bill}?by-kecamatan=perhaps", "health-office")
    bills_for_others(client, bill, next_month(month))
    files_of_the_whole_city(client, bill, new_token(city, "finance", "367105"))


def bills_for_others(client, bill, open_month):
    """A line of a kecamatan may tell one person's wage."""
    for path in (bill, f"/v1/bills/{open_month}/preview"):
        client.expect(403, "ROLE_NOT_ALLOWED", "GET", f"{path}?by-kecamatan=true", "reader")
        client.expect(200, None, "GET", f"{path}?by-kecamatan=false", "reader")
        client.expect(403, "ROLE_NOT_ALLOWED", "GET", path, "kader")
    client.expect(403, "ROLE_NOT_ALLOWED", "GET", "/v1/bills", "kader")


def files_of_the_whole_city(client, bill, token):
    """Whole NIKs of everybody: not for an office of a kecamatan."""
    for path in ("roster.csv", "roster.xlsx", "differences"):
        client.expect(403, "REGION_OUTSIDE_AREA", "GET", f"{bill}/{path}", token=token)
    body = "nik,amount\n3671054107900001,37800\n"
    path = f"{bill}/reconciliation"
    client.expect(403, "REGION_OUTSIDE_AREA", "POST", path, token=token, body=body, type_=CSV)


def downloads(client, city, bill):
    spool = os.path.join(city.state, "gateway", "spool")
    kept = set(os.listdir(spool))
    roster = client.expect(200, None, "GET", f"{bill}/roster.csv", FINANCE)
    require(roster.body.count(b"\n") > 300, "the roster is short")
    sheet = client.expect(200, None, "GET", f"{bill}/roster.xlsx", FINANCE)
    require(sheet.body.startswith(b"PK"), "no spreadsheet")
    minutes = client.expect(
        200, None, "GET", f"{bill}/minutes.pdf?city-officer=A%20B&bpjs-officer=C", FINANCE
    )
    require(minutes.body.startswith(b"%PDF"), "no PDF")
    for answer in (roster, sheet, minutes):
        require(
            answer.headers.get("cache-control") == "no-store"
            and "attachment" in answer.headers.get("content-disposition", ""),
            f"{answer.headers}",
        )
    end = time.monotonic() + 5
    while (left := set(os.listdir(spool)) - kept) and time.monotonic() < end:
        time.sleep(0.05)
    require(not left, f"{left} outlive their downloads")


def payments(client, bill, owed):
    day = client.get("/v1/totals").json["day"]
    path = f"{bill}/payments"
    pay = {"amount": owed // 2, "sp2d": "00123/SP2D/LS/2026", "date": day}
    first = client.expect(200, None, "POST", path, FINANCE, body=pay).json
    again = client.expect(200, None, "POST", path, FINANCE, body=pay).json
    require(first["paid"] == again["paid"], "the same SP2D paid twice")
    (booked,) = again["payments"]
    require(booked["sp2d"] == pay["sp2d"] and booked["reverses"] is None, f"{booked}")
    client.expect(409, "SP2D_TAKEN", "POST", path, FINANCE, body={**pay, "amount": 1})
    client.expect(
        422, "PAYMENT_RANGE", "POST", path, FINANCE, body={**pay, "amount": owed * 9, "sp2d": "2/SP2D"}
    )
    client.expect(422, "SP2D_INVALID", "POST", path, FINANCE, body={**pay, "sp2d": "<b>"})
    for wrong in (
        {},
        {"amount": 1},
        {**pay, "amount": 0},
        {**pay, "amount": -5},
        {**pay, "amount": 1.5},
        {**pay, "amount": "1"},
        {**pay, "more": 1},
        {**pay, "date": "soon"},
        [],
        {**pay, "iuran": 1},
        {**pay, "sp2d": "9" * 61},
    ):
        answer = client.ask("POST", path, FINANCE, body=wrong, type_=JSON)
        require(answer.status in (400, 422), f"{wrong}: {answer.status}")
    client.expect(
        404,
        "BILL_MONTH_NOT_CLOSED",
        "POST",
        f"/v1/bills/{next_month(bill[-7:])}/payments",
        FINANCE,
        body={**pay, "sp2d": "3/SP2D"},
    )


def reconciliation(client, bill):
    job = upload(client, f"{bill}/reconciliation", FINANCE, "nik,amount\n3671054107900001,37800\n")
    require(job["state"] == "done", f"{job}")
    differences = client.expect(200, None, "GET", f"{bill}/differences", FINANCE)
    require(differences.json, "differences")
    file = client.expect(200, None, "GET", job["links"]["file"], FINANCE)
    require(b"," in file.body, "no file of differences")
    bad = upload(client, f"{bill}/reconciliation", FINANCE, "nonsense\n1\n")
    require(bad["state"] == "failed" and bad["problem"]["code"] == "CSV_INVALID", f"{bad}")


def test_the_budget_is_set_and_shown(client, _city):
    year = client.get("/v1/totals").json["day"][:4]
    path = f"/v1/budget/{year}"
    client.expect(200, None, "PUT", path, FINANCE, body={"iuran": 165000000000, "bantuan": 19000000000})
    shown = client.expect(200, None, "GET", path, "kader").json
    require("165000000000" in str(shown), f"{shown}")
    client.expect(200, None, "GET", f"{path}?layoffs=1000", "reader")
    for query in ("layoffs=-1", "layoffs=many", "layoffs=1e9"):
        client.expect(400, "PARAMETER_INVALID", "GET", f"{path}?{query}", "reader")
    for wrong in (
        {},
        {"iuran": 1},
        {"iuran": 0, "bantuan": 1},
        {"iuran": "1", "bantuan": 1},
        [],
        {"iuran": 1, "bantuan": 1, "more": 1},
        {"iuran": 1 << 62, "bantuan": 1},
    ):
        answer = client.ask("PUT", path, FINANCE, body=wrong, type_=JSON)
        require(answer.status in (400, 422), f"{wrong}: {answer.status}")


def test_grace_windows_and_workers(client, _city):
    month = client.get("/v1/totals").json["day"][:7]
    end = month
    for _ in range(7):
        end = next_month(end)
        shown = client.expect(200, None, "GET", f"/v1/grace?month={end}&limit=10", "bpjs").json
        require(shown["month"] == end, f"{shown}")
    client.expect(400, "PARAMETER_INVALID", "GET", "/v1/grace?limit=x", LABOUR)
    end_ = time.monotonic() + 20
    while time.monotonic() < end_:
        workers_ = client.expect(200, None, "GET", "/v1/billing/workers", "reader").json
        if workers_["workers"]:
            return
    require(False, f"no workers: {workers_}")
