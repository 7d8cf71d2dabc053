"""What an apply made by half may be made anew by the next one, whatever it would hold."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.domain.coverage import cover
from pipeline.domain.decision import Decision
from pipeline.domain.plan import parse_plan
from pipeline.domain.policy import RULE
from pipeline.usecases.basis import Judged
from pipeline.usecases.checkouts import Checkouts
from pipeline.usecases.policy import Fresh, judge_again
from tests.domain.plans import PLACE, UNIT, change, record

ROOT = Path(__file__).parents[2]
QUEUE = {"name": "it", "kms_master_key_id": "alias/aws/sqs"}


def again(tmp_path: Path, reason: str) -> Fresh:
    """The policies on a plan that makes a queue anew, which the record of a create covers or not;
    ``reason`` is Terraform's."""
    made = change("aws_sqs_queue.it", "create", None, QUEUE, {"id": True})
    document: dict[str, Any] = {
        "format_version": "1.2",
        "resource_changes": [
            change("aws_sqs_queue.it", "replace", {"id": "q", **QUEUE}, QUEUE, {"id": True},
                   action_reason=reason)
        ],
        "configuration": {"root_module": {}},
        "terraform_version": "1.11.4",
        "planned_values": {
            "root_module": {
                "resources": [
                    {
                        "address": "aws_sqs_queue.it",
                        "mode": "managed",
                        "type": "aws_sqs_queue",
                        "name": "it",
                        "provider_name": "registry.terraform.io/hashicorp/aws",
                        "values": QUEUE,
                    }
                ]
            }
        },
    }  # fmt: skip
    plan = parse_plan(document, UNIT, 7, "line", place=PLACE)
    first = parse_plan({**document, "resource_changes": [made]}, UNIT, 7, "line", place=PLACE)
    reviewed = record(first)
    judged = Judged(cover(plan, reviewed), Decision(reviewed))
    at = Checkouts(ROOT, ROOT, tmp_path)
    at.plan_file(UNIT).parent.mkdir(parents=True)
    at.plan_file(UNIT).write_text(json.dumps(document))
    return judge_again(at, document, plan, (), judged.retried, date(2026, 12, 1))


def destroyed(fresh: Fresh) -> list[str]:
    """What is told as destroyed; the queue of these tests has other faults as well."""
    return [finding.address for finding in fresh.failing if finding.rule == RULE]


@pytest.mark.slow
def test_a_tainted_object_of_a_kind_that_holds_data_is_made_anew_without_a_label(
    tmp_path: Path,
) -> None:
    assert destroyed(again(tmp_path, "replace_because_tainted")) == []


@pytest.mark.slow
def test_any_other_replacement_of_it_needs_the_label(tmp_path: Path) -> None:
    found = again(tmp_path, "replace_because_cannot_update")
    assert destroyed(found) == ["aws_sqs_queue.it"]
