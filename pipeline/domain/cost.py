"""The monthly cost of a unit before and after a plan, from planned values. No I/O.

Three kinds of resources: priced (see :mod:`pipeline.domain.rates`), free (AWS bills nothing for
the object itself) and, neither of both, unpriced: named, never counted as 0.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.domain.model import CostLine
from pipeline.domain.rates import RATES, USAGE, NoQuantity, Part, Resource
from pipeline.errors import failure

#: Types that AWS does not bill, or bills through another resource. Prefixes end in ``*``.
FREE = (
    "aws_acm_certificate*",
    "aws_appautoscaling_*",
    "aws_backup_plan",
    "aws_backup_selection",
    "aws_budgets_budget",
    "aws_ce_*",
    "aws_cloudtrail",
    "aws_cloudwatch_event_*",
    "aws_db_parameter_group",
    "aws_db_subnet_group",
    "aws_default_*",
    "aws_ebs_encryption_by_default",
    "aws_ecr_lifecycle_policy",
    "aws_ecr_repository_policy",
    "aws_ecs_cluster*",
    "aws_ecs_task_definition",
    "aws_eip_association",
    "aws_flow_log",
    "aws_iam_*",
    "aws_internet_gateway",
    "aws_key_pair",
    "aws_kms_alias",
    "aws_launch_template",
    "aws_lb_*",
    "aws_alb_*",
    "aws_network_acl*",
    "aws_route",
    "aws_route53_record",
    "aws_route_table*",
    "aws_s3_account_public_access_block",
    "aws_s3_bucket_*",
    "aws_secretsmanager_secret_*",
    "aws_security_group*",
    "aws_sns_topic_*",
    "aws_sqs_queue_*",
    "aws_ssm_document",
    "aws_ssm_parameter",
    "aws_subnet",
    "aws_volume_attachment",
    "aws_vpc",
    "aws_vpc_security_group_*",
    "random_*",
    "terraform_data",
    "time_*",
)


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for one unit."""

    usd: float
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class PriceTable:
    """All prices of one region and the day they were written down."""

    dated: date
    region: str
    prices: Mapping[str, Price]


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


def read_prices(text: str) -> PriceTable:
    """Parse ``prices.toml``."""
    raw = tomllib.loads(text)
    prices = {key: Price(**entry) for key, entry in raw["price"].items()}
    return PriceTable(raw["dated"], raw["region"], prices)


def check_usage(usage: Mapping[str, float], file: str) -> None:
    """Refuse a usage key that nothing reads: a typo must not make an estimate silently smaller."""
    unknown = sorted(set(usage) - set(USAGE))
    if unknown:
        raise failure(
            "bad-config",
            f"[usage] has {', '.join(unknown)}, which no price reads.",
            where=file,
            remedy=f"Known are: {', '.join(sorted(USAGE))}.",
        )


def estimate(plan: Mapping[str, Any], usage: Mapping[str, float], table: PriceTable) -> Cost:
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
        elif kind not in RATES:
            unpriced.add(address)
            lines.append(CostLine(address, kind, _amount(old), _amount(new)))
        else:
            lines += _lines(address, old, new, table)
            if any(line.address == address and None in (line.before, line.after) for line in lines):
                unpriced.add(address)
    return Cost(tuple(lines), tuple(sorted(unpriced)), {k: n for k, n in free.items() if n})


_NOTHING = Resource("", "", {}, {})


def is_free(kind: str) -> bool:
    """Whether AWS bills nothing for objects of this type."""
    return any(
        kind.startswith(name[:-1]) if name.endswith("*") else kind == name for name in FREE
    ) and (kind not in RATES)


def _amount(resource: Resource | None) -> float | None:
    return 0.0 if resource is None else None


def _side(plan: Mapping[str, Any], side: str, usage: Mapping[str, float]) -> dict[str, Resource]:
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


def _parts(resource: Resource | None) -> dict[str, Part] | None:
    """The parts by price; None when the plan does not say how much."""
    if resource is None:
        return {}
    try:
        parts = RATES[resource.type](resource)
    except NoQuantity:
        return None
    joined: dict[str, Part] = {}
    for part in parts:
        seen = joined.get(part.price)
        if seen is not None:
            text = "; ".join(filter(None, (seen.assumption, part.assumption)))
            part = Part(part.price, seen.quantity + part.quantity, text)
        joined[part.price] = part
    return joined


def _lines(
    address: str, old: Resource | None, new: Resource | None, table: PriceTable
) -> Iterator[CostLine]:
    before, after = _parts(old), _parts(new)
    if before is None or after is None:
        kind = (new or old or _NOTHING).type
        yield CostLine(address, kind, _sum(before, table), _sum(after, table))
        return
    for key in {**before, **after}:
        price = table.prices.get(key)
        ends = [
            None if price is None and key in side else _times(side.get(key), price)
            for side in (before, after)
        ]
        part = after.get(key) or before[key]
        yield CostLine(
            address,
            key if price is None else f"{key} ({price.usd:g} $ per {price.unit})",
            ends[0],
            ends[1],
            price.source if price else "",
            part.assumption,
        )


def _times(part: Part | None, price: Price | None) -> float:
    return 0.0 if part is None or price is None else part.quantity * price.usd


def _sum(parts: dict[str, Part] | None, table: PriceTable) -> float | None:
    if parts is None or any(part.price not in table.prices for part in parts.values()):
        return None
    return sum(_times(part, table.prices[part.price]) for part in parts.values())
