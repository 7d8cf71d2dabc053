"""What of a plan can be judged, and which settings only after the apply. No I/O.

Source: Terraform's "JSON Output Format": ``after_unknown`` of each change, and the expressions of
each resource in ``configuration``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_INDEX = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\]')

#: Settings that only say which other object is meant; what that one is, is judged at its own.
_REFERENCES = re.compile(
    r"(?:^|_)(?:arn|arns|id|ids|name|names|bucket|key|role|url|task_definition)$"
)


def unknown_settings(document: Mapping[str, Any]) -> frozenset[str]:
    """Addresses of which a setting that somebody wrote is unknown, other than a reference.

    What AWS gives a new object by itself, such as its ARN, is no setting.
    """
    written = dict(_written(document.get("configuration", {}).get("root_module") or {}, ""))
    found = set()
    for item in document.get("resource_changes") or []:
        unknown = item["change"].get("after_unknown")
        own = written.get(_INDEX.sub("", item["address"]), frozenset())
        if isinstance(unknown, dict) and any(
            name in own and _any(mark) and not _REFERENCES.search(name)
            for name, mark in unknown.items()
        ):
            found.add(str(item["address"]))
    return frozenset(found)


def judgeable(document: Mapping[str, Any]) -> bool:
    """Whether a plan has anything of a cloud: Terraform's own resources hold values alone."""
    return any(
        not str(item.get("type", "")).startswith("terraform_")
        for item in document.get("resource_changes") or []
    )


def _written(module: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, frozenset[str]]]:
    """The settings that each resource of a module writes, by its address without indices."""
    for resource in module.get("resources") or []:
        yield f"{prefix}{resource['address']}", frozenset(resource.get("expressions") or {})
    for name, call in (module.get("module_calls") or {}).items():
        yield from _written(call.get("module") or {}, f"{prefix}module.{name}.")


def _any(mark: Any) -> bool:
    """Whether anything within is marked."""
    if isinstance(mark, dict):
        return any(map(_any, mark.values()))
    if isinstance(mark, list):
        return any(map(_any, mark))
    return mark is True
