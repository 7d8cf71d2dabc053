"""Conditions and actions of listener rules."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from sandbox.ecs.rules import Request, choose, holds, location
from sandbox.ecs.targets import matches

REQUEST = Request(
    "GET", "/docs/a?q=one&lang=de", "Api.Example.com:8080", {"x-kind": "Canary"}, "127.0.0.1"
)


def condition(field: str, config: str, *values: Any, **more: Any) -> dict[str, Any]:
    return {"Field": field, config: {"Values": list(values), **more}}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (condition("path-pattern", "PathPatternConfig", "/docs/*"), True),
        (condition("path-pattern", "PathPatternConfig", "/Docs/*"), False),
        (condition("path-pattern", "PathPatternConfig", "/x", "/docs/?"), True),
        ({"Field": "path-pattern", "Values": ["/docs/a"]}, True),
        (condition("host-header", "HostHeaderConfig", "*.example.com"), True),
        (condition("host-header", "HostHeaderConfig", "example.com"), False),
        (condition("http-request-method", "HttpRequestMethodConfig", "POST"), False),
        (condition("http-header", "HttpHeaderConfig", "can*", HttpHeaderName="X-Kind"), True),
        (condition("http-header", "HttpHeaderConfig", "*", HttpHeaderName="X-Other"), False),
        (condition("query-string", "QueryStringConfig", {"Key": "lang", "Value": "d?"}), True),
        (condition("query-string", "QueryStringConfig", {"Value": "two"}), False),
        (condition("source-ip", "SourceIpConfig", "127.0.0.0/8"), True),
        (condition("source-ip", "SourceIpConfig", "10.0.0.0/8"), False),
    ],
)
def test_a_condition_holds_as_at_aws(wanted: dict[str, Any], expected: bool) -> None:
    assert holds(wanted, REQUEST) is expected


def test_rules_go_by_priority_as_numbers_and_the_default_comes_last() -> None:
    def rule(priority: str, pattern: str, action: str) -> Any:
        wanted = [condition("path-pattern", "PathPatternConfig", pattern)]
        return SimpleNamespace(
            priority=priority, conditions=wanted, actions=[action], is_default=False
        )

    default = SimpleNamespace(
        priority="default", conditions=[], actions=["default"], is_default=True
    )
    rules = [default, rule("10", "/*", "ten"), rule("9", "/docs/*", "nine")]
    assert choose(rules, REQUEST) == ["nine"]
    assert choose([default, rule("1", "/other", "one")], REQUEST) == ["default"]


def test_a_redirect_fills_in_what_its_configuration_leaves_open() -> None:
    config = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    assert location(config, REQUEST, "http", "80") == (
        "https://Api.Example.com:443/docs/a?q=one&lang=de"
    )
    moved = {"Path": "/new/#{path}", "Query": "from=#{host}"}
    assert location(moved, REQUEST, "http", "80") == (
        "http://Api.Example.com:80/new/docs/a?from=Api.Example.com"
    )


@pytest.mark.parametrize(
    ("codes", "status", "expected"),
    [("200", 200, True), ("200", 204, False), ("200-299", 204, True), ("200,302", 302, True)],
)
def test_a_matcher_takes_values_lists_and_ranges(codes: str, status: int, expected: bool) -> None:
    assert matches(codes, status) is expected
