"""contract.py - proto/openapi.json as a judge of real answers: is this status documented here, has the
body the schema's form with no field that the document does not know, are the headers there; and what
was exercised so far.
"""
import json
import re

from jsonschema import Draft202012Validator, FormatChecker

SECURE_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}
NIK = re.compile(r"(?<!\d)3671\d{12}(?!\d)")
METHODS = ("get", "post", "put", "delete")
# Bodies of these types are held against their schemas; of others the type is all.
JSON_TYPES = ("application/json", "application/problem+json")


def closed(schema):
    """The schema with every object that lists its fields closed: fields may be added, but not untold."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: closed(value) for name, value in schema.items()}
    if (
        isinstance(schema.get("properties"), dict)
        and "additionalProperties" not in schema
        and "allOf" not in schema
    ):
        made["additionalProperties"] = False
    return made


class Contract:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.document = json.load(file)
        self.paths = self.document["paths"]
        self.components = {"schemas": closed(self.document["components"]["schemas"])}
        self.patterns = [
            (re.compile("^" + re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(path)) + "$"), path)
            for path in self.paths
        ]
        self.seen = {}
        self.statuses_of_codes = self._statuses_of_codes()

    def _statuses_of_codes(self):
        """{"BUSY": 503, ...} from the description of Problem.code, "400: A, B; 401: C"."""
        text = self.document["components"]["schemas"]["Problem"]["properties"]["code"]["description"]
        found = {}
        for part in text.split(";"):
            status, codes = part.split(":")
            found.update({code.strip(): int(status) for code in codes.split(",")})
        return found

    def operations(self):
        for path, item in self.paths.items():
            for method in METHODS:
                if method in item:
                    yield method.upper(), path, item[method]

    def template(self, path):
        """The path of the document that this one is an example of; one without braces goes first."""
        found = [template for pattern, template in self.patterns if pattern.match(path)]
        return min(found, key=lambda template: template.count("{")) if found else None

    def resolve(self, node):
        while "$ref" in node:
            at = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                at = at[part]
            node = at
        return node

    def schema_faults(self, schema, body):
        whole = {**closed(schema), "components": self.components}
        validator = Draft202012Validator(whole, format_checker=FormatChecker())
        return [
            f"{'/'.join(map(str, error.path)) or 'body'}: {error.message[:160]}"
            for error in sorted(validator.iter_errors(body), key=lambda error: str(error.path))
        ][:3]

    def problem_faults(self, answer, body):
        faults = []
        if body.get("status") != answer.status:
            faults.append(f"problem's status {body.get('status')}")
        if body.get("type") != f"/v1/problems#{body.get('code')}":
            faults.append(f"problem's type {body.get('type')}")
        expected = self.statuses_of_codes.get(body.get("code"))
        if expected != answer.status:
            faults.append(f"{body.get('code')} is documented with {expected}")
        if not body.get("detail"):
            faults.append("no sentence")
        if NIK.search(json.dumps(body)):
            faults.append("a whole NIK")
        return faults

    def documented_faults(self, method, template, answer):
        """Of an answer to an operation of the document: its status, media type, headers and body."""
        operation = self.paths[template].get("get" if method == "HEAD" else method.lower())
        if operation is None:
            return (
                []
                if answer.status in (405, 431, 414, 429)
                else [f"status {answer.status} for a method unknown"]
            )
        response = operation["responses"].get(str(answer.status))
        if response is None:
            return [f"status {answer.status} is not documented"]
        self.seen.setdefault((method, template), set()).add(answer.status)
        response = self.resolve(response)
        faults = [
            f"no header {name}" for name in response.get("headers", {}) if name.lower() not in answer.headers
        ]
        content = response.get("content", {})
        if not content or method == "HEAD":
            return faults + ([f"a body with status {answer.status}"] if answer.body else [])
        if answer.type not in content:
            return faults + [f"media type {answer.type}, documented {list(content)}"]
        if answer.type in JSON_TYPES:
            faults += self.schema_faults(content[answer.type].get("schema", {}), answer.json)
        return faults

    def faults(self, method, path, answer):
        """Everything that is wrong with an answer, as sentences."""
        template = self.template(path.split("?")[0])
        faults = [
            f"header {name} is {answer.headers.get(name)}"
            for name, value in SECURE_HEADERS.items()
            if answer.headers.get(name) != value
        ]
        policy = answer.headers.get("content-security-policy", "")
        if "default-src 'self'" not in policy or "unsafe" in policy:
            faults.append(f"Content-Security-Policy is {policy!r}")
        if template:
            faults += self.documented_faults(method, template, answer)
        if answer.status >= 400 and method != "HEAD":
            if answer.type != "application/problem+json":
                return faults + [f"a problem as {answer.type}"]
            faults += self.problem_faults(answer, answer.json)
        return faults

    def uncovered(self, unreachable):
        """Documented (method, path, status) never seen, but those that `unreachable` gives a reason for; and
        how many there are in all."""
        missing, whole = [], 0
        for method, path, operation in self.operations():
            for status in map(int, operation["responses"]):
                whole += 1
                if status not in self.seen.get((method, path), set()) and not unreachable(
                    method, path, status
                ):
                    missing.append(f"{method} {path} {status}")
        return missing, whole
