"""CKV_KWD_22: A rollout that does not become healthy undoes itself."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from rule import Rule, setting
from support import true


class RolloutUndoesItself(Rule):
    """The deployment circuit breaker is on and rolls back."""

    rule = "CKV_KWD_22"
    title = "A rollout that does not become healthy undoes itself"
    finding = "A rollout that does not become healthy would stay."
    remedy = "Write a deployment_circuit_breaker with enable and rollback."
    points = ("deployment_circuit_breaker",)
    category = CheckCategories.GENERAL_SECURITY
    types = ("aws_ecs_service",)

    def broken(self, conf: dict[str, Any]) -> bool:
        on = setting(conf, "deployment_circuit_breaker.enable")
        return not (true(on) and true(setting(conf, "deployment_circuit_breaker.rollback")))


check = RolloutUndoesItself()
