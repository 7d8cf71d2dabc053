"""The project's own workflow files on the job graph: which jobs run after which results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sandbox.actions.model import Conclusion, EnvironmentRules, Repository, Status
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


SHARDS = json.dumps([{"name": "1", "units": "kw/dev"}, {"name": "2", "units": "kw/prod"}])


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
    game.end("plan (1, kw/dev) / plan", "failure")
    game.end("plan (2, kw/prod) / plan")
    assert game.ready() == ["delivery"]
    game.end("delivery", "failure")
    assert run.conclusion is Conclusion.FAILURE


def test_a_pull_request_that_affects_nothing_goes_straight_to_its_report() -> None:
    game = play()
    run = game.start("pull-request.yml", **pull())
    game.end("affected", count="0", shards="[]")
    game.end("tests")
    assert told(run)["plan"] == "skipped"
    assert game.ready() == ["delivery"]


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
    game.end(first, "failure", result="applied")
    assert game.graph.stopping == []
    game.end(second, result="applied")
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
    game.end("deploy-1 (kw/prod, kw, prod, prod) / apply", result="applied")
    assert run.conclusion is Conclusion.SUCCESS


def test_what_is_not_covered_waits_for_the_review_environment_and_the_next_wave_for_it() -> None:
    game = play()
    game.host.environments["dev-review"] = EnvironmentRules("dev-review", ("bob",))
    run = game.start("deploy.yml")
    game.end("pending / pending", image="false", **waves(["kw/dev"], ["kw/staging"]))
    game.end("deploy-1 (kw/dev, kw, dev, dev) / apply", result="uncovered", record="r1")
    assert run.status is Status.WAITING
    assert run.snapshot().waiting_environments() == ("dev-review",)
    game.graph.review(run, "dev-review", approved=True)
    game.end("deploy-1 (kw/dev, kw, dev, dev) / review")
    game.end("deploy-2 (kw/staging, kw, staging, staging) / apply", result="nothing")
    assert run.conclusion is Conclusion.SUCCESS


def test_two_deploys_of_a_unit_follow_each_other() -> None:
    game = play()
    runs = [game.start("deploy.yml") for _ in range(2)]
    for run in runs:
        game.end("pending / pending", run=run, image="false", **waves(["kw/dev"]))
    name = "deploy-1 (kw/dev, kw, dev, dev) / apply"
    assert [told(run)[name] for run in runs] == ["queued", "pending"]
    game.end(name, run=runs[0], result="applied")
    assert told(runs[1])[name] == "queued"


def test_destroying_stops_at_a_refused_confirmation_and_at_its_environment() -> None:
    game = play()
    game.host.environments["dev-destroy"] = EnvironmentRules("dev-destroy", ("bob",))
    given = {
        "event": "workflow_dispatch",
        "inputs": {"unit": "kw/dev", "confirmation": "kw/dev", "backup": True},
    }
    refused = game.start("destroy.yml", **given)
    game.end("plan / plan", "failure", run=refused)
    assert told(refused) == {"plan / plan": "failure", "destroy": "skipped"}
    run = game.start("destroy.yml", **given)
    game.end("plan / plan", run=run, workspace="dev", environment="dev")
    assert run.snapshot().waiting_environments() == ("dev-destroy",)
    game.graph.review(run, "dev-destroy", approved=True)
    job = game.take("destroy / destroy", run)
    assert job.node.level.inputs["options"] == ""
    assert job.node.level.inputs["workspace"] == "dev"
