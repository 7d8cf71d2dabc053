"""Whose commits and pull requests these are, asked of GitHub's GraphQL API many at a time.

Types and fields are those of GitHub's published schema (npm ``@octokit/graphql-schema``). What one
query may ask for is bounded: 500,000 nodes and ten seconds (docs: "Rate limits and query limits
for the GraphQL API"), so commits come 50 and pull requests 20 at a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.domain.proposal import Account, Authored, BaseChange, Proposal, Review
from pipeline.errors import failure

#: Sends a query with the repository's owner and name as variables and gives its ``repository``.
Ask = Callable[[str], Mapping[str, Any]]

COMMITS = 50
PULLS = 20
_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
#: The address of an app's commits: GitHub knows no user behind it.
_APP = re.compile(r"(?:\d+\+)?([\w-]+\[bot\])@users\.noreply\.github\.com", re.IGNORECASE)

_ACTOR = "{ __typename login }"
_SIGNED = "{ email user { login } }"
_PAGE = "pageInfo { hasNextPage endCursor }"
_MERGED = f"(first: 10%s) {{ {_PAGE} nodes {{ number merged mergeCommit {{ oid }} }} }}"
_COMMIT = f"... on Commit {{ oid author {_SIGNED} committer {_SIGNED} associatedPullRequests%s }}"
#: connection -> its arguments but ``first`` and ``after``, and what is asked of each node
_LISTS = {
    "reviews": (
        "",
        f"state submittedAt author {_ACTOR} authorCanPushToRepository commit {{ oid }}",
    ),
    "commits": ("", f"commit {{ oid author {_SIGNED} committer {_SIGNED} }}"),
    "timelineItems": (
        ", itemTypes: [BASE_REF_CHANGED_EVENT, AUTOMATIC_BASE_CHANGE_SUCCEEDED_EVENT]",
        "... on BaseRefChangedEvent { createdAt previousRefName } "
        "... on AutomaticBaseChangeSucceededEvent { createdAt oldBase }",
    ),
}
_PULL = (
    "number title url merged createdAt mergedAt isCrossRepository baseRefName headRefName "
    f"headRefOid author {_ACTOR} mergedBy {_ACTOR} mergeCommit {{ oid }}"
)


@dataclass(frozen=True, slots=True)
class Known:
    """What GitHub knows of a commit: ``pulls`` maps the number of each merged pull request that
    brought it to the commit by which that was merged."""

    author: Account | None
    committer: Account | None
    pulls: Mapping[int, str]


def commits(ask: Ask, ids: Sequence[str]) -> dict[str, Known]:
    """What GitHub knows of commits; those that it does not have are left out."""
    found: dict[str, Known] = {}
    for part in _parts([name for name in ids if _ID.fullmatch(name)], COMMITS):
        asked = (f'c{at}: object(oid: "{name}") {{ {_COMMIT % (_MERGED % "")} }}'
                 for at, name in enumerate(part))  # fmt: skip
        answer = ask(" ".join(asked))
        for at, name in enumerate(part):
            item = answer.get(f"c{at}")
            if item:
                pulls = {
                    pull["number"]: (pull["mergeCommit"] or {}).get("oid", "")
                    for pull in _pulls_of(ask, name, item["associatedPullRequests"])
                    if pull["merged"]
                }
                found[name] = Known(_signed(item["author"]), _signed(item["committer"]), pulls)
    return found


def _pulls_of(ask: Ask, name: str, page: Mapping[str, Any] | None) -> Iterator[Mapping[str, Any]]:
    while page:
        yield from (node for node in page["nodes"] if node)
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = _MERGED % f', after: "{page["pageInfo"]["endCursor"]}"'
        query = f'c: object(oid: "{name}") {{ ... on Commit {{ associatedPullRequests{after} }} }}'
        page = ask(query)["c"]["associatedPullRequests"]


def pulls(ask: Ask, numbers: Iterable[int]) -> dict[int, Proposal]:
    """Pull requests by number, with their reviews, commits and changes of base.

    Their commits have no parents here and are not judged clean: git says that.
    """
    found: dict[int, Proposal] = {}
    every = " ".join(_list(name) for name in _LISTS)
    for part in _parts(sorted(set(numbers)), PULLS):
        asked = (f"p{number}: pullRequest(number: {number}) {{ {_PULL} {every} }}"
                 for number in part)  # fmt: skip
        answer = ask(" ".join(asked))
        for number in part:
            item = answer.get(f"p{number}")
            if not item:
                raise failure("github", f"GitHub has no pull request #{number}.")
            found[number] = _proposal(ask, item)
    return found


def _list(name: str, after: str = "") -> str:
    more, fields = _LISTS[name]
    cursor = f', after: "{after}"' if after else ""
    return f"{name}(first: 100{cursor}{more}) {{ {_PAGE} nodes {{ {fields} }} }}"


def _all(ask: Ask, item: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """All nodes of a connection, its further pages asked for one by one."""
    page, found = item[name], []
    while page:
        found += [node for node in page["nodes"] if node]
        if not page["pageInfo"]["hasNextPage"]:
            break
        asked = _list(name, page["pageInfo"]["endCursor"])
        page = ask(f"p: pullRequest(number: {item['number']}) {{ {asked} }}")["p"][name]
    return found


def _proposal(ask: Ask, item: Mapping[str, Any]) -> Proposal:
    merged_at = item["mergedAt"]
    return Proposal(
        number=item["number"],
        title=item["title"],
        url=item["url"],
        author=_actor(item["author"]),
        head=item["headRefOid"],
        head_ref=item["headRefName"],
        base_ref=item["baseRefName"],
        fork=item["isCrossRepository"],
        created=moment(item["createdAt"]),
        merged=item["merged"],
        merged_at=moment(merged_at) if merged_at else None,
        merged_by=_actor(item["mergedBy"]),
        merge_commit=(item["mergeCommit"] or {}).get("oid", ""),
        reviews=tuple(_reviews(_all(ask, item, "reviews"))),
        commits=tuple(
            Authored(
                node["commit"]["oid"],
                author=_signed(node["commit"]["author"]),
                committer=_signed(node["commit"]["committer"]),
            )
            for node in _all(ask, item, "commits")
        ),
        base_changes=tuple(
            BaseChange(moment(node["createdAt"]), node.get("previousRefName") or node["oldBase"])
            for node in _all(ask, item, "timelineItems")
        ),
    )


def _reviews(nodes: Iterable[Mapping[str, Any]]) -> Iterator[Review]:
    for node in nodes:
        by = _actor(node["author"])
        if by is not None and node["submittedAt"]:
            yield Review(
                by=by,
                state=node["state"],
                commit=(node["commit"] or {}).get("oid", ""),
                at=moment(node["submittedAt"]),
                writer=node["authorCanPushToRepository"],
            )


def _actor(item: Mapping[str, Any] | None) -> Account | None:
    """Whoever GitHub names; here an app's login comes without the ``[bot]`` of the REST API."""
    if not item:
        return None
    bot = item["__typename"] == "Bot"
    login = item["login"]
    return Account(f"{login}[bot]" if bot and not login.endswith("[bot]") else login, bot)


def _signed(item: Mapping[str, Any] | None) -> Account | None:
    """Author or committer of a commit; None where GitHub knows nobody by that address."""
    if not item:
        return None
    if item["user"]:
        login = item["user"]["login"]
        return Account(login, login.endswith("[bot]"))
    app = _APP.fullmatch(item["email"] or "")
    return Account(app[1], bot=True) if app else None


def moment(text: str) -> datetime:
    """A time as GitHub writes it."""
    return datetime.fromisoformat(text)


def _parts(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (items[at : at + size] for at in range(0, len(items), size))
