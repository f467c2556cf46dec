#!/usr/bin/env python3
"""offices.py - the offices over HTTP against a running city: layoffs twice and between kills, a close, its
files, a reconciliation, payments. Run by tests/e2e/offices.sh.

usage: offices.py CAKUPAN STATE URL. Says what is wrong and exits with 1.
"""
import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

cakupan, state, url = sys.argv[1:4]
PEOPLE = 600


def check(holds, *what):
    if not holds:
        print(*what, file=sys.stderr)
        sys.exit(1)


def token(role, area="3671"):
    command = [cakupan, "device", "add", "--state", state, "--name", "E2E " + role, "--role", role, "--area",
               area, "--token", "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["token"]


def ask(who, method, path, body=None, kind="application/json"):
    """The status and the body: JSON as values, else bytes."""
    headers = {"Authorization": "Bearer " + who, "Accept-Language": "en"}
    if body is not None:
        headers["Content-Type"] = kind
    request = urllib.request.Request(url + path, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            status, kind, content = answer.status, answer.headers["Content-Type"], answer.read()
    except urllib.error.HTTPError as error:
        status, kind, content = error.code, error.headers["Content-Type"], error.read()
    return status, json.loads(content) if "json" in kind else content


def job_done(who, path, body=None):
    status, job = ask(who, "POST", path, body, "text/csv")
    check(status == 202, path, status, job)
    while job["state"] in ("queued", "running"):
        status, job = ask(who, "GET", job["links"]["self"] + "?wait-ms=5000")
        check(status == 200, path, status, job)
    return job


def upload(who, body, dry_run=False):
    job = job_done(who, "/v1/layoffs" + ("?dry-run=true" if dry_run else ""), body)
    check(job["state"] == "done", "layoffs:", job)
    result = job["result"]
    return job, (result["laid_off"], result["unchanged"], result["refused"])


def accepted(first, *events):
    body = json.dumps({"first_sequence": first, "events": events}).encode()
    status, answer = ask(bpjs, "POST", "/v1/events", body)
    check(status == 200 and all(one["outcome"] == "accepted" for one in answer["outcomes"]), status,
          str(answer)[:600])


def gateway_pid():
    try:
        with open(state + "/run/gateway.ready", encoding="ascii") as ready:
            return int(ready.readline().removeprefix("pid="))
    except (FileNotFoundError, ValueError):
        return 0


def children_of(pid):
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % name, encoding="utf-8") as stat:
                fields = stat.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(name))
    return found


def running(pid):
    """Whether a program runs there: what ended and was not fetched yet is none."""
    try:
        return os.readlink("/proc/%d/exe" % pid) == os.path.realpath(cakupan)
    except OSError:
        return False


def answers():
    try:
        return ask(labour, "GET", "/v1/jobs")[0] == 200
    except OSError:
        return False


def gateway_killed():
    """kill -9 in the middle of a job: its child ends, the job is lost, the spool is empty."""
    path = "/v1/bills/2026-11/reconciliation"
    rows = b"".join(b"36710501017%05d,37800\n" % (i % 100000) for i in range(400000))
    status, job = ask(finance, "POST", path, b"nik,amount\n" + rows, "text/csv")
    check(status == 202, path, status, job)
    gateway, deadline = gateway_pid(), time.time() + 10
    while not (children := children_of(gateway)) and time.time() < deadline:
        time.sleep(0.005)
    check(children, "the reconciliation runs as a child")
    os.kill(gateway, signal.SIGKILL)
    deadline = time.time() + 30
    while (gateway_pid() in (0, gateway) or not answers()) and time.time() < deadline:
        time.sleep(0.05)
    left = [pid for pid in children if running(pid)]
    check(not left, "children outlive their gateway:", left)
    check(os.listdir(state + "/gateway/spool") == [], "the spool is not empty")
    status, problem = ask(finance, "GET", job["links"]["self"])
    check((status, problem["code"]) == (404, "JOB_LOST"), status, problem)


labour, finance, bpjs, reader = token("labour-office"), token("finance"), token("bpjs"), token("reader")

niks = ["367105%02d%02d80%04d" % (1 + i % 28, 1 + i // 28 % 12, 7000 + i // 336) for i in range(PEOPLE)]
events = [{"kind": "ENROL", "nik": nik, "captured_at_ms": 1795100000000, "author": "e2e",
           "kk": "36710501011" + nik[-5:], "name": "=Pekerja", "birth_date": "1980-%s-%s" % (nik[8:10], nik[6:8]),
           "sex": "male",
           "kelurahan": "3671051004", "segment": "PPU_BU", "care_class": 2, "employer": 777,
           "wage_rupiah": 5000000} for nik in niks]
accepted(1, *events)

# A mother whom the city pays for, and her child, who has no NIK yet.
mother, child, temporary = "3671055210900001", "3671051010260001", str(1 << 32 | 7)
told = {"captured_at_ms": 1795100000000, "author": "e2e"}
accepted(PEOPLE + 1,
         dict(events[0], nik=mother, kk="3671050101120001", birth_date="1990-10-12", sex="female",
              segment="PBPU_PEMDA", care_class=3, employer=0, wage_rupiah=0, local_card=True),
         dict(told, kind="BIRTH", temporary_id=temporary, other_nik=mother, birth_date="2026-10-10",
              sex="male", name="Bayi"))

# Layoffs: dry run, sent, sent again, with rows to correct.
good = "".join("%s,777,2026-11-12,agreement,no,=Budi\n" % nik for nik in niks)
bad = "367105,777,2026-11-12,agreement,no,=cmd()\n" + niks[0] + ",777,12/11/2026,agreement,no,Ani\n"
body = ("nik,employer,date,proof,dispute,name\n" + bad + good).encode()
check(upload(labour, body, dry_run=True)[1] == (PEOPLE, 0, 2), "dry run")
job, counts = upload(labour, body)
check(counts == (PEOPLE, 0, 2), "sent", counts)
status, refused = ask(labour, "GET", job["links"]["file"])
rows = list(csv.DictReader(io.StringIO(refused.decode())))
check([row["code"] for row in rows] == ["NIK_LENGTH", "DATE_INVALID"] and rows[0]["name"] == "'=cmd()" and
      rows[1]["nik"] == niks[0], refused)
status, whole = ask(labour, "GET", job["links"]["result"])
check((len(whole["rows"]), len(job["result"]["rows"])) == (PEOPLE + 2, 2), "the result has every row")
check(upload(labour, body)[1] == (0, PEOPLE, 2), "the same file again changes nothing")
check(ask(finance, "GET", job["links"]["self"])[1]["code"] == "JOB_UNKNOWN", "another device's job")
check(ask(reader, "POST", "/v1/layoffs", body, "text/csv")[0] == 403, "a reader sends no layoffs")
with ThreadPoolExecutor(64) as pool:
    statuses = list(pool.map(lambda _: ask(labour, "POST", "/v1/layoffs", body, "text/csv"), range(64)))
check(all(status == 202 or answer["code"] == "JOBS_FULL" for status, answer in statuses), "64 at once")

# A month: preview, close (twice the same), files, payment, budget.
check(ask(finance, "POST", "/v1/bills/2026-12/close")[0] == 202, "a close is a job")
closed = job_done(finance, "/v1/bills/2026-12/close")
check(closed["problem"]["code"] == "BILL_MONTH_NOT_OPEN", closed["problem"])
preview = ask(reader, "GET", "/v1/bills/2026-11/preview")[1]
first, again = (job_done(finance, "/v1/bills/2026-11/close")["result"] for _ in range(2))
check(first == again and first["totals"] == preview["totals"], "preview, close and close again")
status, roster = ask(finance, "GET", "/v1/bills/2026-11/roster.csv")
people = list(csv.DictReader(io.StringIO(roster.decode())))
check(sum(int(row["amount"]) for row in people) == first["totals"]["city"]["owed"], "the roster adds up")
check(ask(finance, "GET", "/v1/bills/2026-11/roster.xlsx")[1][:2] == b"PK", "a workbook")
check(ask(finance, "GET", "/v1/bills/2026-11/minutes.pdf")[1][:5] == b"%PDF-", "minutes")
check(ask(reader, "GET", "/v1/bills/2026-11/roster.csv")[0] == 403, "a reader gets no NIKs")
payment = json.dumps({"amount": 1000, "sp2d": "1/LS", "date": "2026-11-20"}).encode()
paid = [ask(finance, "POST", "/v1/bills/2026-11/payments", payment) for _ in range(2)]
check(paid[0] == paid[1] and paid[0][1]["paid"]["iuran"] == 1000, paid)
bills = ask(reader, "GET", "/v1/bills")[1]
check([one["paid"] for one in bills["bills"]] == [1000] and bills["open_month"] == "2026-12", bills)
budget = ask(finance, "PUT", "/v1/budget/2026", b'{"iuran":5000000000,"bantuan":600000000}')[1]
check(budget["lines"]["both"]["ceiling"] == 5600000000, budget)
plain, more = (ask(reader, "GET", "/v1/budget/2027" + what)[1] for what in ("", "?layoffs=1000"))
check(more["lines"]["both"]["forecast"] > plain["lines"]["both"]["forecast"], "what if", plain, more)

# BPJS's list: what was left out and what was doubled is found, and the child, who got a NIK since.
accepted(PEOPLE + 3, dict(told, kind="CORRECT_IDENTITY", temporary_id=temporary, other_nik=child))
born = [row for row in people if row["nik"] == "T-1-7"]
check(len(born) == 1, "the roster says the child's temporary id", [row["nik"] for row in people][-3:])
lines = ["%s,%s" % (row["nik"], row["amount"]) for row in people if row not in born]
lines += ["%s,%s" % (child, row["amount"]) for row in born]
listed = "\n".join(["nik,amount"] + lines[3:] + lines[5:6]) + "\n"
result = job_done(finance, "/v1/bills/2026-11/reconciliation", listed.encode())["result"]
found = {kind: one["rows"] for kind, one in result["differences"].items() if one["rows"]}
check(found == {"ONLY_OURS": 3, "TWICE": 1}, found)
check(ask(finance, "GET", "/v1/bills/2026-11/differences")[1] == result, "differences")

gateway_killed()
check(upload(labour, body)[1] == (0, PEOPLE, 2), "after the kill it goes on")
with open(state + "/log/gateway.log", encoding="utf-8") as log:
    text = log.read()
check(not any(nik in text for nik in niks + [mother, child]) and "cak_" not in text, "a NIK or a token in the log")
