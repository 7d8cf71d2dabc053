"""Which action a load balancer's listener takes for a request.

AWS ("Condition types for listener rules"): rules are tried by priority, the default action comes
last; path patterns are case-sensitive, host names are not; ``*`` stands for any characters, ``?``
for one; the values of a condition are alternatives, all conditions have to hold.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote


@dataclass(frozen=True, slots=True)
class Request:
    """What conditions look at."""

    method: str
    target: str  # path and query as sent
    host: str
    headers: Mapping[str, str]
    source: str = "127.0.0.1"

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]


def wildcard(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    """Match AWS's ``*`` and ``?``."""
    parts = [".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern]
    flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
    return re.fullmatch("".join(parts), text, flags) is not None


def holds(condition: Mapping[str, Any], request: Request) -> bool:
    """Whether one condition of a rule holds."""
    field = condition.get("Field")
    if field == "path-pattern":
        return any(wildcard(v, request.path) for v in _values(condition, "PathPatternConfig"))
    if field == "host-header":
        host = request.host.partition(":")[0]
        values = _values(condition, "HostHeaderConfig")
        return any(wildcard(v, host, ignore_case=True) for v in values)
    if field == "http-request-method":
        return request.method in _values(condition, "HttpRequestMethodConfig")
    if field == "http-header":
        name = condition["HttpHeaderConfig"]["HttpHeaderName"].lower()
        sent = request.headers.get(name)
        values = _values(condition, "HttpHeaderConfig")
        return sent is not None and any(wildcard(v, sent, ignore_case=True) for v in values)
    if field == "query-string":
        sent_pairs = parse_qsl(request.query, keep_blank_values=True)
        return any(
            wildcard(pair["Value"], value, ignore_case=True)
            and ("Key" not in pair or wildcard(pair["Key"], key, ignore_case=True))
            for pair in condition["QueryStringConfig"]["Values"]
            for key, value in sent_pairs
        )
    if field == "source-ip":
        source = ipaddress.ip_address(request.source)
        return any(source in ipaddress.ip_network(v) for v in _values(condition, "SourceIpConfig"))
    return False


def choose(rules: Sequence[Any], request: Request) -> Sequence[Any]:
    """The actions of the first rule, by priority, whose conditions all hold."""
    ordered = sorted(
        rules, key=lambda rule: float("inf") if rule.is_default else float(rule.priority)
    )
    for rule in ordered:
        if all(holds(condition, request) for condition in rule.conditions):
            actions: Sequence[Any] = rule.actions
            return actions
    return []


def groups_of(action: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Target group ARNs of a forward action with their weights."""
    config = action.get("ForwardConfig") or {}
    weighted = [
        (g["TargetGroupArn"], int(g.get("Weight", 1))) for g in config.get("TargetGroups", [])
    ]
    if not weighted and "TargetGroupArn" in action:
        weighted = [(action["TargetGroupArn"], 1)]
    return weighted


def location(config: Mapping[str, Any], request: Request, scheme: str, port: str) -> str:
    """Where a redirect action leads: ``#{host}`` and its like replaced as at AWS."""
    host = request.host.partition(":")[0]
    known = {
        "#{protocol}": scheme,
        "#{host}": host,
        "#{port}": port,
        "#{path}": request.path.lstrip("/"),
        "#{query}": request.query,
    }

    def filled(name: str, otherwise: str) -> str:
        text = str(config.get(name) or otherwise)
        for mark, value in known.items():
            text = text.replace(mark, value)
        return text

    protocol = filled("Protocol", "#{protocol}").lower()
    query = filled("Query", "#{query}")
    path = filled("Path", "/#{path}")
    tail = f"?{query}" if query else ""
    return (
        f"{protocol}://{filled('Host', '#{host}')}:{filled('Port', '#{port}')}{unquote(path)}{tail}"
    )


def _values(condition: Mapping[str, Any], config: str) -> list[str]:
    return list((condition.get(config) or {}).get("Values") or condition.get("Values") or [])
