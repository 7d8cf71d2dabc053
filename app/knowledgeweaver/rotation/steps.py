"""The four steps, over a secret and a database; each may be repeated."""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable
from typing import Protocol

from knowledgeweaver.rotation.secret import Pair, Secret, Stage

#: No punctuation: the password passes through shells, URLs and Cypher without a thought.
ALPHABET = string.ascii_letters + string.digits


class RotationError(Exception):
    """The rotation cannot go on; the message names versions and labels, never a value."""


class Accounts(Protocol):
    """What the steps need of the database."""

    def admits(self, pair: Pair) -> bool:
        """Whether the pair logs in."""

    def change(self, old: Pair, new: Pair) -> bool:
        """Change the password; False when the old one does not log in."""


Step = Callable[[Secret, Accounts, int], str]


def create(secret: Secret, _accounts: Accounts, length: int) -> str:
    """Give the new version a password, unless it has one."""
    if _is_current(secret):
        return "the version is current already"
    if secret.read("AWSPENDING") is not None:
        return "the version has its password already"
    _needed(secret, "AWSCURRENT")
    secret.put_pending("".join(secrets.choice(ALPHABET) for _ in range(length)))
    return "the version has a new password"


def set_(secret: Secret, accounts: Accounts, _length: int) -> str:
    """Let the database take the new password; the old one is the current, or what came before it.

    AWSPREVIOUS is for a database that was restored from a copy made before the last rotation.
    """
    if _is_current(secret):
        return "the version is current already"
    pending = _needed(secret, "AWSPENDING")
    if accounts.admits(pending):
        return "the database has the password already"
    for old in (_needed(secret, "AWSCURRENT"), secret.read("AWSPREVIOUS")):
        if old is None:
            continue
        if old.username != pending.username:
            raise RotationError("AWSPENDING is of another user than the secret's other versions.")
        if accounts.change(old, pending):
            return "the database has the new password"
    raise RotationError("The database takes none of AWSPENDING, AWSCURRENT and AWSPREVIOUS.")


def test(secret: Secret, accounts: Accounts, _length: int) -> str:
    """Log in with the new password and read."""
    if _is_current(secret):
        return "the version is current already"
    if not accounts.admits(_needed(secret, "AWSPENDING")):
        raise RotationError("The database does not take the password of AWSPENDING.")
    return "the password logs in"


def finish(secret: Secret, _accounts: Accounts, _length: int) -> str:
    """Make the new version the one that everybody reads."""
    stages = _stages(secret)
    current = next((v for v, labels in stages.items() if "AWSCURRENT" in labels), "")
    if current == secret.version:
        return "the version is current already"
    secret.make_current(instead_of=current)
    return f"the version is current instead of {current}"


STEPS: dict[str, Step] = {
    "createSecret": create,
    "setSecret": set_,
    "testSecret": test,
    "finishSecret": finish,
}


def _stages(secret: Secret) -> dict[str, list[str]]:
    """The labels of all versions; raises where the new version is not one of a rotation."""
    stages = secret.stages()
    if not stages:
        raise RotationError(f"{secret.id} is not set up for rotation.")
    if not {"AWSCURRENT", "AWSPENDING"} & set(stages.get(secret.version, ())):
        raise RotationError(f"Version {secret.version} of {secret.id} is not AWSPENDING.")
    return stages


def _is_current(secret: Secret) -> bool:
    return "AWSCURRENT" in _stages(secret)[secret.version]


def _needed(secret: Secret, stage: Stage) -> Pair:
    pair = secret.read(stage)
    if pair is None:
        raise RotationError(f"{secret.id} has no value labelled {stage}.")
    return pair
