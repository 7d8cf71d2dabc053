"""Every change of a ref goes through here, whoever made it: a push, the API, a merge.

It tells Actions (``push``), brings pull requests up to date (``synchronize``) and keeps
``refs/pull/N/head`` and ``refs/pull/N/merge``.
"""

from __future__ import annotations

from sandbox.github import payloads
from sandbox.github.gitrepo import GitError, Person
from sandbox.github.hub import Hub
from sandbox.github.identity import Identity
from sandbox.github.model import WEB_FLOW, ZERO, Activity, Issue, now
from sandbox.github.records import Protection
from sandbox.github.shapes import threads

WORKFLOWS = ".github/workflows"
BRANCHES = ("refs/heads/", "refs/tags/")
WEB = Person(WEB_FLOW.name, WEB_FLOW.email)


def observe(hub: Hub, by: Identity) -> None:
    """Find out what a push changed and act on it."""
    with hub.lock:
        present = {r: s for r, s in hub.repo.refs().items() if r.startswith(BRANCHES)}
        known = dict(hub.state.refs)
        for ref in sorted({*present, *known}):
            before, after = known.get(ref, ZERO), present.get(ref, ZERO)
            if before != after:
                _changed(hub, ref, before, after, by)


def update(hub: Hub, ref: str, sha: str, by: Identity, kind: str = "") -> None:
    """Point a ref at a commit (creating it where there is none) and act on it.

    ``kind``: what its activity is called; where empty, what a push would be called.
    """
    with hub.lock:
        before = hub.state.refs.get(ref, ZERO)
        if before == sha:
            return
        hub.repo.update_ref(ref, sha, before)
        _changed(hub, ref, before, sha, by, kind)


def workflow_refusal(hub: Hub, by: Identity, before: str, after: str) -> str | None:
    """Why an app may not move a branch to a commit: it would bring workflow files in.

    The same as the ``update`` hook says to a push; ``before`` is zeros for a new branch.
    """
    if by.may_change_workflows:
        return None
    base = hub.head() if before == ZERO else before
    if base is None:
        return None
    changed = hub.repo.git(
        "diff-tree", "-r", "--name-only", "--diff-filter=d", base, after, "--", WORKFLOWS
    ).split()
    if not changed:
        return None
    return (
        f"refusing to allow a GitHub App to create or update workflow `{changed[0]}` without "
        "`workflows` permission"
    )


def delete(hub: Hub, ref: str, by: Identity) -> None:
    """Delete a ref and act on it."""
    with hub.lock:
        before = hub.state.refs[ref]
        hub.repo.delete_ref(ref)
        _changed(hub, ref, before, ZERO, by)


def _changed(hub: Hub, ref: str, before: str, after: str, by: Identity, kind: str = "") -> None:
    if after == ZERO:
        hub.state.refs.pop(ref, None)
    else:
        hub.state.refs[ref] = after
    hub.state.pushed_at = now()
    if ref.startswith("refs/heads/"):
        kind = kind or _kind(hub, before, after)
        hub.state.activity.append(
            Activity(hub.state.take_id(), kind, ref, before, after, by.login, now())
        )
        _follow(hub, ref.removeprefix("refs/heads/"), before, after, by)
    hub.emit(payloads.push(hub, ref, before, after, by.login), by)
    hub.touch()


def _kind(hub: Hub, before: str, after: str) -> str:
    """What GitHub's activity view calls a push."""
    if before == ZERO:
        return "branch_creation"
    if after == ZERO:
        return "branch_deletion"
    return "push" if hub.repo.is_ancestor(before, after) else "force_push"


def _follow(hub: Hub, branch: str, before: str, after: str, by: Identity) -> None:
    """Bring the open pull requests from and into a branch in line with it."""
    for issue in hub.pulls():
        pull = threads.the_pull(issue)
        if issue.state != "open":
            continue
        if pull.head_ref == branch and after != ZERO:
            _synchronize(hub, issue, before, after, by)
        elif pull.head_ref == branch:
            close(hub, issue, by)
        elif pull.base_ref == branch and after != ZERO:
            _landed(hub, issue, after, by)
            if issue.state == "open":
                refresh(hub, issue)
        elif pull.base_ref == branch:
            _base_gone(hub, issue, branch, by)


def _base_gone(hub: Hub, issue: Issue, branch: str, by: Identity) -> None:
    """The base branch was deleted: go on into the one it was merged to, else close.

    Source: "Changing the base branch of a pull request", "If you delete a head branch after its
    pull request has been merged, GitHub checks for any open pull requests in the same repository
    that specify the deleted branch as their base branch".
    """
    for other in hub.pulls():
        found = threads.the_pull(other)
        if found.merged and found.head_ref == branch and hub.head(found.base_ref):
            retarget(hub, issue, found.base_ref, by, "automatic_base_change_succeeded")
            return
    close(hub, issue, by)


def retarget(
    hub: Hub, issue: Issue, base: str, by: Identity, event: str = "base_ref_changed"
) -> None:
    """Change the base branch of a pull request, write it into its history and tell Actions."""
    pull = threads.the_pull(issue)
    old, old_sha = pull.base_ref, pull.base_sha
    pull.base_ref, pull.base_sha = base, hub.head(base) or pull.base_sha
    issue.updated_at = now()
    hub.note(issue, event, by.login, old=old, new=base)
    refresh(hub, issue)
    changes = {"base": {"ref": {"from": old}, "sha": {"from": old_sha}}}
    hub.emit(payloads.pull_request(hub, issue, "edited", by.login, changes=changes), by)
    hub.touch()


def _synchronize(hub: Hub, issue: Issue, before: str, after: str, by: Identity) -> None:
    pull = threads.the_pull(issue)
    old = _own_change(hub, issue)
    pull.head_sha, pull.last_pusher = after, by.login
    if not hub.repo.is_ancestor(before, after):
        hub.note(issue, "head_ref_force_pushed", by.login, old=before, new=after)
    pull.base_sha = hub.head(pull.base_ref) or pull.base_sha
    issue.updated_at = now()
    if hub.repo.is_ancestor(after, pull.base_sha):
        _landed(hub, issue, pull.base_sha, by)
        return
    refresh(hub, issue)
    rules = hub.state.protections.get(pull.base_ref)
    if rules and rules.dismiss_stale and _own_change(hub, issue) != old:
        # "dismisses approvals when a code-modifying commit is pushed": same diff, same approval.
        for review in pull.reviews:
            if review.state == "APPROVED":
                review.state = "DISMISSED"
    hub.emit(
        payloads.pull_request(hub, issue, "synchronize", by.login, before=before, after=after),
        by,
    )


def _own_change(hub: Hub, issue: Issue) -> str:
    pull = threads.the_pull(issue)
    return hub.repo.git("diff-tree", "-r", "-p", threads.pull_base(hub, pull), pull.head_sha)


def _landed(hub: Hub, issue: Issue, base: str, by: Identity) -> None:
    """Mark as merged what someone merged by pushing, as GitHub does ("indirect merge")."""
    pull = threads.the_pull(issue)
    if not hub.repo.is_ancestor(pull.head_sha, base) or pull.head_sha == pull.base_sha:
        return
    commits = [c.sha for c in hub.repo.log(f"{pull.base_sha}..{base}")]
    mark_merged(hub, issue, base, commits, by)


def mark_merged(hub: Hub, issue: Issue, sha: str, commits: list[str], by: Identity) -> None:
    """Close a pull request as merged and tell so."""
    pull = threads.the_pull(issue)
    pull.merged, pull.merged_at, pull.merged_by = True, now(), by.login
    pull.merge_commit_sha, pull.merged_commits = sha, commits
    hub.note(issue, "merged", by.login, commit_id=sha)
    _close(hub, issue, by)
    hub.emit(payloads.pull_request(hub, issue, "closed", by.login), by)
    hub.touch()


def close(hub: Hub, issue: Issue, by: Identity) -> None:
    """Close a pull request without a merge and tell so."""
    _close(hub, issue, by)
    hub.emit(payloads.pull_request(hub, issue, "closed", by.login), by)
    hub.touch()


def _close(hub: Hub, issue: Issue, by: Identity) -> None:
    issue.state, issue.closed_at, issue.closed_by = "closed", now(), by.login
    issue.updated_at = now()
    hub.note(issue, "closed", by.login)


def refresh(hub: Hub, issue: Issue) -> None:
    """Compute whether a pull request merges cleanly and renew its two refs."""
    pull = threads.the_pull(issue)
    base = hub.head(pull.base_ref) or pull.base_sha
    hub.repo.update_ref(f"refs/pull/{issue.number}/head", pull.head_sha)
    try:
        tree = hub.repo.merge_tree(base, pull.head_sha)
    except GitError:
        tree = None  # unrelated histories: GitHub calls that a conflict, too
    pull.mergeable = tree is not None
    ref = f"refs/pull/{issue.number}/merge"
    if tree is None:
        hub.repo.delete_ref(ref)
        pull.merge_commit_sha = None
        return
    message = f"Merge {pull.head_sha} into {base}"
    merge = hub.repo.commit_tree(tree, [base, pull.head_sha], message, WEB, WEB)
    hub.repo.update_ref(ref, merge)
    pull.merge_commit_sha = merge


def refusals(hub: Hub, by: Identity) -> str:
    """What the ``update`` hook refuses to this pusher: lines of pattern, when, reason."""
    lines = ["refs/pull/*\talways\tdeny updating a hidden ref"]
    for branch, rules in hub.state.protections.items():
        ref = f"refs/heads/{branch}"
        if (reason := push_refusal(rules, by)) is not None:
            lines.append(f"{ref}\talways\t{reason}")
            continue
        if not rules.allow_force_pushes:
            lines.append(f"{ref}\tforce\tCannot force-push to this branch")
        if not rules.allow_deletions:
            lines.append(f"{ref}\tdelete\tCannot delete this branch")
    return "\n".join(lines)


def push_refusal(rules: Protection, by: Identity) -> str | None:
    """Why someone may not push to a protected branch; None: they may (admins, if let)."""
    if by.role == "admin" and not rules.enforce_admins:
        return None
    if rules.approvals is not None:
        return "Changes must be made through a pull request."
    if rules.checks:
        return f'Required status check "{rules.checks[0].context}" is expected.'
    return None
