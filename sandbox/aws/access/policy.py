"""Evaluate IAM policies: statements against an action on a resource by a principal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from sandbox.aws.access.conditions import Keys, arn_like, holds, substitute, wildcard
from sandbox.aws.access.unscoped import unscoped

Document = Mapping[str, Any]


class Verdict(Enum):
    """What a set of policies says about a request."""

    ALLOW = "allow"
    DENY = "explicit deny"
    NONE = "implicit deny"


@dataclass(frozen=True, slots=True)
class Query:
    """One question to IAM: may ``principals`` do ``action`` on ``resource``?

    ``principals`` holds every name the caller answers to (``AWS:arn…``, ``Service:…``,
    ``Federated:…``); only resource policies and trust policies look at it.
    """

    action: str
    resource: str
    keys: Keys
    principals: tuple[str, ...] = ()


def parse(document: str | Document) -> Document:
    """A policy document, given as text (maybe URL-encoded, as IAM stores it) or parsed."""
    return _parse_text(document) if isinstance(document, str) else document


@lru_cache(maxsize=4096)
def _parse_text(text: str) -> Document:
    parsed = json.loads(text if text.lstrip().startswith("{") else unquote(text))
    return parsed if isinstance(parsed, dict) else {}


def evaluate(documents: Iterable[str | Document], query: Query) -> Verdict:
    """The verdict of identity policies: an explicit deny wins, then an allow, else nothing."""
    if query.action.lower() in unscoped():
        query = replace(query, resource="*")  # which no ARN in a statement is
    return _verdict(documents, query, resource_policy=False)


def evaluate_resource_policy(document: str | Document, query: Query) -> Verdict:
    """The verdict of a resource policy or trust policy, which names principals."""
    return _verdict([document], query, resource_policy=True)


def _verdict(
    documents: Iterable[str | Document], query: Query, *, resource_policy: bool
) -> Verdict:
    verdict = Verdict.NONE
    for document in documents:
        for statement in _list(parse(document).get("Statement")):
            if not _applies(statement, query, resource_policy=resource_policy):
                continue
            if statement.get("Effect") == "Deny":
                return Verdict.DENY
            if statement.get("Effect") == "Allow":
                verdict = Verdict.ALLOW
    return verdict


def _applies(statement: Document, query: Query, *, resource_policy: bool) -> bool:
    return (
        _matches_action(statement, query.action)
        and _matches_resource(statement, query)
        and (not resource_policy or _matches_principal(statement, query.principals))
        and holds(statement.get("Condition", {}), query.keys)
    )


def _matches_action(statement: Document, action: str) -> bool:
    wanted = action.lower()
    if "NotAction" in statement:
        return not any(wildcard(p.lower(), wanted) for p in _list(statement["NotAction"]))
    return any(wildcard(p.lower(), wanted) for p in _list(statement.get("Action")))


def _matches_resource(statement: Document, query: Query) -> bool:
    if "NotResource" in statement:
        return not any(_same(p, query) for p in _list(statement["NotResource"]))
    if "Resource" not in statement:
        return True  # trust policies have none: they are about the role they belong to
    return any(_same(p, query) for p in _list(statement["Resource"]))


def _same(pattern: str, query: Query) -> bool:
    filled = substitute(pattern, query.keys)
    return filled == "*" or arn_like(filled, query.resource)


def _matches_principal(statement: Document, names: Sequence[str]) -> bool:
    if "NotPrincipal" in statement:
        return not _names_match(statement["NotPrincipal"], names)
    return "Principal" in statement and _names_match(statement["Principal"], names)


def _names_match(element: Any, names: Sequence[str]) -> bool:
    if element == "*":
        return True
    wanted = {f"{kind}:{name}" for kind, value in element.items() for name in _list(value)}
    return "AWS:*" in wanted or not wanted.isdisjoint(names)


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
