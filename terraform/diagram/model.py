"""What the picture shows, before anything has a place."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Where(StrEnum):
    """The frame that a box stands in."""

    OUTSIDE = "outside"
    PUBLIC = "public"
    PRIVATE = "private"
    REGION = "region"
    ACCOUNT = "account"


class Kind(StrEnum):
    """What makes a link possible."""

    NETWORK = "network"  # security groups and routes
    CALL = "call"  # policies, notifications and actions


@dataclass(frozen=True, slots=True)
class Box:
    """A named thing; inside the network it stands in one or more zones."""

    key: str
    title: str
    lines: tuple[str, ...]
    where: Where
    zones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subnet:
    """An address block in one zone."""

    key: str
    zone: str
    where: Where
    cidr: str


@dataclass(frozen=True, slots=True)
class Link:
    """Source may talk to target; the label says through what, where that is not obvious."""

    source: str
    target: str
    kind: Kind
    label: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that is drawn; ``also`` counts the types that no rule knows."""

    name: str
    region: str
    network: str
    fittings: str
    subnets: tuple[Subnet, ...]
    boxes: tuple[Box, ...]
    links: tuple[Link, ...]
    also: dict[str, int] = field(default_factory=dict)

    def box(self, key: str) -> Box:
        return next(box for box in self.boxes if box.key == key)
