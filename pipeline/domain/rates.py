"""What a resource of each type costs a month: quantities, never prices. No I/O.

A rate turns the planned values of one resource and the usage assumptions of its stack into
quantities of prices. The prices stand in ``pipeline/data/prices.toml``. A rate that returns
nothing says that AWS bills nothing for a resource like this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from pipeline.domain.quantities import HOURS, Assumed, NoQuantity, Part, Rate, Resource

#: What a gp3 volume of any size brings along (AWS: "Amazon EBS General Purpose SSD volumes").
GP3_IOPS, GP3_MIBPS = 3000, 125
#: Metrics of an instance that is watched in detail (AWS: "CloudWatch pricing", example 2).
DETAILED = 7
#: Disk that a Fargate task has without paying (AWS: "Fargate task ephemeral storage"), in GiB.
TASK_DISK = 20


def _service(r: Resource) -> list[Part]:
    kinds = _capacity(r)
    if not kinds:
        return []  # its instances are billed
    tasks = r.beside("aws_ecs_task_definition")
    if len(tasks) != 1:
        raise NoQuantity
    task = tasks[0]
    vcpu, gb = task.number("cpu") / 1024, task.number("memory") / 1024
    platform = (task.blocks("runtime_platform") or [{}])[0]
    chip = "arm" if platform.get("cpu_architecture") == "ARM64" else "x86"
    parts: list[Part] = []
    for spot, hours, said in _task_hours(r, kinds):
        name = f"fargate_{'spot_' if spot else ''}{chip}"
        parts.append(Part(f"{name}_vcpu_hour", _times(hours, vcpu), f"{vcpu:g} vCPU, {said}"))
        parts.append(Part(f"{name}_gb_hour", _times(hours, gb), f"{gb:g} GB, {said}"))
        for disk in task.blocks("ephemeral_storage"):
            extra = float(disk["size_in_gib"]) - TASK_DISK
            parts.append(Part("fargate_ephemeral_gb_hour", _times(hours, extra), f"{extra:g} GB"))
    return parts


class _Capacity(NamedTuple):
    """A Fargate capacity provider of a service; see AWS: "capacityProviderStrategy"."""

    spot: bool
    base: int
    weight: int


def _capacity(r: Resource) -> list[_Capacity]:
    """Where the tasks run; nothing when they run on instances."""
    chosen = r.blocks("capacity_provider_strategy")
    if not chosen:
        fargate = (r.values.get("launch_type") or "FARGATE") == "FARGATE"
        return [_Capacity(False, 0, 1)] if fargate else []
    return [
        _Capacity(
            c["capacity_provider"] == "FARGATE_SPOT",
            int(c.get("base") or 0),
            int(c.get("weight") or 0),
        )
        for c in chosen
        if str(c["capacity_provider"]).startswith("FARGATE")
    ]


def _task_hours(r: Resource, kinds: list[_Capacity]) -> list[tuple[bool, Assumed, str]]:
    """Hours of tasks a month by kind: bases first, the rest and what scaling adds by weight."""
    scaling = r.beside("aws_appautoscaling_target")
    least = [float(s.values.get("min_capacity") or 0) for s in scaling]
    count = max([float(r.values.get("desired_count") or 0), *least])
    extra = r.usage.get("extra_task_hours", Assumed(0, 0)) if scaling else Assumed(0, 0)
    weights = sum(kind.weight for kind in kinds) or 1
    rest = max(0.0, count - sum(kind.base for kind in kinds))
    running = r.running
    found = []
    for kind in kinds:
        share = kind.weight / weights
        tasks = min(count, kind.base) + rest * share
        hours = Assumed(
            tasks * running.low + extra.low * share, tasks * running.typical + extra.typical * share
        )
        more = f" and {extra.typical * share:g} hours more" if extra.typical * share else ""
        found.append((kind.spot, hours, f"{tasks:g} task(s){more}"))
    return found


def _balancer(r: Resource) -> list[Part]:
    if r.values.get("load_balancer_type") not in (None, "application"):
        raise NoQuantity
    zones = len(r.values.get("subnets") or []) or 2
    parts = [Part.fixed("alb_hour", HOURS), r.shared("alb_lcu_hour", "alb_lcu_hours")]
    if r.values.get("internal") is not True:
        parts.append(Part.fixed("ipv4_hour", zones * HOURS, f"{zones} public addresses"))
        parts.append(r.shared("internet_out_gb", "internet_gb"))
    return parts


def _instance(r: Resource) -> list[Part]:
    kind = r.values.get("instance_type")
    if not kind:
        raise NoQuantity
    parts = [Part(f"ec2.{kind}", r.running)]
    if r.values.get("associate_public_ip_address") is True:
        parts.append(Part.fixed("ipv4_hour", HOURS, "1 public address"))
    if r.values.get("monitoring") is True:
        parts.append(Part.fixed("metric_month", DETAILED, f"{DETAILED} metrics of every minute"))
    # The provider reads attached volumes back as the instance's own; those that outlive it are
    # resources themselves, and priced there.
    own = [
        disk
        for disk in r.blocks("ebs_block_device")
        if not (disk.get("volume_id") and disk.get("delete_on_termination") is False)
    ]
    for disk in (*r.blocks("root_block_device"), *own):
        parts += _disk(disk, disk.get("volume_type") or "gp3", disk.get("volume_size"))
    return parts


def _volume(r: Resource) -> list[Part]:
    return _disk(r.values, r.values.get("type") or "gp2", r.values.get("size"))


def _disk(values: Mapping[str, Any], kind: str, size: Any) -> list[Part]:
    if size is None:
        raise NoQuantity
    parts = [Part.fixed(f"ebs_{kind}_gb", float(size), f"{float(size):g} GB {kind}")]
    if kind == "gp3":
        faster = [("iops", GP3_IOPS, "ebs_gp3_iops"), ("throughput", GP3_MIBPS, "ebs_gp3_mibps")]
        for key, free, price in faster:
            above = float(values.get(key) or 0) - free
            if above > 0:
                parts.append(Part.fixed(price, above, f"{above:g} above the {free} included"))
    return parts


def _database(r: Resource) -> list[Part]:
    kind = r.values.get("instance_class")
    if not kind:
        raise NoQuantity
    both = ".multi_az" if r.values.get("multi_az") is True else ""
    disk = r.values.get("storage_type") or "gp2"
    size = r.number("allocated_storage")
    return [
        Part(f"rds.{kind}{both}", r.running),
        Part.fixed(f"rds_{disk}_gb{both}", size, f"{size:g} GB {disk}; as much backup is free"),
    ]


def _files(r: Resource) -> list[Part]:
    if r.values.get("throughput_mode") not in (None, "bursting"):
        raise NoQuantity  # billed by what is moved or provisioned: no price here
    zone = "efs_one_zone_gb" if r.values.get("availability_zone_name") else "efs_gb"
    return [r.shared(zone, "efs_gb")]


def _endpoint(r: Resource) -> list[Part]:
    if r.values.get("vpc_endpoint_type") in (None, "Gateway"):
        return []
    zones = len(r.values.get("subnet_ids") or []) or 1
    return [Part.fixed("endpoint_hour", zones * HOURS, f"{zones} zone(s)")]


def _alarm(r: Resource) -> list[Part]:
    # An alarm on an expression is billed by the metrics it looks at (AWS: CloudWatch pricing).
    math = [query for query in r.blocks("metric_query") if query.get("metric")]
    metrics = len(math) or 1
    periods = [m.get("period") for query in math for m in query["metric"]]
    quick = any(p is not None and p < 60 for p in [r.values.get("period"), *periods])
    price = "alarm_quick_month" if quick else "alarm_month"
    return [Part.fixed(price, metrics, f"{metrics} metric(s)")]


def _cluster(r: Resource) -> list[Part]:
    settings = {s.get("name"): s.get("value") for s in r.blocks("setting")}
    mode = settings.get("containerInsights", "disabled")
    if mode == "enhanced":
        raise NoQuantity  # billed by observations: no price here
    return [r.used("metric_month", "insights_metrics")] if mode == "enabled" else []


def _function(r: Resource) -> list[Part]:
    chip = "arm" if r.values.get("architectures") == ["arm64"] else "x86"
    gb = float(r.values.get("memory_size") or 128) / 1024
    return [
        r.shared("lambda_million", "lambda_millions"),
        r.shared(f"lambda_{chip}_gb_second", "lambda_seconds", gb),
    ]


def _flow_log(r: Resource) -> list[Part]:
    to_bucket = r.values.get("log_destination_type") == "s3"
    return [r.shared("flow_log_s3_gb" if to_bucket else "log_vended_gb", "flow_log_gb")]


def _trail(r: Resource) -> list[Part]:
    data = [s for s in r.blocks("event_selector") if s.get("data_resource")]
    for selector in r.blocks("advanced_event_selector"):
        fields = {f.get("field"): f.get("equals") or [] for f in selector.get("field_selector", [])}
        if "Data" in fields.get("eventCategory", []):
            data.append(selector)
    # The first copy of management events is free (AWS: CloudTrail pricing).
    return [r.shared("trail_100k_data_events", "trail_100k_data_events")] if data else []


def _one(price: str, quantity: float = 1) -> Rate:
    return lambda _r: [Part.fixed(price, quantity)]


def _all(*parts: tuple[str, str], fixed: tuple[str, float] | None = None) -> Rate:
    """Usage that counts once for all of the type: (price, key); and what each costs besides."""

    def rate(r: Resource) -> list[Part]:
        own = [Part.fixed(*fixed)] if fixed else []
        return own + [r.shared(price, key) for price, key in parts]

    return rate


def _times(hours: Assumed, by: float) -> Assumed:
    return Assumed(hours.low * by, hours.typical * by)


RATES: dict[str, Rate] = {
    "aws_alb": _balancer,
    "aws_backup_vault": _all(
        ("backup_ebs_gb", "backup_ebs_gb"),
        ("backup_rds_gb", "backup_rds_gb"),
        ("backup_efs_gb", "backup_efs_gb"),
    ),
    "aws_cloudtrail": _trail,
    "aws_cloudwatch_composite_alarm": _one("composite_alarm_month"),
    "aws_cloudwatch_dashboard": _one("dashboard_month"),
    # Metrics that applications write come by way of their logs (EMF) or the agent beside them.
    "aws_cloudwatch_log_group": _all(
        ("log_ingest_gb", "log_gb"),
        ("log_store_gb", "log_stored_gb"),
        ("metric_month", "custom_metrics"),
    ),
    "aws_cloudwatch_log_metric_filter": _one("metric_month"),
    "aws_cloudwatch_metric_alarm": _alarm,
    "aws_db_instance": _database,
    "aws_ebs_volume": _volume,
    "aws_ecr_repository": _all(("ecr_gb", "ecr_gb")),
    "aws_ecs_cluster": _cluster,
    "aws_ecs_service": _service,
    "aws_efs_file_system": _files,
    "aws_eip": _one("ipv4_hour", HOURS),
    "aws_flow_log": _flow_log,
    "aws_instance": _instance,
    "aws_kms_key": _all(("kms_10k_requests", "kms_10k_requests"), fixed=("kms_key_month", 1)),
    "aws_lambda_function": _function,
    "aws_lb": _balancer,
    "aws_nat_gateway": _all(("nat_gb", "nat_gb"), fixed=("nat_hour", HOURS)),
    "aws_route53_zone": _all(("dns_million", "dns_millions"), fixed=("hosted_zone_month", 1)),
    "aws_s3_bucket": _all(
        ("s3_gb", "s3_gb"),
        ("s3_put_thousand", "s3_put_thousands"),
        ("s3_get_thousand", "s3_get_thousands"),
    ),
    "aws_secretsmanager_secret": _all(
        ("secret_10k_requests", "secret_10k_requests"), fixed=("secret_month", 1)
    ),
    # A private namespace is a hosted zone; ECS registers in it without a charge of its own.
    "aws_service_discovery_private_dns_namespace": _all(
        ("dns_million", "dns_millions"), fixed=("hosted_zone_month", 1)
    ),
    "aws_sns_topic": _all(("sns_million", "sns_millions")),
    "aws_sqs_queue": _all(("sqs_million", "sqs_millions")),
    # Both ends of traffic between zones are billed.
    "aws_vpc": lambda r: [r.shared("zone_gb", "zone_gb", 2)],
    "aws_vpc_endpoint": _endpoint,
}
