"""Reading IAM policies: identity, trust and resource policies have the same statements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from support import Unknown, is_unknown, values


def statements(policy: dict[str, Any], effect: str) -> list[dict[str, Any]]:
    """The statements of a policy with this effect."""
    found = [item for item in values(policy, "Statement") if isinstance(item, dict)]
    return [item for item in found if item.get("Effect", "Allow") == effect]


def actions(statement: dict[str, Any]) -> list[str]:
    """The actions of a statement; raises Unknown when one is not known."""
    found = [str(action) for action in values(statement, "Action")]
    if any(is_unknown(action) for action in found):
        raise Unknown("Action")
    return found


def principals(statement: dict[str, Any], kind: str) -> list[str]:
    """The principals of a kind (``Service``, ``AWS``, ``Federated``); ``*`` stands for all."""
    found = []
    for principal in values(statement, "Principal"):
        found += values(principal, kind) if isinstance(principal, dict) else [principal]
    return [str(principal) for principal in found]


def conditions(statement: dict[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """(operator, key in lower case, values) of a statement's condition."""
    for block in values(statement, "Condition"):
        for operator, tests in block.items() if isinstance(block, dict) else ():
            for test in values({"test": tests}, "test"):
                for key in test if isinstance(test, dict) else ():
                    yield operator, key.lower(), [str(value) for value in values(test, key)]


def tls_only(policy: dict[str, Any]) -> bool:
    """Whether a resource policy refuses everybody who does not come over TLS."""
    for statement in statements(policy, "Deny"):
        if "*" not in principals(statement, "AWS"):
            continue
        for operator, key, given in conditions(statement):
            if (operator, key) == ("Bool", "aws:securetransport"):
                if any(is_unknown(value) for value in given):
                    raise Unknown(key)
                if [value.lower() for value in given] == ["false"]:
                    return True
    return False
