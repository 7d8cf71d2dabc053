"""One entry of a ledger: what is announced, what became of it, and who had looked at it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

#: The ``previous`` of the first entry.
START = "0" * 64


class Status(StrEnum):
    """What an entry says of its unit."""

    APPLYING = "applying"  # announced; nothing later says what became of it
    DEPLOYED = "deployed"  # the apply and its rollout ended without an error, or was not needed
    HELD = "held"  # applied, but the service did not become healthy
    DESTROYING = "destroying"  # a destruction is announced: half of the unit may be gone
    DESTROYED = "destroyed"
    FORGOTTEN = "forgotten"  # a reviewed change took it off the ledger; what runs was left alone


#: Announcements. Whatever follows them has to look at the cloud first.
OPEN = frozenset({Status.APPLYING, Status.DESTROYING})
#: What was begun has ended without an error.
SETTLED = frozenset({Status.DEPLOYED, Status.DESTROYED, Status.FORGOTTEN})
#: Something of the unit may stand in the cloud.
STANDING = frozenset({Status.APPLYING, Status.DEPLOYED, Status.HELD, Status.DESTROYING})


#: What runs is not what the repository says, although no deploy has anything to do.
AWAY = frozenset({Status.HELD, Status.DESTROYED})


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why an apply was allowed.

    ``record`` is the id of the plan record that covered it, ``reviewed`` whether every landing of
    its code was approved, ``approvals`` by whom ("#12 bob"), ``dispatch`` the run in which somebody
    approved the record by hand and ``dispatched_by`` who that was. What is not known is empty.
    """

    record: str = ""
    reviewed: bool = False
    self_reviewed: bool = False
    approvals: tuple[str, ...] = ()
    dispatch: str = ""
    dispatched_by: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, as stored at ``<stack>/<workspace>/<number %08d>.json``.

    ``serial`` is the state's after the apply, None where it is not known. ``objects`` are keyed
    hashes of the ids of what the apply made (:func:`pipeline.domain.ledger.object_hash`).
    ``number``, ``previous``, ``format`` and ``hash`` (SHA-256 of the stored bytes) are given when
    the entry is appended or read.
    """

    unit: str
    status: Status
    commit: str
    digest: str
    time: datetime
    configuration: str = ""
    serial: int | None = None
    image: str = ""
    image_digest: str = ""
    evidence: Evidence = field(default_factory=Evidence)
    objects: tuple[str, ...] = ()
    run_url: str = ""
    reason: str = ""
    number: int = 1
    previous: str = START
    format: int = 2
    hash: str = ""
