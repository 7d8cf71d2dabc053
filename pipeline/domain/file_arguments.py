"""What providers read from the disk by themselves: told by the values of a plan. No I/O.

A function's argument has to be written out, but a resource may take the name of a file from any
expression, and no reader of texts knows what an expression gives. Terraform does: its plan holds
the names. So each planned value that names a file of the repository has to be among what decides
the unit, and an argument that is known to name one may name nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from pipeline.domain.links import LinkError, follow
from pipeline.domain.tree import Tree

#: Arguments whose files the AWS provider opens at the apply. No schema tells them, so the list is
#: kept by hand: one that is missing here is still held by its planned value.
ARGUMENTS = frozenset(
    "aws_gamelift_script.zip_file aws_lambda_function.filename aws_lambda_layer_version.filename "
    "aws_s3_bucket_object.source aws_s3_object.source aws_synthetics_canary.zip_file".split()
)
#: Terraform's own, which keep their values and read nothing.
_READ_NOTHING = frozenset({"terraform_data", "null_resource"})
#: Longer texts are no names of files (Linux: PATH_MAX).
_LONGEST = 4096
_TELLS = 'Write its folder out where it is used, as in "${path.module}/folder/${each.key}".'

_OR_ALLOW = "Or list {} as file_arguments in [guard] of {}/stack.toml, by a change of its own."


@dataclass(frozen=True, slots=True)
class Reading:
    """Where Terraform runs, and what decides the unit.

    ``folder`` is the stack's; ``roots`` are the checkout's absolute names, ``elsewhere`` those of
    folders whose content the record holds; ``inputs`` as :meth:`Estate.inputs`; ``allowed`` are
    arguments of :data:`ARGUMENTS` that may name anything.
    """

    tree: Tree
    folder: str
    inputs: Collection[str]
    roots: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    allowed: frozenset[str] = frozenset()


def unseen_reads(document: dict[str, Any], reading: Reading) -> Iterator[tuple[str, str, str]]:
    """Address, sentence and remedy of each planned value that names a file nobody would look at."""
    for resource in document.get("resource_changes", []):
        change = resource["change"]
        quiet = resource.get("mode") == "data" or resource["type"] in _READ_NOTHING
        if quiet or not {"create", "update"} & set(change["actions"]):
            continue
        address = resource["address"]
        after, unknown = change.get("after") or {}, change.get("after_unknown") or {}
        for name in sorted({*after, *unknown}):
            argument = f"{resource['type']}.{name}"
            sure = argument in ARGUMENTS
            or_allow = _OR_ALLOW.format(argument, reading.folder)
            if argument in reading.allowed:
                continue
            if sure and unknown.get(name) is True:
                yield address, f"What {name} names is not known before the apply.", or_allow
            for text in _texts(after.get(name)):
                if told := _unseen(text, reading, sure):
                    verb = "reads" if sure else "may read"
                    yield address, f"By {name} it {verb} {told}.", f"{_TELLS} {or_allow}"


def _texts(value: Any) -> Iterator[str]:
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            left += item.values()
        elif isinstance(item, list):
            left += item


def _unseen(text: str, reading: Reading, sure: bool) -> str:
    """What a value reads that nobody would look at; empty when it reads nothing of the kind."""
    if not 0 < len(text) <= _LONGEST or "\0" in text:
        return ""
    if any(text.startswith(f"{folder}/") for folder in reading.elsewhere):
        return "" if ".." not in text.split("/") else "a file outside the repository"
    path = f"{reading.folder}/{text}"
    for root in reading.roots:
        if text.startswith(f"{root}/"):
            path = text[len(root) + 1 :]
            break
    else:
        if text.startswith(("/", "~")):
            return "a file outside the repository" if sure else ""
    try:
        real = _real(reading.tree, path)
    except LinkError:
        return "a file outside the repository" if sure else ""
    if _within(real, reading.inputs) or not (sure or _is_name(reading.tree, real, text)):
        return ""
    return f"{real or 'the whole repository'}, which is not among what decides the unit"


def _real(tree: Tree, path: str) -> str:
    """The path as the system resolves it: links first, then ``..``."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if not parts:
                raise LinkError(path, "leads out of the repository")
            parts.pop()
        elif part not in ("", "."):
            parts = follow(tree, "/".join([*parts, part])).split("/")
    return "/".join(parts)


def _is_name(tree: Tree, real: str, text: str) -> bool:
    """Whether a value names a file: no provider opens a folder."""
    return tree.hash(real) is not None and not tree.files(real)


def _within(path: str, inputs: Collection[str]) -> bool:
    parts = path.split("/")
    return "" in inputs or any("/".join(parts[:end]) in inputs for end in range(1, len(parts) + 1))
