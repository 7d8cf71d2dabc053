"""Plan, record and apply against a real Terraform and an AWS on loopback."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.usecases.conftest import Repository

pytestmark = pytest.mark.slow
UNIT = "shelf/dev"


def objects(aws: Callable[[str], Any], bucket: str) -> list[str]:
    answer = aws("s3").list_objects_v2(Bucket=bucket)
    return [item["Key"] for item in answer.get("Contents", [])]


def books(aws: Callable[[str], Any], bucket: str) -> dict[str, str]:
    """What stands on the shelf by the state in that bucket."""
    answer = aws("s3").get_object(Bucket=bucket, Key="env/dev/shelf/terraform.tfstate")
    return {
        book["index_key"]: book["attributes"]["input"]["value"]["text"]
        for resource in json.loads(answer["Body"].read())["resources"]
        if resource["name"] == "book"
        for book in resource["instances"]
    }


def test_a_plan_of_a_new_unit_writes_no_state(
    values: Repository, stores: dict[str, str], aws: Callable[[str], Any]
) -> None:
    answer = values.pipeline("plan", UNIT)
    assert answer.code == 0, answer.err
    assert "2 to create" in answer.out
    assert objects(aws, stores["state"]) == []
    public = json.loads((values.root / ".pipeline/public/shelf--dev.plan.json").read_text())
    assert {c["address"] for c in public["changes"]} == {
        "module.shelf.terraform_data.shelf",
        'module.shelf.terraform_data.book["one"]',
    }
    assert (values.root / ".pipeline/private/shelf--dev/plan.json").stat().st_mode & 0o77 == 0


def test_what_nobody_reviewed_stops_and_its_record_lets_it_through(
    values: Repository, stores: dict[str, str], aws: Callable[[str], Any]
) -> None:
    first = values.pipeline("--json", "apply", UNIT)
    assert first.code == 1, first.err
    told = json.loads(first.out)
    assert told["result"] == "uncovered"
    assert len(told["uncovered"]) == 2
    assert values.pipeline("apply", UNIT, "--defer").code == 0

    done = values.pipeline("apply", UNIT, "--reviewed", told["record"])
    assert done.code == 0, done.err
    assert books(aws, stores["state"]) == {"one": "1"}
    assert not list(values.root.rglob("tfplan"))

    assert values.pipeline("rollout", UNIT).code == 0
    verified = values.pipeline("verify", UNIT)
    assert verified.code == 0, verified.err
    assert "holds: a fresh plan is empty" in verified.out
    assert not list(values.root.rglob("tfplan"))

    # the same record does not cover what came after it
    values.books(one="1", two="2")
    refused = values.pipeline("apply", UNIT, "--reviewed", told["record"])
    assert refused.code == 2
    assert "is checked out" in refused.err
    assert values.pipeline("apply", UNIT).code == 1
    assert books(aws, stores["state"]) == {"one": "1"}


def test_a_record_with_one_bit_changed_is_refused(
    values: Repository, stores: dict[str, str], aws: Callable[[str], Any]
) -> None:
    record = json.loads(values.pipeline("--json", "apply", UNIT).out)["record"]
    s3, key = aws("s3"), f"reviews/dev/shelf/{record}.json"
    body = s3.get_object(Bucket=stores["state"], Key=key)["Body"].read()
    s3.put_object(Bucket=stores["state"], Key=key, Body=body.replace(b'"create"', b'"delete"', 1))
    answer = values.pipeline("apply", UNIT, "--reviewed", record)
    assert answer.code == 2
    assert "was changed" in answer.err
    assert values.pipeline("apply", UNIT, "--reviewed", "none").code == 2


def test_a_planned_unit_is_recorded_without_a_readable_value(
    values: Repository,
    stores: dict[str, str],
    aws: Callable[[str], Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    head = values.books(one="a-value-to-look-for")
    event = {
        "sender": {"login": "alice"},
        "repository": {"default_branch": "main"},
        "pull_request": {
            "number": 7,
            "head": {"sha": head, "repo": {"full_name": "a/b"}},
            "base": {"sha": head, "ref": "main", "repo": {"full_name": "a/b"}},
        },
    }
    (tmp_path / "event.json").write_text(json.dumps(event))
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(tmp_path / "event.json"))
    monkeypatch.setenv("GITHUB_EVENT_NAME", "pull_request")
    monkeypatch.setenv("GITHUB_SHA", head)
    assert values.pipeline("plan", UNIT).code == 0
    answer = values.pipeline("record", UNIT)
    assert answer.code == 0, answer.err
    [key] = objects(aws, stores["records"])
    assert key.startswith(f"shelf/dev/{head}-")
    body = aws("s3").get_object(Bucket=stores["records"], Key=key)["Body"].read()
    assert b"a-value-to-look-for" not in body
    record = json.loads(body)
    assert (record["pull_request"], record["head"], record["actor"]) == (7, head, "alice")
    # nothing was checked and no cost is known, so the sealed verdict is no pass
    assert record["verdict"] == "fail"
    assert set(record["results"]) == {"plan"}
    assert (record["serial"], record["lineage"]) == (0, "")


def test_a_record_tells_which_state_it_was_planned_from(
    values: Repository, stores: dict[str, str], aws: Callable[[str], Any]
) -> None:
    assert values.deploy().code == 0
    values.books(one="1", two="2")
    asked = json.loads(values.pipeline("--json", "apply", UNIT).out)["record"]
    s3 = aws("s3")
    key = "env/dev/shelf/terraform.tfstate"
    state = json.loads(s3.get_object(Bucket=stores["state"], Key=key)["Body"].read())
    [place] = [x for x in objects(aws, stores["state"]) if asked in x]
    record = json.loads(s3.get_object(Bucket=stores["state"], Key=place)["Body"].read())
    assert (record["serial"], record["lineage"]) == (state["serial"], state["lineage"])
    assert record["lineage"]


def test_a_failed_plan_leaves_a_record_that_says_so(
    values: Repository, stores: dict[str, str], aws: Callable[[str], Any]
) -> None:
    values.write("terraform/modules/shelf/broken.tf", 'output "x" {\n  value = local.none\n}\n')
    values.commit()
    assert values.pipeline("plan", UNIT).code != 0
    assert values.pipeline("record", UNIT).code == 0
    [key] = objects(aws, stores["records"])
    record = json.loads(aws("s3").get_object(Bucket=stores["records"], Key=key)["Body"].read())
    assert (record["verdict"], record["changes"]) == ("fail", [])
    assert "failed" in record["reasons"][0]


def test_what_differs_at_every_plan_is_named_beforehand_and_with_the_review(
    values: Repository, stores: dict[str, str], aws: Callable[[str], Any]
) -> None:
    assert values.deploy().code == 0
    clock = 'resource "terraform_data" "clock" {\n  input = plantimestamp()\n}\n'
    values.write("terraform/modules/shelf/clock.tf", clock)
    values.commit()
    assert values.pipeline("plan", UNIT).code == 0
    public = json.loads((values.root / ".pipeline/public/shelf--dev.plan.json").read_text())
    assert public["never_equal"] == ["plantimestamp() at terraform/modules/shelf/clock.tf:2"]
    record = json.loads(values.pipeline("--json", "apply", UNIT).out)["record"]
    time.sleep(1)  # plantimestamp() counts seconds
    again = values.pipeline("apply", UNIT, "--reviewed", record)
    assert again.code == 1
    assert "differs at every plan" in again.out
    assert "has another value at every plan" in again.out
