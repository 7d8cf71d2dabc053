"""CKV_KWD_31: Containers write nowhere but to their volumes and have no privileges."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from containers import containers
from rule import Rule
from support import true, values

ROOT = {"root", "0"}


class ContainersConfined(Rule):
    """Read-only root file system, not privileged, no added capabilities, no root user.

    Which user an image runs as by itself, its Dockerfile says; here a user is only judged where
    the task names one.
    """

    rule = "CKV_KWD_31"
    title = "Containers write nowhere but to their volumes and have no privileges"
    finding = "A container may write to its root file system, or has privileges."
    remedy = (
        "Set readonlyRootFilesystem to true; take privileged, added capabilities and root away."
    )
    points = ("container_definitions",)
    category = CheckCategories.GENERAL_SECURITY
    types = ("aws_ecs_task_definition",)

    def broken(self, conf: dict[str, Any]) -> bool:
        return any(_free(container) for container in containers(conf))


def _free(container: dict[str, Any]) -> bool:
    read_only = values(container, "readonlyRootFilesystem")
    if not (read_only and true(read_only[0])) or any(map(true, values(container, "privileged"))):
        return True
    linux = [item for item in values(container, "linuxParameters") if isinstance(item, dict)]
    added = [
        a for one in linux for caps in values(one, "capabilities") for a in values(caps, "add")
    ]
    users = {str(user).partition(":")[0] for user in values(container, "user")}
    return bool(added) or bool(users & ROOT)


check = ContainersConfined()
