"""CKV_KWD_6: The instance role reaches CloudWatch, Systems Manager and its own secret only."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from documents import actions, principals, statements
from rule import Rule
from support import document, one, values

CLOUDWATCH = {"cloudwatch", "logs"}
#: What the Systems Manager agent calls for Session Manager (AWS Systems Manager User Guide,
#: "Additional sample IAM policies for Session Manager").
SESSION_MANAGER = {
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
}
SECRET = {"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"}
MANAGED = {"arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy"}


class InstanceRoleLeast(Rule):
    """Policies of roles that EC2 assumes: metrics and logs, Session Manager, one named secret.

    Named actions only. ``AmazonSSMManagedInstanceCore`` is not among the managed policies that may
    be attached, because it opens every parameter.
    """

    rule = "CKV_KWD_6"
    title = "The instance role reaches CloudWatch, Systems Manager and its own secret only"
    finding = "The instance role may do more than CloudWatch, Systems Manager and its own secret."
    remedy = "Name single actions of these services, and the one secret."
    points = ("policy", "policy_arn")
    category = CheckCategories.IAM
    types = ("aws_iam_role_policy", "aws_iam_role_policy_attachment")

    def broken(self, conf: dict[str, Any]) -> bool:
        role = self.target(conf, "role", "aws_iam_role")
        if role is None or not _for_machines(role):
            return False
        if self.entity_type == "aws_iam_role_policy_attachment":
            return str(one(conf, "policy_arn")) not in MANAGED
        allowed = statements(document(conf, "policy"), "Allow")
        return not all(_within(statement) for statement in allowed)


def _for_machines(role: dict[str, Any]) -> bool:
    trust = statements(document(role, "assume_role_policy"), "Allow")
    return any("ec2.amazonaws.com" in principals(statement, "Service") for statement in trust)


def _within(statement: dict[str, Any]) -> bool:
    if "NotAction" in statement or "NotResource" in statement:
        return False
    for action in actions(statement):
        service, _, name = action.partition(":")
        if action in SECRET:
            if any(_any_secret(str(resource)) for resource in values(statement, "Resource")):
                return False
        elif action not in SESSION_MANAGER and (service not in CLOUDWATCH or "*" in name):
            return False
    return True


def _any_secret(resource: str) -> bool:
    return resource.rsplit(":secret:", 1)[-1].startswith("*")


check = InstanceRoleLeast()
