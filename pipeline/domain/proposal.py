"""A merged pull request as GitHub and git tell of it, and who made it. No I/O.

"Made" is whoever authored, committed or pushed something of it that is no clean merge of its base.
Commits can name anybody as their author; who pushed them is GitHub's own word.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

#: The account by which GitHub signs what was made on its pages; a person stands beside it.
WEB = "web-flow"
#: Who opens a pull request with a job's own token.
ACTIONS = "github-actions[bot]"
#: Branches of the reverts that the pipeline opens.
REVERTS = "revert/"
_SUFFIX = "[bot]"


@dataclass(frozen=True, slots=True)
class Account:
    """A person or an app at GitHub; an app's login ends with ``[bot]``."""

    login: str
    bot: bool = False

    @property
    def key(self) -> str:
        """The login as it is compared: GitHub's logins know no case."""
        return self.login.lower()

    def among(self, names: Iterable[str]) -> bool:
        """Whether one of the names is its login; an app may be named without ``[bot]``."""
        return self.key.removesuffix(_SUFFIX) in {n.lower().removesuffix(_SUFFIX) for n in names}


@dataclass(frozen=True, slots=True)
class Review:
    """A review: ``state`` in GitHub's words, of which commit, submitted when.

    ``writer`` is whether the reviewer may push to the repository.
    """

    by: Account
    state: str
    commit: str
    at: datetime
    writer: bool = True


@dataclass(frozen=True, slots=True)
class Authored:
    """A commit of a pull request: its parents, and whom GitHub takes for author and committer.

    ``clean`` is whether it is no more than a merge of the base without a conflict; ``listed``
    whether GitHub lists it as one of the pull request's.
    """

    id: str
    parents: tuple[str, ...] = ()
    author: Account | None = None
    committer: Account | None = None
    clean: bool = False
    listed: bool = True


@dataclass(frozen=True, slots=True)
class Activity:
    """A branch moved: by whom (None: GitHub does not say), from where to where.

    ``kind`` is GitHub's activity type: push, force_push, branch_creation, branch_deletion, pr_merge
    or merge_queue_merge.
    """

    by: Account | None
    at: datetime
    kind: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class BaseChange:
    """The pull request got another base; ``activity`` is that of the branch it had, newest last."""

    at: datetime
    previous: str
    activity: tuple[Activity, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pull request, with the commits of its head that the base did not have.

    ``activity`` is that of its head's branch, None where GitHub was not asked or kept none: then
    its authors and committers are all that is known.
    """

    number: int
    author: Account | None
    head: str
    created: datetime
    merge_commit: str
    title: str = ""
    url: str = ""
    head_ref: str = ""
    base_ref: str = "main"
    fork: bool = False
    merged: bool = True
    merged_at: datetime | None = None
    merged_by: Account | None = None
    reviews: tuple[Review, ...] = ()
    commits: tuple[Authored, ...] = ()
    activity: tuple[Activity, ...] | None = None
    base_changes: tuple[BaseChange, ...] = ()


@dataclass(slots=True)
class Makers:
    """Who made a pull request: account -> what, in words; and what nobody is known to have made."""

    known: dict[Account, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def add(self, account: Account | None, what: str) -> None:
        if account is not None and account.key != WEB:
            self.known.setdefault(account, what)

    def did(self, account: Account) -> str:
        """What the account did, in words; empty when it did nothing."""
        return next((what for made, what in self.known.items() if made.key == account.key), "")


def makers(pull: Proposal, seen_base: str | None = None) -> Makers:
    """Who made what a reviewer saw: without what ``seen_base`` contains, which was not shown."""
    found = Makers()
    hidden = reach(pull.commits, seen_base) if seen_base else frozenset()
    shown = {c.id: c for c in pull.commits if c.id not in hidden}
    own = {name for name, commit in shown.items() if not commit.clean}
    found.add(pull.author, "opened it")
    pushed: set[str] = set()
    for item in pull.activity or ():
        made = _moved(pull, item, set(shown))
        if made is None or not (made & own or made - set(shown)):
            continue
        pushed |= made
        if item.by is None:
            found.unknown.append(f"GitHub does not say who pushed {item.after[:10]}.")
        found.add(item.by, f"pushed {item.after[:10]} to it")
    for name in sorted(own):
        commit = shown[name]
        found.add(commit.author, f"wrote its commit {name[:10]}")
        found.add(commit.committer, f"committed {name[:10]}")
        if name not in pushed and (pull.activity is not None or not commit.listed):
            found.unknown.append(f"GitHub does not say who pushed commit {name[:10]}.")
    return found


def _moved(pull: Proposal, item: Activity, commits: set[str]) -> frozenset[str] | None:
    """The commits that a move of the head's branch brought; None when it is none of this request.

    Whoever moves it by force decides over all of it, whatever it brings.
    """
    during = item.at >= pull.created and (pull.merged_at is None or item.at <= pull.merged_at)
    if item.kind == "branch_deletion" or not (item.after in commits or during):
        return None
    if item.kind == "force_push" or item.after not in commits:
        return frozenset({item.after}) | reach(pull.commits, item.after)
    return reach(pull.commits, item.after) - reach(pull.commits, item.before)


def reach(commits: Iterable[Authored], start: str) -> frozenset[str]:
    """Those of the commits that ``start`` contains, itself with them."""
    parents = {commit.id: commit.parents for commit in commits}
    seen: set[str] = set()
    queue = [start]
    while queue:
        name = queue.pop()
        if name in parents and name not in seen:
            seen.add(name)
            queue += parents[name]
    return frozenset(seen)


def latest_reviews(reviews: Iterable[Review]) -> Iterator[Review]:
    """Of each account the latest review that says yes or no; comments say neither."""
    last: dict[str, Review] = {}
    for review in sorted(reviews, key=lambda item: item.at):
        if review.state in ("APPROVED", "CHANGES_REQUESTED", "DISMISSED"):
            last[review.by.key] = review
    yield from last.values()


def base_head(change: BaseChange, opened: datetime, at: datetime) -> str | None:
    """Where the base branch that a pull request had stood when it was approved at ``at``.

    None where GitHub tells of no such branch, or where it was moved by force, deleted or made
    between the opening and the approval: then nobody knows which difference the reviewer saw.
    """
    until = [item for item in sorted(change.activity, key=lambda i: i.at) if item.at <= at]
    straight = ("push", "pr_merge", "merge_queue_merge")
    if not until or any(i.at > opened and i.kind not in straight for i in until):
        return None
    return None if until[-1].kind == "branch_deletion" else until[-1].after


def strangers(author: Account | None, made: Makers, bots: Collection[str]) -> Sequence[Account]:
    """The apps that opened or made a pull request and are not named in ``review.bots``."""
    accounts = [*([author] if author else []), *made.known]
    unique = {account.key: account for account in accounts}
    return [a for _, a in sorted(unique.items()) if a.bot and not a.among(bots)]
