"""The evidence of a rollout says what happened, whatever the containers said, and fits."""

from __future__ import annotations

from hypothesis import given, settings

from pipeline.adapters.aws.ecs import Evidence, StoppedTask
from pipeline.render.evidence import evidence
from pipeline.render.fit import COMMENT, TITLE, size
from pipeline.render.markdown import title
from tests.render.inert import ACTIVE, OURS, TEXTS, does


def shown(*tasks: StoppedTask, **more: tuple[str, ...]) -> str:
    found = Evidence(tasks, more.get("targets", ()), more.get("events", ()))
    return evidence("web/dev", "failed", "no task became healthy.", found, ["planted-secret"])


def test_it_says_why_each_task_stopped_and_what_it_said_last() -> None:
    log = ("starting", "password is planted-secret", "boom ```")
    text = shown(StoppedTask("t1", "Essential container exited", ("api: exit code 1",), log))
    assert text.startswith("### web/dev: failed\n\nno task became healthy.\n")
    assert "**Task `t1`**: Essential container exited\n- api: exit code 1" in text
    assert "````text\nstarting\n" in text
    assert "planted-secret" not in text


def test_a_container_that_said_much_keeps_its_last_lines() -> None:
    log = tuple(f"line {n} {'x' * 900}" for n in range(400))
    tasks = [StoppedTask(f"t{n}", "r", (), log) for n in range(5)]
    text = shown(*tasks, events=("an event " * 400,) * 40)
    assert size(text) <= COMMENT
    assert all(f"**Task `t{n}`**" in text for n in range(5))
    assert "line 399" in text


@settings(max_examples=40)
@given(TEXTS, TEXTS)
def test_nothing_that_was_said_becomes_markup_a_mention_or_a_link(one: str, other: str) -> None:
    task = StoppedTask(one, other, (one,), (other, one))
    text = shown(task, targets=(one,), events=(other,))
    assert does(text, OURS) == []


@given(TEXTS)
def test_a_title_refers_to_nothing_and_fits(text: str) -> None:
    made = title(text)
    assert size(made) <= TITLE
    assert "\n" not in made
    found = ACTIVE.search(made)
    assert found is None or found[0][0] not in "@#"


def test_a_title_stays_readable() -> None:
    said = title('Revert "fixes #12 for @acme/team": shelf/dev did not become healthy')
    assert said == 'Revert "fixes # 12 for @ acme/team": shelf/dev did not become healthy'
