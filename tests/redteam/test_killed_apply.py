"""kill -9 in the middle of an apply of thirty objects: the next deploy settles, or names the rest.

The apply is a process of its own, with real Terraform and the real AWS provider; it is shot when
it has told of so many objects.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.usecases.conftest import Answer, Repository

ROOT = Path(__file__).parents[2]
UNIT = "shelf/dev"
#: After how many objects, and whom the shot hits: first of all early, when no state knows of
#: anything. All ten take ten minutes: ``pytest --every-point tests/redteam/test_killed_apply.py``.
POINTS = [
    (1, "both"), (1, "terraform"), (1, "pipeline"), (5, "both"), (10, "terraform"),
    (15, "pipeline"), (20, "terraform"), (25, "both"), (29, "terraform"), (30, "both"),
]  # fmt: skip


def shoot(repository: Repository, record: str, after: int, target: str) -> None:
    """Apply, and kill what ``target`` names when ``after`` objects were told as done."""
    command = [sys.executable, "-P", "-m", "pipeline", "apply", UNIT, "--reviewed", record]
    process = subprocess.Popen(
        command,
        cwd=repository.root,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    done = 0
    for line in process.stdout:
        done += " done (" in line
        if done >= after:
            break
    own = psutil.Process(process.pid)
    terraforms = [c for c in own.children(recursive=True) if "terraform" in c.name()]
    hit = terraforms if target == "terraform" else [own] if target == "pipeline" else [
        own, *terraforms
    ]  # fmt: skip
    for one in hit:
        one.send_signal(signal.SIGKILL)
    process.stdout.read()
    process.wait()
    psutil.wait_procs(terraforms, timeout=120)


def deploy(repository: Repository) -> Answer:
    """Apply, with a review where it asks for one."""
    told = repository.pipeline("--json", "apply", UNIT)
    if told.code != 1:
        return told
    return repository.pipeline("apply", UNIT, "--reviewed", json.loads(told.out)["record"])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    count = len(POINTS) if metafunc.config.getoption("--every-point") else 1
    metafunc.parametrize(("after", "target"), POINTS[:count])


@pytest.mark.slow
@pytest.mark.usefixtures("stores")
def test_the_next_deploy_after_a_kill_ends_settled_or_names_what_no_state_knows(
    repository: Repository, aws: Callable[[str], Any], after: int, target: str
) -> None:
    repository.books(**{f"b{n:02}": str(n) for n in range(30)})
    told = repository.pipeline("--json", "apply", UNIT)
    shoot(repository, json.loads(told.out)["record"], after, target)

    pending = json.loads(repository.pipeline("--json", "pending").out)["units"]
    assert "has not ended" in pending[0]["reason"]
    if repository.pipeline("unlock", UNIT).code:  # a lock that no run of GitHub explains
        story = repository.pipeline("unlock", UNIT).err
        assert "lock" in story
        lock = story.rpartition("--force ")[2].split()[0]
        assert repository.pipeline("unlock", UNIT, "--force", lock).code == 0

    again = deploy(repository)
    if again.code == 3:  # what the state lost cannot be made twice: it is named, and goes by hand
        bucket = "module.shelf.aws_s3_bucket.shelf"
        # with its id, unless it was killed in the moment before that was written down
        assert re.search(rf"{bucket} was (made \(shelf-dev\)|being made)", again.out)
        assert f"terraform import '{bucket}'" in again.out
        for item in aws("s3").list_objects_v2(Bucket="shelf-dev").get("Contents", []):
            aws("s3").delete_object(Bucket="shelf-dev", Key=item["Key"])
        aws("s3").delete_bucket(Bucket="shelf-dev")
        again = deploy(repository)
    assert again.code == 0, again.err
    state = repository.pipeline("rollout", UNIT)
    assert state.code == 0, state.err
    assert repository.pipeline("verify", UNIT).code == 0
    assert json.loads(repository.pipeline("--json", "pending").out)["units"] == []
