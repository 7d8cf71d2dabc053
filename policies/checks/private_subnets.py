"""CKV_KWD_34: The application and its stores run in private subnets."""

from __future__ import annotations

from typing import Any

import configuration
from checkov.common.models.enums import CheckCategories
from rule import Rule, inner, origins
from support import Unknown, address, is_unknown, named, true, values

WHERE = {
    "aws_ecs_service": "network_configuration.subnets",
    "aws_instance": "subnet_id",
    "aws_lambda_function": "vpc_config.subnet_ids",
    "aws_db_subnet_group": "subnet_ids",
    "aws_efs_mount_target": "subnet_id",
}


class PrivateSubnets(Rule):
    """No subnet that is public: the word in its name, ``Tier = public``, or public addresses.

    The load balancer and a NAT (a resource with the word ``nat`` in its name) belong there. Found
    by the subnet's id, and before it has one by where the value comes from.
    """

    rule = "CKV_KWD_34"
    title = "The application and its stores run in private subnets"
    finding = "Something other than the load balancer stands in a public subnet."
    remedy = "Put it into private subnets."
    points = ("network_configuration", "subnet_id", "subnet_ids", "vpc_config")
    category = CheckCategories.NETWORKING
    types = (
        "aws_ecs_service",
        "aws_instance",
        "aws_lambda_function",
        "aws_db_subnet_group",
        "aws_efs_mount_target",
    )

    def broken(self, conf: dict[str, Any]) -> bool:
        if named(conf, "nat"):
            return False
        subnets = {configuration.bare(address(one)): one for one in self.others("aws_subnet")}
        given = list(inner(conf, WHERE[self.entity_type]))
        by_id = {str(id_): one for one in subnets.values() for id_ in values(one, "id")}
        known = [by_id[str(item)] for item in given if str(item) in by_id]
        if any(is_unknown(item) for item in given):
            known += [subnets[a] for a in origins(conf, WHERE[self.entity_type]) if a in subnets]
            if len({_public(subnet) for subnet in known}) != 1:
                # Nothing, or a value with more sources, which cannot be told apart.
                raise Unknown("subnets")
        return any(_public(subnet) for subnet in known)


def _public(subnet: dict[str, Any]) -> bool:
    tags = [tag for tag in values(subnet, "tags") if isinstance(tag, dict)]
    return (
        named(subnet, "public")
        or any("public" in values(tag, "Tier") for tag in tags)
        or any(map(true, values(subnet, "map_public_ip_on_launch")))
    )


check = PrivateSubnets()
