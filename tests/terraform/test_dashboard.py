"""The dashboard can be shown, and shows nothing that nobody emits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.aws.dashboards import Body, MetricWidget, read
from sandbox.client import Sandbox
from tests.terraform.emitted import (
    BILLING_REGION,
    OF_AWS,
    of_the_application,
    of_the_graph_store,
    table_of_the_application,
)
from tests.terraform.stacks import ROOT
from tests.terraform.test_validations import example, root, terraform

pytestmark = pytest.mark.slow
STORE = (
    '{ instance_id = "i-0123456789abcdef0", volume_id = "vol-0123456789abcdef0",'
    ' log_group = "/kw/neo4j/server", metrics = module.m0.metrics }'
)
KINDS = ["gateway", "instance"]
Resources = list[dict[str, Any]]


@pytest.fixture(scope="module")
def planned(box: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Resources]:
    """What the module plans for each kind of NAT, with the graph store's real metrics."""
    folder: Path = tmp_path_factory.mktemp("dashboards")
    given = example("modules/observability")
    watched = given["watched"]
    assert '"gateway"' in watched
    calls = [
        ("modules/neo4j", example("modules/neo4j")),
        *(
            (
                "modules/observability",
                given
                | {"graph_store": STORE, "prefix": f'"knowledgeweaver-{kind}"'}
                | {"watched": watched.replace('"gateway"', f'"{kind}"')},
            )
            for kind in KINDS
        ),
    ]
    root(folder, calls)
    terraform(folder, "plan", "-out=plan", url=box.aws_url)
    plan = json.loads(terraform(folder, "show", "-json", "plan", url=box.aws_url))
    return {
        kind: [
            {**item["values"], "type": item["type"]}
            for module in plan["planned_values"]["root_module"]["child_modules"]
            if module["address"] == f"module.m{number}"
            for item in module["resources"]
        ]
        for number, kind in enumerate(KINDS, 1)
    }


def of(resources: Resources, kind: str) -> Resources:
    return [item for item in resources if item["type"] == kind]


def body(resources: Resources) -> Body:
    (dashboard,) = of(resources, "aws_cloudwatch_dashboard")
    return read(dashboard["dashboard_body"])


def metrics(resources: Resources) -> list[tuple[str, str, dict[str, str], str]]:
    """Namespace, name, dimensions and region of every metric that a widget names."""
    found = []
    for widget in body(resources).widgets:
        if not isinstance(widget, MetricWidget):
            continue
        for metric in widget.properties.metrics:
            words = [word for word in metric if isinstance(word, str)]
            if words:
                pairs = dict(zip(words[2::2], words[3::2], strict=True))
                found.append((words[0], words[1], pairs, widget.properties.region))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_it_has_a_row_for_each_question(planned: dict[str, Resources], kind: str) -> None:
    widgets = body(planned[kind]).widgets
    titles = [widget.properties.markdown for widget in widgets if widget.type == "text"]
    for words in (
        "is anything wrong?",
        "Application",
        "Questions",
        "Infrastructure",
        "Neo4j",
        "Cost",
    ):
        assert any(words in title for title in titles), words
    shown = {name for _, name, _, _ in metrics(planned[kind])}
    for wanted in (
        {"RequestCount", "TargetResponseTime", "HTTPCode_Target_5XX_Count"},
        {"CPUUtilization", "MemoryUtilization", "NetworkRxBytes", "ProcessedBytes"},
        {"Neo4jQueryTime", "Neo4jBoltConnections", "mem_used_percent", "disk_used_percent"},
        {"Questions", "Refusals", "AnswerTime", "ModelUsd"},
        {"EstimatedCharges"},
    ):
        assert wanted <= shown


@pytest.mark.parametrize("kind", KINDS)
def test_every_metric_is_one_that_something_emits(planned: dict[str, Resources], kind: str) -> None:
    filters = {
        item["metric_transformation"][0]["name"]
        for item in of(planned[kind], "aws_cloudwatch_log_metric_filter")
    }
    alarms = of(planned[kind], "aws_cloudwatch_metric_alarm")
    queries = [query["metric"] for alarm in alarms for query in alarm["metric_query"]]
    asked = [
        (item["namespace"], item["metric_name"], item["dimensions"] or {}, "")
        for item in [*alarms, *(metric[0] for metric in queries if metric)]
        if item["metric_name"]
    ]
    shown = metrics(planned[kind])
    assert len(asked) >= 8
    assert len(shown) >= 25
    for namespace, name, dimensions, _ in [*shown, *asked]:
        if namespace == "KnowledgeWeaver/Logs":
            assert name in filters
        elif namespace == "KnowledgeWeaver":
            known = name in of_the_graph_store()
            assert known or frozenset(dimensions) in of_the_application()[name], name
            assert dimensions["Environment"] == "dev"
        else:
            assert frozenset(dimensions) in OF_AWS[namespace][name], (name, dimensions)


def test_the_guide_lists_what_the_application_writes() -> None:
    text = (ROOT / "docs" / "observability.md").read_text()
    listed = text.split("What the application writes")[1].split("\n\n")[1].splitlines()[2:]
    assert [line.split(" | ")[:2] for line in listed] == [
        [f"| `{metric.name}`", metric.unit] for metric in table_of_the_application().TABLE.values()
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_the_bill_is_asked_for_where_it_is(planned: dict[str, Resources], kind: str) -> None:
    for namespace, _, _, region in metrics(planned[kind]):
        assert region == (BILLING_REGION if namespace == "AWS/Billing" else "ap-southeast-2")


def test_the_alarms_row_names_every_alarm(planned: dict[str, Resources]) -> None:
    made = [
        item["alarm_name"]
        for item in planned["gateway"]
        if item["type"] in ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm")
    ]
    (widget,) = [w for w in body(planned["gateway"]).widgets if w.type == "alarm"]
    assert sorted(arn.split(":alarm:")[1] for arn in widget.properties.alarms) == sorted(made)


@pytest.mark.parametrize("kind", KINDS)
def test_a_charts_time_holds_two_of_its_periods(planned: dict[str, Resources], kind: str) -> None:
    shown = body(planned[kind])
    assert shown.periodOverride == "inherit"  # else CloudWatch chooses by the dashboard's time
    for widget in shown.widgets:
        if isinstance(widget, MetricWidget):
            start = widget.properties.start or shown.start or ""
            assert seconds(start) >= 2 * widget.properties.period, widget.properties.title


def seconds(start: str) -> int:
    """How long ago "-PT6H" or "-P30D" is."""
    number = int("".join(filter(str.isdigit, start)))
    return number * {"H": 3600, "D": 86400}[start[-1]]
