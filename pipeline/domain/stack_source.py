"""What the Terraform files of a stack say, and every file that decides what it deploys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pipeline.domain.links import LinkError, follow, observed
from pipeline.domain.sources import FileFacts, Reference, Texts, facts, template_facts
from pipeline.domain.tree import Tree, join
from pipeline.errors import Problem

#: What Terraform reads by itself in the folder of a root module, beside its own files.
_BESIDE = (".terraform.lock.hcl", "terraform.tfvars", "terraform.tfvars.json", "usage.toml")


@dataclass(frozen=True, slots=True)
class Variable:
    """A declared input; ``required`` when it has no default."""

    file: str
    line: int
    required: bool


@dataclass(frozen=True, slots=True)
class StackSource:
    """What the Terraform files of a stack say.

    ``inputs`` are all files and folders that decide what its units deploy, but for their own
    tfvars; ``named`` are those that a tfvars file names; ``modules`` the folders of its modules,
    its own first.
    """

    variables: dict[str, Variable]
    tfvars: dict[str, dict[str, int]]
    inputs: tuple[str, ...]
    named: dict[str, tuple[str, ...]]
    modules: tuple[str, ...]
    files: tuple[str, ...]

    @property
    def has_terraform(self) -> bool:
        return any(path.startswith(f"{self.modules[0]}/") for path in self.files)


def is_override(path: str) -> bool:
    """Whether Terraform merges the file's blocks into those of others ("Override Files")."""
    name = path.rpartition("/")[2].removesuffix(".json").removesuffix(".tf")
    return name == "override" or name.endswith("_override")


@dataclass(frozen=True, slots=True)
class Module:
    """A folder of Terraform files by itself: what every stack that calls it has in common.

    ``inputs`` are its files and what they read relative to it; ``reads`` and ``texts`` are left to
    be looked up from the root module; ``templates`` are those among the inputs.
    """

    inputs: tuple[str, ...]
    files: tuple[str, ...]
    calls: tuple[str, ...]
    reads: tuple[tuple[str, Reference], ...]
    texts: Texts
    templates: tuple[str, ...]
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class Reader:
    """Reads the stacks of one tree; what several of them share is looked up once."""

    tree: Tree
    _modules: dict[str, Module] = field(default_factory=dict)
    _beside: dict[str, list[str]] = field(default_factory=dict)
    _names: dict[str, frozenset[str]] = field(default_factory=dict)

    def stack(self, folder: str, problems: list[Problem]) -> StackSource:
        """Read a stack's files and, transitively, its local modules."""
        return _Reading(self, folder, problems).stack()

    def module(self, folder: str) -> Module:
        found = self._modules.get(folder)
        if found is None:
            found = self._modules[folder] = _Reading(self, folder, []).module()
        return found

    def beside(self, folder: str) -> list[str]:
        """The files that lie in a folder itself."""
        found = self._beside.get(folder)
        if found is None:
            start = len(folder) + 1 if folder else 0
            found = [path for path in self.tree.files(folder) if "/" not in path[start:]]
            self._beside[folder] = found
        return found

    def names(self, folder: str) -> frozenset[str]:
        """What the first part of a path may be that leads to something from a folder."""
        found = self._names.get(folder)
        if found is None:
            start = len(folder) + 1 if folder else 0
            files = self.tree.files(folder)
            found = frozenset([".", "..", *(p[start:].partition("/")[0] for p in files)])
            self._names[folder] = found
        return found

    def content(self, path: str) -> bytes | None:
        """The bytes of a file, links followed; None without one. Raises :class:`LinkError`."""
        return self.tree.read(follow(self.tree, path))


@dataclass(slots=True)
class _Reading:
    """A folder while it is read."""

    reader: Reader
    folder: str
    problems: list[Problem]
    inputs: dict[str, None] = field(default_factory=dict)
    templates: dict[str, None] = field(default_factory=dict)
    rendered: set[str] = field(default_factory=set)

    def stack(self) -> StackSource:
        self.folder = self._followed(self.folder) or self.folder
        queue, seen, files = [self.folder], {self.folder: None}, list[str]()
        while queue:
            module = self.reader.module(queue.pop())
            self.inputs |= dict.fromkeys(module.inputs)
            files += module.files
            self.templates |= dict.fromkeys(module.templates)
            self._from_root(module.reads, module.texts)
            for problem in module.problems:
                self._say(problem)
            for target in module.calls:
                if target not in seen:
                    seen[target] = None
                    queue.append(target)
        tfvars, named = self._values()
        if self.reader.tree.links(""):
            for path in list(self.inputs):
                self._check_links(path)
        inputs = tuple(sorted(self.inputs))
        return StackSource(self._variables(), tfvars, inputs, named, tuple(seen), tuple(files))

    def module(self) -> Module:
        files, calls, reads = list[str](), dict[str, None](), list[tuple[str, Reference]]()
        texts: dict[str, tuple[str, ...]] = {}
        for path in self.reader.beside(self.folder):
            if not _of_terraform(path):
                continue
            self.inputs[path] = None
            found = self._facts(path) if path.endswith(".tf") else None
            if found is None:
                continue
            files.append(path)
            for head, names in found.texts.items():
                texts[head] = (*texts.get(head, ()), *names)
            for reference in found.reads:
                if reference.base == "root":
                    reads.append((path, reference))
                else:
                    self._reference(path, reference)
            for reference in found.modules:
                target = self._call(path, reference)
                if target is not None:
                    calls[target] = None
        self._texts(self.folder, texts)
        return Module(tuple(self.inputs), tuple(files), tuple(calls), tuple(reads), texts,
                      tuple(self.templates), tuple(self.problems))  # fmt: skip

    def _call(self, path: str, reference: Reference) -> str | None:
        """The folder of the module that a file calls."""
        target = self._resolved(path, reference)
        real = self._followed(target) if target is not None else None
        if real is not None and not any(map(_of_terraform, self.reader.beside(real))):
            self._say(Problem(f"There is no module {real}.", f"{path}:{reference.line}"))
            self.inputs[real] = None
        return real

    def _from_root(self, reads: Iterable[tuple[str, Reference]], texts: Texts) -> None:
        self._found(reads, texts)
        while new := [path for path in self.templates if path not in self.rendered]:
            for path in new:
                self._template(path)

    def _found(self, reads: Iterable[tuple[str, Reference]], texts: Texts) -> None:
        for path, reference in reads:
            self._reference(path, reference)
        self._texts(self.folder, texts)

    def _variables(self) -> dict[str, Variable]:
        found: dict[str, Variable] = {}
        for path in sorted(self.reader.module(self.folder).files, key=_overrides_last):
            known = self._facts(path)
            for key, (line, required) in known.variables.items() if known else ():
                # An override file without a default leaves the one that there is.
                if not (required and is_override(path) and key in found):
                    found[key] = Variable(path, line, required)
        return found

    def _values(self) -> tuple[dict[str, dict[str, int]], dict[str, tuple[str, ...]]]:
        """The keys of every tfvars file, and what the texts in it name for its own workspace."""
        keys: dict[str, dict[str, int]] = {}
        named: dict[str, tuple[str, ...]] = {}
        for path in self.reader.beside(self.folder):
            name = path.rpartition("/")[2]
            if name in _BESIDE or name.endswith((".auto.tfvars", ".auto.tfvars.json")):
                self.inputs[path] = None
            found = self._facts(path) if name.endswith(".tfvars") else None
            if found is not None:
                keys[name] = found.keys
                own = _Reading(self.reader, self.folder, self.problems)
                own._from_root((), found.texts)
                named[name] = tuple(own.inputs)
        return keys, named

    def _facts(self, path: str) -> FileFacts | None:
        try:
            data = self.reader.content(path)
        except LinkError as error:
            self._say_link(error)
            return None
        if data is None:
            self._say(Problem(f"The link {path} leads to nothing.", path, "Remove or correct it."))
        found = facts(data or b"")
        if found.error:
            self._say(Problem(f"{found.error[0]}.", f"{path}:{found.error[1]}"))
        return found

    def _reference(self, path: str, reference: Reference) -> None:
        target = self._resolved(path, reference)
        if target is not None:
            if reference.template:
                self.templates[target] = None
            self.inputs[target] = None

    def _texts(self, base: str, texts: Texts) -> None:
        """The files and folders that texts name; most texts name nothing."""
        for head in texts.keys() & self.reader.names(base):
            for text in texts[head]:
                target = join(base, text)
                if target and self._there(target):
                    self.inputs[target] = None

    def _there(self, path: str) -> bool:
        try:
            return self.reader.tree.hash(follow(self.reader.tree, path)) is not None
        except LinkError:
            return True  # to be refused by name

    def _template(self, target: str) -> None:
        """What a template reads, or each template of a folder; relative to the root module."""
        self.rendered.add(target)
        real = self._followed(target)
        for path in [] if real is None else self.reader.tree.files(real) or [real]:
            try:
                found = template_facts(self.reader.content(path) or b"")
            except LinkError:
                continue
            self._found([(path, reference) for reference in found.reads], found.texts)

    def _resolved(self, path: str, reference: Reference) -> str | None:
        target = join(self.folder, reference.path)
        if target is None:
            where = f"{path}:{reference.line}"
            self._say(Problem(f"{reference.path!r} leads out of the repository.", where))
        return target

    def _followed(self, path: str) -> str | None:
        try:
            return follow(self.reader.tree, path)
        except LinkError as error:
            self._say_link(error)
            return None

    def _check_links(self, path: str) -> None:
        try:
            observed(self.reader.tree, path)
        except LinkError as error:
            self._say_link(error)

    def _say_link(self, error: LinkError) -> None:
        remedy = "Put the file itself there, or let the link lead to a file of the repository."
        self._say(Problem(f"The link {error.path} {error.sentence}.", error.path, remedy))

    def _say(self, problem: Problem) -> None:
        if problem not in self.problems:
            self.problems.append(problem)


def _overrides_last(path: str) -> tuple[bool, str]:
    return is_override(path), path


def _of_terraform(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.endswith((".tf", ".tf.json")) and not name.startswith(".")
