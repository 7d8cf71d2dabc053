"""Collects what the merge gates decide on."""

from __future__ import annotations

from sandbox.github import gates
from sandbox.github.diffs import changed_files
from sandbox.github.hub import Hub
from sandbox.github.model import Issue
from sandbox.github.records import CheckRun, Status
from sandbox.github.shapes import threads

#: Where GitHub looks for the file, in this order.
CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")


def checks_at(hub: Hub, sha: str, *, latest: bool = True) -> list[CheckRun]:
    """Check runs of a commit, oldest first; ``latest``: of each name in a suite the newest."""
    runs = sorted(
        (run for run in hub.state.check_runs.values() if run.head_sha == sha),
        key=lambda run: run.id,
    )
    if not latest:
        return runs
    return list({(run.suite_id, run.name): run for run in runs}.values())


def statuses_at(hub: Hub, sha: str) -> list[Status]:
    return [status for status in hub.state.statuses if status.sha == sha]


def codeowners(hub: Hub, base: str) -> str:
    """The CODEOWNERS of the base branch: a pull request cannot choose its own reviewers."""
    for path in CODEOWNERS:
        content = hub.repo.blob(base, path)
        if content is not None:
            return content.decode("utf-8", "replace")
    return ""


def pulls_with(hub: Hub, sha: str) -> list[Issue]:
    """The pull requests of a commit, newest first.

    The merged ones that brought it to a branch; of a commit that the default branch does not have,
    also those that merely contain it ("List pull requests associated with a commit").
    """
    landed = hub.repo.is_ancestor(sha, hub.head() or sha)
    found = []
    for issue in hub.pulls():
        pull = threads.the_pull(issue)
        brought = pull.merged and (sha in pull.merged_commits or sha == pull.merge_commit_sha)
        if brought or (not landed and _contains(hub, issue, sha)):
            found.append(issue)
    return found


def _contains(hub: Hub, issue: Issue, sha: str) -> bool:
    pull = threads.the_pull(issue)
    if not pull.merged and issue.state == "closed":
        return False
    base = threads.pull_base(hub, pull)
    return hub.repo.is_ancestor(sha, pull.head_sha) and not hub.repo.is_ancestor(sha, base)


def gather(hub: Hub, issue: Issue) -> gates.Facts:
    """The facts about one pull request as of now."""
    pull = threads.the_pull(issue)
    base = hub.head(pull.base_ref) or pull.base_sha
    rules = hub.state.protections.get(pull.base_ref)
    start = threads.pull_base(hub, pull)
    return gates.Facts(
        issue=issue,
        protection=rules,
        checks=checks_at(hub, pull.head_sha),
        statuses=statuses_at(hub, pull.head_sha),
        files=[file.filename for file in changed_files(hub.repo, start, pull.head_sha)],
        codeowners=codeowners(hub, base) if rules and rules.code_owners else "",
        writers=frozenset(
            u.login for u in hub.state.users.values() if u.role != "read" and u.kind == "User"
        ),
        behind=not hub.repo.is_ancestor(base, pull.head_sha),
    )
