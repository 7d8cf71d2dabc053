"""A small Terraform for the laws: objects, a configuration, plans of it, applies that break off."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from random import Random
from typing import Any

from hypothesis import strategies as st

from pipeline.domain.model import Plan
from tests.domain.plans import change, output, plan

Values = dict[str, Any]

SCALARS: list[Any] = [0, 1, -3, False, True, "", "a", "b", "0", "é", None]
NAMES = ["a.x", "a.y", 'a.z["k"]', "module.m.a.x"]

#: Where this differs, an object cannot be updated.
FORCE = "f"


def value(choose: Random, depth: int = 2) -> Any:
    kind = choose.choice(["scalar", "scalar", "list", "map", "json"]) if depth else "scalar"
    if kind == "scalar":
        return choose.choice(SCALARS)
    inner = [value(choose, depth - 1) for _ in range(choose.randrange(3))]
    if kind == "list":
        return inner
    if kind == "map":
        return dict(zip(choose.sample(["p", "q/r", "s~", "[0]"], len(inner)), inner, strict=True))
    return json.dumps(dict(zip("jk", inner, strict=False)))


def body(choose: Random) -> Values:
    keys = choose.sample(["n", "m", "tags", "json", FORCE], choose.randrange(1, 5))
    return {key: value(choose) for key in keys}


# Tables instead of strategies of strategies: hypothesis spent nine tenths of its time on choosing.
# The simplest first, since that is what it shrinks to.
BODIES = sorted((body(Random(seed)) for seed in range(500)), key=lambda one: len(json.dumps(one)))


@dataclass(frozen=True)
class Thing:
    """An object as the state knows it; ``left`` are deposed objects."""

    values: Values | None = None
    tainted: bool = False
    left: tuple[tuple[str, Values], ...] = ()


@dataclass(frozen=True)
class Wish:
    """What the configuration says of an address; None: nothing."""

    values: Values | None
    first_create: bool = False  # create_before_destroy
    imports: str = ""
    moved_from: str | None = None
    forgets: bool = False  # removed without destroying it


@dataclass
class World:
    """Objects by address, what is wished, and ids that an apply has made."""

    things: dict[str, Thing]
    wishes: dict[str, Wish]
    outputs: dict[str, Any] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)
    count: int = 0

    def new_id(self) -> str:
        self.count += 1
        self.made.append(f"new-{self.count}")
        return self.made[-1]

    def lists(self, identity: str) -> bool:
        """What the ledger knows."""
        return identity.rpartition(" ")[2] in self.made

    @cached_property
    def plan(self) -> Plan:
        """Its plan; a world that is drawn does not change any more."""
        return planned(self)

    def copy(self) -> World:
        return World(
            dict(self.things), self.wishes, dict(self.outputs), list(self.made), self.count
        )


def hollow(one: Any) -> bool:
    return one is None or one == [] or one == {} or one == ""


def differing(values: Values, wish: Values) -> list[str]:
    """The keys in which an object differs from its wish; nothing is as good as nothing."""
    keys = sorted({*values, *wish} - {"id", "read"})
    return [key for key in keys if not alike(values.get(key), wish.get(key))]


def alike(one: Any, other: Any) -> bool:
    return repr(one) == repr(other) or (hollow(one) and hollow(other))


def planned(world: World) -> Plan:
    """What Terraform would say."""
    entries: list[dict[str, Any]] = []
    shown: dict[str, Any] = {}
    for address, wish in world.wishes.items():
        thing = world.things.get(address, Thing())
        entries.append(entry(address, thing, wish))
        entries += (change(address, "delete", old, deposed=name) for name, old in thing.left)
    entries = [one for one in entries if one]
    for address, wish in world.wishes.items():
        shown |= told(world, address, wish, entries)
    return plan(*entries, outputs=shown)


def entry(address: str, thing: Thing, wish: Wish) -> dict[str, Any]:
    """One address: what Terraform does to its live object."""
    more: dict[str, Any] = {}
    if wish.moved_from:
        more["previous_address"] = wish.moved_from
    if wish.imports:
        more["importing"] = {"id": wish.imports}
    was = thing.values
    if wish.values is None:
        if was is None:
            return {}
        if wish.forgets:
            return change(address, "forget", was)
        return change(address, "delete", was, action_reason="delete_because_no_resource_config")
    if was is None:
        return change(address, "create", None, wish.values, {"id": True, "read": True})
    keys = differing(was, wish.values)
    if thing.tainted or FORCE in keys:
        reason = "replace_because_tainted" if thing.tainted else "replace_because_cannot_update"
        unknown = {"id": True, "read": True}
        return change(address, "replace", was, wish.values, unknown, action_reason=reason, **more)
    after = {k: v for k, v in was.items() if k not in keys}
    after |= {k: wish.values[k] for k in keys if k in wish.values}
    return change(address, "update" if keys else "no-op", was, after, **more)


def told(world: World, address: str, wish: Wish, entries: list[dict[str, Any]]) -> dict[str, Any]:
    """The output that shows the object's id."""
    name = address.replace(".", "-")
    was = world.outputs.get(name)
    if wish.values is None:
        return {name: output("delete", was)} if was is not None else {}
    mine = next(e for e in entries if e["address"] == address and "deposed" not in e)
    unknown = bool(mine["change"]["after_unknown"])
    now = None if unknown else mine["change"]["after"]["id"]
    action = "create" if was is None else "no-op" if was == now else "update"
    return {name: output(action, was, now, unknown)}


# -- applying ------------------------------------------------------------------------------------


def interrupted(world: World, choose: Callable[[int], int]) -> World:
    """The world after an apply that broke off; ``choose(n)`` picks a number below n."""
    after = world.copy()
    # Terraform stores all moves as soon as an apply stores anything at all
    after.wishes = {
        address: replace(wish, moved_from=None) for address, wish in world.wishes.items()
    }
    for address, wish in after.wishes.items():
        _apply(after, address, wish, choose)
    for address, wish in after.wishes.items():
        thing, name = after.things.get(address, Thing()), address.replace(".", "-")
        if choose(2) and thing.values is not None and wish.values is not None:
            after.outputs[name] = thing.values["id"]
        elif choose(2) and wish.values is None:
            after.outputs.pop(name, None)
    return after


def _apply(world: World, address: str, wish: Wish, choose: Callable[[int], int]) -> None:
    thing = world.things.get(address, Thing())
    if wish.imports:
        if not choose(2):
            return
        wish = replace(wish, imports="")
        world.wishes = world.wishes | {address: wish}
    left = tuple(one for one in thing.left if choose(2))
    thing = replace(thing, left=left)
    was = thing.values
    if wish.values is None:
        gone = was is None or choose(2)
        world.things[address] = replace(thing, values=None) if gone else thing
        return
    if was is None:
        world.things[address] = _create(world, wish.values, left, choose)
        return
    keys = differing(was, wish.values)
    if not (thing.tainted or FORCE in keys):
        kept = dict(was)
        for key in keys:
            if choose(2):
                kept.pop(key, None)
                kept |= {k: v for k, v in wish.values.items() if k == key}
        world.things[address] = replace(thing, values=kept)
    elif choose(3) == 0:
        world.things[address] = thing
    elif wish.first_create:
        old = (f"d{len(left)}{world.count}", was)
        made = _create(world, wish.values, (*left, old), choose)
        untouched = made.values is None
        world.things[address] = thing if untouched else made
        if choose(2) and not untouched and not made.tainted:
            world.things[address] = replace(made, left=left)
    else:
        world.things[address] = _create(world, wish.values, left, choose)


def _create(
    world: World, values: Values, left: tuple[tuple[str, Values], ...], choose: Callable[[int], int]
) -> Thing:
    """A new object: not begun, half made, or whole with what the provider reads back."""
    how = choose(4)
    if how == 0:
        return Thing(None, left=left)
    made = {k: v for k, v in values.items() if not (hollow(v) and choose(2))}
    made |= {"id": world.new_id(), "read": choose(3)}
    if how == 1:
        made |= {"extra": ["", 1, []][choose(3)]}
    return Thing(made, tainted=how == 1, left=left)


# -- drawing -------------------------------------------------------------------------------------


KINDS = ("create", "update", "replace", "delete", "keep", "move", "import", "forget")


def drawn(choose: Random, prefix: str, kinds: tuple[str, ...]) -> World:
    """One to three addresses, each with an object and a wish."""
    made = World({}, {})
    for address in choose.choice([NAMES[:1], NAMES[1:3], NAMES[2:], NAMES[:3]]):
        name = prefix + address
        kind = choose.choice(kinds)
        was, now = choose.choice(BODIES), choose.choice(BODIES)
        live = Thing(was | {"id": f"i-{name}", "read": 1})
        if kind == "create":
            made.wishes[name] = Wish(now)
            continue
        made.things[name] = live
        if kind in ("delete", "forget"):
            made.wishes[name] = Wish(None, forgets=kind == "forget")
        else:
            made.wishes[name] = Wish(
                wished(kind, was, now),
                first_create=choose.random() < 0.5,
                imports="7" if kind == "import" else "",
                moved_from=f"{name}_old" if kind == "move" else None,
            )
        if choose.random() < 0.5 and kind != "import":
            made.outputs[name.replace(".", "-")] = f"i-{name}"
    return made


def wished(kind: str, was: Values, now: Values) -> Values:
    """What the configuration says, so that Terraform does this to the object."""
    if kind == "keep":
        return was
    if kind == "replace":
        return now | {FORCE: f"other than {was.get(FORCE)}"}
    kept = {FORCE: was[FORCE]} if FORCE in was else {}
    return {key: value for key, value in now.items() if key != FORCE} | kept


def worlds(prefix: str = "", kinds: tuple[str, ...] = KINDS) -> st.SearchStrategy[World]:
    """Six hundred worlds, the simplest first."""
    table = [drawn(Random(seed), prefix, kinds) for seed in range(600)]
    return st.sampled_from(sorted(table, key=lambda world: len(repr(world))))
