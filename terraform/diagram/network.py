"""What stands in the network, and who may reach whom by security groups and routes. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from terraform.diagram.model import Box, Kind, Link, Subnet, Where
from terraform.diagram.resources import Resource, Resources
from terraform.diagram.words import words

INTERNET = "internet"
WORLD = "0.0.0.0/0"

#: Types that get a box of their own in the network.
PLACED = (
    "aws_db_instance",
    "aws_ecs_service",
    "aws_efs_file_system",
    "aws_instance",
    "aws_lambda_function",
    "aws_lb",
    "aws_nat_gateway",
)


def subnets(found: Resources) -> list[Subnet]:
    """All subnets; public is one whose route table leads to an internet gateway."""
    gateways = {item.text("id") for item in found.of("aws_internet_gateway")}
    tables = {r.text("route_table_id") for r in _ways(found) if r.text("gateway_id") in gateways}
    public = {
        item.text("subnet_id")
        for item in found.of("aws_route_table_association")
        if item.text("route_table_id") in tables
    }
    return [
        Subnet(
            key=item.address,
            zone=item.text("availability_zone"),
            where=Where.PUBLIC if item.text("id") in public else Where.PRIVATE,
            cidr=item.text("cidr_block"),
        )
        for item in found.of("aws_subnet")
    ]


def boxes(found: Resources) -> list[Box]:
    """The boxes in the network, and the internet where something is open to it."""
    by_key = {subnet.key: subnet for subnet in subnets(found)}
    made = []
    for item in found.of(*PLACED):
        ids = _subnet_ids(found, item)
        inside = [by_key[it.address] for it in found.of("aws_subnet") if it.text("id") in ids]
        if inside:
            title, lines = words(found, item)
            zones = tuple(sorted({subnet.zone for subnet in inside}))
            made.append(Box(item.address, title, lines, inside[0].where, zones))
    return [Box(INTERNET, "Internet", (), Where.OUTSIDE), *made] if made else []


def links(found: Resources) -> list[Link]:
    """Who may open a connection to whom: a way in at the one and a way out at the other."""
    placed = found.of(*PLACED)
    made = []
    for target in placed:
        open_ports = _said(r for r in _rules(found, "ingress", target) if _world(r))
        if open_ports:
            made.append(Link(INTERNET, target.address, Kind.NETWORK, open_ports))
        for source in placed:
            ports = _ports(found, source, target) if source is not target else ""
            if ports:
                label = " ".join([*paths(found, source, target), ports])
                made.append(Link(source.address, target.address, Kind.NETWORK, label))
    return [*made, *_ways_out(found)]


def paths(found: Resources, balancer: Resource, service: Resource) -> list[str]:
    """The paths that a load balancer's rules send to a service, where not all of them."""
    groups = {block["target_group_arn"] for block in service.values.get("load_balancer") or []}
    listeners = {
        item.text("arn")
        for item in found.of("aws_lb_listener")
        if item.text("load_balancer_arn") == balancer.text("arn")
    }
    said: set[str] = set()
    for rule in found.of("aws_lb_listener_rule"):
        aims = {action.get("target_group_arn") for action in rule.values.get("action") or []}
        if rule.text("listener_arn") in listeners and aims & groups:
            for condition in rule.values.get("condition") or []:
                for pattern in condition.get("path_pattern") or []:
                    said |= set(pattern["values"])
    return [min(said, key=len)] if said else []


def _ways_out(found: Resources) -> Iterator[Link]:
    """Private subnets to what their default route names, and from there to the internet."""
    routes = {item.text("route_table_id"): item for item in _ways(found)}
    outs = set()
    for item in found.of("aws_route_table_association"):
        route = routes.get(item.text("route_table_id"))
        subnet = found.called("aws_subnet", item.text("subnet_id"))
        for way in found.of("aws_nat_gateway", "aws_instance") if route and subnet else []:
            interface = way.text("primary_network_interface_id")
            if (
                route
                and subnet
                and (
                    route.text("nat_gateway_id") == way.text("id")
                    or (interface and route.text("network_interface_id") == interface)
                )
            ):
                outs.add(way.address)
                yield Link(subnet.address, way.address, Kind.NETWORK)
    for address in sorted(outs):
        yield Link(address, INTERNET, Kind.NETWORK)


def _ways(found: Resources) -> list[Resource]:
    """The default routes."""
    return [r for r in found.of("aws_route") if r.text("destination_cidr_block") == WORLD]


def _subnet_ids(found: Resources, item: Resource) -> list[str]:
    match item.type:
        case "aws_lb":
            return list(item.values.get("subnets") or [])
        case "aws_ecs_service":
            return list(item.first("network_configuration").get("subnets") or [])
        case "aws_lambda_function":
            return list(item.first("vpc_config").get("subnet_ids") or [])
        case "aws_db_instance":
            group = found.called("aws_db_subnet_group", item.text("db_subnet_group_name"))
            return list(group.values["subnet_ids"]) if group else []
        case "aws_efs_file_system":
            return [target.text("subnet_id") for target in _mounts(found, item)]
        case _:
            return [item.text("subnet_id")]


def _groups(found: Resources, item: Resource) -> set[str]:
    match item.type:
        case "aws_lb":
            given = [item.values.get("security_groups")]
        case "aws_ecs_service":
            given = [item.first("network_configuration").get("security_groups")]
        case "aws_lambda_function":
            given = [item.first("vpc_config").get("security_group_ids")]
        case "aws_efs_file_system":
            given = [target.values.get("security_groups") for target in _mounts(found, item)]
        case _:
            given = [item.values.get("vpc_security_group_ids")]
    return {group for groups in given for group in groups or []}


def _mounts(found: Resources, item: Resource) -> list[Resource]:
    targets = found.of("aws_efs_mount_target")
    return [target for target in targets if target.text("file_system_id") == item.text("id")]


def _rules(found: Resources, way: str, item: Resource) -> list[Resource]:
    groups = _groups(found, item)
    rules = found.of(f"aws_vpc_security_group_{way}_rule")
    return [rule for rule in rules if rule.text("security_group_id") in groups]


def _ports(found: Resources, source: Resource, target: Resource) -> str:
    """The ports on which a connection is allowed at both ends."""
    going, coming = _groups(found, source), _groups(found, target)
    out = [
        rule
        for rule in _rules(found, "egress", source)
        if _world(rule) or rule.text("referenced_security_group_id") in coming
    ]
    return _said(
        rule
        for rule in _rules(found, "ingress", target)
        if rule.text("referenced_security_group_id") in going
        and any(_meets(rule, other) for other in out)
    )


def _world(rule: Resource) -> bool:
    return rule.text("cidr_ipv4") == WORLD


def _said(rules: Iterable[Resource]) -> str:
    """Their ports, in order."""
    ends = {
        (int(rule.values["from_port"]), int(rule.values["to_port"]))
        if rule.text("ip_protocol") != "-1"
        else (0, 65535)
        for rule in rules
    }
    names = (
        "all" if (low, high) == (0, 65535) else str(low) if low == high else f"{low} to {high}"
        for low, high in sorted(ends)
    )
    return ", ".join(names)


def _meets(one: Resource, other: Resource) -> bool:
    if "-1" in (one.text("ip_protocol"), other.text("ip_protocol")):
        return True
    lowest = max(int(one.values["from_port"]), int(other.values["from_port"]))
    return lowest <= min(int(one.values["to_port"]), int(other.values["to_port"]))
