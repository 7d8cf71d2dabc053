"""What differs between two texts, however long: equal parts are cut, what differs is not.

Two texts of one line are compared word by word, longer ones line by line. Whoever reads a cut
difference sees every change; a single change that is itself too long is cut in its middle and
says so, and the whole is in the HTML report.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.sequences import Part, common, parts
from pipeline.render.visible import CUT, Shown, visible, visible_line

#: Characters and lines of what is equal that stay on both sides of a difference.
CONTEXT = 30
AROUND = 2

#: Texts up to here are shown whole: what a reader takes in at once.
SHORT = 120

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Cut:
    """Stands between the pieces of a value where something is left out; ``note`` says how much."""

    note: str = ""


Pieces = list[str | Cut]


def windows(before: str, after: str, longest: int = 600) -> tuple[Shown, Shown]:
    """Two texts of one line, made visible, with what is equal cut where it is long.

    ``longest``: characters of one changed run before it is cut in its middle.
    """
    if max(len(before), len(after)) <= SHORT:
        return visible(before), visible(after)
    found = parts(_WORDS.findall(before), _WORDS.findall(after))
    sides: tuple[Pieces, Pieces] = ([], [])
    for at, part in enumerate(found):
        first, last = at == 0, at == len(found) - 1
        texts = "".join(part.before), "".join(part.after)
        start, end = (0, 0) if part.equal else _shared(*texts)
        for side, text in zip(sides, texts, strict=True):
            if part.equal:
                side += _equal(text, first, last)
                continue
            side += _equal(text[:start], first, False)
            side += _middle(text[start : len(text) - end], longest)
            side += _equal(text[len(text) - end :], False, last)
    return _joined(sides[0]), _joined(sides[1])


def shorten(text: str, longest: int = 300) -> Shown:
    """A single text on one line, made visible; a long one keeps its beginning and its end."""
    return _joined(_middle(text, longest))


def _shared(one: str, other: str) -> tuple[int, int]:
    """How many characters two texts begin with and, after those, end with in common."""
    start = common(one, other)
    return start, common(one[start:][::-1], other[start:][::-1])


def _equal(text: str, first: bool, last: bool) -> Pieces:
    head, tail = (0 if first else CONTEXT), (0 if last else CONTEXT)
    if len(text) <= head + tail + 8:
        return [text]
    return [text[:head], Cut(), text[len(text) - tail :]]


def _middle(text: str, longest: int) -> Pieces:
    if len(text) <= longest:
        return [text]
    half = longest // 2
    return [text[:half], Cut(f" {len(text) - 2 * half:,} more characters "), text[-half:]]


def _joined(pieces: Pieces) -> Shown:
    """Pieces as one visible text; what lies between two cuts is made visible as one."""
    shown: list[str] = []
    run, begins = "", True
    for piece in pieces:
        if isinstance(piece, str):
            run += piece
            continue
        shown.append(visible(run, begins=begins, ends=False))
        shown.append(f"{CUT}{piece.note}{CUT}" if piece.note else CUT)
        run, begins = "", False
    return Shown("".join([*shown, visible(run, begins=begins)]))


def changed_lines(
    before: str, after: str, around: int | None = AROUND, longest: int | None = 400
) -> list[Shown]:
    """Lines of a small difference, each with its sign; what is equal and left out is counted.

    ``around`` equal lines stay beside a change, all with None; ``longest``: characters of a line
    before it is cut, never with None.
    """
    found = parts(before.split("\n"), after.split("\n"))
    lines: list[Shown] = []
    for at, part in enumerate(found):
        if not part.equal:
            lines += _replaced(part, longest)
            continue
        head = 0 if at == 0 else around
        tail = 0 if at == len(found) - 1 else around
        if head is None or tail is None or len(part.before) <= head + tail + 1:
            lines += [_signed(" ", line, longest) for line in part.before]
            continue
        left = len(part.before) - head - tail
        lines += [_signed(" ", line, longest) for line in part.before[:head]]
        lines.append(Shown(f"{CUT} {left:,} equal lines {CUT}"))
        lines += [_signed(" ", line, longest) for line in part.before[head + left :]]
    return lines


def _replaced(part: Part, longest: int | None) -> list[Shown]:
    """Lines in place of others: a long line is cut where it is equal to the one it replaces."""
    if longest is None:
        old = [_signed("-", line, longest) for line in part.before]
        return old + [_signed("+", line, longest) for line in part.after]
    turned = len(part.before) > len(part.after)
    few, many = (part.after, part.before) if turned else (part.before, part.after)
    partners = dict(enumerate(_partners(few, many)))
    if turned:
        partners = {there: here for here, there in partners.items()}
    both = {
        old: (windows if max(len(a), len(b)) > longest else _pair)(a, b, longest)
        for old, new in partners.items()
        for a, b in [(part.before[old], part.after[new])]
    }
    shown_new = {partners[old]: after for old, (_, after) in both.items()}
    return [
        *(
            Shown(f"- {both[at][0]}") if at in both else _signed("-", line, longest)
            for at, line in enumerate(part.before)
        ),
        *(
            Shown(f"+ {shown_new[at]}") if at in shown_new else _signed("+", line, longest)
            for at, line in enumerate(part.after)
        ),
    ]


#: Pairs of lines that are tried; of more, each line has the one at its own place.
_TRIED = 400


def _partners(few: Sequence[str], many: Sequence[str]) -> list[int]:
    """For each of a few lines the one of many that it is most like, in the same order."""
    if len(few) == len(many) or len(few) * len(many) > _TRIED:
        return list(range(len(few)))
    spare = len(many) - len(few)
    best: dict[tuple[int, int], tuple[int, list[int]]] = {}
    for at in range(len(few), -1, -1):
        for there in range(at + spare, at - 1, -1):
            if at == len(few):
                best[at, there] = (0, [])
                continue
            score, rest = best[at + 1, there + 1]
            taken = (score + _alike(few[at], many[there]), [there, *rest])
            passed = best.get((at, there + 1), (-1, []))
            best[at, there] = max(taken, passed, key=lambda one: one[0])
    return best[0, 0][1]


def _alike(one: str, other: str) -> int:
    """How many characters two lines share at their beginning and their end."""
    limit = min(len(one), len(other))
    head = next((at for at in range(limit) if one[at] != other[at]), limit)
    tail = next((at for at in range(limit - head) if one[-1 - at] != other[-1 - at]), limit - head)
    return head + tail


def _pair(before: str, after: str, _longest: int) -> tuple[Shown, Shown]:
    return visible_line(before), visible_line(after)


def _signed(sign: str, line: str, longest: int | None) -> Shown:
    cut = longest is not None and len(line) > longest
    return Shown(f"{sign} {shorten(line, longest or 0) if cut else visible_line(line)}")
