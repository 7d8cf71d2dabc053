"""The shape of a rule: one class a file in checks/, which says what breaks it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import configuration
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck
from support import Unknown, address, is_unknown, values


class Rule(BaseResourceCheck):
    """A rule of ours. A subclass states the words below and ``broken``.

    ``title`` says what should be, ``finding`` what is wrong where it is not, ``remedy`` what to do,
    and ``points`` which attributes or blocks to point at instead of the resource's first line.
    """

    rule: ClassVar[str]
    title: ClassVar[str]
    finding: ClassVar[str]
    remedy: ClassVar[str]
    points: ClassVar[tuple[str, ...]] = ()
    category: ClassVar[CheckCategories]
    types: ClassVar[list[str]]

    def __init__(self) -> None:
        super().__init__(
            name=self.title,
            id=self.rule,
            categories=[self.category],
            supported_resources=self.types,
            guideline=f"docs/policies.md#{self.rule.lower()}",
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        try:
            return CheckResult.FAILED if self.broken(conf) else CheckResult.PASSED
        except Unknown:
            return CheckResult.UNKNOWN

    def broken(self, conf: dict[str, Any]) -> bool:
        """Whether the resource breaks the rule; raises Unknown where that cannot be said yet."""
        raise NotImplementedError

    def others(self, kind: str) -> list[dict[str, Any]]:
        """The resources of a type in the same scan."""
        nodes = (node for _, node in self.graph.nodes()) if self.graph is not None else ()
        return [
            # on files only the graph knows the address
            {**conf, "__address__": node.get("__address__")}
            for node in nodes
            if node.get("block_type_") == "resource" and node.get("resource_type") == kind
            for conf in node["config_"][kind].values()
        ]

    def target(self, conf: dict[str, Any], key: str, kind: str) -> dict[str, Any] | None:
        """The resource of a type that this one names in ``key``.

        None: nothing, or something that is not made here. Raises Unknown when it is not known.
        """
        for other in self.others(kind):
            if names(conf, key, other):
                return other
        setting(conf, key)
        return None

    def partners(self, conf: dict[str, Any], kind: str, key: str) -> list[dict[str, Any]]:
        """The resources of a type that name this one in ``key``.

        Raises Unknown when there is none, but one whose target is not known.
        """
        found, unclear = [], False
        for other in self.others(kind):
            named = names(other, key, conf)
            if named:
                found.append(other)
            unclear = unclear or named is None
        if not found and unclear:
            raise Unknown(key)
        return found


def settings(conf: dict[str, Any], path: str) -> list[Any]:
    """The values of a setting, one for each block it stands in: ``root_block_device.encrypted``.

    A block that does not set it has None. Raises Unknown when a value comes from what is not
    known; what nobody wrote, and AWS would decide, is None and no block.
    """
    blocks: list[Any] = [conf]
    names = path.split(".")
    for depth, name in enumerate(names, 1):
        here = ".".join(names[:depth])
        found: list[Any] = []
        for block in blocks:
            items = values(block, name)
            if any(is_unknown(item) for item in items):
                if _written(conf, here):
                    raise Unknown(here)
                items = []
            found += items or ([None] if depth == len(names) else [])
        blocks = found if depth == len(names) else [b for b in found if isinstance(b, dict)]
    return blocks


def parts(conf: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The nested blocks of a name; none where nobody wrote one. Raises Unknown like settings."""
    return [item for item in settings(conf, name) if isinstance(item, dict)]


def setting(conf: dict[str, Any], path: str) -> Any:
    """The one value of a setting or None."""
    found = settings(conf, path)
    return found[0] if found else None


def origins(conf: dict[str, Any], path: str) -> frozenset[str]:
    """Addresses of the resources that a setting's value comes from, as far as they are known."""
    text = configuration.written(address(conf))
    if text is not None:
        return text.of(path)
    module = configuration.bare(address(conf)).rsplit(".", 2)[0]
    prefix = f"{module}." if module.startswith("module.") else ""
    found = [
        ".".join(str(item).removeprefix("${").split(".")[:2])
        for item in inner(conf, path)
        if str(item).removeprefix("${").startswith("aws_")
    ]
    return frozenset(prefix + configuration.bare(item.rstrip("}")) for item in found)


def identity(conf: dict[str, Any]) -> set[str]:
    """The known texts by which others may name this resource."""
    keys = ("id", "arn", "name", "bucket", "url")
    return {str(v) for key in keys for v in values(conf, key) if not is_unknown(v)}


def names(conf: dict[str, Any], key: str, other: dict[str, Any]) -> bool | None:
    """Whether a resource names the other one in ``key``; None: cannot be said."""
    given = values(conf, key)
    if not given:
        return False
    if not is_unknown(given[0]):
        return str(given[0]) in identity(other)
    text = configuration.written(address(conf))
    if text is not None and not text.has(key):
        return False
    sources, target = origins(conf, key), configuration.bare(address(other))
    if target in sources:
        return _same_instance(conf, other)
    # What comes from another resource of the type means that one; anything else may mean this.
    kind = target.rsplit(".", 2)[-2]
    return False if any(source.rsplit(".", 2)[-2] == kind for source in sources) else None


def _written(conf: dict[str, Any], path: str) -> bool:
    """Whether an unknown value is one that somebody wrote; where it cannot be told, it is."""
    text = configuration.written(address(conf))
    above = path.rpartition(".")[0]
    # A plan's configuration has no dynamic blocks: what is in one is not there, but written.
    return text is None or text.has(path) or (bool(above) and not text.has(above))


def _same_instance(one: dict[str, Any], other: dict[str, Any]) -> bool:
    keys = [address(conf).rsplit("[", 1) for conf in (one, other) if address(conf).endswith("]")]
    return len(keys) < 2 or keys[0][1] == keys[1][1]


def inner(conf: dict[str, Any], path: str) -> Iterator[Any]:
    """The values at a dotted path; a block that is not known stands for what is in it."""
    name, _, rest = path.partition(".")
    for item in values(conf, name):
        if not rest or is_unknown(item):
            yield item
        elif isinstance(item, dict):
            yield from inner(item, rest)
