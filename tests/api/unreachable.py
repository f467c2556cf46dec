"""unreachable.py - documented answers that a test can't bring about, each with its reason."""

CHILDLESS_503 = ("/healthz", "/v1/openapi.json", "/v1/problems", "/v1/regions", "/v1/codes", "/metrics")


def unreachable(method, path, status):
    """The reason, or None: then a test must have seen it."""
    del method
    if status == 404 and "{" not in path and path != "/v1/totals":
        return "PATH_UNKNOWN is the answer to another path"
    if status == 500:
        return "a mistake of ours; none is known here"
    if status == 503 and path in CHILDLESS_503:
        return "STOPPING, in the milliseconds in which the gateway ends"
    return None
