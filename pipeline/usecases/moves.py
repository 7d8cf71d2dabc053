"""Who moved a branch, asked of GitHub within a bounded number of requests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pipeline.adapters.github import GitHub
from pipeline.domain.proposal import Activity, Proposal, makers

#: Pull requests at most of which it is asked who pushed them, the newest first.
PULLS = 20
#: Further requests at most, for 100 moves each: about branches that moved more, and about bases.
_MORE = 10
#: Requests at most about one branch.
_PAGES = 5


class Moves:
    """Counts its requests; what was asked once is not asked again."""

    def __init__(self, github: GitHub) -> None:
        self._github = github
        self._pulls = PULLS
        self._more = _MORE
        self._seen: dict[str, list[Activity]] = {}

    def branch(
        self, name: str, enough: Callable[[list[Activity]], bool], free: bool = False
    ) -> list[Activity]:
        """The moves of a branch, newest first, as far back as ``enough`` says and requests reach.

        With ``free`` the first request is counted elsewhere.
        """
        if name not in self._seen:
            found = self._seen[name] = []
            if free or self._more > 0:
                self._more -= not free
                for number, page in enumerate(self._github.activity(name), 1):
                    found += page
                    if not found or enough(found) or number == _PAGES or self._more <= 0:
                        break
                    self._more -= 1
        return self._seen[name]

    def of(self, pull: Proposal) -> Proposal:
        """The pull request with the moves of its head's branch, and of the bases it had.

        A fork's branch is not ours to ask about, a branch of which GitHub kept nothing says
        nothing, and of an old one nothing is asked: then its commits alone say who made it.
        """

        def explained(found: list[Activity]) -> bool:
            made = makers(replace(pull, activity=tuple(found)))
            return found[-1].at < pull.created and not made.unknown

        found: list[Activity] = []
        if not pull.fork and self._pulls > 0:
            self._pulls -= 1
            found = self.branch(pull.head_ref, explained, free=True)
        changes = []
        for change in pull.base_changes:
            if any(review.at <= change.at for review in pull.reviews):
                moves = self.branch(change.previous, lambda items: items[-1].at <= pull.created)
                if moves and moves[-1].at <= pull.created:
                    change = replace(change, activity=tuple(reversed(moves)))
            changes.append(change)
        return replace(pull, activity=tuple(found) or None, base_changes=tuple(changes))
