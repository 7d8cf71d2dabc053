"""The text of a drift issue: safe, within its limit, and never in the way of another unit's."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from hypothesis import given, settings

from pipeline.adapters.github import GitHub, Issue
from pipeline.domain.model import Action, UnitId
from pipeline.errors import failure
from pipeline.output import Output
from pipeline.render.fit import COMMENT, size
from pipeline.results import ChangeReport, LeafReport
from pipeline.usecases.drift import markdown, tell
from pipeline.usecases.site import Site
from pipeline.usecases.verify import Proof
from tests.render.inert import OURS, TEXTS, does

UNIT = UnitId("shelf", "dev")


def drifted(number: int, *leaves: LeafReport) -> ChangeReport:
    return ChangeReport(address=f"aws_x.y[{number}]", action=Action.UPDATE, leaves=list(leaves))


def differing(*changes: ChangeReport) -> Proof:
    planned = {f"{c.address} differs: a deploy would update it": c for c in changes}
    return Proof(UNIT, wrong=list(planned), planned=planned, drift=list(changes))


def test_drift_of_120_resources_with_10_tags_each_fits_and_names_all_of_them() -> None:
    tags = [LeafReport(path=f"/tags/t{n}", before="b" * 90, after="a" * 90) for n in range(10)]
    text = markdown(differing(*(drifted(n, *tags) for n in range(120))))
    assert size(text) <= COMMENT
    assert all(f"`aws_x.y[{n}]`" in text for n in range(120))
    assert "`pipeline verify shelf/dev` says the rest." in text


def test_one_value_of_70000_characters_fits() -> None:
    text = markdown(differing(drifted(1, LeafReport(path="/v", before="b", after="x" * 70_000))))
    assert size(text) <= COMMENT
    assert "more characters" in text


@settings(max_examples=60)
@given(TEXTS, TEXTS)
def test_nothing_that_drifted_becomes_markup_a_mention_or_a_link(one: str, other: str) -> None:
    changed = ChangeReport(
        address=one, action=Action.DELETE, leaves=[LeafReport(path=one, before=other, after=one)]
    )
    proof = differing(changed)
    proof.wrong.append(other)
    assert does(markdown(proof), OURS) == []


def test_values_are_scrubbed_and_addresses_are_not() -> None:
    changed = ChangeReport(
        address="terraform_data.postgres",
        action=Action.UPDATE,
        leaves=[LeafReport(path="/v", before="postgres", after="x")],
    )
    text = markdown(differing(changed), known=frozenset({"postgres"}))
    assert "`terraform_data.postgres`" in text
    assert "postgres" not in text.replace("terraform_data.postgres", "")


class Half:
    """A GitHub that refuses every other issue."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.asked = 0

    def issues(self, label: str) -> list[Issue]:
        return []

    def create_issue(self, title: str, body: str, labels: list[str]) -> Issue:
        self.asked += 1
        if self.asked % 2:
            raise failure("github", "GitHub answered 422.")
        self.made.append(title)
        return Issue(self.asked, title, body, "url", "open")


def test_an_issue_that_cannot_be_written_stops_none_of_the_others(tmp_path: Path) -> None:
    hub = Half()
    site = Site(tmp_path, tmp_path, tmp_path, Output(), {})
    site._cache["github"] = cast(GitHub, cast(Any, hub))
    proofs = [Proof(UnitId("shelf", name), wrong=["it differs"]) for name in ("a", "b", "c", "d")]
    told = tell(site, proofs)
    assert [t.action for t in told] == ["failed", "opened", "failed", "opened"]
    assert hub.made == ["Drift: shelf/b", "Drift: shelf/d"]
    assert "422" in str(told[0].failure)
