"""CKV_KWD_4: the task role reaches S3 and Secrets Manager only."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck
from support import Unknown, document, is_unknown, named, one, values

SERVICES = {"s3", "secretsmanager"}
#: Allowed too where the resource is a named model.
BEDROCK = {"bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"}


class TaskRoleLeast(BaseResourceCheck):
    """Policies of the task role: named actions of S3 and Secrets Manager on named resources.

    What is the task role: policies with the word ``task`` in their name or whose role's name
    ends in ``-task``. Invoking Bedrock models is allowed on named models. ``*`` as action or
    resource, a ``NotAction`` or ``NotResource``, or an attached managed policy fails.
    """

    def __init__(self) -> None:
        super().__init__(
            name="The task role reaches S3 and Secrets Manager only",
            id="CKV_KWD_4",
            categories=[CheckCategories.IAM],
            supported_resources=["aws_iam_role_policy", "aws_iam_role_policy_attachment"],
            guideline="docs/policies.md#ckv_kwd_4",
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        if not _is_task_role(conf):
            return CheckResult.PASSED
        if self.entity_type == "aws_iam_role_policy_attachment":
            return CheckResult.FAILED
        try:
            statements = _statements(document(conf, "policy"))
            allowed = [_within(s) for s in statements if s.get("Effect", "Allow") == "Allow"]
            return CheckResult.PASSED if all(allowed) else CheckResult.FAILED
        except Unknown:
            return CheckResult.UNKNOWN


def _is_task_role(conf: dict[str, Any]) -> bool:
    if named(conf, "task"):
        return True
    try:
        role = str(one(conf, "role") or "")
    except Unknown:
        role = str(values(conf, "role")[0])
    return role.endswith("-task") or "aws_iam_role.task" in role


def _statements(policy: dict[str, Any]) -> list[dict[str, Any]]:
    return [item for item in values(policy, "Statement") if isinstance(item, dict)]


def _within(statement: dict[str, Any]) -> bool:
    if "NotAction" in statement or "NotResource" in statement:
        return False
    actions = [str(action) for action in values(statement, "Action")]
    resources = values(statement, "Resource")
    for action in actions:
        if is_unknown(action):
            raise Unknown("Action")
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
    return not (models and BEDROCK & set(actions))


check = TaskRoleLeast()
