"""Announce in the ledger what is about to be done to a unit, and settle it when it has ended.

The ledger and the state's lock alone put applies of a unit in their order: who wants to begin waits
for the lock, and for a live run whose announcement is the last entry; of two that announce at the
same moment one is refused and plans again. A run that ends without settling leaves its announcement
open, so the unit stays pending until an empty plan was seen.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from pipeline.adapters.github import run_url
from pipeline.domain import ledger
from pipeline.domain.ledger import Entry, Evidence, Status
from pipeline.domain.model import UnitId
from pipeline.errors import failure
from pipeline.usecases.site import Site
from pipeline.usecases.unlock import await_lock, here, over, unmark


def await_turn(site: Site, unit: UnitId, minutes: float = 60, pause: float = 5) -> list[Entry]:
    """The unit's chain, as soon as its state is free and no other live run has announced anything.

    Raises ``locked`` when the lock's holder is over or unknown, or after ``minutes``.
    """
    deadline, told = time.monotonic() + minutes * 60, False
    while True:
        await_lock(site, unit, max(deadline - time.monotonic(), 0) / 60, pause)
        chain = ledger.read_chain(site.stores.ledger, unit)
        why = _other_run(site, unit, chain)
        if not why:
            return chain
        sentence = f"{ledger.open_end(chain[-1])}; {why}"
        if time.monotonic() > deadline:
            raise failure("locked", f"{sentence}.", str(unit), "Run it again when that has ended.")
        if not told:
            site.out.say(f"{unit}: waiting. {sentence}")
            told = True
        time.sleep(pause)


def _other_run(site: Site, unit: UnitId, chain: Sequence[Entry]) -> str:
    """What is known of a live run of GitHub that announced the last entry; empty when none is.

    An apply that failed took its marker back, so nobody waits for the rest of its run.
    """
    if not chain or not ledger.open_end(chain[-1]) or not chain[-1].run_url:
        return ""
    if chain[-1].run_url == run_url(site.environ):
        return ""
    for marker in site.state(unit).markers():
        if marker.url == chain[-1].run_url:
            ended, why = over(site, marker)
            if ended is False:
                return why
    return ""


def entry_of(site: Site, unit: UnitId, status: Status, evidence: Evidence) -> Entry:
    """An entry about the checked-out commit, as far as it is known before anything is applied."""
    takes_image = site.stack(unit).config.takes_image
    return Entry(
        unit=str(unit),
        status=status,
        commit=site.commit,
        digest=site.estate.digest(unit),
        configuration=site.estate.configuration(unit),
        time=datetime.now(UTC),
        image=site.image() if takes_image else "",
        evidence=evidence,
        run_url=run_url(site.environ),
    )


@contextmanager
def announced(site: Site, unit: UnitId, chain: Sequence[Entry], entry: Entry) -> Iterator[Entry]:
    """Around what changes the unit: the entry stands before, and who it is can be asked meanwhile.

    Raises ``stale`` when another run announced something since the chain was read. After an error
    the entry stays open and the run's marker goes; otherwise both wait for :func:`settle`, and the
    marker explains no lock any more.
    """
    site.state(unit).mark(here(site, unit))
    try:
        yield site.stores.ledger.append(chain, entry)
    except BaseException:
        unmark(site, unit)
        raise
    site.state(unit).mark(replace(here(site, unit), started=""))


def settle(
    site: Site,
    unit: UnitId,
    status: Status,
    *,
    after: int | None = None,
    evidence: Evidence | None = None,
    serial: int | None = None,
    objects: tuple[str, ...] = (),
    image_digest: str = "",
    reason: str = "",
) -> Entry | None:
    """Write what became of this run's announcement.

    What was announced (commit, digest, evidence) is taken over, unless ``evidence`` is given. Where
    nothing was announced, since the plan was empty, ``after`` is the number of the entry that was
    the last when the plan was made, 0 for none. None when the last entry says the same already (a
    run was repeated). Raises ``superseded`` when another run has written since: what is true now,
    that one has to say.
    """
    chain = ledger.read_chain(site.stores.ledger, unit)
    last = chain[-1] if chain else None
    fresh = entry_of(site, unit, status, evidence or Evidence())
    told = (fresh.commit, fresh.digest)
    if last is not None and told == (last.commit, last.digest):
        if last.status is status:
            unmark(site, unit)
            return None
        if ledger.open_end(last) and last.run_url == fresh.run_url:
            fresh = replace(
                last,
                unit=str(unit),
                status=status,
                time=fresh.time,
                evidence=evidence or last.evidence,
            )
            after = last.number
    if after != len(chain):
        unmark(site, unit)
        raise failure(
            "superseded",
            f"Another run has written to the ledger of {unit} meanwhile"
            + (f": it is {last.status} of commit {last.commit[:10]}." if last else "."),
            str(unit),
            "Nothing was written. That run settles what it began.",
        )
    stored = site.stores.ledger.append(
        chain,
        replace(fresh, serial=serial, objects=objects, image_digest=image_digest, reason=reason),
    )
    unmark(site, unit)
    return stored
