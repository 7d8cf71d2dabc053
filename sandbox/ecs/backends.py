"""The parts of moto's in-process state that the data plane reads and drives.

One place names moto's modules, so that the rest of the package works on plain objects.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ecr.models import ecr_backends
from moto.ecs.models import ecs_backends
from moto.efs.models import efs_backends
from moto.elbv2.models import elbv2_backends
from moto.logs.models import logs_backends
from moto.rds.models import rds_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.servicediscovery.models import servicediscovery_backends
from moto.ssm.models import ssm_backends
from moto.sts.models import sts_backends


@dataclass(frozen=True, slots=True)
class Backends:
    """moto's backends of one account and region, looked up each time: a reset replaces them."""

    account: str
    region: str

    @property
    def ecs(self) -> Any:
        return ecs_backends[self.account][self.region]

    @property
    def elb(self) -> Any:
        return elbv2_backends[self.account][self.region]

    @property
    def ec2(self) -> Any:
        return ec2_backends[self.account][self.region]

    @property
    def efs(self) -> Any:
        return efs_backends[self.account][self.region]

    @property
    def cloud_map(self) -> Any:
        return servicediscovery_backends[self.account][self.region]

    @property
    def ecr(self) -> Any:
        return ecr_backends[self.account][self.region]

    @property
    def logs(self) -> Any:
        return logs_backends[self.account][self.region]

    @property
    def rds(self) -> Any:
        return rds_backends[self.account][self.region]

    @property
    def secrets(self) -> Any:
        return secretsmanager_backends[self.account][self.region]

    @property
    def ssm(self) -> Any:
        return ssm_backends[self.account][self.region]

    @property
    def sts(self) -> Any:
        return sts_backends[self.account]["aws"]

    def instances(self) -> list[Any]:
        """Every EC2 instance, whatever its state."""
        return [
            instance
            for reservation in list(self.ec2.reservations.values())
            for instance in list(reservation.instances)
        ]

    def tags(self, resource: str) -> dict[str, str]:
        """Tags of an EC2 resource."""
        return dict(self.ec2.tags.get(resource, {}))
