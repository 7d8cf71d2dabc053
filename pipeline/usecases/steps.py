"""Which steps of the default branch change a unit's inputs or the referee's files. Git alone.

Reading a commit's estate takes some hundredths of a second, so git names the commits that touch a
path which ever counted, and only those are read.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.adapters.git import GitTree, git
from pipeline.adapters.git_merges import Merges
from pipeline.config import load_estate
from pipeline.domain.model import UnitId
from pipeline.domain.referee import REFEREE_PATHS, is_referee, referee_digest
from pipeline.domain.review import Digests
from pipeline.domain.units import ENVS
from pipeline.errors import Failure

#: Pathspecs that git is given at most; where a unit has more inputs, their folders stand for them.
_PATHS = 1000


@dataclass(frozen=True, slots=True)
class Step:
    """A commit of the first-parent history that changes what counts, and which part of it."""

    commit: str
    unit: bool
    referee: bool


@dataclass(frozen=True, slots=True)
class _Read:
    digests: Digests
    paths: frozenset[str]


class History:
    """The first-parent history up to a commit, read for one unit."""

    def __init__(self, merges: Merges, unit: UnitId, app: str, until: str) -> None:
        self._merges, self._unit, self._app = merges, unit, app
        rows = git(merges.path, "rev-list", "--first-parent", until).decode().split()
        self.order = rows[::-1]
        self.place = {commit: at for at, commit in enumerate(self.order)}
        self._trees: dict[str, _Read] = {}
        self._shared: GitTree | None = None
        self._starts: dict[str | None, int] = {}

    def before(self, commit: str) -> str:
        """The commit before one of the history; empty for the first."""
        at = self.place[commit]
        return self.order[at - 1] if at else ""

    def between(self, before: str, commit: str) -> set[str]:
        """The commits after ``before`` up to ``commit``."""
        start = self.place[before] + 1 if before else 0
        return set(self.order[start : self.place[commit] + 1])

    def digests(self, treeish: str) -> Digests:
        """What a commit or tree deploys of the unit, and by which rules; of "" nothing."""
        return self._read(treeish).digests if treeish else Digests("", "")

    def merged(self, before: str, head: str, base: str | None) -> Digests | None:
        """The digests of a merge; None when it has a conflict in a file that counts."""
        merge = self._merges.merge(before, head, base) if before else None
        if merge is None:
            return None
        read = self._read(merge.tree)
        counting = (p for p in merge.conflicts if is_referee(p) or _within(p, read.paths))
        return None if any(counting) else read.digests

    def unchanged(self, since: str | None) -> bool:
        """Whether the unit is at the end what it was at ``since``."""
        start = self._start(since)
        if start < 0:
            return False
        return self.digests(self.order[start]).unit == self.digests(self.order[-1]).unit

    def steps(self, since: str | None) -> list[Step]:
        """The steps after ``since`` that change what counts, oldest first.

        A ``since`` that is not in the history stands for its newest commit with the same digests.
        """
        return self._changes(self._start(since))

    def _start(self, since: str | None) -> int:
        if since not in self._starts:
            self._starts[since] = self.place.get(since or "", -1)
            if since and since not in self.place:
                self._starts[since] = self._like(since)
        return self._starts[since]

    def _like(self, since: str) -> int:
        """The place of the newest commit with the digests of one that left the history."""
        if self._merges.fetch([since]):
            return -1
        wanted = self.digests(since)
        last = len(self.order) - 1
        for step in reversed(self._changes(-1)):
            if self.digests(step.commit) == wanted:
                return last
            last = self.place[step.commit] - 1
        return -1

    def _changes(self, start: int) -> list[Step]:
        first = self.order[start] if start >= 0 else ""
        # A commit that changes the set of inputs changes an input, so each round finds what the
        # one before could not know; the last one adds nothing.
        paths = self._paths(first) | self._paths(self.order[-1])
        while True:
            found = self._touching(first, paths)
            more = frozenset().union(*(self._paths(commit) for commit in found)) | paths
            if more == paths:
                break
            paths = more
        steps = []
        last = self.digests(first)
        for commit in sorted(found, key=self.place.__getitem__):
            now = self.digests(commit)
            if now != last:
                steps.append(Step(commit, now.unit != last.unit, now.referee != last.referee))
            last = now
        return steps

    def _touching(self, first: str, paths: frozenset[str]) -> list[str]:
        names = paths
        if len(names) > _PATHS:
            names = frozenset(path.rpartition("/")[0] or path for path in paths)
        specs = [f":(top,literal){path}" for path in sorted(names)]
        said = git(
            self._merges.path,
            "rev-list",
            "--first-parent",
            self.order[-1],
            *([f"^{first}"] if first else []),
            "--",
            *specs,
            *REFEREE_PATHS,
        )
        return [commit for commit in said.decode().split() if commit in self.place]

    def _paths(self, commit: str) -> frozenset[str]:
        return self._read(commit).paths if commit else frozenset()

    def _read(self, treeish: str) -> _Read:
        oid = self._merges.tree(treeish)
        if oid not in self._trees:
            tree = GitTree(self._merges.path, oid, self._shared)
            self._shared = self._shared or tree
            self._trees[oid] = self._of(tree)
        return self._trees[oid]

    def _of(self, tree: GitTree) -> _Read:
        referee = referee_digest(tree)
        folder = f"{ENVS}/{self._unit.stack}"
        try:
            estate = load_estate(tree, self._app)
            inputs = estate.inputs(self._unit)
        except Failure as error:
            if error.reason == "unknown-unit":
                return _Read(Digests("", referee), frozenset({folder}))
            # Nobody can say what a broken tree deploys, so all that could decide it counts.
            whole = ("terraform", self._app)
            told = " ".join(f"{path} {tree.hash(path)}" for path in whole)
            return _Read(Digests(f"broken: {told}", referee), frozenset({*whole, folder}))
        outside = frozenset(path for path in inputs if not path.startswith(f"{folder}/"))
        return _Read(Digests(estate.digest(self._unit), referee), outside | {folder})


def _within(path: str, paths: frozenset[str]) -> bool:
    """Whether a path is one of those or below one of those."""
    parts = path.split("/")
    return any("/".join(parts[: at + 1]) in paths for at in range(len(parts)))
