"""The functions that a configuration calls: known ones only, and no file outside the repository.

Terraform reads files with its own rights, during the plan, before anybody has reviewed anything.
So what is read has to be written out, every argument of it, also inside templates.
"""

from __future__ import annotations

import re
from posixpath import normpath

from pipeline.domain.guard_lists import FUNCTION_PROVIDERS, FUNCTIONS
from pipeline.domain.guard_rules import Place
from pipeline.domain.hcl import HclError, template
from pipeline.domain.hcl_calls import FILE_FUNCTIONS, Call, Tokens, written
from pipeline.domain.hcl_scope import calls_in_scope
from pipeline.domain.patterns import spelled
from pipeline.errors import Problem


def judge_expression(place: Place, tokens: Tokens) -> None:
    """Judge what an expression calls, and what the templates do that it reads, and theirs.

    A ``for`` loop may call its variable "path", too; inside, path.module is what the loop says.
    """
    left = _judged(place, tokens, anchors=True)
    while left:
        left += _template(place, left.pop())


def _judged(place: Place, tokens: Tokens, *, anchors: bool) -> list[str]:
    """Judge an expression by itself; the templates that it reads. ``anchors``: :func:`written`."""
    templates: list[str] = []
    for call, hidden in calls_in_scope(tokens, "path"):
        if call.name in FILE_FUNCTIONS:
            real = _reads(place, call, anchors=anchors and not hidden)
            templates += real if call.name == "templatefile" else []
        elif not _known(place, call.name):
            place.say(
                call.line,
                f"The function {call.name}() is not on the guard's list.",
                place.or_allow("functions"),
            )
    return templates


def _known(place: Place, name: str) -> bool:
    if name in FUNCTIONS or name in place.rules.allowance.functions:
        return True
    return name.startswith(FUNCTION_PROVIDERS)


def _reads(place: Place, call: Call, *, anchors: bool) -> list[str]:
    """Judge what a call reads; what that is, nothing where it is refused."""
    path = written(call.arguments[0], anchors=anchors) if call.arguments else None
    first = path.under(place.folder, place.stack) if path and path.whole else None
    paths = [] if first is None else [first]
    if first is not None and call.name == "fileset":
        paths = _matched(first, call.arguments[1:])
    if not paths:
        place.verdict.computed = True
        if call.name not in place.rules.allowance.functions:
            place.say(
                call.line,
                f"What {call.name}() reads is not written out.",
                "Use text, path.module and path.root only, so that it can be judged unread. "
                + place.or_allow("functions"),
            )
        return []
    found = []
    for each in paths:
        real = place.tree.real(each)
        if real is None:
            place.say(call.line, f"{call.name}() reads outside the repository.")
            return []
        place.verdict.reads.add(real)
        found.append(real)
    return found


def _matched(folder: str, arguments: tuple[Tokens, ...]) -> list[str]:
    """Where the pattern of ``fileset`` may lead, nothing when that cannot be said.

    A star or a class never stands for ``..``; braces may spell it.
    """
    pattern = written(arguments[0], anchors=False) if len(arguments) == 1 else None
    if pattern is None or not pattern.whole or "\\" in pattern.text:
        return []
    found = []
    for text in spelled(pattern.text):
        fixed = re.split(r"[*?\[]", text, maxsplit=1)[0]
        if ".." in text[len(fixed) :]:
            return []
        found.append(normpath(f"{folder}/{fixed if fixed == text else fixed.rpartition('/')[0]}"))
    return found


def _template(place: Place, path: str) -> list[str]:
    """Judge a template: it may call what a configuration may, relative to the root module.

    Returns the templates that it reads in turn.
    """
    text = place.tree.read(path)
    key = f"template {path}"  # the same file may be read as configuration, too
    if text is None or key in place.verdict.files:
        return []
    place.verdict.files[key] = text
    inside = Place(path, place.stack, place.stack, place.tree, place.rules, place.verdict)
    try:
        return _judged(inside, (template(text),), anchors=False)
    except HclError as error:
        place.verdict.broken.append(
            Problem(f"This is no valid template: {error.sentence}.", f"{path}:{error.line}")
        )
        return []
