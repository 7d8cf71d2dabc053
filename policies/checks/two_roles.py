"""CKV_KWD_39: What starts a task and what runs in it have different roles."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from rule import Rule, origins
from support import Unknown, is_unknown, values


class TwoRoles(Rule):
    """The execution role reads what a task starts with; the application has a role of its own."""

    rule = "CKV_KWD_39"
    title = "What starts a task and what runs in it have different roles"
    finding = "The application runs with the role that starts its task."
    remedy = "Give task_role_arn a role of its own."
    points = ("task_role_arn",)
    category = CheckCategories.IAM
    types = ("aws_ecs_task_definition",)

    def broken(self, conf: dict[str, Any]) -> bool:
        task, start = values(conf, "task_role_arn"), values(conf, "execution_role_arn")
        if not task or not start:
            return False
        if not any(map(is_unknown, task + start)):
            return task == start
        sources = origins(conf, "task_role_arn"), origins(conf, "execution_role_arn")
        if not all(sources):
            raise Unknown("task_role_arn")
        return sources[0] == sources[1]


check = TwoRoles()
