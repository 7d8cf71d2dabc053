"""Reading the container definitions of a task."""

from __future__ import annotations

import json
from typing import Any

from support import Unknown, is_unknown, values


def containers(conf: dict[str, Any]) -> list[dict[str, Any]]:
    """The containers of a task definition; raises Unknown when they are not known."""
    found: list[dict[str, Any]] = []
    for item in values(conf, "container_definitions"):
        if isinstance(item, dict):
            found.append(item)
            continue
        try:
            found += [one for one in json.loads(item) if isinstance(one, dict)]
        except ValueError:
            raise Unknown("container_definitions") from None
    return found


def environment(container: dict[str, Any]) -> dict[str, str]:
    """The variables that a container is given in plain text; raises Unknown for unknown ones."""
    found = [item for item in values(container, "environment") if isinstance(item, dict)]
    if any(is_unknown(item.get("value")) for item in found):
        raise Unknown("environment")
    return {str(item.get("name")): str(item.get("value", "")) for item in found}
