"""The monthly cost of a unit before and after a plan, from planned values. No I/O.

Three kinds of resources: priced (see :mod:`pipeline.domain.rates`), free (AWS bills nothing for
the object itself) and, neither of both, unpriced: named, never counted as 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.domain.model import CostLine
from pipeline.domain.prices import Price, PriceTable
from pipeline.domain.quantities import Assumed, NoQuantity, Part, Resource, Usage
from pipeline.domain.rates import RATES

#: Types that AWS does not bill, or bills through another resource. Prefixes end in ``*``.
FREE = (
    "aws_acm_certificate*",
    "aws_alb_*",
    "aws_appautoscaling_*",
    "aws_backup_plan",
    "aws_backup_region_settings",
    "aws_backup_selection",
    "aws_backup_vault_*",
    "aws_budgets_budget",
    "aws_ce_*",
    "aws_cloudwatch_event_*",
    "aws_cloudwatch_log_resource_policy",
    "aws_cloudwatch_log_stream",
    "aws_cloudwatch_query_definition",
    "aws_db_option_group",
    "aws_db_parameter_group",
    "aws_db_subnet_group",
    "aws_default_*",
    "aws_ebs_encryption_by_default",
    "aws_ecr_lifecycle_policy",
    "aws_ecr_repository_policy",
    "aws_ecs_account_setting_default",
    "aws_ecs_cluster_*",
    "aws_ecs_task_definition",
    "aws_efs_access_point",
    "aws_efs_backup_policy",
    "aws_efs_file_system_policy",
    "aws_efs_mount_target",
    "aws_eip_association",
    "aws_iam_*",
    "aws_internet_gateway",
    "aws_key_pair",
    "aws_kms_alias",
    "aws_kms_key_policy",
    "aws_lambda_alias",
    "aws_lambda_function_event_invoke_config",
    "aws_lambda_invocation",
    "aws_lambda_permission",
    "aws_launch_template",
    "aws_lb_*",
    "aws_network_acl*",
    "aws_route",
    "aws_route53_record",
    "aws_route_table*",
    "aws_s3_account_public_access_block",
    "aws_s3_bucket_*",
    "aws_secretsmanager_secret_*",
    "aws_security_group*",
    "aws_service_discovery_service",
    "aws_sns_topic_*",
    "aws_sqs_queue_*",
    "aws_ssm_association",
    "aws_ssm_document",
    "aws_ssm_parameter",
    "aws_subnet",
    "aws_volume_attachment",
    "aws_vpc_security_group_*",
    "random_*",
    "terraform_data",
    "time_*",
)


@dataclass(frozen=True, slots=True)
class Cost:
    """US dollars a month; ``unpriced`` are addresses, ``free`` counts by type."""

    lines: tuple[CostLine, ...]
    unpriced: tuple[str, ...]
    free: Mapping[str, int]

    @property
    def before(self) -> float:
        return sum(line.before or 0 for line in self.lines)

    @property
    def after(self) -> float:
        return sum(line.after or 0 for line in self.lines)

    @property
    def low(self) -> float:
        return sum(line.low or 0 for line in self.lines)


def estimate(plan: Mapping[str, Any], usage: Usage, table: PriceTable) -> Cost:
    """Cost of a ``terraform show -json`` document."""
    before, after = (_side(plan, side, usage) for side in ("before", "after"))
    lines: list[CostLine] = []
    unpriced: set[str] = set()
    free: Counter[str] = Counter()
    for address in sorted({*before, *after}):
        old, new = before.get(address), after.get(address)
        kind = (new or old or _NOTHING).type
        if is_free(kind):
            free[kind] += new is not None
            continue
        found = list(_lines(address, old, new, table))
        lines += found
        if any(None in (line.before, line.after) for line in found):
            unpriced.add(address)
        elif not found:
            free[kind] += new is not None
    return Cost(tuple(lines), tuple(sorted(unpriced)), {k: n for k, n in free.items() if n})


_NOTHING = Resource("", "", {}, {})


def is_free(kind: str) -> bool:
    """Whether AWS bills nothing for objects of this type."""
    return any(
        kind.startswith(name[:-1]) if name.endswith("*") else kind == name for name in FREE
    ) and (kind not in RATES)


def _side(plan: Mapping[str, Any], side: str, usage: Usage) -> dict[str, Resource]:
    found: dict[str, Resource] = {}
    for change in plan.get("resource_changes") or []:
        values = change["change"].get(side)
        if change.get("mode") == "managed" and values is not None:
            if change["change"].get("actions") == ["forget"] and side == "after":
                continue
            # all share one dictionary, so a resource sees the peers that come after it
            found[change["address"]] = Resource(
                change["address"], change["type"], values, usage, found
            )
    return found


def _lines(
    address: str, old: Resource | None, new: Resource | None, table: PriceTable
) -> Iterator[CostLine]:
    before, after = _parts(old), _parts(new)
    if before is None or after is None:
        # of one side the plan does not say how much: then only the other is known, as a whole
        kind = (new or old or _NOTHING).type
        yield CostLine(address, kind, _sum(before, table), _sum(after, table))
        return
    for key in {**before, **after}:
        price = table.prices.get(key)
        part = after.get(key) or before[key]
        yield CostLine(
            address,
            key if price is None else f"{key} ({price.usd:g} $ per {price.unit})",
            _typical(before.get(key), price),
            _typical(after.get(key), price),
            price.source if price else "",
            part.assumption,
            price.service if price else "",
            _times(after.get(key), price, low=True),
        )


def _parts(resource: Resource | None) -> dict[str, Part] | None:
    """The parts by price; None when there is no rate, or the plan does not say how much."""
    if resource is None:
        return {}
    rate = RATES.get(resource.type)
    if rate is None:
        return None
    try:
        parts = rate(resource)
    except NoQuantity:
        return None
    joined: dict[str, Part] = {}
    for part in parts:
        seen = joined.get(part.price)
        if seen is not None:
            text = "; ".join(filter(None, (seen.assumption, part.assumption)))
            part = Part(part.price, _together(seen.quantity, part.quantity), text)
        joined[part.price] = part
    return joined


def _together(one: Assumed | None, other: Assumed | None) -> Assumed | None:
    if one is None or other is None:
        return None
    return Assumed(one.low + other.low, one.typical + other.typical)


def _typical(part: Part | None, price: Price | None) -> float | None:
    return _times(part, price, low=False)


def _times(part: Part | None, price: Price | None, low: bool) -> float | None:
    if part is None:
        return 0.0
    if part.quantity is None or price is None:
        return None
    return (part.quantity.low if low else part.quantity.typical) * price.usd


def _sum(parts: dict[str, Part] | None, table: PriceTable) -> float | None:
    known = [_typical(p, table.prices.get(p.price)) for p in (parts or {}).values()]
    return None if parts is None or None in known else sum(filter(None, known), 0.0)
