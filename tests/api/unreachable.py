"""unreachable.py - documented answers that a test can't bring about, each with its reason."""

REASONS = {
    (
        "POST",
        "/v1/events",
        422,
    ): "each event's refusal is an outcome of its own; no whole batch has one today",
    ("GET", "/v1/totals", 409): "no two kelurahan of this city have one name; totals_handler.c has two",
    ("GET", "/v1/history", 409): "no two kelurahan of this city have one name; totals_handler.c has two",
    ("GET", "/v1/session", 403): "every role has a session",
    ("POST", "/v1/bills/{month}/close", 409): "the job tells it, as its problem",
    ("GET", "/v1/bills/{month}/preview", 404): "PATH_UNKNOWN is the answer to another path",
    ("POST", "/v1/bills/{month}/close", 404): "PATH_UNKNOWN is the answer to another path",
    ("GET", "/v1/bills/{month}/findings", 404): "PATH_UNKNOWN is the answer to another path",
    ("POST", "/v1/bills/{month}/reconciliation", 404): "PATH_UNKNOWN is the answer to another path",
    ("GET", "/v1/budget/{year}", 404): "PATH_UNKNOWN is the answer to another path",
    ("PUT", "/v1/budget/{year}", 404): "PATH_UNKNOWN is the answer to another path",
}


def unreachable(method, path, status):
    """The reason, or None: then a test must have seen it."""
    if (method, path, status) in REASONS:
        return REASONS[method, path, status]
    if status == 404 and "{" not in path and path != "/v1/totals":
        return "PATH_UNKNOWN is the answer to another path"
    if status == 504:
        return "a child that hangs for half a minute: children_that_hang_are_ended sees it of some"
    if status == 500:
        return "a mistake of ours; none is known here"
    return None
