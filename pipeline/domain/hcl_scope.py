"""Where a loop's variable hides a name of Terraform's own (HCL: "For Expressions")."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from pipeline.domain.hcl_calls import Call, Tokens, begins_loop, placed_calls
from pipeline.domain.hcl_tokens import CLOSE, OPEN


def calls_in_scope(tokens: Tokens, name: str, hidden: bool = False) -> Iterator[tuple[Call, bool]]:
    """All calls of an expression, also inside its strings, and whether a loop has ``name`` there.

    A loop's variables are known from the colon after its collection to its closing bracket; those
    of a template's ``for`` are taken to be known to the end of the template.
    """
    hides = [hidden] * len(tokens)
    for start, end in _loops(tokens, name):
        hides[start:end] = [True] * (end - start)
    for at, call in placed_calls(tokens):
        yield call, hides[at]
    for token, inside in zip(tokens, hides, strict=True):
        for part in token.parts:
            if not isinstance(part, str):
                yield from calls_in_scope(part, name, inside)
                inside = inside or (begins_loop(part, -1) and name in _variables(part, -1))


def _loops(tokens: Tokens, name: str) -> Iterator[tuple[int, int]]:
    """From where to where the loops of an expression have a variable of that name."""
    for at, token in enumerate(tokens):
        if token.kind in ("[", "{") and begins_loop(tokens, at) and name in _variables(tokens, at):
            yield _span(tokens, at + 1)


def _variables(tokens: Tokens, at: int) -> list[str]:
    """The one or two names of the loop that begins after the bracket at a place."""
    rest = (token.text for token in tokens[at + 1 :] if token.kind != "newline")
    words = list(islice(rest, 4))[1:]  # without "for"
    return words[::2] if words[1:2] == [","] else words[:1]


def _span(tokens: Tokens, at: int) -> tuple[int, int]:
    """From the colon that ends a loop's collection to the bracket that ends the loop."""
    depth, questions, start = 0, 0, None
    for place in range(at, len(tokens)):
        kind = tokens[place].kind
        if depth == 0 and kind in CLOSE:
            return place if start is None else start, place
        depth += (kind in OPEN) - (kind in CLOSE)
        if depth or start is not None:
            continue
        questions += kind == "?"  # each has a colon of its own
        if kind == ":":
            start = place if questions == 0 else None
            questions -= 1
    return at if start is None else start, len(tokens)
