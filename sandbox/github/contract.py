"""Holds every request and answer of the API to GitHub's own OpenAPI description.

The description (npm ``@octokit/openapi``, 13 MB) is read once; an operation's schemas are compiled
when it is first used. OpenAPI 3.0's ``nullable`` becomes JSON Schema's null type on the way.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs

#: Answers that GitHub may give to any request without listing them at each.
ANYWHERE = (401, 403, 404, 422, 429, 500, 502, 503)
_ERROR = {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}}
_SCHEMA_KEYS = ("properties", "patternProperties", "definitions")
_PLAIN_KEYS = (
    "type", "enum", "required", "pattern", "minimum", "maximum", "minLength", "maxLength",
    "minItems", "maxItems", "minProperties",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Violation:
    """``side`` is ``request`` or ``response``."""

    side: str
    method: str
    path: str
    operation: str
    where: str
    message: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


class Contract:
    """The description, its compiled parts, and what was found to break it."""

    def __init__(self, description: Path) -> None:
        self._file = description
        self._lock = threading.RLock()
        self._document: dict[str, Any] | None = None
        self._schemas: dict[str, Any] = {}
        self._compiled: dict[tuple[str, ...], Any] = {}
        self.violations: list[Violation] = []

    def load(self) -> None:
        """Read the description; later calls do nothing."""
        with self._lock:
            if self._document is None:
                self._document = json.loads(self._file.read_text(encoding="utf-8"))
                self._schemas = self._document["components"]["schemas"]

    def _operation(self, method: str, template: str) -> dict[str, Any] | None:
        self.load()
        if self._document is None:
            return None
        found = self._document["paths"].get(template, {}).get(method.lower())
        return found if isinstance(found, dict) else None

    def _deref(self, item: Any) -> Any:
        while isinstance(item, dict) and "$ref" in item:
            target: Any = self._document
            for part in item["$ref"].split("/")[1:]:
                target = target[part]
            item = target
        return item

    def _validator(self, key: tuple[str, ...], schema: Any) -> Any:
        with self._lock:
            if key not in self._compiled:
                needed: dict[str, Any] = {}
                top = self._convert(schema, needed)
                # A reference has no siblings in OpenAPI 3.0, so the parts go beside it.
                whole = {"allOf": [top], "$defs": needed}
                self._compiled[key] = jsonschema_rs.Draft202012Validator(
                    whole, validate_formats=False
                )
            return self._compiled[key]

    def _convert(self, schema: Any, needed: dict[str, Any]) -> Any:
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            if name not in needed:
                needed[name] = True  # marks it as begun: schemas refer to themselves
                needed[name] = self._convert(self._schemas[name], needed)
            return {"$ref": f"#/$defs/{name}"}
        result: dict[str, Any] = {}
        for key, value in schema.items():
            if key in _SCHEMA_KEYS:
                result[key] = {n: self._convert(v, needed) for n, v in value.items()}
            elif key in ("items", "additionalProperties", "not"):
                result[key] = self._convert(value, needed)
            elif key in ("allOf", "anyOf", "oneOf"):
                result[key] = [self._convert(part, needed) for part in value]
            elif key in _PLAIN_KEYS:
                result[key] = value
        return {"anyOf": [{"type": "null"}, result]} if schema.get("nullable") else result

    def request(
        self,
        method: str,
        template: str,
        path: str,
        query: Mapping[str, str],
        body: Any,
        has_body: bool,
    ) -> list[Violation]:
        """What is wrong with a request; recorded, too."""
        found: list[Violation] = []
        operation = self._operation(method, template)
        if operation is None:
            return self._add("request", method, path, "", [("path", "no such operation")])
        name = operation["operationId"]
        allowed = {}
        for raw in operation.get("parameters", []):
            parameter = self._deref(raw)
            if parameter["in"] == "query":
                allowed[parameter["name"]] = parameter.get("schema", {})
        wrong = [("query", f"unknown parameter {key}") for key in query if key not in allowed]
        for key, value in query.items():
            if key in allowed:
                wrong += self._errors(
                    (name, "query", key), allowed[key], _typed(self._deref(allowed[key]), value),
                    f"query {key}",
                )  # fmt: skip
        content = self._deref(operation.get("requestBody", {})).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        if has_body and schema is not None:
            wrong += self._errors((name, "body"), schema, body, "body")
        elif has_body and body not in (None, {}):
            wrong.append(("body", "this operation takes no body"))
        elif self._deref(operation.get("requestBody", {})).get("required") and not has_body:
            wrong.append(("body", "a body is required"))
        found += self._add("request", method, path, name, wrong)
        return found

    def response(
        self, method: str, template: str, path: str, status: int, body: Any
    ) -> list[Violation]:
        """What is wrong with an answer; recorded, too. ``body`` None means an empty one."""
        operation = self._operation(method, template)
        if operation is None:
            return []
        name = operation["operationId"]
        responses = operation["responses"]
        wrong: list[tuple[str, str]] = []
        if str(status) in responses:
            content = self._deref(responses[str(status)]).get("content", {})
            schema = content.get("application/json", {}).get("schema")
            if schema is not None and not isinstance(body, (str, bytes)):
                wrong = self._errors((name, str(status)), schema, body, "body")
            elif schema is None and body is not None and status < 400:
                wrong = [("body", "this answer has no body")]
        elif status in ANYWHERE:
            wrong = self._errors(("error",), _ERROR, body, "body")
        else:
            wrong = [("status", f"{status} is not documented")]
        return self._add("response", method, path, name, wrong)

    def _errors(
        self, key: tuple[str, ...], schema: Any, value: Any, where: str
    ) -> list[tuple[str, str]]:
        validator = self._validator(key, schema)
        if validator.is_valid(value):
            return []
        found = []
        for error in validator.iter_errors(value):
            at = "/".join(str(part) for part in error.instance_path)
            found.append((f"{where} {at}".strip(), str(error.message)[:500]))
        return found

    def _add(
        self, side: str, method: str, path: str, name: str, wrong: list[tuple[str, str]]
    ) -> list[Violation]:
        found = [Violation(side, method, path, name, *pair) for pair in wrong]
        self.violations += found
        return found


def _typed(schema: Mapping[str, Any], value: str) -> Any:
    if schema.get("type") == "integer" and value.lstrip("-").isdigit():
        return int(value)
    if schema.get("type") == "boolean" and value in ("true", "false"):
        return value == "true"
    if schema.get("type") == "array":
        return value.split(",")
    return value
