"""Destroying a unit: refused, shown, done, with its objects kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.usecases.conftest import STACK, Repository

UNIT = "shelf/dev"


def test_a_wrong_confirmation_and_a_protected_unit_are_refused(
    repository: Repository, aws: Callable[[str], Any]
) -> None:
    wrong = repository.pipeline("destroy", UNIT, "--confirm", "shelf/prod")
    assert wrong.code == 2
    assert "nothing was changed" in wrong.err
    toml = 'workspaces = ["dev"]\n[workspace.dev]\nprotected = true\n'
    repository.write(f"{STACK}/stack.toml", toml)
    repository.commit()
    protected = repository.pipeline("destroy", UNIT, "--confirm", UNIT)
    assert protected.code == 2
    assert f"{STACK}/stack.toml:3" in protected.err


@pytest.mark.slow
def test_a_destroy_keeps_the_objects_and_closes_the_ledger(
    repository: Repository, stores: dict[str, str], aws: Callable[[str], Any]
) -> None:
    record = json.loads(repository.pipeline("--json", "apply", UNIT).out)["record"]
    assert repository.pipeline("apply", UNIT, "--reviewed", record).code == 0
    assert repository.pipeline("rollout", UNIT).code == 0
    s3 = aws("s3")
    s3.put_object(Bucket="shelf-dev", Key="written/by/hand", Body=b"keep me")

    shown = repository.pipeline("--json", "destroy", UNIT, "--confirm", UNIT, "--plan-only")
    assert shown.code == 0, shown.err
    assert {c["action"] for c in json.loads(shown.out)["changes"]} == {"delete"}
    assert s3.head_bucket(Bucket="shelf-dev")

    done = repository.pipeline("destroy", UNIT, "--confirm", UNIT)
    assert done.code == 0, done.err
    assert "Nothing is left." in done.out
    assert "shelf-dev" not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    prefix = "errored/backups/dev/shelf/"
    kept = s3.list_objects_v2(Bucket=stores["state"], Prefix=prefix)["Contents"]
    [ours] = [item["Key"] for item in kept if "written/by/hand" in item["Key"]]
    assert s3.get_object(Bucket=stores["state"], Key=ours)["Body"].read() == b"keep me"
    status = json.loads(repository.pipeline("--json", "status").out)["units"][0]
    assert status["entry"]["status"] == "destroyed"
