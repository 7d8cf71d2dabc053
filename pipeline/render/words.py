"""Words that the comment and the HTML report share."""

from __future__ import annotations

from collections import Counter

from pipeline.domain.model import Action
from pipeline.results import CostReport, PlanReport, UnitResult, grouped

#: Verbs in the order in which they matter to a reviewer.
VERBS: dict[Action, str] = {
    Action.DELETE: "destroy",
    Action.REPLACE: "replace",
    Action.UPDATE: "change",
    Action.CREATE: "create",
    Action.FORGET: "forget",
    Action.READ: "read",
    Action.NO_OP: "keep",
}

PAST: dict[Action, str] = {
    Action.DELETE: "destroyed",
    Action.REPLACE: "replaced",
    Action.UPDATE: "changed",
    Action.CREATE: "created",
    Action.FORGET: "forgotten",
    Action.READ: "read",
    Action.NO_OP: "kept",
}

#: Terraform's action_reason, in words (its JSON output format, "Change Representation").
REASONS: dict[str, str] = {
    "replace_because_cannot_update": "it cannot be changed in place",
    "replace_because_tainted": "an earlier apply failed half-way",
    "replace_by_request": "the plan was asked to",
    "replace_by_triggers": "something it depends on changes",
    "delete_because_no_resource_config": "it is no longer in the files",
    "delete_because_no_module": "its module is no longer in the files",
    "delete_because_wrong_repetition": "count or for_each changed",
    "delete_because_count_index": "count became smaller",
    "delete_because_each_key": "its key is no longer in for_each",
    "delete_because_no_move_target": "a moved block has no target",
}


def counts(plan: PlanReport) -> str:
    """``2 to create, 1 to move, 1 output``; ``nothing to do`` when empty.

    Resources as Terraform counts them; what only moves or is imported, leftovers of earlier
    replacements and outputs apart.
    """
    live = [c for c in plan.changes if not c.is_output and not c.deposed]
    actions: Counter[Action] = Counter(c.action for c in live)
    del actions[Action.NO_OP]
    apart = {
        "to import": sum(c.imported for c in live),
        "to move": sum(c.previous_address is not None for c in live),
        "leftover to destroy": sum(bool(c.deposed) for c in plan.changes),
    }
    parts = [f"{actions[a]} to {verb}" for a, verb in VERBS.items() if actions[a]]
    parts += [f"{count} {what}" for what, count in apart.items() if count]
    outputs = sum(c.is_output for c in plan.changes)
    if outputs:
        parts.append(f"{outputs} output{'s' if outputs != 1 else ''}")
    return ", ".join(parts) or "nothing to do"


def plan_word(result: UnitResult) -> str:
    """The plan's cell in the table of units."""
    if result.plan is None:
        return "no result"
    if result.plan.error:
        return f"failed ({result.plan.error[0].reason})"
    return counts(result.plan)


def lint_word(result: UnitResult, tools: tuple[str, ...]) -> str:
    """How many findings of some tools are new, and how many were there or are excepted.

    As often as a reader meets them: what one edit would cure counts once.
    """
    if result.findings is None:
        return "no result"
    if result.findings.error and "checkov" in tools:
        return "not run"
    mine = grouped(f for f in result.findings.findings if f.tool in tools)
    new = sum(group.finding.failing for group in mine)
    rest = len(mine) - new
    said = f"{new} new" if new else "fine"
    return f"{said}, {rest} known" if rest else said


LINT = ("tflint", "guard")
POLICY = ("checkov", "action-policy")


def money(value: float) -> str:
    """US dollars with cents; a minus sign before the dollar sign."""
    return f"-${-value:,.2f}" if value < 0 else f"${value:,.2f}"


def cost_word(cost: CostReport | None) -> str:
    """The cost's cell: the new sum, the change, the budget when it is exceeded."""
    if cost is None or cost.error:
        return "no result"
    sign = "+" if cost.delta >= 0 else ""
    said = f"{money(cost.after)} ({sign}{money(cost.delta)})"
    if cost.over_budget and cost.budget is not None:
        said += f", over the budget of {money(cost.budget)}"
    if cost.unpriced:
        said += f", {len(cost.unpriced)} without a price"
    return said


def record_word(result: UnitResult) -> str:
    """Whether the plan record was written."""
    return "written" if result.record and not result.record.error else "none"


def why(reason: str) -> str:
    """``because …`` for an action_reason, empty where Terraform gave none."""
    return f"because {REASONS[reason]}" if reason in REASONS else ""
