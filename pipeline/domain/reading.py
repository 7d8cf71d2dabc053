"""How a recorded change is read beside a fresh object: which recorded place each leaf has.

A leaf has the place that it stands at, but for the elements of sets. When an unknown element
becomes known it moves (:mod:`pipeline.domain.setlike`), and the elements behind it move along.
So where the recorded list holds something unknown, its elements are matched with the fresh ones
one to one; a match is a renaming of indices and nothing else, and every known value is then
compared as strictly as before.

Plan JSON does not tell sets from lists, so a list is matched only where both orders, the recorded
and the fresh one, are those of a set. A list that shows its own order in either plan is compared
place by place. What this still takes for a set is a list that is sorted in both: there a known
element would have to change, although the configuration is the same, and the unknown one would
have to turn out as just what that element was. Nothing then is set that was not reviewed, and
nothing left out; only the order of a list differs that was sorted, and still is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.domain.canonical import ancestors
from pipeline.domain.hashing import UNKNOWN_LEAF, Hasher
from pipeline.domain.model import (
    ABSENT,
    EMPTY_LIST,
    EMPTY_MAP,
    Action,
    Change,
    Leaf,
    LeafValue,
    Plan,
)
from pipeline.domain.record import SETS_NOTHING, RecordedChange, told
from pipeline.domain.setlike import Leaves, elements, lists, may_be_set

#: Providers write one of these and read back another; the object is the same.
HOLLOW: tuple[LeafValue, ...] = (ABSENT, EMPTY_LIST, EMPTY_MAP, "")

#: Larger sets are compared place by place: every element is tried with every other.
LARGEST = 100
#: Pairs of elements of one object that are tried at most, those within others with them; what is
#: left is compared place by place. A pull request decides how many there are.
TRIALS = 20_000


def sets(change: Change) -> tuple[Leaf, ...]:
    """The leaves that a change sets."""
    return () if change.action in SETS_NOTHING else change.leaves


def exists(change: Change | None) -> bool:
    """Whether the object is there already; None: nothing changes it."""
    return change is None or change.action in (Action.UPDATE, Action.NO_OP)


@dataclass(frozen=True, slots=True)
class Reading:
    """A recorded change as it is read for one fresh object.

    ``moved`` are the elements of matched sets: the fresh path of each, and its recorded one;
    ``known`` is what is recorded of all elements of sets.
    """

    recorded: RecordedChange
    hasher: Hasher
    known: Mapping[str, str] = field(default_factory=dict)
    moved: Mapping[str, str] = field(default_factory=dict)

    def place(self, path: str) -> str:
        """The recorded path of a fresh leaf."""
        for part in ancestors(path):
            if part in self.moved:
                return self.moved[part] + path[len(part) :]
        return path

    def value(self, path: str, value: LeafValue) -> str:
        """The hash that the record has for a fresh leaf when it has the recorded value."""
        return self.hasher.value(self.place(path), value)

    def says(self, path: str, value: LeafValue) -> str | None:
        """What the record says about a fresh leaf: its hash, ``?``, or None.

        A map that held only what was unknown is written as empty when all of it is null. Of a
        matched element everything is recorded, so what is not has to be absent.
        """
        place, matched = self.place(path), self._matched(path)
        said = told(self.known if matched else self.recorded.leaves, self.hasher, place)
        if said is not None:
            return said
        if value is EMPTY_MAP and self.hasher.path(place) in self.recorded.fillable:
            return UNKNOWN_LEAF
        return self.hasher.value(place, ABSENT) if matched else None

    def _matched(self, path: str) -> bool:
        return any(part in self.moved for part in ancestors(path))

    def ends(self, leaves: Leaves, said: Mapping[str, str], *, exists: bool) -> int:
        """How many recorded leaves these fresh ones do not have as they were recorded.

        ``exists``: the object is there already, and what a provider reads back as nothing may be
        any kind of nothing.
        """
        values = {self.hasher.path(self.place(path)): value for path, value in leaves.items()}
        return sum(
            not self.is_so(place, text, values.get(place, ABSENT), exists)
            for place, text in said.items()
        )

    def is_so(self, place: str, said: str, value: LeafValue, exists: bool) -> bool:
        """Whether a value is what ``said`` tells of a place; ``place`` is its hash."""
        if said in (UNKNOWN_LEAF, self.hasher.value_at(place, value)):
            return True
        if not exists or value not in HOLLOW:
            return False
        return any(said == self.hasher.value_at(place, nothing) for nothing in HOLLOW)


def read(plan: Plan, change: Change | None, recorded: RecordedChange, hasher: Hasher) -> Reading:
    """Read what was recorded of a place beside the fresh plan, which does ``change`` there."""
    live = None if recorded.deposed else plan.standing.get(recorded.address)
    if live is None or not recorded.sets:
        return Reading(recorded, hasher)
    setting = {leaf.path for leaf in sets(change)} if change is not None else set()
    search = _Search(recorded, hasher, setting, exists(change))
    known = {k: v for found in recorded.sets.values() for one in found for k, v in one.items()}
    return Reading(recorded, hasher, known, search.below(live.leaves, "", ""))


@dataclass(frozen=True, slots=True)
class _Search:
    """The match of fresh leaves with the recorded sets; ``setting`` are the paths that are set,
    ``left`` is how many pairs may still be tried."""

    recorded: RecordedChange
    hasher: Hasher
    setting: Collection[str]
    exists: bool
    left: list[int] = field(default_factory=lambda: [TRIALS])

    def below(self, leaves: Leaves, now: str, was: str) -> dict[str, str]:
        """The elements that are matched within something, which the record has at ``was``."""
        moved: dict[str, str] = {}
        for path in lists(leaves):
            within = path == now or path.startswith(f"{now}/")
            if within and not any(part in moved for part in ancestors(path)):
                moved |= self._matched(leaves, path, was + path[len(now) :])
        return moved

    def _matched(self, leaves: Leaves, now: str, was: str) -> dict[str, str]:
        """The elements of a list, each beside a recorded one of its own; empty: not a set."""
        said = self.recorded.sets.get(self.hasher.path(was))
        found = elements(leaves, now)
        if said is None or not len(found) <= len(said) <= LARGEST or not may_be_set(found):
            return {}
        self.left[0] -= len(found) * len(said)
        if self.left[0] < 0:
            return {}
        fitting = [self._fitting(one, f"{now}/[{at}]", was, said) for at, one in enumerate(found)]
        # an unknown element that turned out as another one is none any more
        gone = [at for at, one in enumerate(said) if set(one.values()) == {UNKNOWN_LEAF}]
        pairs = one_to_one([*map(list, fitting), *[gone] * (len(said) - len(found))])
        chosen = [fitting[own][at] for own, at in enumerate(pairs[: len(found)])]
        return {path: place for moved in chosen for path, place in moved.items()}

    def _fitting(
        self, element: Leaves, now: str, was: str, said: Sequence[Mapping[str, str]]
    ) -> dict[int, dict[str, str]]:
        """The recorded elements that a fresh one may be, and what is matched within each."""
        leaves = {f"{now}{below}": value for below, value in element.items()}
        inner = lists(element)
        plain = {p: v for p, v in element.items() if not any(x in inner for x in ancestors(p))}
        found: dict[int, dict[str, str]] = {}
        for at, one in enumerate(said):
            place = f"{was}/[{at}]"
            if self._another(plain, place, one):
                continue
            moved = {now: place} | self.below(leaves, now, place)
            if self._fits(leaves, Reading(self.recorded, self.hasher, one, moved), one):
                found[at] = moved
        return found

    def _another(self, plain: Leaves, place: str, said: Mapping[str, str]) -> bool:
        """Whether what an element has outside its own lists differs already: most pairs do."""
        reading = Reading(self.recorded, self.hasher)
        told = ((self.hasher.path(f"{place}{below}"), value) for below, value in plain.items())
        return any(
            hashed in said and not reading.is_so(hashed, said[hashed], value, self.exists)
            for hashed, value in told
        )

    def _fits(self, leaves: Leaves, reading: Reading, said: Mapping[str, str]) -> bool:
        if reading.ends(leaves, said, exists=self.exists):
            return False
        return all(self._reviewed(path, value, reading) for path, value in leaves.items())

    def _reviewed(self, path: str, value: LeafValue, reading: Reading) -> bool:
        said = reading.says(path, value)
        if said in (UNKNOWN_LEAF, reading.value(path, value)):
            return True
        # what is not set now was read back from a provider, and the record's side is compared
        return path not in self.setting and value in HOLLOW


def one_to_one(wishes: Sequence[Sequence[int]]) -> list[int]:
    """One of its wishes for each, no two the same; empty where there is no such choice."""
    taken: dict[int, int] = {}

    def settle(who: int, seen: set[int]) -> bool:
        for wish in wishes[who]:
            if wish not in seen:
                seen.add(wish)
                if wish not in taken or settle(taken[wish], seen):
                    taken[wish] = who
                    return True
        return False

    if not all(settle(who, set()) for who in range(len(wishes))):
        return []
    return [wish for wish, _ in sorted(taken.items(), key=lambda pair: pair[1])]
