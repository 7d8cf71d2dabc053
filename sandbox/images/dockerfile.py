"""The part of a Dockerfile that says how a container of it runs: its last stage.

RUN, COPY and USER are not followed: the files are the build context, and the Python environment
comes from its lock file. What is followed is the meaning of ARG, ENV, WORKDIR, CMD, ENTRYPOINT and
EXPOSE in the Dockerfile reference, with a stage's own parents (FROM an earlier stage) included.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pipeline.errors import failure


@dataclass(frozen=True, slots=True)
class Stage:
    """What is known at the end of a stage."""

    env: Mapping[str, str] = field(default_factory=dict)
    workdir: str = "/"
    command: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()


def parse(text: str, arguments: Mapping[str, str], where: str = "Dockerfile") -> Stage:
    """Read a Dockerfile and give its last stage. Raises Failure ``build`` for one that has none."""
    stages: dict[str, Stage] = {}
    stage: Stage | None = None
    name = ""
    known: dict[str, str] = {}  # ARG values in scope
    outer: dict[str, str] = {}
    for number, keyword, rest in _instructions(text):
        place = f"{where}:{number}"
        if keyword == "FROM":
            if stage is not None and name:
                stages[name] = stage
            words = [w for w in _expand(rest, known | outer).split() if not w.startswith("--")]
            stage = stages.get(words[0].lower(), Stage())
            name = words[2].lower() if len(words) == 3 else ""
            known = {}
        elif keyword == "ARG":
            _argument(rest, arguments, known if stage is not None else outer, outer)
        elif stage is None:
            raise failure("build", f"{keyword} comes before the first FROM.", place)
        else:
            stage = _apply(stage, keyword, rest, known, place)
    if stage is None:
        raise failure("build", "The Dockerfile has no FROM.", where)
    return stage


def _apply(stage: Stage, keyword: str, rest: str, known: Mapping[str, str], place: str) -> Stage:
    scope = {**known, **stage.env}
    if keyword == "ENV":
        return replace(stage, env={**stage.env, **_assignments(rest, scope, place)})
    if keyword == "WORKDIR":
        path = _expand(rest.strip(), scope)
        absolute = path if path.startswith("/") else f"{stage.workdir.rstrip('/')}/{path}"
        return replace(stage, workdir=absolute)
    if keyword == "CMD":
        return replace(stage, command=_exec(rest, place))
    if keyword == "ENTRYPOINT":
        return replace(stage, entrypoint=_exec(rest, place), command=())
    if keyword == "EXPOSE":
        return replace(stage, exposed=(*stage.exposed, *_expand(rest, scope).split()))
    return stage


def _instructions(text: str) -> list[tuple[int, str, str]]:
    """Line number, keyword and rest of each instruction; comments and continuations resolved."""
    result, pending, begun = [], "", 0
    terminator = ""
    for number, line in enumerate(text.splitlines(), 1):
        if terminator:  # the body of a here-document
            terminator = "" if line.strip() == terminator else terminator
            continue
        if line.lstrip().startswith("#") or (not line.strip() and not pending):
            continue
        begun = begun or number
        if line.rstrip().endswith("\\"):
            pending += line.rstrip()[:-1] + " "
            continue
        whole = (pending + line).strip()
        keyword, _, rest = whole.partition(" ")
        result.append((begun, keyword.upper(), rest.strip()))
        if keyword.upper() in ("RUN", "COPY") and (here := re.search(r"<<-?[\"']?(\w+)", rest)):
            terminator = here.group(1)
        pending, begun = "", 0
    return result


def _argument(
    rest: str, given: Mapping[str, str], into: dict[str, str], outer: Mapping[str, str]
) -> None:
    for word in shlex.split(rest):
        name, equals, default = word.partition("=")
        if name in given:
            into[name] = given[name]
        elif equals:
            into[name] = _expand(default, {**outer, **into})
        elif name in outer:
            into[name] = outer[name]


def _assignments(rest: str, scope: Mapping[str, str], place: str) -> dict[str, str]:
    words = shlex.split(rest)
    if words and "=" not in words[0]:  # the old form: ENV NAME value
        name, _, value = rest.partition(" ")
        return {name: _expand(value.strip(), scope)}
    pairs = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise failure("build", f"ENV cannot read {word!r}; write NAME=value.", place)
        pairs[name] = _expand(value, scope)
    return pairs


def _expand(text: str, scope: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        name = match.group(1) or match.group(2)
        found = scope.get(name, "")
        return found or (match.group(3) or "")

    return re.sub(r"\$(?:(\w+)|\{(\w+)(?::-([^}]*))?\})", value, text)


def _exec(rest: str, place: str) -> tuple[str, ...]:
    if not rest.startswith("["):
        return ("/bin/sh", "-c", rest)
    try:
        return tuple(str(word) for word in json.loads(rest))
    except ValueError:
        raise failure("build", "CMD is no JSON list of strings.", place) from None
