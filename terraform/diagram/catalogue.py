"""Which types of resources stand in which box beside the network, and what is said of each.

A type is drawn (a line in its service's box), or it belongs to something that is drawn (a rule of
a group, a version of a secret), or nobody decided yet: then the picture names it at its foot.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from terraform.diagram.names import counted, short
from terraform.diagram.network import PLACED
from terraform.diagram.resources import Resource, Resources

#: What a backup is of, in words.
KEPT = {
    "aws_db_instance": "databases",
    "aws_ebs_volume": "volumes",
    "aws_efs_file_system": "file systems",
    "aws_instance": "instances",
    "aws_s3_bucket": "buckets",
}

PERIODS = {"DAILY": "day", "MONTHLY": "month"}

Say = Callable[[Resources, list[Resource]], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Service:
    """A box: its title, and for each type that it holds what is said of all of them."""

    title: str
    says: dict[str, Say]


def names(attribute: str) -> Say:
    """A line each: the short form of an attribute."""
    return lambda found, items: [short(item.text(attribute)) for item in items]


def count(one: str, many: str) -> Say:
    """One line for all."""
    return lambda found, items: [counted(len(items), one, many)]


def _queues(found: Resources, items: list[Resource]) -> Iterable[str]:
    dead = {
        json.loads(item.text("redrive_policy") or "{}").get("deadLetterTargetArn") for item in items
    }
    for item in items:
        after = ", for dead letters" if item.text("arn") in dead else ""
        yield f"{short(item.text('name'))}{after}"


def _secrets(found: Resources, items: list[Resource]) -> Iterable[str]:
    """Their names, and the functions in no subnet that Terraform has the values made by."""
    yield from names("name")(found, items)
    for maker in sorted({item.text("function_name") for item in found.of("aws_lambda_invocation")}):
        yield f"values by function {short(maker)}"


def _logs(found: Resources, items: list[Resource]) -> Iterable[str]:
    yield f"logs: {', '.join(sorted(short(item.text('name')) for item in items))}"


def _recipients(found: Resources, items: list[Resource]) -> Iterable[str]:
    for protocol in sorted({item.text("protocol") for item in items}):
        number = sum(item.text("protocol") == protocol for item in items)
        way = protocol.replace("email", "e-mail")
        yield f"by {way} to {counted(number, 'address', 'addresses')}"


def _plans(found: Resources, items: list[Resource]) -> Iterable[str]:
    for item in items:
        rules = sorted(short(str(rule["rule_name"])) for rule in item.values.get("rule") or [])
        yield f"plan: {', '.join(rules)}"
    tags = [
        (tag["key"], tag["value"])
        for selection in found.of("aws_backup_selection")
        for tag in selection.values.get("selection_tag") or []
    ]
    kept = sorted({KEPT.get(item.type, item.type) for item in found.all if _tagged(item, tags)})
    if kept:
        yield f"of: {', '.join(kept)}"


def _tagged(item: Resource, tags: list[tuple[str, str]]) -> bool:
    return any(item.tag(key) == value for key, value in tags)


def _trails(found: Resources, items: list[Resource]) -> Iterable[str]:
    for item in items:
        yield "all regions" if item.values.get("is_multi_region_trail") else "one region"


def _budgets(found: Resources, items: list[Resource]) -> Iterable[str]:
    """A line for the account and for each environment whose tag a budget counts."""
    limits: dict[str, list[str]] = {}
    for item in items:
        tags = [tag for kept in item.values.get("cost_filter") or [] for tag in kept["values"]]
        whose = tags[0].partition("$")[2] if tags else "account"
        amount, unit = float(item.text("limit_amount")), item.text("time_unit")
        limits.setdefault(whose, []).append(f"US${amount:g}/{PERIODS.get(unit, unit.lower())}")
    for whose, told in limits.items():
        yield f"{whose}: {', '.join(told)}"


def _roles(found: Resources, items: list[Resource]) -> Iterable[str]:
    """Only what comes from outside; the roles of boxes show as the boxes' links."""
    lent = [item for item in items if "oidc-provider/" in item.text("assume_role_policy")]
    if lent:
        yield f"roles: {', '.join(short(item.text('name')) for item in lent)}"


SERVICES = (
    Service("S3", {"aws_s3_bucket": names("bucket")}),
    Service("SQS", {"aws_sqs_queue": _queues}),
    Service("Secrets Manager", {"aws_secretsmanager_secret": _secrets}),
    Service("KMS", {"aws_kms_key": count("key", "keys")}),
    Service(
        "CloudWatch",
        {
            "aws_cloudwatch_log_group": _logs,
            "aws_cloudwatch_metric_alarm": count("alarm", "alarms"),
            "aws_cloudwatch_composite_alarm": count("composite alarm", "composite alarms"),
            "aws_cloudwatch_dashboard": count("dashboard", "dashboards"),
            "aws_cloudwatch_event_rule": count("event rule", "event rules"),
        },
    ),
    Service("SNS", {"aws_sns_topic": names("name"), "aws_sns_topic_subscription": _recipients}),
    Service("Backup", {"aws_backup_vault": names("name"), "aws_backup_plan": _plans}),
    Service("CloudTrail", {"aws_cloudtrail": _trails}),
    Service(
        "Budgets",
        {
            "aws_budgets_budget": _budgets,
            "aws_ce_anomaly_monitor": count("anomaly monitor", "anomaly monitors"),
        },
    ),
    Service("ECR", {"aws_ecr_repository": names("name")}),
    Service(
        "GitHub Actions",
        {
            "aws_iam_openid_connect_provider": count("identity provider", "identity providers"),
            "aws_iam_role": _roles,
        },
    ),
    Service(
        "Cloud Map",
        {
            "aws_service_discovery_private_dns_namespace": lambda found, items: [
                item.text("name") for item in items
            ]
        },
    ),
)

#: Types that are a part of something drawn, beside those whose name begins with a drawn type's.
PARTS = frozenset(
    """
    aws_appautoscaling_policy aws_appautoscaling_scheduled_action aws_appautoscaling_target
    aws_backup_selection aws_backup_vault_lock_configuration aws_backup_vault_notifications
    aws_backup_vault_policy aws_ce_anomaly_subscription aws_ce_cost_allocation_tag
    aws_cloudwatch_event_target aws_cloudwatch_log_metric_filter
    aws_db_parameter_group aws_db_subnet_group aws_default_security_group
    aws_ebs_volume aws_ecr_lifecycle_policy aws_ecr_repository_policy aws_ecs_cluster
    aws_ecs_cluster_capacity_providers aws_ecs_task_definition aws_efs_access_point
    aws_efs_backup_policy aws_efs_file_system_policy aws_efs_mount_target aws_eip aws_flow_log
    aws_iam_instance_profile aws_iam_policy aws_iam_role_policy aws_iam_role_policy_attachment
    aws_internet_gateway aws_kms_alias aws_kms_key_policy aws_lambda_invocation
    aws_lambda_permission aws_lb_listener aws_lb_listener_rule aws_lb_target_group aws_route
    aws_route_table aws_route_table_association aws_security_group aws_service_discovery_service
    aws_sns_topic_policy aws_sqs_queue_policy aws_sqs_queue_redrive_allow_policy aws_subnet
    aws_volume_attachment aws_vpc aws_vpc_endpoint aws_vpc_security_group_egress_rule
    aws_vpc_security_group_ingress_rule
    """.split()
)

#: Families that only refine one drawn type.
FAMILIES = ("aws_s3_bucket_", "aws_secretsmanager_secret_")


def service_of(kind: str) -> Service | None:
    """The box that a type stands in."""
    return next((service for service in SERVICES if kind in service.says), None)


def known(kind: str) -> bool:
    """Whether somebody decided how a type is shown."""
    return (
        kind in PARTS or kind in PLACED or service_of(kind) is not None or kind.startswith(FAMILIES)
    )
