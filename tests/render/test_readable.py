"""What of a plan a reviewer is shown."""

from __future__ import annotations

import json

from pipeline.results import plan_report
from tests.domain.plans import change, plan

DEFINITION = [{"name": "api", "image": "app:1", "cpu": 256}]


def test_a_replaced_resource_shows_what_differs_and_that_first() -> None:
    after = json.dumps([{**DEFINITION[0], "image": "app:2"}])
    replaced = change(
        "aws_ecs_task_definition.api",
        "replace",
        {"arn": "arn:1", "container_definitions": json.dumps(DEFINITION), "family": "api"},
        {"container_definitions": after, "family": "api"},
        {"arn": True},
    )
    [shown] = plan_report(plan(replaced)).changes
    assert [(leaf.path, leaf.after) for leaf in shown.leaves] == [
        ("/container_definitions/[0]/image", "app:2"),
        ("/arn", "(known after apply)"),
    ]


def test_drift_is_told_where_the_plan_puts_it_right_and_not_what_aws_filled_in() -> None:
    update = change("aws_log.a", "update", {"days": 1}, {"days": 7})
    by_hand = change("aws_log.a", "update", {"days": 7}, {"days": 1})
    filled_in = change("aws_lb.b", "update", {"zone": None}, {"zone": "Z1"})
    gone = change("aws_vpc.c", "delete", {"id": "vpc-1"}, None)
    shown = plan_report(plan(update, drift=(by_hand, filled_in, gone))).drift
    assert [drift.address for drift in shown] == ["aws_log.a", "aws_vpc.c"]
