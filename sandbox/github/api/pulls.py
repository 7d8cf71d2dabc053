"""Pull requests and their reviews."""

from __future__ import annotations

from typing import Any

from sandbox.github import facts, gates, payloads, pulls
from sandbox.github.api.core import Answer, Call, operation
from sandbox.github.api.errors import ApiError, invalid, not_found
from sandbox.github.api.issues import MAX_BODY, check_body, check_title, set_pull_state
from sandbox.github.diffs import changed_files
from sandbox.github.model import Issue, Review, now
from sandbox.github.shapes import common, threads

MAX_FILES = 3000  # "Responses include a maximum of 3000 files."
READ, WRITE = "pull-requests:read", "pull-requests:write"


def full(call: Call, issue: Issue) -> dict[str, Any]:
    """A pull request with all that takes work to know."""
    state = gates.mergeable_state(facts.gather(call.hub, issue))
    return threads.pull_full(call.hub, issue, state)


@operation("get", "~/pulls", READ)
def list_pulls(call: Call) -> Answer:
    state = call.query.get("state", "open")
    head, base = call.query.get("head", ""), call.query.get("base", "")
    found = []
    for issue in call.hub.pulls():
        pull = threads.the_pull(issue)
        wanted = state == "all" or issue.state == state
        if head and head.rpartition(":")[2] != pull.head_ref:
            wanted = False
        if base and base != pull.base_ref:
            wanted = False
        if wanted:
            found.append(issue)
    if call.query.get("sort") == "updated":
        found.sort(key=lambda issue: issue.updated_at, reverse=True)
    if call.query.get("direction") == "asc":
        found.reverse()
    return call.page(found, lambda issue: threads.pull_simple(call.hub, issue))


@operation("post", "~/pulls", WRITE)
def create_pull(call: Call) -> Answer:
    body = call.body
    if not body.get("title"):
        raise invalid("PullRequest", "title", "missing_field")
    check_body(body.get("body"), "PullRequest")
    check_title(body["title"], "PullRequest")
    issue = pulls.open_pull(
        call.hub, call.by, body["title"], body["head"], body["base"], body.get("body"),
        bool(body.get("draft", False)),
    )  # fmt: skip
    return Answer(201, full(call, issue))


@operation("get", "~/pulls/{pull_number}", READ)
def get_pull(call: Call) -> Answer:
    issue = call.pull()
    if call.accept in ("application/vnd.github.diff", "application/vnd.github.v3.diff"):
        pull = threads.the_pull(issue)
        base = threads.pull_base(call.hub, pull)
        text = call.hub.repo.git("diff-tree", "-r", "-M", "-p", base, pull.head_sha)
        return Answer(200, text, {"Content-Type": "application/vnd.github.diff; charset=utf-8"})
    return Answer(200, full(call, issue))


@operation("patch", "~/pulls/{pull_number}", WRITE)
def update_pull(call: Call) -> Answer:
    issue, body = call.pull(), call.body
    check_body(body.get("body"), "PullRequest")
    check_title(body.get("title", ""), "PullRequest")
    edited = any(body.get(key, old) != old for key, old in
                 (("title", issue.title), ("body", issue.body)))  # fmt: skip
    issue.title = body.get("title", issue.title)
    issue.body = body.get("body", issue.body)
    issue.updated_at = now()
    if edited:
        call.hub.emit(
            payloads.pull_request(call.hub, issue, "edited", call.by.login, changes={}), call.by
        )
    if "base" in body:
        pulls.change_base(call.hub, issue, body["base"], call.by)
    if "state" in body:
        set_pull_state(call, issue, body["state"])
    return Answer(200, full(call, issue))


@operation("get", "~/pulls/{pull_number}/files", READ)
def list_files(call: Call) -> Answer:
    pull = threads.the_pull(call.pull())
    base = threads.pull_base(call.hub, pull)
    files = changed_files(call.hub.repo, base, pull.head_sha)[:MAX_FILES]
    return call.page(files, lambda file: common.diff_entry(call.hub, file, pull.head_sha))


@operation("get", "~/pulls/{pull_number}/commits", READ)
def list_commits(call: Call) -> Answer:
    pull = threads.the_pull(call.pull())
    base = threads.pull_base(call.hub, pull)
    commits = list(reversed(call.hub.repo.log(f"{base}..{pull.head_sha}")))
    return call.page(commits, lambda commit: common.commit(call.hub, commit))


@operation("get", "~/pulls/{pull_number}/merge", READ)
def check_merged(call: Call) -> Answer:
    if not threads.the_pull(call.pull()).merged:
        raise not_found()
    return Answer(204)


@operation("put", "~/pulls/{pull_number}/merge", "contents:write")
def merge_pull(call: Call) -> Answer:
    body = call.body or {}
    method = body.get("merge_method", "merge")
    sha = pulls.merge(
        call.hub, call.pull(), call.by, method, body.get("commit_title"),
        body.get("commit_message"), body.get("sha"),
    )  # fmt: skip
    message = "Pull Request successfully merged"
    return Answer(200, {"sha": sha, "merged": True, "message": message})


@operation("put", "~/pulls/{pull_number}/update-branch", WRITE)
def update_branch(call: Call) -> Answer:
    issue = call.pull()
    pulls.update_branch(call.hub, issue, call.by, (call.body or {}).get("expected_head_sha"))
    url = f"{common.page(call.hub)}/pull/{issue.number}"
    return Answer(202, {"message": "Updating pull request branch.", "url": url})


@operation("get", "~/pulls/{pull_number}/reviews", READ)
def list_reviews(call: Call) -> Answer:
    issue = call.pull()
    reviews = threads.the_pull(issue).reviews
    return call.page(reviews, lambda item: threads.review(call.hub, issue.number, item))


@operation("post", "~/pulls/{pull_number}/reviews", WRITE)
def create_review(call: Call) -> Answer:
    issue, body = call.pull(), call.body
    event = body.get("event")
    if event not in pulls.STATES:
        raise ApiError(422, "Unprocessable Entity")
    if body.get("commit_id") not in (None, threads.the_pull(issue).head_sha):
        raise ApiError(422, "Unprocessable Entity")
    if len(body.get("body") or "") > MAX_BODY:
        message = f"body is too long (maximum is {MAX_BODY} characters)"
        raise ApiError(422, "Unprocessable Entity", [message])
    item = pulls.review(call.hub, issue, call.by, event, body.get("body") or "")
    return Answer(200, threads.review(call.hub, issue.number, item))


def _review(call: Call) -> Review:
    wanted = call.number("review_id")
    for item in threads.the_pull(call.pull()).reviews:
        if item.id == wanted:
            return item
    raise not_found()


@operation("get", "~/pulls/{pull_number}/reviews/{review_id}", READ)
def get_review(call: Call) -> Answer:
    return Answer(200, threads.review(call.hub, call.pull().number, _review(call)))


@operation("put", "~/pulls/{pull_number}/reviews/{review_id}/dismissals", WRITE)
def dismiss_review(call: Call) -> Answer:
    issue, item = call.pull(), _review(call)
    item.state = "DISMISSED"
    call.hub.emit(payloads.review(call.hub, issue, item, call.by.login), call.by)
    return Answer(200, threads.review(call.hub, issue.number, item))


@operation("get", "~/pulls/{pull_number}/requested_reviewers", READ)
def list_requested(call: Call) -> Answer:
    logins = threads.the_pull(call.pull()).requested_reviewers
    return Answer(200, {"users": [common.user(call.hub, n) for n in logins], "teams": []})


@operation("post", "~/pulls/{pull_number}/requested_reviewers", WRITE)
def request_reviewers(call: Call) -> Answer:
    issue = call.pull()
    pull = threads.the_pull(issue)
    for login in call.body.get("reviewers", []):
        if login not in call.hub.state.users or login == issue.user:
            raise ApiError(422, "Reviews may only be requested from collaborators.")
        if login not in pull.requested_reviewers:
            pull.requested_reviewers.append(login)
    return Answer(201, threads.pull_simple(call.hub, issue))


@operation("get", "~/commits/{commit_sha}/pulls", READ)
def pulls_of_commit(call: Call) -> Answer:
    """See ``facts.pulls_with``."""
    found = facts.pulls_with(call.hub, call.sha("commit_sha"))
    return call.page(found, lambda issue: threads.pull_simple(call.hub, issue))
