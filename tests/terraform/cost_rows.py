"""What the page on cost says, as numbers: the lines of the estate against those of the seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.domain.prices import PriceTable
from pipeline.domain.quantities import HOURS
from pipeline.results import CostLineReport, CostReport

#: What the seed expects a month, in US dollars.
SEED = (92, 128)
Test = Callable[[CostLineReport], bool]


@dataclass(frozen=True, slots=True)
class Row:
    """A part of the bill: what the seed says of it ("" where it says nothing), and what it is."""

    name: str
    seed: str
    mine: Test


def _price(*beginnings: str) -> Test:
    return lambda line: line.what.startswith(beginnings)


def _of(module: str, *beginnings: str) -> Test:
    return lambda line: module in line.address and line.what.startswith(beginnings or ("",))


#: Each line of a report belongs to the first row that takes it; together they take all.
ROWS = (
    Row("NAT", "", lambda line: line.address.startswith("module.vpc.") and "nat" in line.address
        and not line.what.startswith("ipv4")),
    Row("Phoenix: its task", "", _of("module.phoenix", "fargate_")),
    Row("Phoenix: its database or files", "", _of("module.phoenix", "rds", "efs")),
    Row("Application on Fargate", "30-50", _price("fargate_")),
    Row("Load balancer", "20", _price("alb_")),
    Row("Neo4j on EC2", "30", _price("ec2.")),
    Row("Documents and logs in S3", "1-5", _price("s3_")),
    Row("Alarms and dashboard", "", _price("alarm_", "composite_", "dashboard_")),
    Row("CloudWatch: logs and metrics", "10-20", _price("log_", "metric_")),
    Row("Secrets Manager", "1-2", _price("secret_")),
    Row("Public addresses", "", _price("ipv4")),
    Row("Data transfer", "", _price("internet_", "zone_")),
    Row("Disks", "", _price("ebs_")),
    Row("Backups", "", _price("backup_")),
    Row("Flow logs, keys, queue, DNS, functions, images", "", lambda _: True),
)  # fmt: skip


def by_row(report: CostReport) -> dict[str, float]:
    """US dollars a month of each row, at typical usage."""
    sums = dict.fromkeys((row.name for row in ROWS), 0.0)
    for line in report.lines:
        row = next(row for row in ROWS if row.mine(line))
        sums[row.name] += line.after or 0
    return sums


def by_service(report: CostReport) -> dict[str, tuple[float, float]]:
    """(low, typical) US dollars a month of each service, the dearest first."""
    sums: dict[str, tuple[float, float]] = {}
    for line in report.lines:
        if line.service:
            low, typical = sums.get(line.service, (0.0, 0.0))
            sums[line.service] = (low + (line.low or 0), typical + (line.after or 0))
    return dict(sorted(sums.items(), key=lambda item: -item[1][1]))


@dataclass(frozen=True, slots=True)
class Step:
    """One way to pay less: US dollars a month that it saves, what is lost, and where it is set."""

    what: str
    saves: float
    loses: str
    where: str


def steps(prod: CostReport, table: PriceTable) -> list[Step]:
    """Ways to make prod cheaper, what hurts least first; each counts on those before it."""

    def usd(key: str, quantity: float = HOURS) -> float:
        return table.prices[key].usd * quantity

    def paid(*tests: Test) -> float:
        return sum(line.after or 0 for line in prod.lines if all(test(line) for test in tests))

    promise = {key: discount.share for key, discount in table.discounts.items()}
    graph = paid(_price("ec2.t3.medium"))
    arm = usd("ec2.t4g.medium")
    traces = paid(_of("module.phoenix", "rds"))
    phoenix = paid(_of("module.phoenix", "fargate_arm"))
    spot = usd("fargate_spot_arm_vcpu_hour") / usd("fargate_arm_vcpu_hour")
    own = paid(_price("fargate_"), lambda line: "module.phoenix" not in line.address)
    kept = 1 - promise["fargate_1y"]
    return [
        Step("the graph store on t4g.medium (ARM)", graph - arm,
             "nothing but the work: another image, the volume moves along",
             "`graph_store.type`, and the image beside it"),
        Step("Container Insights off", paid(lambda line: "aws_ecs_cluster." in line.address),
             "metrics of single tasks; those of the service stay",
             "`observability.container_insights`"),
        Step("Phoenix on SQLite and EFS as in dev", traces - usd("efs_gb", 5),
             "several writers and a restore to any minute: of traces, not of customers' data",
             "`phoenix.storage`"),
        Step("Phoenix's task on Fargate Spot", phoenix * (1 - spot),
             "traces of some minutes, when AWS takes the task back",
             "`launch_type` in the phoenix module"),
        Step("a NAT instance in place of the gateway",
             paid(_price("nat_")) - usd("ec2.t4g.nano") - usd("ebs_gp3_gb", 8),
             "the way out of both zones, when the instance fails and until it is replaced",
             "`network.nat`"),
        Step("a Compute Savings Plan for a year on what is left of Fargate and EC2",
             own * promise["fargate_1y"] + arm * promise["ec2_1y"],
             "the freedom to stop paying for it", "the billing console"),
        Step("one task of the application in place of two", own * kept / 2,
             "a minute of service, when a task or its zone fails", "`service.min`"),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Advice:
    """What one can promise or risk, and what it costs before and after, in US dollars a month."""

    what: str
    before: float
    after: float
    note: str


def advice(
    dev: CostReport, staging: CostReport, prod: CostReport, table: PriceTable
) -> list[Advice]:
    """Spot where a task may vanish, promises where something runs all month anyway."""

    def paid(report: CostReport, *beginnings: str) -> float:
        return sum(line.after or 0 for line in report.lines if line.what.startswith(beginnings))

    def spot(report: CostReport) -> float:
        return sum(
            (line.after or 0) * table.prices[_spot(line)].usd / table.prices[_key(line)].usd
            for line in report.lines
            if line.what.startswith(("fargate_arm", "fargate_x86"))
        )

    share = {key: discount.share for key, discount in table.discounts.items()}
    found = []
    for name, report in (("dev", dev), ("staging", staging)):
        before = paid(report, "fargate_arm", "fargate_x86")
        found.append(
            Advice(f"Fargate Spot for what {name} has on demand", before, spot(report),
                   "a task gets two minutes' notice; the load balancer drains it")
        )  # fmt: skip
    for what, key, beginning, note in (
        ("Compute Savings Plan, one year, nothing upfront, on prod's Fargate", "fargate_1y",
         "fargate_", "covers any size and processor; also staging's and dev's"),
        ("The same on prod's instances", "ec2_1y", "ec2.",
         "an EC2 Instance Savings Plan saves some points more and binds to t3 in Sydney"),
        ("Reserved database, one year, nothing upfront", "rds_1y", "rds.",
         "binds to db.t4g in Sydney; sizes of the family may change"),
    ):  # fmt: skip
        before = paid(prod, beginning)
        found.append(Advice(what, before, before * (1 - share[key]), note))
    return [a for a in found if a.before > 0]


def _key(line: CostLineReport) -> str:
    return line.what.split(" ")[0]


def _spot(line: CostLineReport) -> str:
    return _key(line).replace("fargate_", "fargate_spot_")
