"""main.py - runs the cases_*.py beside it against the city that tests/api/run started, and says "ok NAME" or
"not ok NAME: why" per test; at the end, what of the document was exercised.
"""
import concurrent.futures
import glob
import importlib
import os
import sys
import time
import traceback
from urllib.parse import urlsplit

from client import City, Client, Failed
from contract import Contract
from unreachable import unreachable

HERE = os.path.dirname(os.path.abspath(__file__))
# What it does to others is seen last; who stops services comes behind those who need them.
ORDER = ("totals", "form", "people", "stream", "offices", "hostile")


def modules():
    names = [os.path.basename(path)[6:-3] for path in glob.glob(os.path.join(HERE, "cases_*.py"))]
    for name in sorted(names, key=lambda each: (ORDER.index(each) if each in ORDER else len(ORDER), each)):
        yield importlib.import_module(f"cases_{name}")


def tests(wanted):
    """(name, function, whether it runs beside the others)."""
    for module in modules():
        for name, function in vars(module).items():
            if name.startswith("test_") and (not wanted or name.removeprefix("test_") in wanted):
                yield name.removeprefix("test_"), function, function in getattr(module, "BESIDE", ())


def run_test(name, function, client, city):
    started = time.monotonic()
    client.faults.clear()
    try:
        function(client, city)
        reason = ""
    except Failed as failed:
        reason = str(failed)
    except Exception as error:  # whatever a test trips over is its failure, and the others go on
        traceback.print_exc(file=sys.stdout)
        reason = f"{type(error).__name__}: {error}"
    if client.faults:
        found = sorted(set(client.faults))
        reason = reason or f"{len(found)} answers are not as documented: " + "; ".join(found[:6])
        for fault in found[:60]:
            print(f"    {fault}")
    took = f"({time.monotonic() - started:.1f} s)"
    print(
        f"ok {name} {took}" if not reason else f"not ok {name}: {' '.join(reason.split())[:1500]} {took}",
        flush=True,
    )
    return not reason


def coverage(contract):
    missing, whole = contract.uncovered(unreachable)
    reasons = [
        (method, path, status)
        for method, path, operation in contract.operations()
        for status in map(int, operation["responses"])
        if unreachable(method, path, status) and status not in contract.seen.get((method, path), set())
    ]
    print(
        f"documented answers: {whole}; seen {whole - len(missing) - len(reasons)}, "
        f"not reachable {len(reasons)} (unreachable.py has the reasons), missing {len(missing)}"
    )
    for each in missing:
        print(f"    {each}")
    print(
        "ok every_documented_answer"
        if not missing
        else f"not ok every_documented_answer: {len(missing)} never seen, the first: {', '.join(missing[:8])}"
    )
    return not missing


def main():
    wanted = sys.argv[1:]
    city = City()
    contract = Contract(os.path.join(HERE, "../../proto/openapi.json"))
    client = Client(urlsplit(os.environ["CAKUPAN_URL"]).port, contract, city.tokens)
    found = list(tests(wanted))
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        beside = [
            pool.submit(run_test, name, function, Client(client.port, contract, city.tokens), city)
            for name, function, runs_beside in found
            if runs_beside
        ]
        results = [
            run_test(name, function, client, city) for name, function, runs_beside in found if not runs_beside
        ]
        results += [each.result() for each in beside]
    if not wanted:
        results.append(coverage(contract))
    return 0 if results and all(results) else 1


sys.exit(main())
