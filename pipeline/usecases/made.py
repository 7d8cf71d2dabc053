"""Which objects an apply has made: the ledger names them, so that they may be taken back."""

from __future__ import annotations

from typing import Any

from pipeline.domain import ledger
from pipeline.domain.model import Action, Plan, UnitId
from pipeline.domain.plan import identity_of
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
        for address, identity in _instances(state)
        if address in places and identity and identity not in before
    }
    return int(state.get("serial", 0)), tuple(sorted(found))


def _instances(state: dict[str, Any]) -> list[tuple[str, str]]:
    """Address and identity of each live object of a stored state (format 4)."""
    found = []
    for resource in state.get("resources") or []:
        if resource.get("mode") != "managed":
            continue
        head = f"{resource['type']}.{resource['name']}"
        if resource.get("module"):
            head = f"{resource['module']}.{head}"
        for instance in resource.get("instances") or []:
            if instance.get("deposed"):
                continue
            index = instance.get("index_key")
            text = str(index) if isinstance(index, int) else f'"{index}"'
            key = "" if index is None else f"[{text}]"
            identity = identity_of(resource["type"], instance.get("attributes"))
            found.append((head + key, identity))
    return found
