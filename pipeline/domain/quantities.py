"""What a rate works with: a planned resource, assumed usage, quantities of a price. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

#: AWS bills by the hour; an average month has 730 (8,760 / 12).
HOURS = 730.0

#: What a stack's usage.toml may assume, each a month. Only ``running_share`` has a value of its
#: own where a stack assumes nothing: what is there runs all month.
USAGE: dict[str, str] = {
    "alb_lcu_hours": "LCU-hours of all load balancers",
    "backup_ebs_gb": "GB of volumes kept in backup vaults",
    "backup_efs_gb": "GB of file systems kept in backup vaults",
    "backup_rds_gb": "GB of databases kept in backup vaults",
    "custom_metrics": "metrics that applications and agents write themselves",
    "dns_millions": "million questions to hosted zones",
    "ecr_gb": "GB of images",
    "efs_gb": "GB on file systems",
    "extra_task_hours": "hours of tasks above the minimum, for each service that scales",
    "flow_log_gb": "GB of flow logs",
    "insights_metrics": "metrics of Container Insights, for each cluster that has them",
    "internet_gb": "GB that load balancers send to the internet",
    "kms_10k_requests": "times 10,000 requests to KMS",
    "lambda_millions": "million calls of functions",
    "lambda_seconds": "seconds that functions run",
    "log_gb": "GB written to log groups",
    "log_stored_gb": "GB kept in log groups",
    "nat_gb": "GB through NAT gateways",
    "running_share": "part of the month that tasks and instances run",
    "s3_gb": "GB in buckets",
    "s3_get_thousands": "thousand requests that read from buckets",
    "s3_put_thousands": "thousand requests that write to buckets or list them",
    "secret_10k_requests": "times 10,000 requests to Secrets Manager",
    "sns_millions": "million messages to topics",
    "sqs_millions": "million requests to queues",
    "trail_100k_data_events": "times 100,000 data events in trails",
    "zone_gb": "GB between availability zones, in one direction",
}


@dataclass(frozen=True, slots=True)
class Assumed:
    """A quantity a month: at least, and as a rule."""

    low: float
    typical: float


ALL_MONTH = Assumed(1, 1)
Usage: TypeAlias = Mapping[str, Assumed]


@dataclass(frozen=True, slots=True)
class Part:
    """Units of a price a month; ``quantity`` is None where nothing says how many."""

    price: str
    quantity: Assumed | None
    assumption: str = ""

    @classmethod
    def fixed(cls, price: str, quantity: float, assumption: str = "") -> Part:
        """A quantity that the plan itself says."""
        return cls(price, Assumed(quantity, quantity), assumption)


class NoQuantity(Exception):
    """The plan does not say how much of something there will be."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource before or after the plan; ``peers`` are all of its side, by address."""

    address: str
    type: str
    values: Mapping[str, Any]
    usage: Usage
    peers: Mapping[str, Resource] = field(default_factory=dict)

    def blocks(self, key: str) -> list[dict[str, Any]]:
        """The blocks of a name."""
        return [item for item in self.values.get(key) or [] if item]

    def number(self, key: str) -> float:
        """A planned number; raises NoQuantity where the plan has none."""
        value = self.values.get(key)
        if value is None:
            raise NoQuantity
        return float(value)

    @property
    def running(self) -> Assumed:
        """Hours a month that tasks and instances run."""
        share = self.usage.get("running_share", ALL_MONTH)
        return Assumed(share.low * HOURS, share.typical * HOURS)

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

    def used(self, price: str, key: str, times: float = 1) -> Part:
        """``times`` the assumed usage of a key, whatever other resources use."""
        what = USAGE[key]
        found = self.usage.get(key)
        if found is None:
            return Part(price, None, f"usage.toml does not say how many {what}")
        quantity = Assumed(found.low * times, found.typical * times)
        return Part(price, quantity, f"{_range(found)} {what}")

    def shared(self, price: str, key: str, times: float = 1) -> Part:
        """Usage that all resources of this type have together, counted at the first of them."""
        if self.first:
            return self.used(price, key, times)
        return Part.fixed(price, 0, "counted at the first of its type")


Rate: TypeAlias = Callable[[Resource], list[Part]]


def _range(found: Assumed) -> str:
    same = found.low == found.typical
    return f"{found.typical:g}" if same else f"{found.low:g} to {found.typical:g}"
