"""What our checks share: reading checkov's shape of a resource, from HCL and from a plan alike.

checkov wraps nearly every value in a list, on HCL it leaves references as text, and on a plan it
writes ``true_after_unknown`` where the value is known only after apply (the runner sets
EVAL_TF_PLAN_AFTER_UNKNOWN). An unknown value is never a finding: the check answers UNKNOWN, and
the deploy's own re-plan judges the value once it is known.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterator
from typing import Any

AFTER_UNKNOWN = "true_after_unknown"
_REFERENCE = re.compile(
    r"\$\{|^(?:var|local|data|module|each|count|self|path)\.|^aws_[a-z0-9_]+\."
    r"|^(?:[a-z]+)\(|\?.*:"
)


class Unknown(Exception):
    """A value that decides the verdict is not known yet."""


def address(conf: dict[str, Any]) -> str:
    """The resource address, ``module.x.type.name``."""
    found = conf.get("__address__", "")
    return str(found[0] if isinstance(found, list) and found else found)


def inside(conf: dict[str, Any], module: str) -> bool:
    """Whether the resource lies in a module call of this name."""
    return re.search(rf"(?:^|\.)module\.{module}(?:\[|\.)", address(conf)) is not None


def named(conf: dict[str, Any], word: str) -> bool:
    """Whether the resource's own name has this word: ``alb``, ``alb_http``; not ``albatros``."""
    name = re.sub(r"\[.*?\]", "", address(conf)).rsplit(".", 1)[-1]
    return word in name.lower().split("_")


def is_unknown(value: Any) -> bool:
    """Known only after apply, or on HCL a reference that checkov could not resolve."""
    return isinstance(value, str) and (value == AFTER_UNKNOWN or bool(_REFERENCE.search(value)))


def values(conf: dict[str, Any], key: str) -> list[Any]:
    """All values of an attribute, with checkov's nested lists flattened; [] when not set."""
    return [v for v in _flat(conf.get(key)) if v is not None and v != ""]


def one(conf: dict[str, Any], key: str) -> Any:
    """The single value of an attribute or None; raises Unknown when it is not known."""
    found = values(conf, key)
    if not found:
        return None
    if is_unknown(found[0]):
        raise Unknown(key)
    return found[0]


def blocks(conf: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The nested blocks of a name; raises Unknown when they are not known."""
    found = values(conf, key)
    if any(is_unknown(item) for item in found):
        raise Unknown(key)
    return [item for item in found if isinstance(item, dict)]


def environment(conf: dict[str, Any]) -> str:
    """The environment that a resource's tags name; raises Unknown when they do not yet."""
    # On a plan tags_all has what the provider adds to each resource; files do not show that.
    for key in ("tags_all", "tags"):
        for tags in values(conf, key):
            if isinstance(tags, dict) and values(tags, "Environment"):
                return str(one(tags, "Environment"))
    if any(isinstance(tags, dict) for tags in values(conf, "tags_all")):
        return ""
    raise Unknown("tags_all")


def true(value: Any) -> bool:
    """Terraform's true in any of checkov's spellings."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def is_public(cidr: Any) -> bool:
    """Whether a CIDR reaches beyond private address space (RFC 1918, 4193, 6598)."""
    try:
        network = ipaddress.ip_network(str(cidr), strict=False)
    except ValueError:
        return False
    return not network.is_private and str(network) != "100.64.0.0/10"


def public_cidrs(conf: dict[str, Any], *keys: str) -> list[str]:
    """Public CIDRs among some attributes; raises Unknown when none is and one is unknown."""
    found = [item for key in keys for item in values(conf, key)]
    public = [str(item) for item in found if is_public(item)]
    if not public and any(is_unknown(item) for item in found):
        raise Unknown(keys[0])
    return public


def document(conf: dict[str, Any], key: str) -> dict[str, Any]:
    """A JSON policy; raises Unknown when it is not known or cannot be read."""
    for value in values(conf, key):
        if isinstance(value, dict):
            return value
        try:
            parsed = json.loads(value)
        except (TypeError, ValueError):
            raise Unknown(key) from None
        if isinstance(parsed, dict):
            return parsed
    raise Unknown(key)


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple | set):
        for item in value:
            yield from _flat(item)
    else:
        yield value
