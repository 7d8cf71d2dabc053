"""The exceptions file: what it matches, when it ends, what is refused with file and line."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.domain.exceptions import read_exceptions
from pipeline.domain.model import Finding, Severity
from pipeline.errors import Failure

TODAY = date(2026, 11, 25)
GOOD = """
[[exception]]
rule = "R1"
address = 'module.a.aws_x.y[*'
unit = "web/*"
owner = "@bob"
reason = "There is a good reason."
expires = 2026-11-25
"""


def finding(**changes: str) -> Finding:
    values = {"rule": "R1", "unit": "web/dev", "address": 'module.a.aws_x.y["k"]', "message": "m"}
    values |= changes
    return Finding(tool="checkov", severity=Severity.ERROR, **values)


def test_it_holds_on_its_last_day_and_fails_the_day_after() -> None:
    (now,) = read_exceptions(GOOD, "e.toml", TODAY).apply([finding()])
    assert now.excepted == "There is a good reason. (@bob, until 2026-11-25)"
    (later,) = read_exceptions(GOOD, "e.toml", date(2026, 11, 26)).apply([finding()])
    assert not later.excepted
    assert later.message == "m. The exception of @bob expired on 2026-11-25."


@pytest.mark.parametrize(
    "other", [{"rule": "R2"}, {"unit": "base/dev"}, {"address": "module.a.aws_x.y"}]
)
def test_another_rule_unit_or_address_is_not_excepted(other: dict[str, str]) -> None:
    (after,) = read_exceptions(GOOD, "e.toml", TODAY).apply([finding(**other)])
    assert not after.excepted


def test_an_unused_entry_is_told() -> None:
    exceptions = read_exceptions(GOOD, "e.toml", TODAY)
    assert exceptions.unused([]) == list(exceptions.entries)
    assert exceptions.unused([finding()]) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("owner =", "#owner ="), "owner"),
        (("@bob", "b b"), "owner"),
        (("There is a good reason.", "short"), "reason"),
        (("2026-11-25", '"soon"'), "expires"),
        (("unit =", "units ="), "units"),
        (('rule = "R1"', 'rule = "R*"'), "rule"),
    ],
)
def test_a_bad_entry_is_refused_with_its_line(change: tuple[str, str], said: str) -> None:
    with pytest.raises(Failure) as caught:
        read_exceptions(GOOD.replace(*change), "policies/exceptions.toml", TODAY)
    assert caught.value.reason == "bad-config"
    assert caught.value.problems[0].where == "policies/exceptions.toml:2"
    assert said in caught.value.problems[0].sentence


@pytest.mark.parametrize("header", ["[[exception]] # why", "[[ exception ]]", "  [[exception]]"])
def test_an_entry_is_read_however_its_header_is_written(header: str) -> None:
    assert read_exceptions(GOOD.replace("[[exception]]", header), "e.toml", TODAY).entries
    with pytest.raises(Failure):
        read_exceptions(f"{header}\nrule = 1\n", "e.toml", TODAY)


@pytest.mark.parametrize("text", ["exception = 3\n", "exception = [1]\n", "[exception]\na = 1\n"])
def test_what_is_no_entry_is_refused(text: str) -> None:
    with pytest.raises(Failure) as told:
        read_exceptions(text, "e.toml", TODAY)
    assert told.value.exit_code == 2


def test_broken_toml_is_refused_with_its_line() -> None:
    with pytest.raises(Failure) as caught:
        read_exceptions("a = 1\nb = = 2\n", "e.toml", TODAY)
    assert caught.value.problems[0].where == "e.toml:2"


def test_the_projects_own_file_can_be_read() -> None:
    from tests.policies.conftest import POLICIES

    text = (POLICIES / "exceptions.toml").read_text()
    assert read_exceptions(text, "policies/exceptions.toml", TODAY).entries
