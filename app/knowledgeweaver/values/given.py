"""Gives a secret its value, once for each generation.

The generation that a secret has reached is a staging label of the version that began it
(PutSecretValue: "VersionStages: A list of staging labels to attach to this version of the
secret"). So Secrets Manager itself knows it, and nobody has to read a value to find out.
"""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Mapping, Sequence
from typing import Any

#: No punctuation: a value passes through shells, URLs and connection strings without a thought.
KINDS = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
SHORTEST = 24
LABEL = "generation-"


class ValueNotMade(Exception):
    """A value cannot be made or handed on; the message holds none."""


def give(client: Any, secret_id: str, form: Any, generation: int | None) -> str:
    """Put a value of this form into the secret, unless it holds one of this generation.

    ``form`` is a text or an object of texts; ``{"random": 40}`` in place of a text stands for 40
    letters and digits drawn here. Without a generation only an empty secret gets a value. A secret
    that has a value and no generation, made before there was this function, keeps its value and is
    taken to be at the asked one. Raises ValueNotMade for another form, and what botocore raises.
    """
    text = _text(form)
    described = client.describe_secret(SecretId=secret_id)
    stages: Mapping[str, Sequence[str]] = described.get("VersionIdsToStages") or {}
    current = next((v for v, labels in stages.items() if "AWSCURRENT" in labels), None)
    if generation is None:
        if current is not None:
            return f"{secret_id} has a value"
        return _put(client, secret_id, text, [])
    label = f"{LABEL}{generation}"
    reached = max((_generation(label) for found in stages.values() for label in found), default=0)
    if reached >= generation:
        return f"{secret_id} is at generation {reached}"
    if current is not None and not reached:
        client.update_secret_version_stage(
            SecretId=secret_id, VersionStage=label, MoveToVersionId=current
        )
        return f"{secret_id} keeps its value as generation {generation}"
    return _put(client, secret_id, text, [label])


def _put(client: Any, secret_id: str, text: str, labels: list[str]) -> str:
    client.put_secret_value(
        SecretId=secret_id, SecretString=text, VersionStages=["AWSCURRENT", *labels]
    )
    return f"{secret_id} has a new value"


def _generation(label: str) -> int:
    number = label.removeprefix(LABEL)
    return int(number) if label.startswith(LABEL) and number.isdecimal() else 0


def _text(form: Any) -> str:
    if isinstance(form, Mapping) and form and set(form) != {"random"}:
        return json.dumps({str(key): _drawn(part) for key, part in form.items()})
    return _drawn(form)


def _drawn(form: Any) -> str:
    match form:
        case str():
            return form
        case {"random": int(length)} if length >= SHORTEST:
            return _characters(length)
    raise ValueNotMade(f'A value is a text or {{"random": a length of at least {SHORTEST}}}.')


def _characters(length: int) -> str:
    """So many letters and digits, of each kind at least one, as rules for passwords want."""
    while True:
        drawn = "".join(secrets.choice("".join(KINDS)) for _ in range(length))
        if all(set(drawn) & set(kind) for kind in KINDS):
            return drawn
