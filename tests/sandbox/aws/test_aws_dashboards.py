"""A dashboard that CloudWatch could not show is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.aws.answers import Aws

METRIC = ["AWS/ECS", "CPUUtilization", "ClusterName", "kw"]


def chart(*metrics: Any, x: int = 0, width: int = 12, **more: Any) -> dict[str, Any]:
    properties = {"region": "ap-southeast-2", "metrics": list(metrics), **more}
    return {
        "type": "metric",
        "x": x,
        "y": 0,
        "width": width,
        "height": 6,
        "properties": properties,
    }


def put(aws: Aws, name: str, *widgets: Any) -> Any:
    body = json.dumps({"widgets": list(widgets)})
    return aws("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=body)


def test_a_right_one_is_kept(aws: Aws) -> None:
    sum_of = {"expression": "m1 * 2", "id": "e1"}
    put(aws, "right", chart([*METRIC, {"id": "m1"}], [sum_of]), chart(METRIC, x=12))
    kept = json.loads(aws("cloudwatch").get_dashboard(DashboardName="right")["DashboardBody"])
    assert len(kept["widgets"]) == 2


@pytest.mark.parametrize(
    ("widgets", "words"),
    [
        ([chart(METRIC, x=13)], "wider than the grid"),
        ([chart(METRIC), chart(METRIC, x=11)], "cover each other"),
        ([chart()], "either metrics or an alarm"),
        ([chart(METRIC[:3])], "dimensions in pairs"),
        ([chart(METRIC, period=90)], "a period of 90 s"),
        ([chart([*METRIC, {"stat": "p95th"}])], "no statistic is called p95th"),
        ([chart([*METRIC, {"id": "M1"}])], "id"),
        ([chart(METRIC, colour="red")], "colour"),
        ([chart(["AWS/ECS", "CPUUtilization", {"expression": "m1"}])], "no namespace"),
        ([{"type": "map", "x": 0, "y": 0, "properties": {}}], "map"),
        ([{"type": "alarm", "x": 0, "y": 0, "properties": {"alarms": []}}], "alarms"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_one_is_refused_and_not_kept(aws: Aws, widgets: list[Any], words: str) -> None:
    client = aws("cloudwatch")
    with pytest.raises(client.exceptions.ClientError, match=words) as refused:
        put(aws, "wrong", *widgets)
    assert refused.value.response["Error"]["Code"] == "InvalidParameterInput"
    assert client.list_dashboards(DashboardNamePrefix="wrong")["DashboardEntries"] == []


def test_moto_keeps_anything(plain: Aws) -> None:
    put(plain, "any", {"type": "map"})
