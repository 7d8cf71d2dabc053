"""From resources to the picture: boxes, links, and what nobody said how to draw. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from terraform.diagram import access, network
from terraform.diagram.catalogue import SERVICES, known, service_of
from terraform.diagram.model import Box, Kind, Link, Picture, Where
from terraform.diagram.resources import Resource, Resources


def picture(found: Resources, name: str, shared: str) -> Picture:
    """Everything of all plans; ``shared`` is the stack that all workspaces have in common."""
    [vpc] = found.of("aws_vpc")
    boxes = [*network.boxes(found), *_services(found, shared)]
    links = [*network.links(found), *_calls(found)]
    known_boxes = {box.key for box in boxes}
    for title in sorted({link.target for link in links} - known_boxes - {INTERNET}):
        if title in access.BY_ACTION.values():
            boxes.append(Box(title, title, ("models that policies name",), Where.REGION))
    keys = {box.key for box in boxes} | {subnet.key for subnet in network.subnets(found)}
    drawn = sorted(
        {link for link in links if {link.source, link.target} <= keys},
        key=lambda link: (link.kind, link.source, link.target),
    )
    return Picture(
        name=name,
        region=found.of("aws_subnet")[0].text("availability_zone")[:-1],
        network=f"VPC {vpc.text('cidr_block')}",
        fittings=" · ".join(_fittings(found)),
        subnets=tuple(network.subnets(found)),
        boxes=tuple(boxes),
        links=tuple(drawn),
        also=dict(sorted(Counter(i.type for i in found.all if not known(i.type)).items())),
    )


INTERNET = network.INTERNET


def _services(found: Resources, shared: str) -> Iterator[Box]:
    stacks = sorted({item.stack for item in found.all}, key=lambda stack: stack == shared)
    for stack in stacks:
        for service in SERVICES:
            lines = []
            for kind, say in service.says.items():
                items = [item for item in found.of(kind) if item.stack == stack]
                lines += list(say(found, items)) if items else []
            if lines:
                where = Where.ACCOUNT if stack == shared else Where.REGION
                yield Box(_key(stack, service.title), service.title, tuple(lines), where)


def _calls(found: Resources) -> Iterator[Link]:
    targets = [item for service in SERVICES for kind in service.says for item in found.of(kind)]
    for item in found.of(*network.PLACED):
        for target in access.calls(found, item, targets):
            key = _own(item.stack, target) if isinstance(target, str) else _box_of(target)
            yield Link(item.address, key, Kind.CALL)
    for giver, end in access.events(found):
        if _box_of(giver) != _box_of(end):
            yield Link(_box_of(giver), _box_of(end), Kind.CALL)


def _own(stack: str, title: str) -> str:
    has_box = any(service.title == title for service in SERVICES)
    return _key(stack, title) if has_box else title


def _box_of(item: Resource) -> str:
    service = service_of("aws_cloudwatch_event_rule" if "event_target" in item.type else item.type)
    return _key(item.stack, service.title) if service else item.address


def _key(stack: str, title: str) -> str:
    return f"{stack}: {title}"


def _fittings(found: Resources) -> Iterator[str]:
    """What belongs to the network as a whole."""
    if found.of("aws_internet_gateway"):
        yield "internet gateway"
    for item in found.of("aws_vpc_endpoint"):
        yield f"endpoint for {item.text('service_name').rpartition('.')[2].upper()}"
    if found.of("aws_flow_log"):
        yield "flow logs"
