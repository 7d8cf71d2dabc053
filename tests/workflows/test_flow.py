"""The project's own workflow files on the job graph: which jobs run after which results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.actions.model import Conclusion, EnvironmentRules, Repository
from tests.sandbox.actions.local import LocalHost
from tests.sandbox.actions.play import Play, told

ROOT = Path(__file__).parents[2]
REPOSITORY = "knowledgeweaver/delivery"


class Ours(LocalHost):
    def repository(self) -> Repository:
        return Repository(
            REPOSITORY, 2001, 1001, "main", "http://127.0.0.1:9", "http://127.0.0.1:9"
        )


def play() -> Play:
    files = {path.name: path.read_text() for path in (ROOT / ".github/workflows").glob("*.yml")}
    game = Play(files)
    game.host = game.graph.host = Ours(files)
    return game


def pull(source: str = REPOSITORY) -> dict[str, Any]:
    return {
        "event": "pull_request",
        "ref": "refs/pull/7/merge",
        "from_fork": source != REPOSITORY,
        "payload": {
            "number": 7,
            "action": "opened",
            "pull_request": {
                "number": 7,
                "head": {"sha": "b" * 40, "ref": "topic", "repo": {"full_name": source}},
                "base": {"sha": "a" * 40, "ref": "main"},
            },
        },
    }


SHARDS = json.dumps([{"name": "1", "units": ["kw/dev"]}, {"name": "2", "units": ["kw/prod"]}])


def test_a_pull_request_plans_its_shards_and_reports_even_when_a_plan_fails() -> None:
    game = play()
    run = game.start("pull-request.yml", **pull())
    assert game.ready() == ["affected", "tests"]
    game.end("affected", count="2", shards=SHARDS)
    game.end("tests")
    assert game.ready() == ["plan (1, kw/dev) / plan", "plan (2, kw/prod) / plan"]
    job = game.job("plan (1, kw/dev) / plan")
    assert job.node.level.ref == f"{REPOSITORY}/.github/workflows/unit-plan.yml@refs/heads/main"
    assert job.node.permissions["id-token"] == "write"
    assert json.loads(job.node.level.inputs["units"]) == ["kw/dev"]
    game.end("plan (1, kw/dev) / plan", "failure")
    game.end("plan (2, kw/prod) / plan")
    assert game.ready() == ["delivery / report"]
    game.end("delivery / report", "failure")
    assert run.conclusion is Conclusion.FAILURE


def test_the_report_waits_for_no_code_of_the_pull_request() -> None:
    game = play()
    game.start("pull-request.yml", **pull())
    game.end("affected", count="0", shards="[]")
    assert game.ready() == ["tests", "delivery / report"]
    report = game.job("delivery / report")
    assert (
        report.node.level.ref == f"{REPOSITORY}/.github/workflows/unit-report.yml@refs/heads/main"
    )


@pytest.mark.parametrize("ended", ["failure", "cancelled"])
def test_a_pull_request_whose_units_are_not_known_is_reported_all_the_same(ended: str) -> None:
    game = play()
    run = game.start("pull-request.yml", **pull())
    game.end("affected", ended)
    assert told(run)["plan"] == "skipped"
    assert "delivery / report" in game.ready()


def test_nothing_is_planned_that_goes_to_another_branch() -> None:
    # the caller is the pull request's own and may leave every filter out; the trusted file does not
    game = play()
    event = pull()
    event["payload"]["pull_request"]["base"]["ref"] = "evil-base"
    run = game.start("pull-request.yml", **event)
    game.end("affected", count="1", shards=json.dumps([{"name": "1", "units": ["kw/dev"]}]))
    assert told(run)["plan (1, kw/dev) / plan"] == "skipped"


def test_a_pull_request_that_affects_nothing_goes_straight_to_its_report() -> None:
    game = play()
    run = game.start("pull-request.yml", **pull())
    game.end("affected", count="0", shards="[]")
    game.end("tests")
    assert told(run)["plan"] == "skipped"
    assert game.ready() == ["delivery / report"]


def test_a_pull_request_from_a_fork_is_checked_without_any_credential() -> None:
    game = play()
    run = game.start("pull-request.yml", **pull("mallory/delivery"))
    game.end("affected", count="1", shards=SHARDS)
    game.end("tests")
    assert told(run)["plan"] == "skipped"
    assert all("id-token" not in job.permissions for job in run.snapshot().jobs)


def waves(*names: list[str]) -> dict[str, str]:
    found = {}
    for number in range(1, 7):
        units = names[number - 1] if number <= len(names) else []
        found[f"wave_{number}"] = json.dumps(
            [
                {
                    "unit": unit,
                    "stack": unit.split("/")[0],
                    "workspace": unit.split("/")[1],
                    "environment": unit.split("/")[1],
                }
                for unit in units
            ]
        )
    return found


def test_a_merge_deploys_wave_after_wave_and_a_failure_stops_the_later_ones() -> None:
    game = play()
    game.host.environments["prod"] = EnvironmentRules("prod", ("bob",))
    run = game.start("deploy.yml")
    game.end("pending / pending", image="true", **waves(["kw/dev", "x/dev"], ["kw/prod"]))
    assert game.ready() == ["image / image"]
    game.end("image / image")
    first = "deploy-1 (kw/dev, kw, dev, dev) / apply"
    second = "deploy-1 (x/dev, x, dev, dev) / apply"
    assert game.ready() == [first, second]
    game.end(first, "failure", uncovered="")
    assert game.graph.stopping == []
    game.end(second, uncovered="")
    assert run.conclusion is Conclusion.FAILURE
    assert "deploy-2 (kw/prod, kw, prod, prod) / apply" not in told(run)
    assert game.job("deploy-2").conclusion is Conclusion.SKIPPED


def test_without_an_image_to_build_the_waves_start_and_prod_waits_for_its_environment() -> None:
    game = play()
    game.host.environments["prod"] = EnvironmentRules("prod", ("bob",))
    run = game.start("deploy.yml")
    game.end("pending / pending", image="false", **waves(["kw/prod"]))
    assert told(run)["image"] == "skipped"
    assert run.snapshot().waiting_environments() == ("prod",)
    game.graph.review(run, "prod", approved=True)
    game.end("deploy-1 (kw/prod, kw, prod, prod) / apply", uncovered="")
    assert run.conclusion is Conclusion.SUCCESS


def test_what_is_not_covered_ends_its_run_and_no_later_wave_begins() -> None:
    game = play()
    run = game.start("deploy.yml")
    units = ["kw/dev", "x/dev"], ["kw/staging"], ["kw/prod"]
    game.end("pending / pending", image="false", **waves(*units))
    game.end("deploy-1 (kw/dev, kw, dev, dev) / apply", uncovered="kw/dev")
    game.end("deploy-1 (x/dev, x, dev, dev) / apply", uncovered="")
    assert run.conclusion is Conclusion.SUCCESS
    assert run.snapshot().waiting_environments() == ()
    later = [f"deploy-{number}" for number in range(2, 7)]
    assert [how for name, how in told(run).items() if name in later] == ["skipped"] * 5


def test_a_review_by_dispatch_deploys_the_commit_of_its_record_and_nothing_else() -> None:
    game = play()
    commit, record = "c" * 40, "c" * 40 + "-7-1-ab"
    given = {"event": "workflow_dispatch", "inputs": {"unit": "kw/dev", "record": record}}
    run = game.start("deploy.yml", **given)
    assert game.job("pending / pending").node.level.inputs == given["inputs"]
    row = json.loads(waves(["kw/dev"])["wave_1"])[0] | {"commit": commit, "record": record}
    wave = waves() | {"wave_1": json.dumps([row])}
    game.end("pending / pending", image="true", commit=commit, **wave)
    assert game.job("image / image").node.level.inputs == {"commit": commit}
    game.end("image / image")
    [name] = game.ready()
    inputs = game.job(name).node.level.inputs
    assert (inputs["commit"], inputs["record"]) == (commit, record)
    game.end(name, uncovered="")
    assert run.conclusion is Conclusion.SUCCESS


def test_a_dispatch_on_another_branch_does_nothing() -> None:
    game = play()
    branch = {"event": "workflow_dispatch", "ref": "refs/heads/topic"}
    run = game.start("deploy.yml", **branch)
    assert set(told(run).values()) == {"skipped"}


def test_two_deploys_of_a_unit_never_wait_for_each_others_approval() -> None:
    # whose turn it is, its state lock and its ledger say: a group would hold who waits for somebody
    game = play()
    game.host.environments["prod"] = EnvironmentRules("prod", ("bob",))
    runs = [game.start("deploy.yml") for _ in range(2)]
    for run in runs:
        game.end("pending / pending", run=run, image="false", **waves(["kw/prod"]))
    game.graph.review(runs[1], "prod", approved=True)
    name = "deploy-1 (kw/prod, kw, prod, prod) / apply"
    assert [told(run)[name] for run in runs] == ["waiting", "queued"]


def test_a_destroy_is_shown_first_and_done_when_somebody_names_its_record() -> None:
    game = play()
    inputs = {"unit": "kw/dev", "confirmation": "kw/dev", "backup": True}
    given = {"event": "workflow_dispatch", "inputs": {**inputs, "record": ""}}
    refused = game.start("destroy.yml", **given)
    game.end("plan / plan", "failure", run=refused)
    assert told(refused) == {"plan / plan": "failure", "destroy": "skipped"}
    shown = game.start("destroy.yml", **given)
    game.end("plan / plan", run=shown, workspace="dev", environment="dev")
    assert told(shown) == {"plan / plan": "success", "destroy": "skipped"}
    assert shown.conclusion is Conclusion.SUCCESS
    given["inputs"] = {**inputs, "record": "r1", "backup": False}
    run = game.start("destroy.yml", **given)
    game.end("plan / plan", run=run, workspace="dev", environment="dev")
    job = game.take("destroy / destroy", run)
    assert {n: job.node.level.inputs[n] for n in ("record", "backup", "workspace")} == {
        "record": "r1",
        "backup": False,
        "workspace": "dev",
    }
