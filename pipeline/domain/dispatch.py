"""Whether a run that somebody started by hand is a second person's word. Pure rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline.domain.proposal import Account
from pipeline.domain.review import Landing


class Run(Protocol):
    """A workflow run as GitHub tells of it: ``starter`` is who started this very attempt."""

    @property
    def url(self) -> str: ...
    @property
    def event(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def branch(self) -> str: ...
    @property
    def attempt(self) -> int: ...
    @property
    def actor(self) -> Account | None: ...
    @property
    def starter(self) -> Account | None: ...


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Who released a deploy by hand; ``refused`` says why it does not count, "" when it does."""

    by: str
    url: str
    refused: str = ""


def judge_dispatch(
    run: Run,
    landings: Sequence[Landing],
    *,
    workflow: str,
    branch: str,
    on_branch: bool,
    writer: bool,
    alone: bool,
) -> Dispatch:
    """Whether a dispatch is a second person's word for what landed.

    ``workflow`` is the file's name; ``on_branch`` whether the run's commit is one of the default
    branch; ``writer`` whether its actor may write.
    """
    actor = run.actor
    by = actor.login if actor else ""
    path = run.path.partition("@")[0]
    mine = [item for item in landings if actor and actor.key in item.makers]
    nameless = [item for item in landings if item.anonymous]
    strange = [item for item in landings if item.strange and not _others(item, actor)]
    if run.event != "workflow_dispatch":
        said = f"The run was started by {run.event or 'something else'}, not by a dispatch."
    elif path != f".github/workflows/{workflow}":
        said = f"The run is one of {path}, not of {workflow}."
    elif run.branch != branch or not on_branch:
        said = f"The run is one of {run.branch or 'no branch'}, not of {branch}."
    elif run.attempt != 1:
        said = "The run was started again; only the first attempt of a dispatch counts."
    elif actor is None or actor.bot or run.starter is None or run.starter.key != actor.key:
        said = "The run was not started by a person."
    elif not writer:
        said = f"{by} may not write here."
    elif mine and not alone:
        said = f"{by} had a hand in {_name(mine[0])}; another person has to dispatch it."
    elif nameless and not alone:
        said = f"Nobody is known to have made {_name(nameless[0])}, so it may be {by}'s own."
    elif strange and not alone:
        said = (
            f"Two people have to look at {_name(strange[0])}, for {strange[0].strange}, and "
            f"nobody but {by} did. Let another person approve it, or revert and propose it anew."
        )
    else:
        said = ""
    return Dispatch(by, run.url, said)


def _others(landing: Landing, actor: Account | None) -> set[str]:
    """Who approved it beside the one who dispatches."""
    return {login.lower() for login in landing.approvers} - {actor.key if actor else ""}


def _name(landing: Landing) -> str:
    if landing.pull is not None:
        return f"pull request #{landing.pull}"
    return f"commit {landing.commit[:10]}"
