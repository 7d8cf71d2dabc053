"""Does a fresh change do no more than its reviewed change?

Only actions and objects are compared here; :mod:`pipeline.domain.equality` compares values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.domain.hashing import Hasher
from pipeline.domain.model import Action, Change
from pipeline.domain.policy import STATEFUL
from pipeline.domain.record import RecordedChange

#: reviewed action -> the actions that do no more. What remains after an interrupt is less.
WITHIN: dict[Action, frozenset[Action]] = {
    Action.NO_OP: frozenset({Action.NO_OP}),
    Action.CREATE: frozenset({Action.CREATE, Action.UPDATE, Action.REPLACE}),
    Action.UPDATE: frozenset({Action.UPDATE, Action.NO_OP}),
    Action.REPLACE: frozenset({Action.REPLACE, Action.CREATE, Action.UPDATE, Action.NO_OP}),
    Action.DELETE: frozenset({Action.DELETE}),
    Action.FORGET: frozenset({Action.FORGET}),
    Action.READ: frozenset(),
}

#: Records of these hold every leaf that the object has when they are done.
WHOLE = frozenset({Action.CREATE, Action.REPLACE})

#: Terraform's reason to replace an object whose creation did not end (JSON Output Format,
#: ``action_reason``): an interrupt or an error came while the provider made it.
TAINTED = "replace_because_tainted"

#: How Terraform's reasons begin where the configuration has no such object any more.
NOT_CONFIGURED = "delete_because_"

ANOTHER_OBJECT = "it is another object than the one that was reviewed"


@dataclass(frozen=True, slots=True)
class Objects:
    """Which objects may be changed: those of the record, and those that were made since.

    ``made`` tells whether the ledger lists an identity as made by a covered apply.
    """

    hasher: Hasher
    made: Callable[[str], bool]

    def reviewed(self, identity: str, recorded: RecordedChange) -> bool:
        """Whether it is the very object of the record."""
        return self.hasher.identity(identity) == recorded.identity

    def made_since(self, change: Change) -> bool:
        """Whether a covered apply has made the object, so that no reviewer could name it."""
        return bool(change.identity) and self.made(change.identity)

    def changeable(self, change: Change, recorded: RecordedChange) -> bool:
        """Whether it may be changed in place, or move."""
        return self.reviewed(change.identity, recorded) or self.made_since(change)

    def expendable(self, change: Change) -> bool:
        """Whether it may be destroyed though no record names it: made since, and stateless."""
        return change.type not in STATEFUL and self.made_since(change)

    def destroyable(self, change: Change, recorded: RecordedChange) -> bool:
        """Whether it may be destroyed. What has no identity was named by nobody."""
        named = bool(change.identity)
        return (named and self.reviewed(change.identity, recorded)) or self.expendable(change)


def exceeds(
    change: Change, recorded: RecordedChange, objects: Objects, *, only_drift: bool = False
) -> str:
    """Why a change does more than the recorded change of its place; "" when it does not.

    ``only_drift``: all that it sets is put right in place, which needs no reviewed action.
    """
    moved = _moves_more(change, recorded, objects)
    if moved:
        return moved
    if change.import_id and objects.hasher.imported(change.import_id) != recorded.import_id:
        return "nobody reviewed that this is imported"
    if only_drift:
        return ""
    if change.action not in WITHIN[recorded.action]:
        return f"reviewed was {recorded.action}, but this is {change.action}"
    return "" if _right_object(change, recorded, objects) else ANOTHER_OBJECT


def _moves_more(change: Change, recorded: RecordedChange, objects: Objects) -> str:
    if change.previous_address in (None, recorded.previous_address):
        return ""
    # the object may have made a part of its way already
    if recorded.previous_address is not None and objects.reviewed(change.identity, recorded):
        return ""
    return f"nobody reviewed that {change.previous_address} moves here"


def _right_object(change: Change, recorded: RecordedChange, objects: Objects) -> bool:
    match change.action:
        case Action.CREATE:
            return True
        case Action.UPDATE if recorded.action in WHOLE:
            return True  # every leaf has to end as recorded, whichever object it is
        case Action.UPDATE | Action.NO_OP:
            return objects.changeable(change, recorded)
        case Action.REPLACE if change.reason == TAINTED:
            return True  # the half that the recorded create or replacement made
        case Action.DELETE if change.type == "output":
            return True  # an output is no object
        case Action.FORGET:
            return objects.reviewed(change.identity, recorded)
        case _:
            return objects.destroyable(change, recorded)


def leftover(change: Change, live: RecordedChange | None, objects: Objects) -> str:
    """Why a change without a recorded change of its own place is not covered; "" when it is.

    ``live`` is what was recorded for the live object of the address. A replacement that creates
    first leaves the old object deposed; a revert may be planned while the apply still makes what
    it takes away.
    """
    if change.action is Action.DELETE:
        unwanted = bool(change.deposed) or change.reason.startswith(NOT_CONFIGURED)
        if unwanted and objects.expendable(change):
            return ""
        if live is not None and live.action is Action.REPLACE:
            return "" if objects.reviewed(change.identity, live) else ANOTHER_OBJECT
    if change.deposed:
        return "no reviewed plan deletes this leftover of a replacement"
    return "no reviewed plan touches this address"
