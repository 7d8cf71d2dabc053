"""What a resource of each type costs a month: quantities, never prices. No I/O.

A rate turns the planned values of one resource and the usage assumptions of its stack into
(price key, quantity, assumption). The prices stand in ``pipeline/data/prices.toml``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

#: AWS bills by the hour; an average month has 730 (8,760 / 12).
HOURS = 730.0

#: Keys of ``[usage]`` in stack.toml, and what is assumed where a stack says nothing.
USAGE: dict[str, float] = {
    "nat_gb": 0,  # processed by all NAT gateways together
    "alb_lcu_hours": 0,
    "s3_gb": 0,  # of all buckets together
    "ecr_gb": 0,
    "log_gb": 0,  # written to all log groups together
    "log_stored_gb": 0,
    "custom_metrics": 0,
    "backup_gb": 0,
    "sns_millions": 0,
    "sqs_millions": 0,
    "running_share": 1,  # part of the month that tasks and instances run
}


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource before or after the plan; ``peers`` are all of its side, by address."""

    address: str
    type: str
    values: Mapping[str, Any]
    usage: Mapping[str, float]
    peers: Mapping[str, Resource] = field(default_factory=dict)

    def use(self, key: str) -> float:
        """A usage assumption."""
        return self.usage.get(key, USAGE[key])

    @property
    def first(self) -> bool:
        """Whether usage that counts once for all of a type falls to this resource."""
        return self.address == min(a for a, p in self.peers.items() if p.type == self.type)

    def beside(self, kind: str) -> list[Resource]:
        """Peers of a type in the same module."""
        module = self.address.split(f"{self.type}.")[0]
        return [
            peer
            for address, peer in self.peers.items()
            if peer.type == kind and address.split(f"{kind}.")[0] == module
        ]


@dataclass(frozen=True, slots=True)
class Part:
    """``quantity`` units of a price a month."""

    price: str
    quantity: float
    assumption: str = ""


Rate: TypeAlias = Callable[[Resource], list[Part]]


class NoQuantity(Exception):
    """The plan does not say how much of something there will be."""


def _fargate(r: Resource) -> list[Part]:
    if (r.values.get("launch_type") or "FARGATE") != "FARGATE":
        return []  # its instances are billed
    tasks = r.beside("aws_ecs_task_definition")
    if len(tasks) != 1 or not tasks[0].values.get("cpu"):
        raise NoQuantity
    task = tasks[0].values
    scaling = r.beside("aws_appautoscaling_target")
    wanted = float(r.values.get("desired_count") or 0)
    count = max([wanted, *(float(s.values.get("min_capacity") or 0) for s in scaling)])
    platform = (task.get("runtime_platform") or [{}])[0] or {}
    chip = "arm" if platform.get("cpu_architecture") == "ARM64" else "x86"
    hours = count * HOURS * r.use("running_share")
    said = f"{count:g} task(s) all month; more under load"
    return [
        Part(f"fargate_{chip}_vcpu_hour", float(task["cpu"]) / 1024 * hours, said),
        Part(f"fargate_{chip}_gb_hour", float(task["memory"]) / 1024 * hours),
    ]


def _alb(r: Resource) -> list[Part]:
    if r.values.get("load_balancer_type") not in (None, "application"):
        raise NoQuantity
    zones = len(r.values.get("subnets") or []) or 2
    parts = [
        Part("alb_hour", HOURS),
        Part("alb_lcu_hour", r.use("alb_lcu_hours"), f"{r.use('alb_lcu_hours'):g} LCU-hours"),
    ]
    if r.values.get("internal") is not True:
        parts.append(Part("ipv4_hour", zones * HOURS, f"{zones} public addresses"))
    return parts


def _instance(r: Resource) -> list[Part]:
    kind = r.values.get("instance_type")
    if not kind:
        raise NoQuantity
    parts = [Part(f"ec2.{kind}", HOURS * r.use("running_share"))]
    if r.values.get("associate_public_ip_address") is True:
        parts.append(Part("ipv4_hour", HOURS, "1 public address"))
    # The provider reads attached volumes back as the instance's own; those that outlive it are
    # resources themselves, and priced there.
    own = [
        disk
        for disk in _list(r, "ebs_block_device")
        if not (disk.get("volume_id") and disk.get("delete_on_termination") is False)
    ]
    for disk in (*_list(r, "root_block_device"), *own):
        parts += _disk(disk.get("volume_type") or "gp3", disk.get("volume_size"))
    return parts


def _disk(kind: str, size: Any) -> list[Part]:
    if size is None:
        raise NoQuantity
    return [Part(f"ebs_{kind}_gb", float(size), f"{float(size):g} GB {kind}")]


def _list(r: Resource, key: str) -> list[dict[str, Any]]:
    return list(r.values.get(key) or [])


def _volume(r: Resource) -> list[Part]:
    return _disk(r.values.get("type") or "gp2", r.values.get("size"))


def _database(r: Resource) -> list[Part]:
    if r.values.get("multi_az") is True or not r.values.get("instance_class"):
        raise NoQuantity
    return [
        Part(f"rds.{r.values['instance_class']}", HOURS),
        Part("rds_gp3_gb", float(r.values.get("allocated_storage") or 0)),
    ]


def _endpoint(r: Resource) -> list[Part]:
    if r.values.get("vpc_endpoint_type") in (None, "Gateway"):
        return []
    zones = len(r.values.get("subnet_ids") or []) or 1
    return [Part("endpoint_hour", zones * HOURS, f"{zones} zone(s)")]


def _key(r: Resource) -> list[Part]:
    return [Part("kms_key_month", 1)]


def _fixed(*parts: tuple[str, float]) -> Rate:
    return lambda _r: [Part(price, quantity) for price, quantity in parts]


def _shared(price: str, usage: str, unit: str, fixed: tuple[Part, ...] = ()) -> Rate:
    """Usage of a stack that counts once, at the first resource of the type."""

    def rate(r: Resource) -> list[Part]:
        if not r.first:
            return [*fixed, Part(price, 0, "counted at the first of its type")]
        return [*fixed, Part(price, r.use(usage), f"{r.use(usage):g} {unit} in all")]

    return rate


def _logs(r: Resource) -> list[Part]:
    return [
        *_shared("log_ingest_gb", "log_gb", "GB written")(r),
        *_shared("log_store_gb", "log_stored_gb", "GB kept")(r),
    ]


RATES: dict[str, Rate] = {
    "aws_ecs_service": _fargate,
    "aws_lb": _alb,
    "aws_alb": _alb,
    "aws_nat_gateway": _shared("nat_gb", "nat_gb", "GB", (Part("nat_hour", HOURS),)),
    "aws_eip": _fixed(("ipv4_hour", HOURS)),
    "aws_instance": _instance,
    "aws_ebs_volume": _volume,
    "aws_db_instance": _database,
    "aws_s3_bucket": _shared("s3_gb", "s3_gb", "GB"),
    "aws_ecr_repository": _shared("ecr_gb", "ecr_gb", "GB"),
    "aws_secretsmanager_secret": _fixed(("secret_month", 1)),
    "aws_kms_key": _key,
    "aws_cloudwatch_log_group": _logs,
    "aws_cloudwatch_metric_alarm": _fixed(("alarm_month", 1)),
    "aws_cloudwatch_composite_alarm": _fixed(("composite_alarm_month", 1)),
    "aws_cloudwatch_dashboard": _fixed(("dashboard_month", 1)),
    "aws_cloudwatch_log_metric_filter": _shared("metric_month", "custom_metrics", "metrics"),
    "aws_vpc_endpoint": _endpoint,
    "aws_sns_topic": _shared("sns_million", "sns_millions", "million requests"),
    "aws_sqs_queue": _shared("sqs_million", "sqs_millions", "million requests"),
    "aws_backup_vault": _shared("backup_gb", "backup_gb", "GB"),
    "aws_route53_zone": _fixed(("hosted_zone_month", 1)),
}
