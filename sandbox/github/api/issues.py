"""Issues, comments, labels."""

from __future__ import annotations

from typing import Any

from sandbox.github import payloads, pulls, refs
from sandbox.github.api.core import Answer, Call, operation
from sandbox.github.api.errors import ApiError, invalid, not_found
from sandbox.github.model import Comment, Issue, Label, now
from sandbox.github.shapes import common, threads

MAX_TITLE = 256
MAX_BODY = 65536  # characters, of comments and descriptions
EITHER_READ = ("issues:read", "pull-requests:read")
EITHER_WRITE = ("issues:write", "pull-requests:write")


def check_title(title: object, resource: str) -> None:
    """Refuse a title that is too long, or none."""
    if len(str(title)) > MAX_TITLE:
        message = f"title is too long (maximum is {MAX_TITLE} characters)"
        raise invalid(resource, "title", "custom", message)


def check_body(body: str | None, resource: str) -> None:
    """Refuse what GitHub finds too long."""
    if body is not None and len(body) > MAX_BODY:
        message = f"body is too long (maximum is {MAX_BODY} characters)"
        raise invalid(resource, "body", "custom", message)


@operation("get", "~/issues", *EITHER_READ)
def list_issues(call: Call) -> Answer:
    state = call.query.get("state", "open")
    labels = [name for name in call.query.get("labels", "").lower().split(",") if name]
    found = [
        issue
        for _, issue in sorted(call.hub.state.issues.items(), reverse=True)
        if (state == "all" or issue.state == state)
        and set(labels) <= {name.lower() for name in issue.labels}
        and call.query.get("creator", issue.user) == issue.user
    ]
    if call.query.get("direction") == "asc":
        found.reverse()
    return call.page(found, lambda issue: threads.issue(call.hub, issue))


@operation("post", "~/issues", "issues:write")
def create_issue(call: Call) -> Answer:
    check_body(call.body.get("body"), "Issue")
    check_title(call.body["title"], "Issue")
    stamp = now()
    number = pulls.next_number(call.hub)
    issue = Issue(
        call.hub.state.take_id(), number, call.by.login, str(call.body["title"]),
        call.body.get("body"), stamp, stamp,
        labels=_names(call, call.body.get("labels", [])),
        assignees=list(call.body.get("assignees") or []),
    )  # fmt: skip
    call.hub.state.issues[number] = issue
    call.hub.emit(payloads.issue_event(call.hub, "issues", issue, "opened", call.by.login), call.by)
    return Answer(201, threads.issue(call.hub, issue))


def _names(call: Call, raw: list[Any]) -> list[str]:
    names = [item if isinstance(item, str) else item["name"] for item in raw]
    return list(dict.fromkeys(call.hub.label(name).name for name in names))


@operation("get", "~/issues/{issue_number}", *EITHER_READ)
def get_issue(call: Call) -> Answer:
    return Answer(200, threads.issue(call.hub, call.issue()))


@operation("patch", "~/issues/{issue_number}", *EITHER_WRITE)
def update_issue(call: Call) -> Answer:
    issue, body = call.issue(), call.body
    check_body(body.get("body"), "Issue")
    check_title(body.get("title", ""), "Issue")
    issue.title = str(body.get("title", issue.title))
    issue.body = body.get("body", issue.body)
    issue.assignees = list(body.get("assignees", issue.assignees))
    if "labels" in body:
        issue.labels = _names(call, body["labels"])
    state = body.get("state", issue.state)
    if issue.pull and state != issue.state:
        set_pull_state(call, issue, state)
    elif state != issue.state:
        issue.state = state
        issue.closed_at = now() if state == "closed" else None
        issue.closed_by = call.by.login if state == "closed" else None
        action = "closed" if state == "closed" else "reopened"
        call.hub.note(issue, action, call.by.login)
        call.hub.emit(
            payloads.issue_event(call.hub, "issues", issue, action, call.by.login), call.by
        )
    default = {"closed": "completed", "open": None}[issue.state]
    issue.state_reason = body.get("state_reason", issue.state_reason or default)
    if issue.state == "open" and issue.state_reason not in (None, "reopened"):
        issue.state_reason = "reopened"
    issue.updated_at = now()
    return Answer(200, threads.issue(call.hub, issue))


def set_pull_state(call: Call, issue: Issue, state: str) -> None:
    """Close or reopen a pull request."""
    if state == "closed" and issue.state == "open":
        refs.close(call.hub, issue, call.by)
    elif state == "open" and issue.state == "closed":
        pulls.reopen(call.hub, issue, call.by)


@operation("get", "~/issues/{issue_number}/comments", *EITHER_READ)
def list_comments(call: Call) -> Answer:
    number = call.issue().number
    since = call.query.get("since", "")
    found = [
        c for c in call.hub.state.comments.values() if c.number == number and c.updated_at >= since
    ]
    return call.page(found, lambda item: threads.comment(call.hub, item))


@operation("get", "~/issues/comments", *EITHER_READ)
def list_all_comments(call: Call) -> Answer:
    found = list(call.hub.state.comments.values())
    return call.page(found, lambda item: threads.comment(call.hub, item))


@operation("post", "~/issues/{issue_number}/comments", *EITHER_WRITE)
def create_comment(call: Call) -> Answer:
    issue = call.issue()
    check_body(call.body["body"], "IssueComment")
    stamp = now()
    item = Comment(
        call.hub.state.take_id(), issue.number, call.by.login, call.body["body"], stamp, stamp
    )
    call.hub.state.comments[item.id] = item
    issue.updated_at = stamp
    shape = threads.comment(call.hub, item)
    call.hub.emit(
        payloads.issue_event(
            call.hub, "issue_comment", issue, "created", call.by.login, comment=shape
        ),
        call.by,
    )
    return Answer(201, shape)


def _comment(call: Call) -> Comment:
    item = call.hub.state.comments.get(call.number("comment_id"))
    if item is None:
        raise not_found()
    return item


@operation("get", "~/issues/comments/{comment_id}", *EITHER_READ)
def get_comment(call: Call) -> Answer:
    return Answer(200, threads.comment(call.hub, _comment(call)))


@operation("patch", "~/issues/comments/{comment_id}", *EITHER_WRITE)
def update_comment(call: Call) -> Answer:
    item = _comment(call)
    check_body(call.body["body"], "IssueComment")
    item.body, item.updated_at = call.body["body"], now()
    return Answer(200, threads.comment(call.hub, item))


@operation("delete", "~/issues/comments/{comment_id}", *EITHER_WRITE)
def delete_comment(call: Call) -> Answer:
    del call.hub.state.comments[_comment(call).id]
    return Answer(204)


@operation("get", "~/issues/{issue_number}/events", *EITHER_READ)
def list_events(call: Call) -> Answer:
    return call.page(call.issue().events, lambda item: threads.issue_event(call.hub, item))


@operation("get", "~/issues/{issue_number}/labels", *EITHER_READ)
def list_issue_labels(call: Call) -> Answer:
    return call.page(call.issue().labels, lambda name: common.label(call.hub, call.hub.label(name)))


@operation("post", "~/issues/{issue_number}/labels", *EITHER_WRITE)
def add_labels(call: Call) -> Answer:
    issue = call.issue()
    raw = call.body if isinstance(call.body, list) else call.body.get("labels", [])
    added = [name for name in _names(call, raw) if name not in issue.labels]
    issue.labels += added
    return _labelled(call, issue, "labeled", added)


@operation("put", "~/issues/{issue_number}/labels", *EITHER_WRITE)
def set_labels(call: Call) -> Answer:
    issue = call.issue()
    raw = call.body if isinstance(call.body, list) else call.body.get("labels", [])
    names = _names(call, raw)
    added = [name for name in names if name not in issue.labels]
    issue.labels = names
    return _labelled(call, issue, "labeled", added)


@operation("delete", "~/issues/{issue_number}/labels/{name}", *EITHER_WRITE)
def remove_label(call: Call) -> Answer:
    issue = call.issue()
    gone = [name for name in issue.labels if name.lower() == call.path["name"].lower()]
    if not gone:
        raise ApiError(404, "Label does not exist")
    issue.labels = [name for name in issue.labels if name not in gone]
    return _labelled(call, issue, "unlabeled", gone)


def _labelled(call: Call, issue: Issue, action: str, names: list[str]) -> Answer:
    issue.updated_at = now()
    for name in names:
        label = common.label(call.hub, call.hub.label(name))
        call.hub.note(issue, action, call.by.login, label=name)
        if issue.pull:
            event = payloads.pull_request(call.hub, issue, action, call.by.login, label=label)
        else:
            event = payloads.issue_event(
                call.hub, "issues", issue, action, call.by.login, label=label
            )
        call.hub.emit(event, call.by)
    return Answer(200, [common.label(call.hub, call.hub.label(name)) for name in issue.labels])


@operation("get", "~/labels", *EITHER_READ)
def list_labels(call: Call) -> Answer:
    return call.page(
        list(call.hub.state.labels.values()), lambda item: common.label(call.hub, item)
    )


@operation("post", "~/labels", *EITHER_WRITE)
def create_label(call: Call) -> Answer:
    name = call.body["name"]
    if name.lower() in call.hub.state.labels:
        raise invalid("Label", "name", "already_exists")
    item = Label(
        call.hub.state.take_id(), name, call.body.get("color", "ededed").lstrip("#"),
        call.body.get("description"),
    )  # fmt: skip
    call.hub.state.labels[name.lower()] = item
    return Answer(201, common.label(call.hub, item))


@operation("get", "~/labels/{name}", *EITHER_READ)
def get_label(call: Call) -> Answer:
    item = call.hub.state.labels.get(call.path["name"].lower())
    if item is None:
        raise not_found()
    return Answer(200, common.label(call.hub, item))
