"""CKV_KWD_1: only the load balancer is public."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from rule import Rule
from support import blocks, inside, named, one, public_cidrs, true

#: What clients may reach on the load balancer.
WEB_PORTS = {80, 443}


class OnlyLoadBalancerPublic(Rule):
    """Public ingress, public addresses, internet-facing load balancers: only in ``module.alb``.

    A resource whose own name has the word ``alb`` counts as well.

    A NAT needs a public address to do its work; it has the word ``nat`` in its name. Public
    ingress of the load balancer is confined to TCP 80 and 443.
    """

    rule = "CKV_KWD_1"
    title = "Only the load balancer is public"
    finding = "Something other than the load balancer is open to the internet."
    remedy = "Take the public range or address away; clients come through the load balancer."
    points = (
        "cidr_ipv4",
        "cidr_ipv6",
        "cidr_blocks",
        "ingress",
        "associate_public_ip_address",
        "assign_public_ip",
        "map_public_ip_on_launch",
        "internal",
    )
    category = CheckCategories.NETWORKING
    types = (
        "aws_security_group",
        "aws_security_group_rule",
        "aws_vpc_security_group_ingress_rule",
        "aws_default_security_group",
        "aws_instance",
        "aws_launch_template",
        "aws_subnet",
        "aws_ecs_service",
        "aws_db_instance",
        "aws_lb",
        "aws_alb",
        "aws_elb",
        "aws_eip",
    )

    def broken(self, conf: dict[str, Any]) -> bool:
        alb = inside(conf, "alb") or named(conf, "alb")
        kind = self.entity_type
        if kind in ("aws_security_group", "aws_default_security_group"):
            return any(_open(rule, alb) for rule in blocks(conf, "ingress"))
        if kind == "aws_security_group_rule":
            return one(conf, "type") == "ingress" and _open(conf, alb)
        if kind == "aws_vpc_security_group_ingress_rule":
            return _open(conf, alb)
        if kind in ("aws_lb", "aws_alb", "aws_elb"):
            return not alb and not true(one(conf, "internal"))
        if alb or named(conf, "nat"):
            return False
        if kind == "aws_eip":
            return True
        if kind == "aws_subnet":
            # A subnet for the load balancer needs a route out, but hands out no addresses.
            return true(one(conf, "map_public_ip_on_launch"))
        if kind == "aws_db_instance":
            return true(one(conf, "publicly_accessible"))
        if kind == "aws_ecs_service":
            networks = blocks(conf, "network_configuration")
            return any(true(one(block, "assign_public_ip")) for block in networks)
        interfaces = [conf, *blocks(conf, "network_interfaces")]
        return any(true(one(block, "associate_public_ip_address")) for block in interfaces)


def _open(rule: dict[str, Any], alb: bool) -> bool:
    """Whether an ingress rule lets the internet in where it must not."""
    keys = ("cidr_ipv4", "cidr_ipv6", "cidr_blocks", "ipv6_cidr_blocks")
    if not public_cidrs(rule, *keys):
        return False
    if not alb:
        return True
    protocol = str(one(rule, "ip_protocol") or one(rule, "protocol") or "-1")
    ports = (one(rule, "from_port"), one(rule, "to_port"))
    return protocol not in ("tcp", "6") or ports[0] != ports[1] or int(ports[0]) not in WEB_PORTS


check = OnlyLoadBalancerPublic()
