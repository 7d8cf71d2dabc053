"""Who moved a branch, asked of GitHub within a bounded number of requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from pipeline.adapters.github import GitHub
from pipeline.adapters.github_types import Move
from pipeline.domain.proposal import Activity, Proposal, makers

#: Pull requests up to which each one's branch is asked about; of more, the whole repository is.
PULLS = 20
#: Further requests at most, for 100 moves each: about branches that moved more, and about bases.
_MORE = 10
#: Requests at most about one branch.
_PAGES = 5
#: Requests at most about the whole repository.
_ALL = 20


@dataclass(slots=True)
class _Read:
    """The moves of a branch as far as they were read, newest first, and the pages that follow."""

    pages: Iterator[list[Activity]]
    moves: list[Activity] = field(default_factory=list)
    count: int = 0
    ended: bool = False


class Moves:
    """Counts its requests; what was asked once is not asked again.

    ``pulls`` is how many pull requests will be asked about.
    """

    def __init__(self, github: GitHub, pulls: int = 0) -> None:
        self._github = github
        self._more = _MORE
        self._read: dict[str, _Read] = {}
        self._many = pulls > PULLS

    def branch(
        self, name: str, enough: Callable[[list[Activity]], bool], free: bool = False
    ) -> list[Activity]:
        """The moves of a branch, newest first, as far back as ``enough`` says and requests reach.

        With ``free`` the first request is counted elsewhere.
        """
        read = self._read.setdefault(name, _Read(self._github.activity(name)))
        while not read.ended and not (read.count and enough(read.moves)):
            paid = not (free and read.count == 0)
            if read.count == _PAGES or (paid and self._more <= 0):
                break
            self._more -= paid
            read.count += 1
            page = next(read.pages, [])
            read.moves += page
            read.ended = not page
        return read.moves

    def of(self, pull: Proposal) -> Proposal:
        """The pull request with the moves of its head's branch, and of the bases it had.

        A fork's branch is not ours to ask about, and a branch of which GitHub kept nothing says
        nothing: then its commits alone say who made it. Where the requests did not reach back to
        its opening, nobody is known to have pushed what lies before.
        """

        def explained(found: list[Activity]) -> bool:
            made = makers(replace(pull, activity=tuple(found)))
            return bool(found) and found[-1].at < pull.created and not made.unknown

        found: tuple[Activity, ...] | None = None
        if self._many and not pull.fork:
            moves, whole = self._all
            found = tuple(move.activity for move in moves if move.branch == pull.head_ref)
            known = whole or (bool(moves) and moves[-1].activity.at < pull.created)
            found = found if found or not known else None
        elif not pull.fork:
            found = tuple(self.branch(pull.head_ref, explained, free=True)) or None
        changes = []
        for change in pull.base_changes:
            if any(review.at <= change.at for review in pull.reviews):
                moves_of = self.branch(
                    change.previous, lambda items: bool(items) and items[-1].at <= pull.created
                )
                if moves_of and moves_of[-1].at <= pull.created:
                    change = replace(change, activity=tuple(reversed(moves_of)))
            changes.append(change)
        return replace(pull, activity=found, base_changes=tuple(changes))

    @cached_property
    def _all(self) -> tuple[list[Move], bool]:
        """The moves of all branches, newest first, and whether these are all there are."""
        found: list[Move] = []
        for number, page in enumerate(self._github.moves(), 1):
            found += page
            if number == _ALL:
                return found, False
        return found, True
