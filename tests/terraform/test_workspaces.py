"""What the three workspaces plan to be, across modules, from the plan's JSON."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sandbox.aws.access.policy import Query, Verdict, evaluate, evaluate_resource_policy
from sandbox.client import Sandbox
from sandbox.layout import ACCOUNT, REGION
from tests.terraform.cost_page import PAGE, PICTURES, drawn, page
from tests.terraform.cost_plans import plan_with, reports
from tests.terraform.stacks import Stack

pytestmark = pytest.mark.slow
WORKSPACES = ["dev", "staging", "prod"]
Plan = dict[str, Any]


@pytest.fixture(scope="module")
def plans(box: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Any:
    @cache
    def plan(workspace: str) -> Plan:
        data: Path = tmp_path_factory.mktemp(workspace)
        stack = Stack("knowledgeweaver", workspace, box.aws_url, data)
        stack.init()
        return stack.plan()

    return plan


def resources(plan: Plan, kind: str = "") -> list[dict[str, Any]]:
    """Planned values of all managed resources, or of those of a type."""
    found = [
        {**change["change"]["after"], "address": change["address"], "type": change["type"]}
        for change in plan["resource_changes"]
        if change["mode"] == "managed"
    ]
    return [item for item in found if not kind or item["type"] == kind]


@pytest.mark.parametrize("workspace", WORKSPACES)
def test_everything_that_takes_tags_says_whose_it_is(plans: Any, workspace: str) -> None:
    tagged = [item for item in resources(plans(workspace)) if item.get("tags_all") is not None]
    assert len(tagged) > 25
    for item in tagged:
        assert item["tags_all"]["Project"] == "KnowledgeWeaver", item["address"]
        assert item["tags_all"]["Environment"] == workspace, item["address"]
        assert item["tags_all"]["Stack"] == "knowledgeweaver", item["address"]


@pytest.mark.parametrize("workspace", WORKSPACES)
def test_only_the_load_balancer_is_open_to_the_world(plans: Any, workspace: str) -> None:
    rules = resources(plans(workspace), "aws_vpc_security_group_ingress_rule")
    world = {rule["address"].split("[")[0] for rule in rules if rule["cidr_ipv4"] == "0.0.0.0/0"}
    assert world == {"module.alb.aws_vpc_security_group_ingress_rule.clients"}


@pytest.mark.parametrize("workspace", WORKSPACES)
def test_every_role_carries_the_ceiling(plans: Any, workspace: str) -> None:
    roles = resources(plans(workspace), "aws_iam_role")
    assert len(roles) >= 3
    for role in roles:
        assert role["permissions_boundary"].endswith(":policy/knowledgeweaver-workload-boundary")
        # the apply role of a workspace may only make roles with this beginning
        assert role["name"].startswith(f"knowledgeweaver-{workspace}-")


def test_nothing_is_put_into_a_network_before_there_is_a_way_out_of_it(plans: Any) -> None:
    called = plans("dev")["configuration"]["root_module"]["module_calls"]["vpc"]["module"]
    ways = {name: set(output.get("depends_on", ())) for name, output in called["outputs"].items()}
    assert {"aws_internet_gateway.this", "aws_route.public_out"} <= ways["public_subnet_ids"]
    assert {"aws_route.private_out_gateway", "aws_route.private_out_instance"} <= ways[
        "private_subnet_ids"
    ]


@pytest.fixture(scope="module")
def apply_policies(box: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the apply role of each workspace may do, by the account's plan."""
    stack = Stack("account", "shared", box.aws_url, tmp_path_factory.mktemp("policies"))
    stack.init()
    found = resources(stack.plan(), "aws_iam_role_policy")
    named = {policy["address"]: policy["policy"] for policy in found}
    return {w: named[f'module.github_oidc.aws_iam_role_policy.apply["{w}"]'] for w in WORKSPACES}


@pytest.mark.parametrize("workspace", WORKSPACES)
def test_an_apply_role_may_make_every_alarm_and_none_of_another_workspace(
    plans: Any, apply_policies: dict[str, str], workspace: str
) -> None:
    def makers(alarm: str) -> set[str]:
        arn = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{alarm}"
        # PutCompositeAlarm is judged against "*": who may make one may make all
        calls = ["cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"]
        queries = [Query(call, arn, {"aws:requestedregion": [REGION]}) for call in calls]
        return {
            name
            for name, policy in apply_policies.items()
            if all(evaluate([policy], query) is Verdict.ALLOW for query in queries)
        }

    kinds = ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm")
    alarms = [item["alarm_name"] for kind in kinds for item in resources(plans(workspace), kind)]
    assert len(alarms) >= 7
    assert {alarm: makers(alarm) for alarm in alarms} == {alarm: {workspace} for alarm in alarms}


@pytest.mark.parametrize("workspace", WORKSPACES)
def test_policies_can_be_read_before_anything_exists(plans: Any, workspace: str) -> None:
    for policy in resources(plans(workspace), "aws_iam_role_policy"):
        assert json.loads(policy["policy"])["Statement"], policy["address"]


@pytest.mark.parametrize(
    ("workspace", "cluster", "secret", "topic"),
    [
        ("dev", "knowledgeweaver-dev", "knowledgeweaver/dev/neo4j", "knowledgeweaver-dev-alerts"),
        ("prod", "knowledgeweaver", "knowledgeweaver/neo4j", "knowledgeweaver-alerts"),
    ],
)
def test_production_has_the_plain_names(
    plans: Any, workspace: str, cluster: str, secret: str, topic: str
) -> None:
    plan = plans(workspace)
    assert [item["name"] for item in resources(plan, "aws_ecs_cluster")] == [cluster]
    services = {item["name"] for item in resources(plan, "aws_ecs_service")}
    assert services == {"knowledgeweaver-api", "knowledgeweaver-phoenix"}
    assert secret in [item["name"] for item in resources(plan, "aws_secretsmanager_secret")]
    assert [item["name"] for item in resources(plan, "aws_sns_topic")] == [topic]


def test_production_keeps_what_it_has(plans: Any) -> None:
    plan = plans("prod")
    assert [i["disable_api_termination"] for i in resources(plan, "aws_instance")] == [True]
    assert [b["enable_deletion_protection"] for b in resources(plan, "aws_lb")] == [True]
    assert {b["force_destroy"] for b in resources(plan, "aws_s3_bucket")} == {False}
    recovery = [s["recovery_window_in_days"] for s in resources(plan, "aws_secretsmanager_secret")]
    assert recovery == [30] * 4
    assert len(resources(plan, "aws_lb_listener")) == 2
    assert len(resources(plan, "aws_nat_gateway")) == 1
    assert [log["traffic_type"] for log in resources(plan, "aws_flow_log")] == ["ALL"]


@pytest.mark.parametrize(("workspace", "kept"), [("dev", []), ("staging", [30]), ("prod", [365])])
def test_access_logs_are_kept_where_somebody_may_ask_for_them(
    plans: Any, workspace: str, kept: list[int]
) -> None:
    found = resources(plans(workspace), "aws_s3_bucket_lifecycle_configuration")
    days = [c["rule"][0]["expiration"][0]["days"] for c in found if ".alb." in c["address"]]
    assert days == kept


@pytest.mark.parametrize(
    ("workspace", "share"),
    [("dev", {"FARGATE_SPOT": 100}), ("staging", {"FARGATE": 100}), ("prod", {"FARGATE": 100})],
)
def test_only_dev_runs_on_spot_and_all_follow_their_requests(
    plans: Any, workspace: str, share: dict[str, int]
) -> None:
    plan = plans(workspace)
    api = [s for s in resources(plan, "aws_ecs_service") if s["address"].startswith("module.ecs.")]
    strategy = api[0]["capacity_provider_strategy"]
    assert {item["capacity_provider"]: item["weight"] for item in strategy} == share
    policies = resources(plan, "aws_appautoscaling_policy")
    followed = {
        p["target_tracking_scaling_policy_configuration"][0]["predefined_metric_specification"][0][
            "predefined_metric_type"
        ]
        for p in policies
    }
    assert followed == {"ALBRequestCountPerTarget", "ECSServiceAverageCPUUtilization"}


@pytest.mark.parametrize("workspace", WORKSPACES)
def test_uploads_reach_the_application_and_nobody_else(plans: Any, workspace: str) -> None:
    queues = {q["name"]: q for q in resources(plans(workspace), "aws_sqs_queue")}
    name = f"knowledgeweaver-{workspace}-uploads"
    assert set(queues) == {name, f"{name}-dead"}
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    policy = queues[name]["policy"]
    bucket = f"arn:aws:s3:::knowledgeweaver-{workspace}-documents-{ACCOUNT}-{REGION}"

    def verdict(action: str, who: str, **keys: str) -> Verdict:
        given = {"aws:securetransport": ["true"], "aws:sourceaccount": [ACCOUNT]}
        given |= {f"aws:{name}": [value] for name, value in keys.items()}
        return evaluate_resource_policy(policy, Query(f"sqs:{action}", arn, given, (who,)))

    s3, role = "Service:s3.amazonaws.com", f"AWS:arn:aws:iam::{ACCOUNT}:role/knowledgeweaver-"
    task = f"{role}{workspace}-task"
    assert verdict("SendMessage", s3, sourcearn=bucket) is Verdict.ALLOW
    assert verdict("SendMessage", s3, sourcearn=f"{bucket}-2") is Verdict.NONE
    assert verdict("SendMessage", s3, sourcearn=bucket, sourceaccount="9" * 12) is Verdict.NONE
    assert verdict("SendMessage", s3, sourcearn=bucket, securetransport="false") is Verdict.DENY
    assert verdict("ReceiveMessage", s3, sourcearn=bucket) is Verdict.NONE
    for action in ("ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility"):
        assert verdict(action, task) is Verdict.ALLOW
        assert verdict(action, task, securetransport="false") is Verdict.DENY
        assert verdict(action, f"{role}{workspace}-execution") is Verdict.NONE
    for action in ("SendMessage", "PurgeQueue", "DeleteQueue", "SetQueueAttributes"):
        assert verdict(action, task) is Verdict.NONE


def test_dev_can_be_thrown_away(plans: Any) -> None:
    plan = plans("dev")
    graph_store = [i for i in resources(plan, "aws_instance") if "neo4j" in i["address"]]
    assert [instance["disable_api_termination"] for instance in graph_store] == [False]
    assert [b["enable_deletion_protection"] for b in resources(plan, "aws_lb")] == [False]
    assert [b["force_destroy"] for b in resources(plan, "aws_s3_bucket")] == [True]
    recovery = [s["recovery_window_in_days"] for s in resources(plan, "aws_secretsmanager_secret")]
    assert recovery == [0] * 4
    assert resources(plan, "aws_s3_bucket_lifecycle_configuration") == []  # 55 s of waiting


@pytest.fixture(scope="module")
def costs(plans: Any, box: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Any:
    account = plan_with(box.aws_url, tmp_path_factory.mktemp("costs"))
    return reports(lambda u: plans(u.workspace) if u.workspace in WORKSPACES else account(u))


def test_the_page_on_cost_says_what_these_plans_cost(costs: Any) -> None:
    written = PAGE.read_text()
    assert written == page(written, costs), "run python -m tests.terraform.cost_page"
    for theme, text in drawn(costs).items():
        assert PICTURES[theme].read_text() == text, "run python -m tests.terraform.cost_page"


def test_everything_has_a_price_and_fits_its_budget(costs: Any) -> None:
    for report in costs.values():
        assert report.unpriced == [], report.unit
        assert report.low <= report.after <= report.budget, report.unit
