"""What holds a job back: environments' reviewers and branches, and concurrency groups."""

from __future__ import annotations

from sandbox.actions.model import Conclusion, EnvironmentRules, Status

from .play import STEPS, Play, told

GATED = f"""
on: push
jobs:
  a: {{environment: prod, {STEPS}}}
  b: {{needs: a, if: always(), {STEPS}}}
"""


def test_an_environment_with_reviewers_holds_the_job_until_it_is_approved() -> None:
    play = Play(GATED)
    play.host.environments["prod"] = EnvironmentRules("prod", ("bob",))
    run = play.start()
    assert run.status is Status.WAITING
    assert run.snapshot().waiting_environments() == ("prod",)
    play.graph.review(run, "prod", approved=True)
    play.end("a")
    play.end("b")
    assert run.conclusion is Conclusion.SUCCESS


def test_a_rejected_job_fails_and_a_branch_not_allowed_too() -> None:
    play = Play(GATED)
    play.host.environments["prod"] = EnvironmentRules("prod", ("bob",))
    run = play.start()
    play.graph.review(run, "prod", approved=False)
    assert told(run) == {"a": "failure", "b": "queued"}
    play.host.environments["prod"] = EnvironmentRules("prod", branches=("release/*",))
    assert told(play.start())["a"] == "failure"


CANCELS = "cancel-in-progress: true"


def grouped(rule: str) -> Play:
    return Play(f"""
on: push
jobs: {{a: {{concurrency: {rule}, {STEPS}}}}}
""")


def test_queue_max_keeps_all_pending_jobs_in_order() -> None:
    play = grouped("{group: Unit, queue: max}")
    runs = [play.start() for _ in range(4)]
    assert [told(run)["a"] for run in runs] == ["queued", "pending", "pending", "pending"]
    play.end("a", run=runs[0])
    assert [told(run)["a"] for run in runs] == ["success", "queued", "pending", "pending"]
    play.graph.cancel(runs[2])
    play.end("a", "failure", run=runs[1])
    assert [told(run)["a"] for run in runs] == ["success", "failure", "cancelled", "queued"]


def test_a_queue_ends_at_a_hundred_pending_jobs() -> None:
    play = grouped("{group: g, queue: max}")
    runs = [play.start() for _ in range(102)]
    assert [told(run)["a"] for run in (runs[0], runs[100], runs[101])] == [
        "queued",
        "pending",
        "cancelled",
    ]


def test_without_queue_a_new_job_replaces_the_pending_one_and_names_ignore_case() -> None:
    play = grouped("'${{ github.actor }}'")
    runs = [play.start(actor=name) for name in ("Al", "al", "AL", "other")]
    assert [told(run)["a"] for run in runs] == ["queued", "cancelled", "pending", "queued"]
    assert runs[1].conclusion is Conclusion.CANCELLED


def test_cancel_in_progress_stops_the_running_one_and_excludes_a_queue() -> None:
    play = grouped("{group: g, cancel-in-progress: true}")
    first = play.start()
    running = play.take("a", first)
    second = play.start()
    assert play.graph.stopping == [running]
    assert told(second)["a"] == "pending"
    play.graph.finish(running, Conclusion.CANCELLED, {})
    assert told(second)["a"] == "queued"
    third, fourth = play.start(), play.start()
    assert [told(run)["a"] for run in (second, third, fourth)] == [
        "cancelled",
        "cancelled",
        "queued",
    ]
    both = grouped("{group: g, cancel-in-progress: true, queue: max}").start()
    assert told(both)["a"] == "failure"


def test_a_workflow_level_group_holds_whole_runs() -> None:
    play = Play(f"""
on: push
concurrency: {{group: all, queue: max}}
jobs: {{a: {{{STEPS}}}}}
""")
    runs = [play.start() for _ in range(3)]
    assert [run.status for run in runs] == [Status.QUEUED, Status.PENDING, Status.PENDING]
    assert play.ready() == ["a"]
    play.graph.cancel(runs[1])
    assert runs[1].conclusion is Conclusion.CANCELLED
    play.end("a", run=runs[0])
    play.end("a", run=runs[2])
    assert runs[2].conclusion is Conclusion.SUCCESS


def test_a_job_holds_its_group_while_it_waits_for_approval() -> None:
    """GitHub's order, by two reports (community discussion 17401, dotnet/docs#28144)."""
    rule = "{group: 'unit', queue: max}"
    play = Play({
        "gated.yml": f"on: push\njobs: {{a: {{environment: prod, concurrency: {rule}, {STEPS}}}}}",
        "plain.yml": f"on: push\njobs: {{b: {{concurrency: {rule}, {STEPS}}}}}",
    })  # fmt: skip
    play.host.environments["prod"] = EnvironmentRules("prod", ("bob",))
    gated, plain, later = play.start("gated.yml"), play.start("plain.yml"), play.start("gated.yml")
    assert [told(run) for run in (gated, plain, later)] == [
        {"a": "waiting"}, {"b": "pending"}, {"a": "pending"},
    ]  # fmt: skip
    play.graph.review(gated, "prod", approved=False)
    assert told(plain) == {"b": "queued"}
    play.end("b", run=plain)
    assert told(later) == {"a": "waiting"}
    play.graph.cancel(later)
    assert told(play.start("plain.yml")) == {"b": "queued"}


def test_any_workflow_may_cancel_what_another_runs_in_a_group_of_the_same_name() -> None:
    evil = f"on: push\njobs: {{x: {{concurrency: {{group: UNIT-a/B, {CANCELS}}}, {STEPS}}}}}"
    apply = f"on: push\njobs: {{a: {{concurrency: {{group: unit-a/b, queue: max}}, {STEPS}}}}}"
    play = Play({"apply.yml": apply, "evil.yml": evil})
    first = play.start("apply.yml")
    running = play.take("a", first)
    waiting = play.start("apply.yml")
    play.start("evil.yml", ref="refs/heads/mine", head_branch="mine")
    assert play.graph.stopping == [running]
    assert told(waiting) == {"a": "cancelled"}
