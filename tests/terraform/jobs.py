"""The jobs that ask for roles, with the claims that GitHub's issuer gives each.

The project's own workflow files run on the real job graph; beside them runs what somebody could
write in a pull request or on a branch, with no rule of an environment in the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.actions.state import Run
from sandbox.github import oidc
from sandbox.github.model import User
from tests.sandbox.actions.play import Play
from tests.workflows.test_flow import REPOSITORY, SHARDS, play, pull, waves

Claims = Mapping[str, str]
ALICE = User(5001, "alice", "Alice", "write", "")
UNIT = {"unit": "kw/dev", "confirmation": "kw/dev", "backup": True, "record": "r"}

#: Calls the files that roles trust, or copies of them, from a workflow file of one's own.
EVIL = f"""
on: [pull_request, workflow_dispatch]
permissions:
  {{actions: read, contents: write, id-token: write, issues: write, pull-requests: write}}
jobs:
  own:
    runs-on: ubuntu-24.04
    environment: dev
    steps: [{{run: 'true'}}]
  lent:
    uses: {REPOSITORY}/.github/workflows/unit-deploy.yml@main
    with: {{unit: kw/dev, stack: kw, workspace: dev, environment: dev}}
  copied:
    uses: ./.github/workflows/unit-deploy.yml
    with: {{unit: kw/dev, stack: kw, workspace: dev, environment: dev}}
  image:
    uses: {REPOSITORY}/.github/workflows/image.yml@main
  pending:
    uses: {REPOSITORY}/.github/workflows/unit-pending.yml@main
  drift:
    uses: {REPOSITORY}/.github/workflows/unit-drift.yml@main
  ruin:
    uses: {REPOSITORY}/.github/workflows/unit-destroy-plan.yml@main
    with: {{unit: kw/dev, confirmation: kw/dev}}
  report:
    uses: {REPOSITORY}/.github/workflows/unit-report.yml@main
"""


def claims(run: Run, name: str) -> Claims:
    """What the issuer says about a job; the job has to be one that may ask."""
    snapshot = run.snapshot()
    [job] = [job for job in snapshot.jobs if job.name == name]
    assert job.permissions["id-token"] == "write", f"{name} gets no token at all"
    return oidc.claims(snapshot, job, ALICE, protected=run.ref == "refs/heads/main")


def merged() -> dict[str, Claims]:
    """A merge to main: image, deploy to dev and then to prod."""
    game = play()
    run = game.start("deploy.yml")
    game.end("pending / pending", image="true", **waves(["kw/dev"], ["kw/prod"]))
    game.end("image / image")
    dev, prod = (f"deploy-{n} (kw/{w}, kw, {w}, {w})" for n, w in ((1, "dev"), (2, "prod")))
    game.end(f"{dev} / apply", uncovered="")
    return {
        "main: what is pending": claims(run, "pending / pending"),
        "main: the image": claims(run, "image / image"),
        "main: deploy to dev": claims(run, f"{dev} / apply"),
        "main: deploy to prod": claims(run, f"{prod} / apply"),
    }


def by_hand_and_by_clock() -> dict[str, Claims]:
    """A destruction, which somebody dispatches on main, and the nightly look for drift."""
    game = play()
    destroy = game.start("destroy.yml", event="workflow_dispatch", inputs=UNIT)
    game.end("plan / plan", run=destroy, workspace="dev", environment="dev")
    drift = game.start("drift.yml", event="schedule")
    return {
        "main: plan of a destruction": claims(destroy, "plan / plan"),
        "main: destruction of dev": claims(destroy, "destroy / destroy"),
        "main: drift": claims(drift, "drift / drift"),
    }


def proposed() -> dict[str, Claims]:
    """A pull request that leaves the workflows as they are."""
    game = play()
    run = game.start("pull-request.yml", **pull())
    game.end("affected", count="2", shards=SHARDS)
    for number, unit in (("1", "kw/dev"), ("2", "kw/prod")):
        game.end(f"plan ({number}, {unit}) / plan")
    return {
        "pull request: plan": claims(run, "plan (1, kw/dev) / plan"),
        "pull request: report": claims(run, "delivery / report"),
    }


def queued() -> dict[str, Claims]:
    """The same in the merge queue: GitHub puts its entries on branches of its own."""
    game = play()
    group = {
        "head_sha": "c" * 40,
        "base_sha": "a" * 40,
        "base_ref": "refs/heads/main",
        "head_ref": "refs/heads/gh-readonly-queue/main/pr-7-" + "a" * 40,
    }
    payload = {"action": "checks_requested", "merge_group": group}
    event = {"event": "merge_group", "ref": group["head_ref"], "payload": payload}
    run = game.start("pull-request.yml", **event)
    game.end("affected", count="2", shards=SHARDS)
    return {"merge queue: plan": claims(run, "plan (1, kw/dev) / plan")}


def evil() -> dict[str, Claims]:
    """The same workflow of somebody's own, in a pull request and on a branch."""
    game = play()
    files = {
        name.rpartition("/")[2]: b.decode() for name, b in game.host.checkout("a" * 40).items()
    }
    found: dict[str, Claims] = {}
    branch = {"event": "workflow_dispatch", "ref": "refs/heads/topic"}
    runs: dict[str, dict[str, Any]] = {"pull request": pull(), "branch": branch}
    for where, event in runs.items():
        own = Play({**files, "evil.yml": EVIL})
        own.host = own.graph.host = type(game.host)({**files, "evil.yml": EVIL})
        run = own.start("evil.yml", **event)
        found |= {
            f"{where}: a job of its own in the environment dev": claims(run, "own"),
            f"{where}: the deploy of main in dev": claims(run, "lent / apply"),
            f"{where}: a copy of the deploy in dev": claims(run, "copied / apply"),
            f"{where}: the image of main": claims(run, "image / image"),
            f"{where}: what is pending": claims(run, "pending / pending"),
            f"{where}: drift": claims(run, "drift / drift"),
            f"{where}: plan of a destruction": claims(run, "ruin / plan"),
            f"{where}: a report": claims(run, "report / report"),
        }
    return found


def elsewhere(of: Claims) -> dict[str, Claims]:
    """The deploy to dev, wrong in one point each."""
    head = "repo:knowledgeweaver@1001/delivery@2001"
    other = "repo:knowledgeweaver@1001/delivery@6666"
    file = of["job_workflow_ref"]
    return {
        "another repository of the same name": {
            **of,
            "repository_id": "6666",
            "sub": of["sub"].replace(head, other),
        },
        "another repository that says our subject": {**of, "repository_id": "6666"},
        "our repository with another's subject": {**of, "sub": of["sub"].replace(head, other)},
        "a subject without numbers": {
            **of,
            "sub": "repo:knowledgeweaver/delivery:environment:dev",
        },
        "another workflow file": {**of, "job_workflow_ref": file.replace("deploy", "lint")},
        "the file of another branch": {
            **of,
            "job_workflow_ref": file.replace("heads/main", "heads/topic"),
        },
        "the file of another repository": {
            **of,
            "job_workflow_ref": file.replace("knowledgeweaver/", "evil/"),
        },
        "an environment that is called alike": {**of, "sub": f"{head}:environment:dev-2"},
        "the environment of reviews, which is no more": {
            **of,
            "sub": f"{head}:environment:dev-review",
        },
        "no environment": {**of, "sub": f"{head}:ref:refs/heads/main"},
        "a tag": {**of, "ref": "refs/tags/main"},
    }
