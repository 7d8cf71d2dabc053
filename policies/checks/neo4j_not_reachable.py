"""CKV_KWD_2: Neo4j has no public address, and only security groups reach it."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from rule import Rule
from support import blocks, inside, named, one, public_cidrs, true, values

#: Bolt, HTTP, HTTPS of Neo4j (its operations manual, "Ports") and SSH.
PORTS = (7687, 7474, 7473, 22)


class Neo4jNotReachable(Rule):
    """The graph store is private: it takes traffic from named groups, and from no range at all.

    What is Neo4j: resources in ``module.neo4j``, with the word ``neo4j`` in their name, or with
    the tag ``Component = neo4j``. Its ports are closed to the internet on every other group as
    well, so moving the rule elsewhere does not help.
    """

    rule = "CKV_KWD_2"
    title = "Neo4j has no public address, and only security groups reach it"
    finding = "Neo4j can be reached from the internet."
    remedy = "Allow Bolt by the application's security group only, without a CIDR."
    points = ("cidr_ipv4", "cidr_ipv6", "cidr_blocks", "ingress", "associate_public_ip_address")
    category = CheckCategories.NETWORKING
    types = (
        "aws_instance",
        "aws_security_group",
        "aws_security_group_rule",
        "aws_vpc_security_group_ingress_rule",
        "aws_eip_association",
        "aws_eip",
    )

    def broken(self, conf: dict[str, Any]) -> bool:
        neo4j = _is_neo4j(conf)
        if self.entity_type in ("aws_eip", "aws_eip_association"):
            targets = values(conf, "instance") + values(conf, "instance_id")
            return neo4j or any("neo4j" in str(target) for target in targets)
        if self.entity_type == "aws_instance":
            return neo4j and true(one(conf, "associate_public_ip_address"))
        if self.entity_type == "aws_security_group":
            rules = blocks(conf, "ingress")
        elif self.entity_type == "aws_security_group_rule" and one(conf, "type") != "ingress":
            rules = []
        else:
            rules = [conf]
        return any(_open(rule, neo4j) for rule in rules)


def _is_neo4j(conf: dict[str, Any]) -> bool:
    if inside(conf, "neo4j") or named(conf, "neo4j"):
        return True
    tags = [tag for tag in values(conf, "tags") + values(conf, "tags_all") if isinstance(tag, dict)]
    return any("neo4j" in values(tag, "Component") for tag in tags)


def _open(rule: dict[str, Any], neo4j: bool) -> bool:
    keys = ("cidr_ipv4", "cidr_ipv6", "cidr_blocks", "ipv6_cidr_blocks")
    if neo4j and any(one(rule, key) for key in (*keys, "prefix_list_id", "prefix_list_ids")):
        return True  # private or not, whatever the port
    if not public_cidrs(rule, *keys):
        return False
    if str(one(rule, "ip_protocol") or one(rule, "protocol") or "-1") == "-1":
        return True  # all ports, ours among them
    low, high = one(rule, "from_port"), one(rule, "to_port")
    if low is None or high is None:
        return True
    return any(int(low) <= port <= int(high) for port in PORTS)


check = Neo4jNotReachable()
