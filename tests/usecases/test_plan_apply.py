"""Plan, record and apply against a real Terraform and an AWS on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.usecases.conftest import Repository

pytestmark = pytest.mark.slow
UNIT = "shelf/dev"


def objects(aws: Callable[[str], Any], bucket: str) -> list[str]:
    answer = aws("s3").list_objects_v2(Bucket=bucket)
    return [item["Key"] for item in answer.get("Contents", [])]


def test_a_plan_of_a_new_unit_writes_no_state(
    repository: Repository, stores: dict[str, str], aws: Callable[[str], Any]
) -> None:
    answer = repository.pipeline("plan", UNIT)
    assert answer.code == 0, answer.err
    assert "2 to create" in answer.out
    assert objects(aws, stores["state"]) == []
    public = json.loads((repository.root / ".pipeline/public/shelf--dev.plan.json").read_text())
    assert {c["address"] for c in public["changes"]} == {
        "module.shelf.aws_s3_bucket.shelf",
        'module.shelf.aws_s3_object.book["one"]',
    }
    assert (repository.root / ".pipeline/private/shelf--dev/plan.json").stat().st_mode & 0o77 == 0


def test_what_nobody_reviewed_stops_and_its_record_lets_it_through(
    repository: Repository, stores: dict[str, str], aws: Callable[[str], Any]
) -> None:
    first = repository.pipeline("--json", "apply", UNIT)
    assert first.code == 1, first.err
    told = json.loads(first.out)
    assert told["result"] == "uncovered"
    assert len(told["uncovered"]) == 2
    assert repository.pipeline("apply", UNIT, "--defer").code == 0

    done = repository.pipeline("apply", UNIT, "--reviewed", told["record"])
    assert done.code == 0, done.err
    assert objects(aws, "shelf-dev") == ["one"]
    assert not list(repository.root.rglob("tfplan"))

    assert repository.pipeline("rollout", UNIT).code == 0
    verified = repository.pipeline("verify", UNIT)
    assert verified.code == 0, verified.err

    # the same record does not cover what came after it
    repository.books(one="1", two="2")
    refused = repository.pipeline("apply", UNIT, "--reviewed", told["record"])
    assert refused.code == 1
    assert objects(aws, "shelf-dev") == ["one"]

    # drift is named, and put right without a review
    aws("s3").put_bucket_tagging(
        Bucket="shelf-dev", Tagging={"TagSet": [{"Key": "by", "Value": "hand"}]}
    )
    repository.books(one="1")
    drifted = repository.pipeline("verify", UNIT)
    assert drifted.code == 1
    assert "aws_s3_bucket.shelf drifted" in drifted.err
    assert repository.pipeline("apply", UNIT).code == 0
    assert repository.pipeline("verify", UNIT).code == 0


def test_a_record_with_one_bit_changed_is_refused(
    repository: Repository, stores: dict[str, str], aws: Callable[[str], Any]
) -> None:
    record = json.loads(repository.pipeline("--json", "apply", UNIT).out)["record"]
    s3, key = aws("s3"), f"env/dev/shelf/reviews/{record}.json"
    body = s3.get_object(Bucket=stores["state"], Key=key)["Body"].read()
    s3.put_object(Bucket=stores["state"], Key=key, Body=body.replace(b'"create"', b'"delete"', 1))
    answer = repository.pipeline("apply", UNIT, "--reviewed", record)
    assert answer.code == 2
    assert "was changed" in answer.err
    assert repository.pipeline("apply", UNIT, "--reviewed", "none").code == 2


def test_a_planned_unit_is_recorded_without_a_readable_value(
    repository: Repository, stores: dict[str, str], aws: Callable[[str], Any]
) -> None:
    head = repository.books(one="a-value-to-look-for")
    assert repository.pipeline("plan", UNIT).code == 0
    answer = repository.pipeline("record", UNIT, "--head", head, "--base", head, "--pr", "7")
    assert answer.code == 0, answer.err
    [key] = objects(aws, stores["records"])
    assert key.startswith(f"shelf/dev/{head}-")
    body = aws("s3").get_object(Bucket=stores["records"], Key=key)["Body"].read()
    assert b"a-value-to-look-for" not in body
    assert json.loads(body)["pull_request"] == 7
