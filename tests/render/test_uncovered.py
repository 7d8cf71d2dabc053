"""A review sees everything that would be applied, plan and code, and how to approve it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from pipeline.domain.model import Action
from pipeline.render.fit import COMMENT, size
from pipeline.render.uncovered import Landed, Uncovered, comment, dispatch_form, page
from pipeline.results import ChangeReport, LeafReport, PlanReport
from tests.render.inert import OURS, TEXTS, does

FORM = dispatch_form("https://github.com", "acme/delivery", "deploy.yml")
RUN = "https://github.com/acme/delivery/actions/runs/1"


def create(number: int, **values: Any) -> ChangeReport:
    leaves = [LeafReport(path=f"/{name}", after=value) for name, value in values.items()]
    return ChangeReport(address=f"aws_x.y[{number}]", action=Action.CREATE, leaves=leaves)


def case(*changes: ChangeReport, **more: Any) -> Uncovered:
    unread = {(c.address, c.deposed): "no reviewed plan touches this" for c in changes}
    given_ = {"reasons": unread, "record": "abc-1-2", "form": FORM, "report": RUN} | more
    return Uncovered("shelf/dev", PlanReport(unit="shelf/dev", changes=list(changes)), **given_)


def test_it_says_how_to_approve_exactly_this_with_the_link_and_what_to_paste() -> None:
    text = comment(case(create(1, cidr="0.0.0.0/0")))
    assert text.startswith("### shelf/dev: nobody reviewed 1 of its changes\n")
    assert f"opens [the form of deploy.yml]({FORM}), chooses" in text
    assert "the unit `shelf/dev` and the record `abc-1-2`." in text
    assert "- create `aws_x.y[1]` (no reviewed plan touches this): `cidr` = `0.0.0.0/0`" in text
    assert f'<a href="{FORM}">' in page(case(create(1)))


def test_a_destroy_asks_for_the_confirmation_too() -> None:
    form = dispatch_form("https://github.com/", "acme/delivery", "destroy.yml")
    gone = ChangeReport(address="aws_db_instance.db", action=Action.DELETE)
    text = comment(case(gone, workflow="destroy.yml", form=form))
    assert text.startswith("### shelf/dev: what a destroy would take away\n")
    assert "actions/workflows/destroy.yml" in text
    assert "and `shelf/dev` once more as the confirmation" in text
    assert "That destroys exactly" in text


def test_a_failing_check_leaves_nothing_to_approve() -> None:
    text = comment(case(create(1), checks=("CKV_KWD_1 at aws_x.y: open",)))
    assert "no review can lift this" in text
    assert FORM not in text
    assert "- `CKV_KWD_1` at `aws_x.y`: open" in text


def test_all_of_103_creates_are_named_and_all_values_are_in_the_page() -> None:
    many = [
        create(n, **{f"v{i}": "long " * 40 for i in range(40)}, zz_cidr="::/0") for n in range(103)
    ]
    text = comment(case(*many))
    assert size(text) <= COMMENT
    assert all(f"`aws_x.y[{n}]`" in text for n in range(103))
    assert text.count("`zz_cidr` = `::/0`") > 50
    assert f"see the [whole text]({RUN})" in text
    assert page(case(*many)).replace("<wbr>", "").count("zz_cidr") == 103


def test_one_value_of_70000_characters_fits_and_is_whole_in_the_page() -> None:
    value = "".join(f"{n:05d} " for n in range(12_000))
    text = comment(case(create(1, v=value)))
    assert size(text) <= COMMENT
    assert "more characters" in text
    assert "05999" in page(case(create(1, v=value)))


def test_unapproved_code_is_shown_with_its_lines_and_whole_in_the_page() -> None:
    diff = "--- a/main.tf\n+++ b/main.tf\n" + "".join(f"+line {n}\n" for n in range(3000))
    landed = Landed("c" * 40, "Open the door", "mallory", "it belongs to no pull request", diff)
    shown = case(landings=(landed,))
    text = comment(shown)
    assert size(text) <= COMMENT
    assert "- `cccccccccc` Open the door by `mallory`: it belongs to no pull request" in text
    assert "  +line 0\n" in text
    assert "more lines" in text
    assert "+line 2999" in page(shown)


def test_what_was_reviewed_and_is_applied_with_it_is_shown_too() -> None:
    both = case(create(1), create(2), reasons={("aws_x.y[1]", ""): "new"})
    text = comment(both)
    assert text.index("aws_x.y[1]") < text.index("Reviewed, and applied with it: 1 to create")
    assert "aws_x.y[2]" in page(both).replace("<wbr>", "")


def test_no_secret_is_in_it_and_no_address_is_blanked() -> None:
    changed = ChangeReport(
        address="terraform_data.postgres", action=Action.CREATE,
        leaves=[LeafReport(path="/v", after="user postgres")],
    )  # fmt: skip
    landed = Landed("c" * 40, "Use postgres", "bob", "unapproved", "+user = postgres\n")
    one = case(changed, landings=(landed,), missing=("terraform_data.postgres lacks /v",),
               known=frozenset({"postgres"}))  # fmt: skip
    for text in (comment(one), page(one).replace("<wbr>", "")):
        assert "terraform_data.postgres" in text
        assert "postgres" not in text.replace("terraform_data.postgres", "")


@settings(max_examples=40)
@given(TEXTS, TEXTS)
def test_no_text_becomes_markup_a_mention_or_a_link(one: str, other: str) -> None:
    changed = ChangeReport(
        address=one or "a.b", action=Action.UPDATE, previous_address=other or None,
        leaves=[LeafReport(path=other, before=one, after=other)],
    )  # fmt: skip
    landed = Landed(one, other, one, other, one)
    text = comment(
        case(changed, landings=(landed,), missing=(one,), form="", report="",
             reasons={(changed.address, ""): other})
    )  # fmt: skip
    assert does(text, OURS) == []


@pytest.mark.parametrize("limit", [500, 2_000, 65_536])
def test_it_fits_whatever_the_limit(limit: int) -> None:
    landed = Landed("c" * 40, "t" * 900, "a", "w" * 900, "+x\n" * 9000)
    many = [create(n, v="x" * 900) for n in range(300)]
    assert size(comment(case(*many, landings=(landed,) * 9), limit)) <= limit
