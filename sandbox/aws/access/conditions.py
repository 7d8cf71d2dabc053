"""IAM condition operators.

"IAM JSON policy elements: Condition operators" in the IAM User Guide: string, numeric, date,
Boolean, IP address, ARN and Null operators, the suffix ``IfExists`` and the set prefixes
``ForAllValues:`` and ``ForAnyValue:``. Keys compare without regard to case.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

#: Values of condition keys in a request; names in lower case, one or many values each.
Keys = Mapping[str, Sequence[str]]
Compare = Callable[[str, str], bool]


def wildcard(pattern: str, value: str) -> bool:
    """Match ``*`` (any characters) and ``?`` (one character), as in Action and StringLike."""
    return _expression(pattern).fullmatch(value) is not None


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    parts = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.compile("".join(parts), re.DOTALL)


def arn_like(pattern: str, value: str) -> bool:
    """ArnLike: "Each of the six colon-delimited components of the ARN is checked separately"."""
    wanted, given = pattern.split(":", 5), value.split(":", 5)
    if len(wanted) != 6 or len(given) != 6:
        return pattern == "*" or pattern == value
    return all(wildcard(w, g) for w, g in zip(wanted, given, strict=True))


def _date(value: str) -> datetime:
    if value.isdigit():
        return datetime.fromtimestamp(int(value), UTC)
    parsed = datetime.fromisoformat(value.replace("Z", "+00:00"))
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _address(wanted: str, given: str) -> bool:
    return ipaddress.ip_address(given) in ipaddress.ip_network(wanted, strict=False)


#: operator -> (comparison of the policy's value with the request's, is it a negation)
_OPERATORS: dict[str, tuple[Compare, bool]] = {
    "stringequals": (lambda w, g: w == g, False),
    "stringnotequals": (lambda w, g: w == g, True),
    "stringequalsignorecase": (lambda w, g: w.lower() == g.lower(), False),
    "stringnotequalsignorecase": (lambda w, g: w.lower() == g.lower(), True),
    "stringlike": (wildcard, False),
    "stringnotlike": (wildcard, True),
    "arnequals": (arn_like, False),
    "arnlike": (arn_like, False),
    "arnnotequals": (arn_like, True),
    "arnnotlike": (arn_like, True),
    "bool": (lambda w, g: w.lower() == g.lower(), False),
    "numericequals": (lambda w, g: float(g) == float(w), False),
    "numericnotequals": (lambda w, g: float(g) == float(w), True),
    "numericlessthan": (lambda w, g: float(g) < float(w), False),
    "numericlessthanequals": (lambda w, g: float(g) <= float(w), False),
    "numericgreaterthan": (lambda w, g: float(g) > float(w), False),
    "numericgreaterthanequals": (lambda w, g: float(g) >= float(w), False),
    "dateequals": (lambda w, g: _date(g) == _date(w), False),
    "datenotequals": (lambda w, g: _date(g) == _date(w), True),
    "datelessthan": (lambda w, g: _date(g) < _date(w), False),
    "datelessthanequals": (lambda w, g: _date(g) <= _date(w), False),
    "dategreaterthan": (lambda w, g: _date(g) > _date(w), False),
    "dategreaterthanequals": (lambda w, g: _date(g) >= _date(w), False),
    "ipaddress": (_address, False),
    "notipaddress": (_address, True),
}


def holds(condition: Mapping[str, Mapping[str, Any]], keys: Keys) -> bool:
    """Whether all operators and all their keys hold (they are joined with AND, values with OR)."""
    return all(
        _test(operator, key, _strings(wanted), keys)
        for operator, tests in condition.items()
        for key, wanted in tests.items()
    )


def _test(operator: str, key: str, wanted: Sequence[str], keys: Keys) -> bool:
    prefix, _, name = operator.rpartition(":")
    name = name.lower()
    given = keys.get(key.lower())
    if name == "null":
        return (given is None) == (wanted[0].lower() == "true")
    optional = name.endswith("ifexists")
    compare, negated = _OPERATORS[name.removesuffix("ifexists")]  # unknown: refused when written
    wanted = [substitute(value, keys) for value in wanted]
    if given is None:
        return optional or negated or prefix.lower() == "forallvalues"

    def one(value: str) -> bool:
        try:
            return any(compare(w, value) for w in wanted) != negated
        except ValueError:  # not a number, date or address: the comparison cannot hold
            return negated

    if prefix.lower() == "forallvalues":
        return all(one(value) for value in given)
    if prefix.lower() == "foranyvalue":
        return any(one(value) for value in given)
    # A negated operator on a key with several values holds only if none of them matches.
    return all(one(v) for v in given) if negated else any(one(v) for v in given)


def unknown_operators(condition: Mapping[str, Any]) -> list[str]:
    """Operators IAM does not have, which it refuses when a policy is written."""
    names = {name: name.rpartition(":")[2].lower().removesuffix("ifexists") for name in condition}
    return [name for name, plain in names.items() if plain not in _OPERATORS and plain != "null"]


def substitute(text: str, keys: Keys) -> str:
    """Fill policy variables such as ``${aws:PrincipalTag/team}``; an unknown one matches none."""

    def fill(match: re.Match[str]) -> str:
        name = match.group(1)
        if name in ("*", "?", "$"):
            return name
        values = keys.get(name.lower(), ())
        return values[0] if len(values) == 1 else "\0"

    return re.sub(r"\$\{([^}]+)\}", fill, text) if "${" in text else text


def _strings(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [str(v).lower() if isinstance(v, bool) else str(v) for v in values]
