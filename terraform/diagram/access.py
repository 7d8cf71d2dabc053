"""Who calls which of AWS's services, and who tells whom: policies, notifications. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from terraform.diagram.resources import Resource, Resources, Statement, statements

#: Services that a policy can only allow by action, since they have no resources in a plan.
BY_ACTION = {"bedrock": "Bedrock", "cloudwatch": "CloudWatch"}

#: Types that write into a bucket that they name.
WRITERS = ("aws_cloudtrail", "aws_lb")


def roles(found: Resources, item: Resource) -> list[str]:
    """Names of the roles that something in the network acts with."""
    match item.type:
        case "aws_ecs_service":
            task = found.called("aws_ecs_task_definition", item.text("task_definition"))
            arns = [task.text("task_role_arn"), task.text("execution_role_arn")] if task else []
        case "aws_instance":
            profile = found.called("aws_iam_instance_profile", item.text("iam_instance_profile"))
            arns = [profile.text("role")] if profile else []
        case "aws_lambda_function":
            arns = [item.text("role")]
        case _:
            arns = []
    named = [found.called("aws_iam_role", arn) for arn in arns]
    return [role.text("name") for role in named if role]


def allowed(found: Resources, role: str) -> list[Statement]:
    """What the policies of a role allow."""
    own = [item for item in found.of("aws_iam_role_policy") if item.text("role") == role]
    given = [
        found.called("aws_iam_policy", item.text("policy_arn"))
        for item in found.of("aws_iam_role_policy_attachment")
        if item.text("role") == role
    ]
    policies = [*own, *(policy for policy in given if policy)]
    return [statement for item in policies for statement in statements(item.text("policy"))]


def calls(found: Resources, item: Resource, targets: list[Resource]) -> Iterator[Resource | str]:
    """What something in the network may call: resources, or a service's title."""
    names = roles(found, item)
    mine = [statement for role in names for statement in allowed(found, role)]
    for target in targets:
        aims = [aim for statement in mine for aim in statement.targets]
        own = _policies_of(found, target)
        if any(_covers(aim, target.text("arn")) for aim in aims) or any(
            _admits(statement, names) for statement in own
        ):
            yield target
    for statement in mine:
        for action in statement.actions:
            if title := BY_ACTION.get(action.partition(":")[0]):
                yield title


def events(found: Resources) -> Iterator[tuple[Resource, Resource]]:
    """Pairs of a giver and who is told: by notification, alarm, rotation, trail or backup."""
    told = {
        "aws_s3_bucket_notification": ("bucket", "aws_s3_bucket"),
        "aws_secretsmanager_secret_rotation": ("secret_id", "aws_secretsmanager_secret"),
        "aws_backup_vault_notifications": ("backup_vault_name", "aws_backup_vault"),
    }
    ends = found.of("aws_lambda_function", "aws_sns_topic", "aws_sqs_queue", "aws_s3_bucket")
    givers = found.of(
        *told,
        *WRITERS,
        "aws_budgets_budget",
        "aws_ce_anomaly_subscription",
        "aws_cloudwatch_composite_alarm",
        "aws_cloudwatch_event_target",
        "aws_cloudwatch_metric_alarm",
    )
    for item in givers:
        if item.type in told:
            name, kind = told[item.type]
            giver = found.called(kind, item.text(name))
        else:
            giver = item
        said = _texts(item.values)
        for end in ends:
            written = item.type in WRITERS and end.text("bucket") in said - {""}
            if giver and (written or end.text("arn") in said) and end is not giver:
                yield giver, end


def _policies_of(found: Resources, target: Resource) -> list[Statement]:
    """A queue may admit callers by itself; so may others, but nobody here does."""
    if target.type != "aws_sqs_queue":
        return []
    apart = [
        item
        for item in found.of("aws_sqs_queue_policy")
        if item.text("queue_url") == target.text("id")
    ]
    return [statement for item in [target, *apart] for statement in statements(item.text("policy"))]


def _admits(statement: Statement, names: list[str]) -> bool:
    said = {name.rpartition("/")[2] for name in statement.principals if ":role/" in name}
    return bool(said & set(names))


def _covers(aim: str, arn: str) -> bool:
    """Whether a policy's pattern is about this resource (or what lies in it), and not about all."""
    if aim == "*" or not arn:
        return False
    return any(fnmatchcase(name, aim) for name in (arn, f"{arn}/*", f"{arn}:*"))


def _texts(value: object) -> set[str]:
    if isinstance(value, str):
        return {value}
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return {text for item in inner for text in _texts(item)}
