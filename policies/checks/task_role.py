"""CKV_KWD_4: the task role reaches S3 and Secrets Manager only."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from documents import actions, statements
from rule import Rule
from support import Unknown, document, named, one, values

SERVICES = {"s3", "secretsmanager"}
#: Allowed too where the resource is a named model.
BEDROCK = {"bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"}


class TaskRoleLeast(Rule):
    """Policies of the task role: named actions of S3 and Secrets Manager on named resources.

    What is the task role: policies with the word ``task`` in their name or whose role's name
    ends in ``-task``. Invoking Bedrock models is allowed on named models. ``*`` as action or
    resource, a ``NotAction`` or ``NotResource``, or an attached managed policy fails.
    """

    rule = "CKV_KWD_4"
    title = "The task role reaches S3 and Secrets Manager only"
    finding = "The task role may do more than named S3 and Secrets Manager actions."
    remedy = "Name the actions of S3 and Secrets Manager and the resources they are for."
    points = ("policy", "policy_arn")
    category = CheckCategories.IAM
    types = ("aws_iam_role_policy", "aws_iam_role_policy_attachment")

    def broken(self, conf: dict[str, Any]) -> bool:
        if not _is_task_role(conf):
            return False
        if self.entity_type == "aws_iam_role_policy_attachment":
            return True
        allowed = statements(document(conf, "policy"), "Allow")
        return not all(_within(statement) for statement in allowed)


def _is_task_role(conf: dict[str, Any]) -> bool:
    if named(conf, "task"):
        return True
    try:
        role = str(one(conf, "role") or "")
    except Unknown:
        role = str(values(conf, "role")[0])
    return role.endswith("-task") or "aws_iam_role.task" in role


def _within(statement: dict[str, Any]) -> bool:
    if "NotAction" in statement or "NotResource" in statement:
        return False
    named_actions = actions(statement)
    resources = values(statement, "Resource")
    for action in named_actions:
        service, _, name = action.partition(":")
        if service not in SERVICES and action not in BEDROCK:
            return False
        if not name or "*" in name:
            return False
    bare = ("*", "arn:aws:s3:::*", "arn:aws:secretsmanager:*:*:secret:*")
    if any(str(resource) in bare for resource in resources):
        return False
    models = [
        r for r in resources if str(r).endswith((":foundation-model/*", ":inference-profile/*"))
    ]
    return not (models and BEDROCK & set(named_actions))


check = TaskRoleLeast()
