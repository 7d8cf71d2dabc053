"""What a pull request takes out of the repository's reach while something of it may run.

A unit is more than its name: state and ledger are kept under the name it had at first. So what
counts is which of these names the units keep before and after, not what the units are called.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.config_checks import place_of
from pipeline.domain import ledger
from pipeline.domain.model import UnitId
from pipeline.domain.units import Estate
from pipeline.errors import Failure
from pipeline.settings import RetiredConfig, StackConfig
from pipeline.usecases.estates import Compared, kept, renamed
from pipeline.usecases.orphans import orphans, shadowed
from pipeline.usecases.site import Site


@dataclass(frozen=True, slots=True)
class Removed:
    """A ledger's unit that no unit keeps any more: what keeps the pull request back, or a note."""

    unit: UnitId
    reason: str = ""
    note: str = ""


def given_up(before: Estate[StackConfig], after: Estate[StackConfig]) -> dict[UnitId, UnitId]:
    """Names under which state and ledger are kept that no unit has any more: to the unit's name."""
    names = kept(after)
    return {stored: unit for stored, unit in kept(before).items() if stored not in names}


def removed(site: Site, compared: Compared, retired: Iterable[RetiredConfig]) -> list[Removed]:
    """What the ledger says of all that is given up. Raises what AWS answers.

    Where the base cannot be read, that is every orphan: nobody can tell which were there before.
    AWS is asked nothing when every name is kept.
    """
    before, after = compared.before, compared.after
    entries = {entry.unit: entry for entry in retired}
    lost = given_up(before, after)
    if compared.unreadable:
        left = orphans(after, site.stores.ledger)
        lost |= {orphan.unit: orphan.unit for orphan in left}
    found = [
        _judged(site, stored, was, after, entries.get(str(stored)))
        for stored, was in sorted(lost.items())
    ]
    return [*_going_on(before, after), *found, *_shadows(site, before, after, lost)]


def _going_on(before: Estate[StackConfig], after: Estate[StackConfig]) -> Iterator[Removed]:
    names = kept(after)
    for stored, unit in sorted(kept(before).items()):
        now = names.get(stored, unit)
        if now != unit:
            yield Removed(stored, note=f"{unit} goes on under its stack's new name, as {now}.")


def _shadows(
    site: Site,
    before: Estate[StackConfig],
    after: Estate[StackConfig],
    lost: Iterable[UnitId],
) -> Iterator[Removed]:
    """Units that from now on keep an old name, while something stands under their own."""
    old = renamed(before)
    told = set(lost)
    for unit, name in sorted(renamed(after).items()):
        if old.get(unit) == name or unit in told:
            continue
        wrong = shadowed(after, site, unit)
        if wrong is not None:
            yield Removed(unit, f"{wrong.where}: {wrong.sentence.rstrip('.')}: {wrong.remedy}")


def _judged(
    site: Site,
    stored: UnitId,
    was: UnitId,
    after: Estate[StackConfig],
    retired: RetiredConfig | None,
) -> Removed:
    try:
        entry = ledger.head(site.stores.ledger.unrenamed(), stored)
    except Failure as error:
        if error.reason != "ledger-damaged":
            raise
        return Removed(stored, f"the ledger of the removed unit {stored} is damaged: {error}")
    name = str(was) if was == stored else f"{was} (its state and ledger are kept as {stored})"
    names = kept(after).values()
    if not ledger.standing(entry):
        state = entry.status.value if entry else "never deployed"
        gone = f"{name} is removed from the repository; it is {state}."
        return Removed(stored, note="" if was in names else gone)
    if retired is not None and stored not in names:
        return Removed(stored, note=_retired(stored, retired))
    if was in names:
        return Removed(stored, _kept_another(stored, was, after))
    which = "it" if was == stored else str(stored)
    return Removed(
        stored,
        f"{name} is removed from the repository but still deployed: destroy it first, "
        f"or retire {which} in [tool.pipeline]{_heir(stored, was, after)}",
    )


def _kept_another(stored: UnitId, unit: UnitId, after: Estate[StackConfig]) -> str:
    """Of a unit that is still there, but keeps another state and ledger than before."""
    now = renamed(after).get(unit, unit)
    where = place_of(after.tree, after.stack(unit), "renamed_from")
    mend = "take renamed_from out again" if stored == unit else _line(stored)
    return (
        f"{unit} kept its state and ledger as {stored}, which is still deployed, and would keep "
        f"{now} now, so nothing would reach {stored} any more: {mend} at {where}"
    )


def _heir(stored: UnitId, was: UnitId, after: Estate[StackConfig]) -> str:
    """What to write where a stack names the one before it, which was itself renamed."""
    for stack in after.stacks.values():
        if was != stored and stack.config.renamed_from == was.stack:
            where = place_of(after.tree, stack, "renamed_from")
            return f"; for {stack.name} to go on with it, {_line(stored)} at {where}"
    return ""


def _line(stored: UnitId) -> str:
    return f'write renamed_from = "{stored.stack}"'


def _retired(unit: UnitId, retired: RetiredConfig) -> str:
    why = retired.why.rstrip(".")
    if retired.action == "forget":
        return f"{unit} is forgotten; what it deployed goes on running unwatched. Why: {why}."
    return f"{unit} is no longer protected: `pipeline destroy {unit}` takes it away. Why: {why}."
