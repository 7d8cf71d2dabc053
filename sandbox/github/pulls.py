"""What one does with a pull request: open, review, merge, bring up to date, reopen."""

from __future__ import annotations

import os
import shutil

from sandbox.github import facts, gates, payloads, refs
from sandbox.github.api.errors import ApiError, invalid
from sandbox.github.diffs import changed_files
from sandbox.github.gitrepo import GitError, Person
from sandbox.github.hub import Hub
from sandbox.github.identity import Identity
from sandbox.github.model import BOT, DEFAULT_BRANCH, Issue, Pull, Review, now
from sandbox.github.records import HeldRun
from sandbox.github.shapes import threads

STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}
METHODS = ("merge", "squash", "rebase")


def next_number(hub: Hub) -> int:
    """Issues and pull requests share their numbers."""
    return max(hub.state.issues, default=0) + 1


def open_pull(
    hub: Hub, by: Identity, title: str, head: str, base: str, body: str | None, draft: bool
) -> Issue:
    """Open a pull request from branch ``head`` into ``base``."""
    if by.is_job and not hub.state.actions_may_open_pulls:
        raise ApiError(403, "GitHub Actions is not permitted to create or approve pull requests.")
    head = head.rpartition(":")[2]
    head_sha, base_sha = hub.head(head), hub.head(base)
    if base_sha is None:
        raise invalid("PullRequest", "base", "invalid")
    if head_sha is None:
        raise invalid("PullRequest", "head", "invalid")
    if hub.repo.is_ancestor(head_sha, base_sha):
        raise invalid("PullRequest", "", "custom", f"No commits between {base} and {head}")
    if opened(hub, head, base) is not None:
        message = f"A pull request already exists for knowledgeweaver:{head}."
        raise invalid("PullRequest", "", "custom", message)
    stamp = now()
    issue = Issue(
        hub.state.take_id(), next_number(hub), by.login, title, body, stamp, stamp,
        pull=Pull(hub.state.take_id(), head, head_sha, base, base_sha, draft=draft,
                  last_pusher=by.login),
    )  # fmt: skip
    hub.state.issues[issue.number] = issue
    request_owners(hub, issue)
    refs.refresh(hub, issue)
    hub.emit(payloads.pull_request(hub, issue, "opened", by.login), by)
    hub.touch()
    return issue


def opened(hub: Hub, head: str, base: str) -> Issue | None:
    """The open pull request from branch ``head`` into ``base``."""
    for issue in hub.pulls():
        pull = threads.the_pull(issue)
        if issue.state == "open" and (pull.head_ref, pull.base_ref) == (head, base):
            return issue
    return None


def change_base(hub: Hub, issue: Issue, base: str, by: Identity) -> None:
    """Let a pull request go into another branch."""
    pull = threads.the_pull(issue)
    sha = hub.head(base)
    if base == pull.base_ref:
        return
    if issue.state != "open":
        raise ApiError(422, "Cannot change the base branch of a closed pull request.")
    if sha is None or base == pull.head_ref:
        raise invalid("PullRequest", "base", "invalid")
    if opened(hub, pull.head_ref, base) is not None:
        message = f"A pull request already exists for base branch '{base}'."
        raise invalid("PullRequest", "base", "custom", message)
    if hub.repo.is_ancestor(pull.head_sha, sha):
        message = f"There are no new commits between base branch '{base}' and this one."
        raise invalid("PullRequest", "base", "custom", message)
    refs.retarget(hub, issue, base, by)


def request_owners(hub: Hub, issue: Issue) -> None:
    """Ask the code owners of the changed files for a review, as GitHub does by itself."""
    pull = threads.the_pull(issue)
    text = facts.codeowners(hub, pull.base_sha)
    for file in changed_files(hub.repo, threads.pull_base(hub, pull), pull.head_sha):
        for login in gates.owners_of(text, file.filename):
            known = login in hub.state.users and login != issue.user
            if known and login not in pull.requested_reviewers:
                pull.requested_reviewers.append(login)


def reopen(hub: Hub, issue: Issue, by: Identity) -> None:
    """Reopen a closed pull request; checks start again ("reopened")."""
    pull = threads.the_pull(issue)
    head = hub.head(pull.head_ref)
    if pull.merged or head is None:
        raise invalid("PullRequest", "state", "invalid", "state cannot be changed.")
    issue.state, issue.closed_at, issue.closed_by = "open", None, None
    issue.updated_at = now()
    pull.head_sha, pull.base_sha = head, hub.head(pull.base_ref) or pull.base_sha
    hub.note(issue, "reopened", by.login)
    refs.refresh(hub, issue)
    hub.emit(payloads.pull_request(hub, issue, "reopened", by.login), by)
    hub.touch()


def review(hub: Hub, issue: Issue, by: Identity, event: str, body: str) -> Review:
    """Leave a review; nobody approves their own, and Actions only where it is let."""
    pull = threads.the_pull(issue)
    if event == "APPROVE" and by.is_job and not hub.state.actions_may_open_pulls:
        raise ApiError(422, "GitHub Actions is not permitted to approve pull requests.")
    if by.login == issue.user and event != "COMMENT":
        verb = "approve" if event == "APPROVE" else "request changes on"
        raise ApiError(422, f"Can not {verb} your own pull request")
    if event == "REQUEST_CHANGES" and not body:
        raise ApiError(422, "Body is required to request changes")
    item = Review(hub.state.take_id(), by.login, STATES[event], body, pull.head_sha, now())
    pull.reviews.append(item)
    if by.login in pull.requested_reviewers:
        pull.requested_reviewers.remove(by.login)
    issue.updated_at = now()
    hub.emit(payloads.review(hub, issue, item, by.login), by)
    hub.touch()
    return item


def merge_blockers(hub: Hub, issue: Issue, by: Identity | None = None) -> list[str]:
    """Why a pull request cannot be merged now; admins pass rules that do not bind them."""
    pull = threads.the_pull(issue)
    if pull.merged or issue.state == "closed":
        return ["Pull Request is not mergeable"]
    if pull.draft:
        return ["Pull Request is still a draft"]
    if not pull.mergeable:
        return ["Pull Request has merge conflicts"]
    rules = hub.state.protections.get(pull.base_ref)
    if by is not None and by.role == "admin" and rules and not rules.enforce_admins:
        return []
    return gates.blockers(facts.gather(hub, issue))


def merge(
    hub: Hub,
    issue: Issue,
    by: Identity,
    method: str = "merge",
    title: str | None = None,
    message: str | None = None,
    sha: str | None = None,
) -> str:
    """Merge a pull request and return the new head of its base branch."""
    pull = threads.the_pull(issue)
    if sha is not None and sha != pull.head_sha:
        raise ApiError(409, "Head branch was modified. Review and try the merge again.")
    if reasons := merge_blockers(hub, issue, by):
        raise ApiError(405, " ".join(reasons))
    if hub.state.merge_queue and pull.base_ref == DEFAULT_BRANCH and by.role != "admin":
        raise ApiError(405, "Changes must be made through the merge queue")
    base = hub.head(pull.base_ref) or pull.base_sha
    merged = merged_onto(hub, issue, by, base, method, title, message)
    if reason := refs.workflow_refusal(hub, by, base, merged):
        raise ApiError(403, reason)
    commits = [commit.sha for commit in hub.repo.log(f"{base}..{merged}")]
    # Marked first: the push below would otherwise find an "indirect merge".
    refs.mark_merged(hub, issue, merged, commits, by)
    refs.update(hub, f"refs/heads/{pull.base_ref}", merged, by, "pr_merge")
    return merged


def merged_onto(
    hub: Hub, issue: Issue, by: Identity, base: str, method: str,
    title: str | None = None, message: str | None = None,
) -> str:  # fmt: skip
    """The commit that merging a pull request onto ``base`` makes."""
    pull = threads.the_pull(issue)
    if method == "rebase":
        return _rebased(hub, base, pull.head_sha)
    tree = hub.repo.merge_tree(base, pull.head_sha)
    if tree is None:
        raise ApiError(405, "Pull Request has merge conflicts")
    merger, author = hub.user(by.login), hub.user(issue.user)
    if method == "squash":
        head = title or f"{issue.title} (#{issue.number})"
        own = hub.repo.log(f"{base}..{pull.head_sha}")
        listed = "\n\n".join(f"* {commit.message}" for commit in reversed(own))
        text = message if message is not None else (listed if len(own) > 1 else "")
        person = Person(author.name, author.email)
        parents = [base]
    else:
        head = title or (f"Merge pull request #{issue.number} from knowledgeweaver/{pull.head_ref}")
        text = message if message is not None else issue.title
        person = Person(merger.name, merger.email)
        parents = [base, pull.head_sha]
    return hub.repo.commit_tree(tree, parents, f"{head}\n\n{text}".strip(), person, refs.WEB)


def _rebased(hub: Hub, base: str, head: str) -> str:
    work = hub.folder / f"rebase-{os.urandom(4).hex()}"
    env = {"GIT_COMMITTER_NAME": refs.WEB.name, "GIT_COMMITTER_EMAIL": refs.WEB.email}
    start = hub.repo.merge_base(base, head) or base
    try:
        hub.repo.git("worktree", "add", "--quiet", "--detach", str(work), base)
        inside = {**env, "GIT_DIR": str(hub.repo.path / "worktrees" / work.name),
                  "GIT_WORK_TREE": str(work)}  # fmt: skip
        for commit in reversed(hub.repo.log("--no-merges", f"{start}..{head}")):
            hub.repo.git("-C", str(work), "cherry-pick", "--allow-empty", commit.sha, env=inside)
        return hub.repo.git("rev-parse", "HEAD", env=inside).strip()
    except GitError as error:
        raise ApiError(405, "This branch can't be rebased") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
        hub.repo.git("worktree", "prune")


def update_branch(hub: Hub, issue: Issue, by: Identity, expected: str | None) -> None:
    """Merge the base branch into the head branch ("Update branch")."""
    pull = threads.the_pull(issue)
    if expected is not None and expected != pull.head_sha:
        raise ApiError(422, "expected head sha didn't match current head ref.")
    base = hub.head(pull.base_ref) or pull.base_sha
    if hub.repo.is_ancestor(base, pull.head_sha):
        raise ApiError(422, "There are no new commits on the base branch.")
    tree = hub.repo.merge_tree(pull.head_sha, base)
    if tree is None:
        raise ApiError(422, "merge conflict between base and head")
    user = hub.user(by.login)
    message = f"Merge branch '{pull.base_ref}' into {pull.head_ref}"
    person = Person(user.name, user.email)
    merged = hub.repo.commit_tree(tree, [pull.head_sha, base], message, person, refs.WEB)
    if reason := refs.workflow_refusal(hub, by, pull.head_sha, merged):
        raise ApiError(403, reason)
    refs.update(hub, f"refs/heads/{pull.head_ref}", merged, by)


def apply_suggestion(
    hub: Hub, issue: Issue, by: Identity, reviewer: str, path: str, content: str
) -> str:
    """Commit what a reviewer suggested for a file to the head branch; the new head.

    "Each person who suggested a change included in the commit will be a co-author of the commit"
    (Incorporating feedback in your pull request).
    """
    pull = threads.the_pull(issue)
    blob = hub.repo.write_blob(content.encode())
    tree = hub.repo.edit_tree(pull.head_sha, [("100644", blob, path)])
    who, other = hub.user(by.login), hub.user(reviewer)
    message = f"Update {path}\n\nCo-authored-by: {other.name} <{other.email}>"
    person = Person(who.name, who.email)
    sha = hub.repo.commit_tree(tree, [pull.head_sha], message, person, refs.WEB)
    refs.update(hub, f"refs/heads/{pull.head_ref}", sha, by)
    return sha


def approve_runs(hub: Hub, held: HeldRun, by: Identity) -> None:
    """Let the workflows start that a job's pull request has been kept from starting."""
    if by.is_job or by.role == "read":
        raise ApiError(403, "Must have write access to approve workflow runs.")
    del hub.state.held[held.id]
    issue = hub.state.issues[held.number]
    pull = threads.the_pull(issue)
    more = {"before": pull.base_sha, "after": pull.head_sha}
    changes = more if held.action == "synchronize" else {}
    hub.emit(payloads.pull_request(hub, issue, held.action, BOT, **changes), None)
    hub.touch()


def held_for(hub: Hub, number: int) -> HeldRun | None:
    """The runs of a pull request that wait for consent."""
    return next((item for item in hub.state.held.values() if item.number == number), None)
