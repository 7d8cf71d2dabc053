"""Which workflows an event starts: types, branch, tag and path filters, dispatch inputs.

Sources: docs.github.com, "Events that trigger workflows", and "Workflow syntax", sections
"on.<event_name>.types", "…branches", "…paths", "on.workflow_dispatch.inputs" and "Filter pattern
cheat sheet".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sandbox.actions.expr import Value
from sandbox.actions.workflow import WorkflowSpec

#: Activity types that start a workflow which names none.
DEFAULT_TYPES = {"pull_request": ("opened", "synchronize", "reopened")}


def pattern_matches(pattern: str, name: str) -> bool:
    """One filter pattern: ``*`` stops at a slash, ``**`` does not; ``?``, ``+``, ``[]`` repeat."""
    out = ""
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if pattern.startswith("**/", at):
            out, at = out + "(?:.*/)?", at + 3
        elif pattern.startswith("**", at):
            out, at = out + ".*", at + 2
        elif char == "*":
            out, at = out + "[^/]*", at + 1
        elif char in "?+":
            out, at = out + char, at + 1
        elif char == "[" and "]" in pattern[at:]:
            end = pattern.index("]", at)
            out, at = out + pattern[at : end + 1], end + 1
        elif char == "\\" and at + 1 < len(pattern):
            out, at = out + re.escape(pattern[at + 1]), at + 2
        else:
            out, at = out + re.escape(char), at + 1
    return re.fullmatch(out, name) is not None


def selected(patterns: Sequence[str], name: str) -> bool:
    """Patterns in order; one with ``!`` takes back what an earlier one chose."""
    chosen = False
    for pattern in patterns:
        if pattern.startswith("!"):
            chosen = chosen and not pattern_matches(pattern[1:], name)
        else:
            chosen = chosen or pattern_matches(pattern, name)
    return chosen


def triggered(
    spec: WorkflowSpec,
    event: str,
    payload: Mapping[str, Any],
    ref: str,
    changed: Callable[[], Sequence[str]],
) -> bool:
    """Whether an event starts a workflow. ``changed`` is asked only for a path filter."""
    if event not in spec.on:
        return False
    rules = spec.on[event]
    if event == "workflow_dispatch":
        return bool(payload.get("workflow") == spec.path)
    if event == "schedule":
        crons = [entry["cron"] for entry in rules.get("list", [])]
        return not payload.get("schedule") or payload["schedule"] in crons
    types = rules.get("types") or DEFAULT_TYPES.get(event)
    if types and payload.get("action") not in ([types] if isinstance(types, str) else types):
        return False
    if event == "push" and "[skip ci]" in str((payload.get("head_commit") or {}).get("message")):
        return False
    return _ref_allowed(rules, event, payload, ref) and _paths_allowed(rules, ref, changed)


def _ref_allowed(
    rules: Mapping[str, Any], event: str, payload: Mapping[str, Any], ref: str
) -> bool:
    if event == "pull_request":
        kind, name = "branches", str(payload["pull_request"]["base"]["ref"])
    elif event == "merge_group":
        base = str(payload["merge_group"]["base_ref"])
        kind, name = "branches", base.removeprefix("refs/heads/")
    else:
        kind = "tags" if ref.startswith("refs/tags/") else "branches"
        name = ref.removeprefix("refs/tags/").removeprefix("refs/heads/")
    if kind in rules:
        return selected(rules[kind], name)
    if f"{kind}-ignore" in rules:
        return not selected(rules[f"{kind}-ignore"], name)
    # A filter for the other kind of ref alone leaves this kind out.
    other = "branches" if kind == "tags" else "tags"
    return other not in rules and f"{other}-ignore" not in rules


def _paths_allowed(
    rules: Mapping[str, Any], ref: str, changed: Callable[[], Sequence[str]]
) -> bool:
    if ref.startswith("refs/tags/"):  # "Path filters are not evaluated for pushes of tags."
        return True
    if "paths" in rules:
        return any(selected(rules["paths"], path) for path in changed())
    if "paths-ignore" in rules:
        return any(not selected(rules["paths-ignore"], path) for path in changed())
    return True


def read_inputs(
    declared: Mapping[str, Any], given: Mapping[str, Any], *, typed: bool
) -> dict[str, Value]:
    """Check inputs against their declaration and fill in defaults.

    ``typed``: a caller hands typed values (``workflow_call``); else texts (``workflow_dispatch``).
    Raises ``ValueError`` with a sentence.
    """
    if unknown := set(given) - set(declared):
        raise ValueError(f"Unexpected inputs provided: {sorted(unknown)}")
    values: dict[str, Value] = {}
    for name, rule in declared.items():
        rule = rule or {}
        kind = rule.get("type", "string")
        value = given.get(name, rule.get("default"))
        if value is None or value == "":
            if rule.get("required"):
                raise ValueError(f"Required input '{name}' not provided")
            if value is None:
                value = {"boolean": False, "number": 0}.get(kind, "")
        values[name] = _input(name, kind, value, rule.get("options"), typed)
    return values


def _input(name: str, kind: str, value: Any, options: Any, typed: bool) -> Value:
    if kind == "boolean":
        if value in (True, "true"):
            return True
        if value in (False, "false"):
            return False
        raise ValueError(f"Input '{name}' must be a boolean, not {value!r}")
    if kind == "number":
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise ValueError(f"Input '{name}' must be a number, not {value!r}") from None
        return int(number) if number.is_integer() else number
    if kind == "choice" and value not in (options or []):
        raise ValueError(f"Input '{name}' must be one of {options}, not {value!r}")
    if typed and not isinstance(value, str):
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (int, float)):
            return str(value)
        raise ValueError(f"Input '{name}' must be a string")
    return str(value)
