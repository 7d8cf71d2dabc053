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


def judge_expression(place: Place, tokens: Tokens, *, anchors: bool = True) -> None:
    """Judge what an expression calls; ``anchors`` as in :func:`written`.

    A ``for`` loop may call its variable "path", too; inside, path.module is what the loop says.
    """
    for call, hidden in calls_in_scope(tokens, "path"):
        if call.name in FILE_FUNCTIONS:
            _reads(place, call, anchors=anchors and not hidden)
        elif not _known(place, call.name):
            place.say(
                call.line,
                f"The function {call.name}() is not on the guard's list.",
                place.or_allow("functions"),
            )


def _known(place: Place, name: str) -> bool:
    if name in FUNCTIONS or name in place.rules.allowance.functions:
        return True
    return name.startswith(FUNCTION_PROVIDERS)


def _reads(place: Place, call: Call, *, anchors: bool) -> None:
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
        return
    for each in paths:
        real = place.tree.real(each)
        if real is None:
            place.say(call.line, f"{call.name}() reads outside the repository.")
            return
        place.verdict.reads.add(real)
        if call.name == "templatefile":
            _template(place, real)


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


def _template(place: Place, path: str) -> None:
    """Judge a template: it may call what a configuration may, relative to the root module."""
    text = place.tree.read(path)
    key = f"template {path}"  # the same file may be read as configuration, too
    if text is None or key in place.verdict.files:
        return
    place.verdict.files[key] = text
    inside = Place(path, place.stack, place.stack, place.tree, place.rules, place.verdict)
    try:
        judge_expression(inside, (template(text),), anchors=False)
    except HclError as error:
        place.verdict.broken.append(
            Problem(f"This is no valid template: {error.sentence}.", f"{path}:{error.line}")
        )
