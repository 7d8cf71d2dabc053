"""TOML files as the configuration reads them: every mistake with its file and line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from pipeline.domain.nested import parse_toml
from pipeline.domain.tree import Tree
from pipeline.errors import Problem

Model = TypeVar("Model", bound=BaseModel)


def read_toml(tree: Tree, path: str, problems: list[Problem]) -> dict[str, Any] | None:
    """A TOML document, None when it is not there or cannot be read."""
    data = tree.read(path)
    if data is None:
        return None
    if path in tree.links(path.rpartition("/")[0]):
        problems.append(
            Problem(
                f"{path} is a symbolic link, and settings are read from files only.",
                path,
                "Put the file itself there.",
            )
        )
        return None
    try:
        return parse_toml(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        found = re.search(r"^(.*) \(at line (\d+), column \d+\)$", str(error))
        line = found[2] if found else str(data.count(b"\n") + 1)
        problems.append(Problem(f"{found[1] if found else error}.", f"{path}:{line}"))
        return None


def validated(
    model: type[Model],
    document: dict[str, Any],
    path: str,
    text: str,
    prefix: tuple[str, ...],
    problems: list[Problem],
) -> Model | None:
    """The document as a model; ``prefix`` are the keys under which it stands in ``text``."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        for item in error.errors():
            place = tuple(str(part) for part in item["loc"])
            name = ".".join(place or prefix[-1:])
            where, remedy = f"{path}:{find_line(text, (*prefix, *place))}", ""
            if item["type"] == "extra_forbidden":
                sentence = f"Unknown key {name!r}."
            elif item["type"] == "missing":
                sentence = f"{name!r} is missing."
                remedy = f"Write {place[-1]} = … there."
            else:
                sentence = f"{name}: {item['msg'].removeprefix('Value error, ')}."
            problems.append(Problem(sentence, where, remedy))
        return None


def find_line(text: str, keys: Iterable[str]) -> int:
    """The line (from 1) of a TOML key path, or of the nearest part of it that is written."""
    wanted = [key for key in keys if not key.isdigit()]
    table: list[str] = []
    best, depth = 1, 0
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[\[?\s*([^\]]+?)\s*\]\]?", line)
        pair = re.match(r"\s*([\w\"'.-]+)\s*=", line)
        if header:
            table = [part.strip().strip("\"'") for part in header[1].split(".")]
            path = table
        elif pair:
            path = [*table, *(part.strip("\"'") for part in pair[1].split("."))]
        else:
            continue
        if len(path) > depth and path == wanted[: len(path)]:
            best, depth = number, len(path)
    return best
