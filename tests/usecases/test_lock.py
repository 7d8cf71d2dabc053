"""A terraform that is killed in the middle of an apply, and what people are told then."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest

from pipeline.domain.model import UnitId
from pipeline.usecases.apply import run_apply
from pipeline.usecases.site import Site
from tests.usecases.conftest import REGION, Repository

pytestmark = pytest.mark.slow
UNIT = "shelf/dev"
BOOKS = {f"book-{n}": str(n) for n in range(100)}
#: The bucket is there already.
MODULE = """
variable "books" { type = map(string) }

resource "aws_s3_object" "book" {
  for_each = var.books
  bucket   = "shelf-${terraform.workspace}"
  key      = each.key
  content  = each.value
}
"""


def review(values: Repository) -> str:
    """The record of a plan that adds a book."""
    values.books(one="1")
    return str(json.loads(values.pipeline("--json", "apply", UNIT).out)["record"])


def apart(root: Path, record: str) -> subprocess.Popen[bytes]:
    """An apply in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "pipeline", "apply", UNIT, "--reviewed", record],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def interrupted(repository: Repository, record: str, number: int, aws: Callable[[str], Any]) -> int:
    """Start an apply in a process of its own and signal its terraform when some books are there."""
    process = apart(repository.root, record)
    deadline = time.monotonic() + 90
    while aws("s3").list_objects_v2(Bucket="shelf-dev").get("KeyCount", 0) < 5:
        assert process.poll() is None, "the apply ended too early"
        assert time.monotonic() < deadline
        time.sleep(0.05)
    if number == signal.SIGKILL:
        children = psutil.Process(process.pid).children(recursive=True)
        terraform = next(c for c in children if name_of(c) == "terraform")
        plugins = terraform.children(recursive=True)
        terraform.kill()
        for orphan in plugins:  # it cannot end them any more, and nothing of a test stays
            with suppress(psutil.NoSuchProcess):  # a closed pipe may have ended it
                orphan.kill()
    else:
        process.send_signal(number)
    return process.wait(120)


def name_of(process: psutil.Process) -> str:
    """Its name; empty when it has ended meanwhile."""
    with suppress(psutil.NoSuchProcess):
        return process.name()
    return ""


def count(aws: Callable[[str], Any]) -> int:
    return int(aws("s3").list_objects_v2(Bucket="shelf-dev")["KeyCount"])


def read(aws: Callable[[str], Any], bucket: str, key: str) -> bytes:
    body: bytes = aws("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return body


def books_of(state: dict[str, Any]) -> list[dict[str, Any]]:
    """The books that a state holds, as Terraform writes them."""
    return [
        book
        for resource in state["resources"]
        if resource["type"] == "aws_s3_object"
        for book in resource["instances"]
    ]


def half_made(aws: Callable[[str], Any], bucket: str, key: str) -> None:
    """Have one book at least that was interrupted in its making, as chance has it or not.

    The provider's error in the middle of a create leaves the object in the state as tainted
    (Terraform: "Manage resource state", tainted).
    """
    state = json.loads(read(aws, bucket, key))
    books_of(state)[0]["status"] = "tainted"
    aws("s3").put_object(Bucket=bucket, Key=key, Body=json.dumps(state).encode())


@pytest.fixture
def record(repository: Repository, stores: dict[str, str], aws: Callable[[str], Any]) -> str:
    """The record of a plan that adds all books to a shelf whose bucket is there."""
    place = {"LocationConstraint": REGION}
    aws("s3").create_bucket(Bucket="shelf-dev", CreateBucketConfiguration=place)
    repository.write("terraform/modules/shelf/main.tf", MODULE)
    repository.books(**BOOKS)
    return str(json.loads(repository.pipeline("--json", "apply", UNIT).out)["record"])


def test_after_a_kill_the_lock_is_explained_and_the_rest_needs_no_new_review(
    repository: Repository, record: str, stores: dict[str, str], aws: Callable[[str], Any]
) -> None:
    assert interrupted(repository, record, signal.SIGKILL, aws) == 3
    assert 5 <= count(aws) < len(BOOKS)

    refused = repository.pipeline("apply", UNIT, "--reviewed", record)
    assert refused.code == 2
    assert "The state is locked by" in refused.err
    assert "is gone" in refused.err
    assert f"pipeline unlock {UNIT}" in refused.err
    kept = repository.pipeline("destroy", UNIT, "--confirm", UNIT)
    assert (kept.code, "is gone" in kept.err) == (2, True)
    assert count(aws) >= 5

    assert repository.pipeline("unlock", UNIT).code == 0
    assert "is not locked" in repository.pipeline("unlock", UNIT).out
    finished = repository.pipeline("apply", UNIT, "--reviewed", record)
    assert finished.code == 0, finished.err
    assert count(aws) == len(BOOKS)


def test_an_apply_that_another_one_overtook_plans_again(
    values: Repository,
    stores: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record = review(values)
    subprocess.run(["git", "clone", "-q", values.root, tmp_path / "other"], check=True)
    overtaken = []

    def overtake(site: Site, unit: UnitId) -> None:
        if not overtaken:
            overtaken.append(apart(tmp_path / "other", record).wait(120))
        run_apply(site, unit)

    monkeypatch.setattr("pipeline.usecases.apply.run_apply", overtake)
    second = values.pipeline("apply", UNIT, "--reviewed", record)
    assert overtaken == [0]
    assert second.code == 0, second.err
    assert "another apply came first" in second.out
    assert "nothing to apply" in second.out


def test_an_interrupt_keeps_the_state_leaves_no_lock_and_the_rest_needs_no_new_review(
    repository: Repository, record: str, stores: dict[str, str], aws: Callable[[str], Any]
) -> None:
    assert interrupted(repository, record, signal.SIGINT, aws) == 130
    key = "env/dev/shelf/terraform.tfstate"
    keys = [o["Key"] for o in aws("s3").list_objects_v2(Bucket=stores["state"])["Contents"]]
    assert f"{key}.tflock" not in keys
    books = books_of(json.loads(read(aws, stores["state"], key)))
    # AWS may have finished one whose answer Terraform no longer waited for
    assert 0 < len(books) <= count(aws) < len(BOOKS)

    half_made(aws, stores["state"], key)
    finished = repository.pipeline("apply", UNIT, "--reviewed", record)
    assert finished.code == 0, finished.err
    assert count(aws) == len(BOOKS)


def locked_by(who: str, aws: Callable[[str], Any], bucket: str) -> str:
    """Take the lock by hand, now; returns its id."""
    lock = {"ID": "11111111-2222-3333-4444-555555555555", "Operation": "OperationTypeApply"}
    created = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.0Z"
    body = json.dumps({**lock, "Who": who, "Created": created}).encode()
    key = "env/dev/shelf/terraform.tfstate.tflock"
    aws("s3").put_object(Bucket=bucket, Key=key, Body=body)
    return lock["ID"]


@pytest.mark.parametrize("host", ["laptop", socket.gethostname()])
def test_a_lock_that_nobody_of_ours_took_is_only_cleared_by_its_id(
    host: str, values: Repository, stores: dict[str, str], aws: Callable[[str], Any]
) -> None:
    assert apart(values.root, review(values)).wait(120) == 0  # a run of ours that is over
    lock = locked_by(f"eve@{host}", aws, stores["state"])
    for words in (["unlock", UNIT], ["apply", UNIT]):
        refused = values.pipeline(*words)
        assert refused.code == 2
        assert f"eve@{host}" in refused.err
        assert "not taken by a run of this pipeline" in refused.err
    assert values.pipeline("unlock", UNIT, "--force", "wrong").code == 2
    assert values.pipeline("unlock", UNIT, "--force", lock).code == 0
