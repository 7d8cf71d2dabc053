"""Plans of small estates to draw, and an estate as it may become."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

from terraform.diagram.estate import picture
from terraform.diagram.model import Box, Kind, Link, Picture, Subnet, Where
from terraform.diagram.resources import Resources

ZONES = ("ap-southeast-2a", "ap-southeast-2b")
ROLE = "arn:aws:iam::123456789012:role/knowledgeweaver-test-api"
QUEUE = "arn:aws:sqs:ap-southeast-2:123456789012:knowledgeweaver-test-ingest"
Item = dict[str, Any]


def item(address: str, **values: Any) -> Item:
    kind, _, name = address.partition(".")
    values = {"id": name, "arn": f"arn:{name}", **values}
    return {"address": address, "type": kind, "mode": "managed", "values": values}


def rule(way: str, group: str, port: int, *, other: str = "", world: bool = False) -> Item:
    return item(
        f"aws_vpc_security_group_{way}_rule.{way}-{group}-{port}",
        security_group_id=group,
        referenced_security_group_id=other or None,
        cidr_ipv4="0.0.0.0/0" if world else None,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
    )


def network() -> list[Item]:
    """Two zones, a load balancer, a service behind it and a database behind that."""
    private = ["private-0", "private-1"]
    table = {"route_table_id": "public", "destination_cidr_block": "0.0.0.0/0"}
    made = [
        item("aws_vpc.main", cidr_block="10.0.0.0/16"),
        item("aws_internet_gateway.out"),
        item("aws_route.out", gateway_id="out", **table),
        item("aws_lb.lb", subnets=["public-0", "public-1"], security_groups=["sg-lb"]),
        item("aws_lb_listener.l", load_balancer_arn="arn:lb", protocol="HTTPS", port=443),
        item(
            "aws_ecs_service.api",
            name="knowledgeweaver-api",
            desired_count=2,
            task_definition="arn:task",
            load_balancer=[{"target_group_arn": "arn:tg"}],
            network_configuration=[{"subnets": private, "security_groups": ["sg-api"]}],
        ),
        item("aws_ecs_task_definition.task", task_role_arn=ROLE, cpu="512", memory="1024"),
        item("aws_iam_role.role", arn=ROLE, name="knowledgeweaver-test-api"),
        item(
            "aws_instance.db",
            instance_type="t3.medium",
            subnet_id="private-0",
            vpc_security_group_ids=["sg-db"],
            tags_all={"Name": "knowledgeweaver-test-neo4j"},
        ),
        rule("ingress", "sg-lb", 443, world=True),
        rule("egress", "sg-lb", 8000, other="sg-api"),
        rule("ingress", "sg-api", 8000, other="sg-lb"),
        rule("egress", "sg-api", 7687, other="sg-db"),
        rule("ingress", "sg-db", 7687, other="sg-api"),
    ]
    for kind in ("public", "private"):
        for number, zone in enumerate(ZONES):
            name = f"{kind}-{number}"
            where = {"availability_zone": zone, "cidr_block": f"10.0.{number}.0/24"}
            ends = {"subnet_id": name, "route_table_id": kind}
            made += [
                item(f"aws_subnet.{name}", **where),
                item(f"aws_route_table_association.{name}-way", **ends),
            ]
    return made


def plan(items: list[Item]) -> dict[str, Any]:
    return {"planned_values": {"root_module": {"child_modules": [{"resources": items}]}}}


def shown(*more: Item, without: str = "") -> Picture:
    items = [found for found in [*network(), *more] if found["address"] != without]
    return picture(Resources({"knowledgeweaver": plan(items)}), "Test", "account")


def said(made: Picture) -> set[tuple[str, str, str]]:
    return {(link.source, link.target, link.label) for link in made.links}


def grown(seed: int) -> Picture:
    """An estate as it may become: more of everything than there is today."""
    dice = random.Random(seed)
    boxes = [Box("internet", "Internet", (), Where.OUTSIDE)]
    boxes.append(Box("lb", "Load balancer", ("HTTPS 443 forwards",), Where.PUBLIC, ZONES))
    for number in range(2):
        zones = ZONES[number : number + 1]
        boxes.append(Box(f"nat{number}", "NAT gateway", (), Where.PUBLIC, zones))
    for number in range(dice.randint(2, 6)):
        zones = dice.choice([ZONES, ZONES, ZONES[:1], ZONES[1:]])
        boxes.append(Box(f"in{number}", f"part {number}", ("two", "lines"), Where.PRIVATE, zones))
    for where in (Where.REGION, Where.ACCOUNT):
        for number in range(dice.randint(3, 8)):
            lines = ("name",) * dice.randint(1, 5)
            boxes.append(Box(f"{where}{number}", f"Service {number}", lines, where))
    inside = [box.key for box in boxes if box.key.startswith("in")]
    outside = [box.key for box in boxes if box.where in (Where.REGION, Where.ACCOUNT)]
    links = {Link("internet", "lb", Kind.NETWORK, "443"), Link("lb", "in0", Kind.NETWORK, "8000")}
    links |= {Link(f"nat{n}", "internet", Kind.NETWORK) for n in range(2)}
    links |= {Link(f"private{n}", f"nat{n}", Kind.NETWORK) for n in range(2)}
    links |= {Link(one, other, Kind.NETWORK, "443") for one, other in pairwise(inside)}
    links |= {Link(dice.choice(inside), key, Kind.CALL) for key in outside}
    links |= {
        Link(one, other, Kind.CALL) for one, other in pairwise(outside) if dice.random() < 0.2
    }
    subnets = [
        Subnet(f"{where}{n}", zone, where, f"10.0.{n}.0/24")
        for where in (Where.PUBLIC, Where.PRIVATE)
        for n, zone in enumerate(ZONES)
    ]
    ordered = sorted(links, key=lambda link: (link.source, link.target))
    return Picture("Test", "r", "VPC", "gateway", tuple(subnets), tuple(boxes), tuple(ordered), {})
