"""A repository in memory: commits are whole trees, and merging is three-way, value by value."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pipeline.domain.review import Digests

#: address -> value; the address "referee" stands for the referee's files.
Tree = Mapping[str, str]
REFEREE = "referee"


@dataclass(frozen=True)
class Commit:
    """A commit: its tree, its parents, and who is its author; ``clean`` merges only bring main."""

    id: str
    tree: Tree
    parents: tuple[str, ...]
    author: str


def unit_of(tree: Tree) -> dict[str, str]:
    """The part of a tree that decides the unit."""
    return {name: value for name, value in tree.items() if name != REFEREE}


def digest(part: Mapping[str, str]) -> str:
    return hashlib.sha256(repr(sorted(part.items())).encode()).hexdigest()


def digests(tree: Tree) -> Digests:
    """What a tree deploys, and the rules by which it is judged."""
    return Digests(digest(unit_of(tree)), tree.get(REFEREE, ""))


@dataclass
class Commits:
    """All commits of the repository by id, and the first-parent history of main."""

    every: dict[str, Commit] = field(default_factory=dict)
    main: list[str] = field(default_factory=list)

    def make(self, tree: Tree, parents: tuple[str, ...], author: str) -> str:
        name = f"{len(self.every):040x}"
        self.every[name] = Commit(name, dict(tree), parents, author)
        return name

    def tree(self, commit: str) -> Tree:
        return self.every[commit].tree

    def ancestors(self, commit: str) -> set[str]:
        """The commit and everything before it."""
        seen: set[str] = set()
        queue = [commit]
        while queue:
            name = queue.pop()
            if name not in seen:
                seen.add(name)
                queue += self.every[name].parents
        return seen

    def bases(self, one: str, other: str) -> frozenset[str]:
        """The merge bases of two commits."""
        shared = self.ancestors(one) & self.ancestors(other)
        below = {x for name in shared for x in self.ancestors(name) - {name}}
        return frozenset(shared - below)

    def merged(self, ours: str, theirs: str, base: str | None = None) -> Tree | None:
        """The merge of two commits, None for a conflict."""
        bases = {base} if base else self.bases(ours, theirs)
        old = self.tree(sorted(bases)[0]) if bases else {}
        mine, other, made = self.tree(ours), self.tree(theirs), {}
        for name in {*old, *mine, *other}:
            was, here, there = old.get(name), mine.get(name), other.get(name)
            if here != there and here != was and there != was:
                return None
            value = there if here == was else here
            if value is not None:
                made[name] = value
        return made

    def merge_digests(self, before: str, head: str, base: str | None) -> Digests | None:
        found = self.merged(before, head, base)
        return None if found is None else digests(found)

    def before(self, commit: str) -> str:
        return self.every[commit].parents[0]

    def since(self, start: str | None, until: str) -> Iterator[str]:
        """First-parent steps after ``start`` that change the unit or the referee's files."""
        upto = self.main[: self.main.index(until) + 1]
        after = upto[upto.index(start) + 1 :] if start in upto else upto[1:]
        for name in after:
            if digests(self.tree(name)) != digests(self.tree(self.before(name))):
                yield name
