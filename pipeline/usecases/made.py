"""Which objects an apply has made: the ledger names them, so that they may be taken back."""

from __future__ import annotations

from pipeline.domain import ledger
from pipeline.domain.model import Action, Plan, UnitId
from pipeline.domain.plan import identity_of
from pipeline.domain.stored import live
from pipeline.usecases.site import Site

#: Actions that bring an object into being.
_MAKES = frozenset({Action.CREATE, Action.REPLACE})


def made_by(site: Site, unit: UnitId, plan: Plan) -> tuple[int | None, tuple[str, ...]]:
    """The stored state's serial, and keyed hashes of the objects that an apply of ``plan`` made.

    Only what stands in the state counts: what an interrupted apply did not get to was not made.
    """
    state = site.state(unit).read()
    if not state:
        return None, ()
    places = {change.address for change in plan.changes if change.action in _MAKES}
    before = {change.identity for change in plan.changes if change.identity}
    key = site.stores.ledger.key(unit)
    found = {
        ledger.object_hash(key, identity)
        for one in live(state)
        if one.address in places
        and (identity := identity_of(one.kind, one.attributes))
        and identity not in before
    }
    return int(state.get("serial", 0)), tuple(sorted(found))
