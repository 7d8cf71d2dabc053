"""What the Terraform files of a stack say, and every file that decides what it deploys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.domain.links import LinkError, follow, observed
from pipeline.domain.sources import FileFacts, Reference, facts, template_reads
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


@dataclass(slots=True)
class Reader:
    """Reads the stacks of one tree; what several of them share is looked up once."""

    tree: Tree
    _beside: dict[str, list[str]] = field(default_factory=dict)
    _names: dict[str, frozenset[str]] = field(default_factory=dict)

    def stack(self, folder: str, problems: list[Problem]) -> StackSource:
        """Read a stack's files and, transitively, its local modules."""
        return _Reading(self, folder, problems).read()

    def beside(self, folder: str) -> list[str]:
        """The files that lie in a folder itself."""
        found = self._beside.get(folder)
        if found is None:
            start = len(folder) + 1 if folder else 0
            found = [path for path in self.tree.files(folder) if "/" not in path[start:]]
            self._beside[folder] = found
        return found

    def names(self, folder: str) -> frozenset[str]:
        """The names of the files and folders that lie in a folder."""
        found = self._names.get(folder)
        if found is None:
            start = len(folder) + 1 if folder else 0
            files = self.tree.files(folder)
            found = frozenset(path[start:].partition("/")[0] for path in files)
            self._names[folder] = found
        return found

    def content(self, path: str) -> bytes | None:
        """The bytes of a file, links followed; None without one. Raises :class:`LinkError`."""
        return self.tree.read(follow(self.tree, path))


@dataclass(slots=True)
class _Reading:
    """One stack while it is read."""

    reader: Reader
    folder: str
    problems: list[Problem]
    variables: dict[str, Variable] = field(default_factory=dict)
    tfvars: dict[str, dict[str, int]] = field(default_factory=dict)
    inputs: dict[str, None] = field(default_factory=dict)
    named: dict[str, tuple[str, ...]] = field(default_factory=dict)
    files: dict[str, None] = field(default_factory=dict)

    def read(self) -> StackSource:
        self.folder = self._followed(self.folder) or self.folder
        queue, seen = [self.folder], {self.folder: None}
        while queue:
            module = queue.pop()
            paths = [p for p in self.reader.beside(module) if _of_terraform(p)]
            for path in sorted(paths, key=lambda path: (is_override(path), path)):
                for target in self._file(module, path):
                    if target not in seen:
                        seen[target] = None
                        queue.append(target)
        for path in self.reader.beside(self.folder):
            name = path.rpartition("/")[2]
            if name in _BESIDE or name.endswith((".auto.tfvars", ".auto.tfvars.json")):
                self.inputs[path] = None
            if name.endswith(".tfvars"):
                self._values(path, name)
        for path in list(self.inputs):
            self._check_links(path)
        return StackSource(
            self.variables,
            self.tfvars,
            tuple(sorted(self.inputs)),
            self.named,
            tuple(seen),
            tuple(self.files),
        )

    def _file(self, module: str, path: str) -> Iterator[str]:
        """Read one file of a module; the folders of the modules that it calls."""
        self.inputs[path] = None
        found = self._facts(path)
        if not path.endswith(".tf") or found is None:
            return
        self.files[path] = None
        if module == self.folder:
            for key, (line, required) in found.variables.items():
                known = self.variables.get(key) if is_override(path) else None
                if known is None or not required:  # an override without a default leaves it
                    self.variables[key] = Variable(path, line, required)
        for reference in found.reads:
            self._reference(reference, module, path)
        for reference in found.modules:
            target = self._resolved(reference, module, path)
            real = self._followed(target) if target is not None else None
            if real is None:
                continue
            if not any(p.endswith((".tf", ".tf.json")) for p in self.reader.beside(real)):
                self._say(f"There is no module {real}.", f"{path}:{reference.line}")
                self.inputs[real] = None
            yield real

    def _values(self, path: str, name: str) -> None:
        """Read a tfvars file; texts in it may name files for its own workspace."""
        found = self._facts(path)
        if found is None:
            return
        self.tfvars[name] = found.keys
        own = _Reading(self.reader, self.folder, self.problems)
        for reference in found.reads:
            own._reference(reference, self.folder, path)
        self.named[name] = tuple(own.inputs)

    def _facts(self, path: str) -> FileFacts | None:
        try:
            data = self.reader.content(path)
        except LinkError:
            self._check_links(path)
            return None
        found = facts(data or b"")
        if data is None:
            self._say(f"The link {path} leads to nothing.", path, "Remove it or correct it.")
        if found.error and path.endswith((".tf", ".tfvars")):
            self._say(f"{found.error[0]}.", f"{path}:{found.error[1]}")
        return found

    def _reference(self, reference: Reference, module: str, path: str) -> None:
        if reference.base == "either":
            for base in {module, self.folder}:
                target = self._there(base, reference.path)
                if target is not None:
                    self.inputs[target] = None
            return
        target = self._resolved(reference, module, path)
        if target is not None and target not in self.inputs:
            self.inputs[target] = None
            if reference.template:
                self._template(target, module)

    def _there(self, base: str, path: str) -> str | None:
        """The file or folder that a text names, None where nothing is there."""
        head = path.partition("/")[0]
        if head not in (".", "..") and head not in self.reader.names(base):
            return None
        target = join(base, path)
        if not target:
            return None
        try:
            real = follow(self.reader.tree, target)
        except LinkError:
            return target
        return target if self.reader.tree.hash(real) is not None else None

    def _template(self, target: str, module: str) -> None:
        """What a template reads, or each template of a folder; relative to the root module."""
        real = self._followed(target)
        for path in [] if real is None else self.reader.tree.files(real) or [real]:
            try:
                data = self.reader.content(path) or b""
            except LinkError:
                continue
            for reference in template_reads(data):
                self._reference(reference, self.folder, path)

    def _resolved(self, reference: Reference, module: str, path: str) -> str | None:
        target = join(self.folder if reference.base == "root" else module, reference.path)
        if target is None:
            self._say(
                f"{reference.path!r} leads out of the repository.", f"{path}:{reference.line}"
            )
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
        self._say(
            f"The link {error.path} {error.sentence}.",
            error.path,
            "Put the file itself there, or let the link lead to a file of the repository.",
        )

    def _say(self, sentence: str, where: str, remedy: str = "") -> None:
        problem = Problem(sentence, where, remedy)
        if problem not in self.problems:
            self.problems.append(problem)


def _of_terraform(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.endswith((".tf", ".tf.json")) and not name.startswith(".")
