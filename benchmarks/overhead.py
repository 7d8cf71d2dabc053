"""The pipeline's own plan and apply of a unit, beside Terraform run by hand.

Each round is a pull request that changes both units alike, with an author, a reviewer's approval
and a merge. Timed are two jobs, each with a data folder of its own as on a fresh runner:

* review: ``pipeline plan`` beside init, workspace, plan into a file, its JSON;
* deploy: ``pipeline apply`` beside the same and the apply of that file.

Everything else of a round (check, cost, record, approval, merge, rollout) happens untimed.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.estate import ROOT, STACK, STATE_BUCKET, Place, place, release, write
from benchmarks.measure import Row, one_round
from pipeline.adapters.terraform_settings import config_file
from pipeline.adapters.tools import locate
from sandbox.layout import REGION

ROUNDS = 7
OURS = "estate/piped"
OTHER = "bare"


def _run(command: Sequence[str | Path], folder: Path, environ: Mapping[str, str]) -> str:
    argv = [str(word) for word in command]
    done = subprocess.run(
        argv, cwd=folder, env=environ, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    if done.returncode != 0:
        raise RuntimeError(f"{argv}: {done.stdout[-2000:]} {done.stderr[-2000:]}")
    return done.stdout


class Sides:
    """Both sides in one checkout; every job begins with nothing of the job before."""

    def __init__(self, found: Place, folder: Path) -> None:
        self._place, self._folder = found, folder
        self._jobs = 0
        self.checkout = found.bob.clone.path

    def job(self) -> Path:
        """An empty folder: what a fresh runner has."""
        self._jobs += 1
        made = self._folder / f"job-{self._jobs}"
        made.mkdir()
        return made

    def pipeline(self, work: Path, *words: str, event: Mapping[str, str] | None = None) -> str:
        """Our command, as a step of a workflow runs it; ``event`` are GitHub's variables."""
        command: list[str | Path] = [ROOT / "bin" / "pipeline", *words, "--work", work]
        return _run(command, self.checkout, {**self._place.environ, **(event or {})})

    def recorded(self, work: Path, pull: Mapping[str, Any]) -> None:
        """What follows a plan in a pull request's job, up to its record."""
        path = work / "event.json"
        event = {
            "pull_request": pull,
            "repository": pull["base"]["repo"],
            "sender": {"login": pull["user"]["login"]},
        }
        path.write_text(json.dumps(event))
        variables = {
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_EVENT_PATH": str(path),
            "GITHUB_SHA": str(pull["head"]["sha"]),
        }
        for step in ("check", "cost", "record"):
            self.pipeline(work, step, OURS, event=variables)

    def changes(self, work: Path) -> int:
        """How many resources the plan of this job changes."""
        report = work / "public" / f"{OURS.replace('/', '--')}.plan.json"
        return sum(json.loads(report.read_text())["counts"].values())

    def by_hand(self, *, apply: bool) -> None:
        """What somebody careful types: init, workspace, plan into a file, its JSON, apply it."""
        work = self.job()
        environ = self._place.environ | {
            "TF_DATA_DIR": str(work),
            "TF_CLI_CONFIG_FILE": str(config_file()),
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "CHECKPOINT_DISABLE": "1",
        }
        plan = work / "tfplan"
        steps = [
            [
                "init",
                "-lockfile=readonly",
                f"-backend-config=bucket={STATE_BUCKET}",
                f"-backend-config=region={REGION}",
                "-backend-config=key=estate/terraform.tfstate",
                "-backend-config=workspace_key_prefix=env",
                "-backend-config=use_path_style=true",
            ],
            ["workspace", "select", "-or-create", OTHER],
            ["plan", f"-var-file={OTHER}.tfvars", f"-out={plan}"],
            ["show", "-json", str(plan)],
        ]
        if apply:
            steps.append(["apply", str(plan)])
        for step in steps:
            _run([locate("terraform"), *step], self.checkout / STACK, environ)


class Taken(NamedTuple):
    """One round: resources changed, seconds of both sides in the two jobs."""

    changes: int
    review: list[float]
    deploy: list[float]


def _round(found: Place, sides: Sides, number: int) -> Taken:
    """One pull request from its proposal to its deployment; the first brings all there is."""
    alice, bob = found.alice, found.bob
    alice.clone.at_main()
    change = partial(write if number == 1 else release, number=number)
    pull = alice.propose(f"release-{number}", f"Release {number}", "", change)
    head = str(pull["head"]["sha"])
    bob.clone.fetch()
    bob.clone.git("checkout", "--quiet", "--force", "--detach", head)
    work = sides.job()
    reviewed = one_round(
        [lambda: sides.pipeline(work, "plan", OURS), lambda: sides.by_hand(apply=False)], number
    )
    changes = sides.changes(work)
    sides.recorded(work, pull)
    bob.approve(pull)
    bob.merge(pull)
    bob.clone.at_main()
    work = sides.job()
    deployed = one_round(
        [lambda: sides.pipeline(work, "apply", OURS), lambda: sides.by_hand(apply=True)], number
    )
    sides.pipeline(work, "rollout", OURS)
    return Taken(changes, reviewed, deployed)


def rows() -> list[Row]:
    """Both jobs, and all of the pipeline's beside a user who carries one plan file through."""
    with tempfile.TemporaryDirectory() as name, place(Path(name)) as found:
        sides = Sides(found, Path(name))
        _round(found, sides, 1)  # from nothing; does not count
        taken = [_round(found, sides, number + 2) for number in range(ROUNDS)]
    plan_ours, plan_other = zip(*(one.review for one in taken), strict=True)
    apply_ours, apply_other = zip(*(one.deploy for one in taken), strict=True)
    count = taken[-1].changes
    way = tuple(one + two for one, two in zip(plan_ours, apply_ours, strict=True))
    return [
        Row(
            f"deploy: plan {count} changes, hold them against what was reviewed, apply",
            "`pipeline apply`",
            "`terraform` init, workspace, plan, show, apply",
            apply_ours,
            apply_other,
            1.10,
        ),
        Row(
            f"review: plan {count} changes and parse them",
            "`pipeline plan`",
            "`terraform` init, workspace, plan, show",
            plan_ours,
            plan_other,
            1.10,
        ),
        Row(
            "both jobs, beside one plan whose file is carried from review to merge",
            "`pipeline plan`, later `pipeline apply`",
            "`terraform` init, workspace, plan, show, apply",
            way,
            apply_other,
        ),
    ]
