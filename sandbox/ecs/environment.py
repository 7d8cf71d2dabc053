"""The environment of a task's container: what AWS puts there, on this machine's addresses.

AWS (API_Secret): ``valueFrom`` is a secret's ARN, optionally followed by
``:json-key:version-stage:version-id``, or the name or ARN of an SSM parameter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.ecs.backends import Backends

_SECRET = re.compile(
    r"^(arn:[^:]+:secretsmanager:[^:]+:[^:]*:secret:[^:]+)(?::([^:]*):([^:]*):([^:]*))?$"
)


class SecretUnavailable(Exception):
    """A secret that a task needs cannot be read: its ``valueFrom`` and why."""

    def __init__(self, value_from: str, why: str) -> None:
        super().__init__(why)
        self.value_from = value_from
        self.why = why


def resolve(value_from: str, backends: Backends) -> str:
    """The plain value behind one ``valueFrom``."""
    try:
        if match := _SECRET.match(value_from):
            arn, key, stage, version = match.groups()
            answer = backends.secrets.get_secret_value(arn, version or "", stage or "")
            text = str(answer["SecretString"])
            return _member(text, key, value_from) if key else text
        name = (
            value_from.split(":parameter", 1)[-1] if value_from.startswith("arn:") else value_from
        )
        found = backends.ssm.get_parameters([name]) or backends.ssm.get_parameters(
            [name.lstrip("/")]
        )
        if not found:
            raise SecretUnavailable(value_from, "ParameterNotFound")
        parameter = next(iter(found.values()))
        return str(parameter.response_object(decrypt=True)["Value"])
    except SecretUnavailable:
        raise
    except Exception as error:  # moto's own exceptions, one class for each cause
        why = getattr(error, "message", None) or type(error).__name__
        raise SecretUnavailable(value_from, str(why)) from error


def _member(text: str, key: str, value_from: str) -> str:
    try:
        value = json.loads(text)[key]
    except (ValueError, KeyError, TypeError):
        raise SecretUnavailable(
            value_from, f"retrieved secret did not contain json key {key}"
        ) from None
    return value if isinstance(value, str) else json.dumps(value)


def container_environment(
    definition: Mapping[str, Any], overrides: Sequence[Mapping[str, Any]], backends: Backends
) -> dict[str, str]:
    """Environment and secrets of a container definition, overrides of RunTask last."""
    values = {
        str(item["name"]): str(item.get("value", ""))
        for item in definition.get("environment") or ()
    }
    for item in definition.get("secrets") or ():
        values[str(item["name"])] = resolve(str(item["valueFrom"]), backends)
    for override in overrides:
        if override.get("name") == definition.get("name"):
            for item in override.get("environment") or ():
                values[str(item["name"])] = str(item.get("value", ""))
    return values


def translate(values: Mapping[str, str], addresses: Mapping[str, str]) -> dict[str, str]:
    """Replace ``private ip:port`` of the estate by where that answers on this machine."""
    result = {}
    for name, value in values.items():
        for private, local in addresses.items():
            value = re.sub(rf"(?<![\d.]){re.escape(private)}(?!\d)", local, value)
        result[name] = value
    return result
