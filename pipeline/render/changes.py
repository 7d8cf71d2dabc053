"""The changes of a plan as items of a list, for the comment, a review and an issue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.domain.model import Action
from pipeline.render import words
from pipeline.render.fit import Item
from pipeline.render.importance import ordered
from pipeline.render.leaves import changed, set_values
from pipeline.render.markdown import code, plain
from pipeline.results import ChangeReport

#: Values of one change that are shown in a comment: of an update, and of what is created.
OF_AN_UPDATE = 20
OF_A_CREATE = 6
#: Changes with values; of more than these no comment could hold even the names.
MANY = 1_000
#: Values that are left where there is not room for these.
FEW = 3


def importance(change: ChangeReport) -> tuple[bool, int]:
    """What a change is sorted by: what destroys first, outputs last."""
    return change.is_output, list(words.VERBS).index(change.action)


def by_importance(changes: Iterable[ChangeReport]) -> list[ChangeReport]:
    """What destroys first, outputs last."""
    return sorted(changes, key=importance)


def item(change: ChangeReport, more: str, reason: str = "") -> Item:
    """One change; ``reason`` is why it is shown at all, ``more`` where the rest of it is."""
    said = f"- {headline(change)}{f' ({reason})' if reason else ''}"
    if change.action is Action.CREATE:
        return _lengths(_created(said, change, OF_A_CREATE), _created(said, change, FEW), said)
    return _with_values(said, change, more)


def happened(change: ChangeReport, more: str) -> Item:
    """A change that was made outside Terraform."""
    said = f"- {code(change.address)} was {words.PAST[change.action]} outside Terraform"
    return _with_values(said, change, more)


def _with_values(said: str, change: ChangeReport, more: str) -> Item:
    most, few = (_updated(said, change, count, more) for count in (OF_AN_UPDATE, FEW))
    return _lengths(most, few, said)


def _lengths(*texts: str) -> Item:
    return Item(tuple(dict.fromkeys(texts)))


def headline(change: ChangeReport) -> str:
    """What happens to which object."""
    verb, rest = headline_words(change)
    address = code(change.address)
    if change.deposed:
        return f"{verb} {plain(_leftover(change))} of {address}{rest}"
    said = f"{verb} {address}{rest}"
    if change.previous_address:
        said += f", until now {code(change.previous_address)}"
    return said


def headline_words(change: ChangeReport) -> tuple[str, str]:
    """The words before and after the address in what happens to an object."""
    verb = words.VERBS[change.action]
    if change.is_output:
        return f"{verb} output", ""
    if change.deposed:
        return verb, "; the live object stays"
    if change.action is Action.NO_OP:
        return ("import" if change.imported else "move"), ""
    if change.imported:
        verb = f"import and {verb}"
    stays = ", which stays as it is without Terraform"
    return verb, stays if change.action is Action.FORGET else ""


def note(change: ChangeReport) -> str:
    """What else there is to know of a change, as words; empty as a rule."""
    return f"It is {_leftover(change)}" if change.deposed else ""


def _leftover(change: ChangeReport) -> str:
    return f"a leftover of an earlier replacement (deposed {change.deposed})"


def _created(said: str, change: ChangeReport, most: int) -> str:
    values = set_values(change.leaves, most)
    return f"{said}: {values}" if values else said


def _updated(said: str, change: ChangeReport, most: int, more: str) -> str:
    leaves = ordered(change.leaves)
    shown = [changed(leaf, more) for leaf in leaves[:most]]
    if len(leaves) > most:
        shown.append(f"  - and {len(leaves) - most:,} more values; {more}")
    return "\n".join([said, *shown])


def items(changes: Sequence[ChangeReport], more: str) -> tuple[Item, ...]:
    """All changes, what matters most first."""
    order = by_importance(changes)
    named = [Item((f"- {headline(change)}",)) for change in order[MANY:]]
    return (*(item(change, more) for change in order[:MANY]), *named)
