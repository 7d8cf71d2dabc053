"""What a stack may not do before a reviewer has seen it: judged from its text, before init.

``terraform init`` downloads what a configuration names and ``terraform plan`` runs providers, data
sources and functions with the plan role's credentials. A pull request is a stranger's text, so:
only allowed providers that the lock file pins for every platform, only allowed module sources, no
provisioner, no data source that runs programs or asks the network, no file outside the repository,
no secret that main does not read already.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pipeline.domain.guard_lock import lock_problems, unreadable
from pipeline.domain.guard_secrets import SecretRead, secret_problems, secret_reads
from pipeline.domain.hcl import Block, HclError, Token, parse
from pipeline.errors import Problem

#: Functions that read files (Terraform: "Filesystem Functions").
FILE_FUNCTIONS = frozenset(
    "file fileexists fileset filebase64 filebase64sha256 filebase64sha512 filemd5 filesha1 "
    "filesha256 filesha512 templatefile".split()
)
#: Data sources that run programs or ask the network during a plan.
DATA_SOURCES = frozenset({"external", "http", "terraform_remote_state"})
#: Provider arguments that make the SDK read files or run programs (``credential_process``).
PROVIDER_ARGUMENTS = frozenset(
    {"shared_config_files", "shared_credentials_files", "profile", "access_key", "secret_key"}
)

_ANCHOR = re.compile(r"\$\{\s*path\.(module|root|cwd)\s*\}")


@dataclass(frozen=True, slots=True)
class Rules:
    """What is allowed, from the referee's configuration.

    ``providers`` are full source addresses; ``modules`` are prefixes of sources elsewhere.
    """

    providers: frozenset[str] = frozenset({"registry.terraform.io/hashicorp/aws"})
    modules: tuple[str, ...] = ()


class Tree(Protocol):
    """The files of a repository; paths are relative to it, with forward slashes."""

    def terraform_files(self, folder: str) -> Mapping[str, str]:
        """Path to text of every file Terraform would read in a folder."""

    def inside(self, path: str) -> bool:
        """Whether the path, with its links followed, stays in the repository."""

    def read(self, path: str) -> str | None:
        """The text of a file, None when it is not there."""


@dataclass(slots=True)
class Verdict:
    """The problems, and a text that changes whenever ``terraform init`` has to run again."""

    problems: list[Problem] = field(default_factory=list)
    broken: list[Problem] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    secrets: list[SecretRead] = field(default_factory=list)

    @property
    def fingerprint(self) -> str:
        return "\n".join(sorted(self.calls))


def guard(stack: str, tree: Tree, rules: Rules, base: Tree | None = None) -> Verdict:
    """Judge the stack folder and every local module below it.

    ``base`` are the files of main when a pull request is judged: it may read no new secret.
    """
    verdict = Verdict()
    folders, seen = [stack], {stack}
    while folders:
        folder = folders.pop()
        for path, text in sorted(tree.terraform_files(folder).items()):
            if not path.endswith(".tf"):
                verdict.problems.append(
                    Problem(
                        "Configuration in JSON syntax is not read by the guard.",
                        f"{path}:1",
                        "Write it in HCL.",
                    )
                )
                continue
            if not tree.inside(path):
                verdict.problems.append(Problem("The file is a link out of the repository.", path))
                continue
            try:
                root = parse(text)
            except HclError as error:
                verdict.broken.append(
                    Problem(f"This is no valid HCL: {error.sentence}.", f"{path}:{error.line or 1}")
                )
                continue
            verdict.secrets += secret_reads(root, folder, path)
            judge = _Judge(path, folder, stack, tree, rules, verdict)
            for source in judge.file(root):
                if source not in seen:
                    seen.add(source)
                    folders.append(source)
    _lock_file(f"{stack}/.terraform.lock.hcl", tree, rules, verdict)
    if base is not None and verdict.secrets:
        verdict.problems += secret_problems(verdict.secrets, guard(stack, base, rules).secrets)
    return verdict


def _lock_file(path: str, tree: Tree, rules: Rules, verdict: Verdict) -> None:
    text = tree.read(path)
    broken = unreadable(text, path) if text is not None else None
    if broken is not None:
        verdict.broken.append(broken)
    else:
        verdict.problems += lock_problems(text, path, rules.providers)


@dataclass(slots=True)
class _Judge:
    path: str
    folder: str
    stack: str
    tree: Tree
    rules: Rules
    verdict: Verdict

    def _say(self, line: int, sentence: str, remedy: str = "") -> None:
        self.verdict.problems.append(Problem(sentence, f"{self.path}:{line}", remedy))

    def file(self, root: Block) -> Iterator[str]:
        """Judge a file; yields the folders of the local modules it calls."""
        for block in _walk(root):
            for attribute in block.attributes.values():
                for call in _calls(attribute.tokens):
                    self._call(call)
            if block.type in ("provisioner", "connection"):
                self._say(
                    block.line,
                    f"A {block.type} runs programs outside Terraform's plan.",
                    "Use a resource of a provider instead.",
                )
            if any("\\" in label for label in block.labels):
                self._say(
                    block.line,
                    f"A label of this {block.type} block has an escape.",
                    "Write it out, so that it can be read as it is.",
                )
            if block.type == "data" and block.labels[:1] and block.labels[0] in DATA_SOURCES:
                self._say(
                    block.line,
                    f"The data source {block.labels[0]!r} reaches outside this unit during a plan.",
                    "Pass the value as a variable, or read it by a data source of AWS.",
                )
        for block in root.blocks:
            if block.type == "module":
                source = self._module(block)
                if source:
                    yield source
            elif block.type == "provider":
                self._provider(block)
            elif block.type == "terraform":
                self._terraform(block)

    def _call(self, call: Call) -> None:
        if call.name not in FILE_FUNCTIONS:
            return
        path = self._path(call.argument)
        if path is None:
            self._say(
                call.line,
                f"The path of {call.name}() is not written out.",
                "Use text, path.module and path.root only, so that it can be judged unread.",
            )
        elif not self.tree.inside(path):
            self._say(call.line, f"{call.name}() reads outside the repository.")

    def _path(self, tokens: tuple[Token, ...]) -> str | None:
        """The path relative to the repository, None when it is not written out."""
        if len(tokens) == 1 and tokens[0].kind == "string":
            text = tokens[0].text
        else:
            text = "${" + "".join(token.text for token in tokens) + "}"
        if "\\" in text:  # an escape could hide dots and slashes
            return None
        places = {"module": self.folder, "root": self.stack, "cwd": self.stack}
        anchor = _ANCHOR.match(text)
        rest = text[anchor.end() :] if anchor else text
        if "${" in rest or "%{" in rest:
            return None
        if anchor:
            return posixpath.normpath(places[anchor[1]] + rest)
        return rest if rest.startswith(("/", "~")) else posixpath.normpath(f"{self.stack}/{rest}")

    def _module(self, block: Block) -> str | None:
        source = _text(block, "source")
        name = block.labels[0] if block.labels else ""
        self.verdict.calls.append(f"{self.folder} {name} {source} {_text(block, 'version')}")
        if source is None or "\\" in source:
            self._say(block.line, f"The source of module {name!r} is not a plain string.")
            return None
        if source.startswith(("./", "../")):
            target = posixpath.normpath(posixpath.join(self.folder, source))
            if self.tree.inside(target) and not target.startswith(".."):
                if self.tree.terraform_files(target):
                    return target
                self._say(block.line, f"The source of module {name!r} is no folder with .tf files.")
                return None
            self._say(block.line, f"The source of module {name!r} lies outside the repository.")
        elif not any(source.startswith(prefix) for prefix in self.rules.modules):
            self._say(
                block.line,
                f"The source of module {name!r}, {source}, is not allowed.",
                "Keep the module in terraform/modules, or allow it in [tool.pipeline].",
            )
        return None

    def _provider(self, block: Block) -> None:
        for name in sorted(PROVIDER_ARGUMENTS & block.attributes.keys()):
            self._say(
                block.attributes[name].line,
                f"The provider argument {name!r} chooses credentials.",
                "Credentials come from the environment alone.",
            )

    def _terraform(self, block: Block) -> None:
        for inner in block.blocks:
            if inner.type == "cloud" or (inner.type == "backend" and inner.labels != ("s3",)):
                self._say(inner.line, 'The backend has to be `backend "s3" {}`.')
            elif inner.type == "backend" and inner.attributes.keys() - {"use_lockfile"}:
                self._say(inner.line, "The backend's settings come from the pipeline.")
            elif inner.type == "required_providers":
                for name, attribute in inner.attributes.items():
                    self._required(name, attribute.tokens, attribute.line)

    def _required(self, name: str, tokens: tuple[Token, ...], line: int) -> None:
        source = f"hashicorp/{name}"
        for index, token in enumerate(tokens):
            if token.kind == "name" and token.text == "source" and index + 2 < len(tokens):
                source = tokens[index + 2].text
        self.verdict.calls.append(f"{self.folder} provider {source}")
        full = source if source.count("/") == 2 else f"registry.terraform.io/{source}"
        if full not in self.rules.providers:
            self._say(
                line,
                f"The provider {full} is not allowed.",
                "Allow it in [tool.pipeline] by a change of its own.",
            )


@dataclass(frozen=True, slots=True)
class Call:
    """A function call and the tokens of its first argument."""

    name: str
    line: int
    argument: tuple[Token, ...]


def _calls(tokens: tuple[Token, ...]) -> Iterator[Call]:
    """All calls of an expression, also inside strings, heredocs and other calls."""
    for index, token in enumerate(tokens):
        yield from _calls(token.nested)
        if token.kind == "name" and index + 1 < len(tokens) and tokens[index + 1].kind == "(":
            yield Call(token.text, token.line, _first_argument(tokens, index + 2))


def _first_argument(tokens: tuple[Token, ...], at: int) -> tuple[Token, ...]:
    depth, start = 0, at
    while at < len(tokens):
        kind = tokens[at].kind
        if depth == 0 and kind in (",", ")"):
            break
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(kind, 0)
        at += 1
    return tuple(token for token in tokens[start:at] if token.kind != "newline")


def _walk(block: Block) -> Iterator[Block]:
    yield block
    for inner in block.blocks:
        yield from _walk(inner)


def _text(block: Block, name: str) -> str | None:
    attribute = block.attributes.get(name)
    return attribute.literal if attribute else None
