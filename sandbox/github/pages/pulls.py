"""Pull requests and issues as their readers see them, with the buttons of a reviewer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.github import facts, payloads, pulls, refs
from sandbox.github.api.errors import not_found
from sandbox.github.diffs import changed_files
from sandbox.github.hub import Hub
from sandbox.github.identity import Identity
from sandbox.github.model import REPOSITORY, Comment, Issue, now
from sandbox.github.pages.base import Renderer, acting, action, view
from sandbox.github.pages.difflines import lines
from sandbox.github.pages.offers import offers
from sandbox.github.pages.opening import MAX_SHOWN, unproposed
from sandbox.github.records import CheckRun
from sandbox.github.shapes import threads

PREFIX = f"/{REPOSITORY}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a conversation: a comment, a review or a short note."""

    kind: str
    at: str
    user: str
    body: str = ""
    state: str = ""
    anchor: str = ""


class PullPages:
    def __init__(self, renderer: Renderer) -> None:
        self._renderer, self._hub = renderer, renderer.hub

    def routes(self) -> list[BaseRoute]:
        doors = {
            "review": self.review, "merge": self.merge, "close": self.close,
            "reopen": self.reopen, "comment": self.comment, "update": self.update,
            "rerun": self.rerun, "label": self.label, "run": self.run,
        }  # fmt: skip
        routes: list[BaseRoute] = [
            Route(f"{PREFIX}/pulls", view(self.pull_list)),
            Route(f"{PREFIX}/issues", view(self.issue_list)),
            Route(f"{PREFIX}/pull/{{number:int}}", view(self.pull_page)),
            Route(f"{PREFIX}/issues/{{number:int}}", view(self.issue_page)),
        ]
        for name, do in doors.items():
            door = action(self._hub, do)
            for kind in ("pull", "issues"):
                path = f"{PREFIX}/{kind}/{{number:int}}/{name}"
                routes.append(Route(path, door, methods=["POST"]))
        return routes

    def _issue(self, request: Request) -> Issue:
        issue = self._hub.state.issues.get(request.path_params["number"])
        if issue is None:
            raise not_found()
        return issue

    def _list(self, request: Request, want_pulls: bool) -> Response:
        state = request.query_params.get("state", "open")
        with self._hub.lock:
            every = [
                issue
                for _, issue in sorted(self._hub.state.issues.items(), reverse=True)
                if (issue.pull is not None) == want_pulls
            ]
            rows = [
                {
                    "issue": issue,
                    "labels": [self._hub.label(name) for name in issue.labels],
                    "state": overall(self._checks(issue)) if issue.pull else "",
                }
                for issue in every
                if (issue.state == "open") == (state == "open")
            ]
            counts_by = {s: sum(i.state == s for i in every) for s in ("open", "closed")}
            return self._renderer.page(
                request, "list.html", title="Pull requests" if want_pulls else "Issues",
                tab="pulls" if want_pulls else "issues", rows=rows, state=state,
                counts_by=counts_by,
                branches=list(unproposed(self._hub)) if want_pulls and state == "open" else [],
            )  # fmt: skip

    def pull_list(self, request: Request) -> Response:
        return self._list(request, want_pulls=True)

    def issue_list(self, request: Request) -> Response:
        return self._list(request, want_pulls=False)

    def _checks(self, issue: Issue) -> list[CheckRun]:
        return facts.checks_at(self._hub, threads.the_pull(issue).head_sha) if issue.pull else []

    def pull_page(self, request: Request) -> Response:
        hub = self._hub
        flows = {run.id: f"{run.workflow} · {run.event}" for run in hub.actions.runs()}
        with hub.lock:
            issue = self._issue(request)
            pull = threads.the_pull(issue)
            base = threads.pull_base(hub, pull)
            files = changed_files(hub.repo, base, pull.head_sha)
            checks = self._checks(issue)
            base_head = hub.head(pull.base_ref)
            return self._renderer.page(
                request,
                "pull.html",
                title=f"{issue.title} · Pull request #{issue.number}",
                tab="pulls",
                issue=issue,
                pull=pull,
                labels=[hub.label(name) for name in issue.labels],
                entries=self._timeline(issue),
                held=pulls.held_for(hub, issue.number),
                offers=offers(hub, _texts_of_apps(hub, issue)),
                latest={review.user: review for review in pull.reviews},
                checks=[(check, flows.get(check.run_id or 0, "")) for check in checks],
                overall=overall(checks),
                blockers=pulls.merge_blockers(hub, issue),
                bypass=not pulls.merge_blockers(hub, issue, acting(hub, request)),
                behind=bool(base_head) and not hub.repo.is_ancestor(base_head or "", pull.head_sha),
                commits=list(reversed(hub.repo.log(f"{base}..{pull.head_sha}"))),
                files=[(file, lines(file.patch)) for file in files[:MAX_SHOWN]],
                file_count=len(files),
                failed=any(check.conclusion in ("failure", "cancelled") for check in checks),
            )

    def issue_page(self, request: Request) -> Response:
        with self._hub.lock:
            issue = self._issue(request)
            return self._renderer.page(
                request, "issue.html", title=f"{issue.title} · Issue #{issue.number}",
                tab="issues", issue=issue, entries=self._timeline(issue),
                labels=[self._hub.label(name) for name in issue.labels],
            )  # fmt: skip

    def _timeline(self, issue: Issue) -> list[Entry]:
        entries = [
            Entry("comment", c.created_at, c.user, c.body, anchor=f"issuecomment-{c.id}")
            for c in self._hub.state.comments.values()
            if c.number == issue.number
        ]
        for review in issue.pull.reviews if issue.pull else []:
            anchor = f"pullrequestreview-{review.id}"
            state = review.state.lower()
            entries.append(
                Entry("review", review.submitted_at, review.user, review.body, state, anchor)
            )
        for event in issue.events:
            text = {
                "base_ref_changed": f"changed the base branch from {event.old} to {event.new}",
                "automatic_base_change_succeeded": (
                    f"deleted the base branch {event.old}, so this goes into {event.new} now"
                ),
                "head_ref_force_pushed": f"force-pushed from {event.old[:7]} to {event.new[:7]}",
                "labeled": f"added the label {event.label}",
                "unlabeled": f"removed the label {event.label}",
                "merged": f"merged commit {(event.commit_id or '')[:7]}",
            }.get(event.event, f"{event.event} this")
            entries.append(Entry("note", event.created_at, event.actor, text, event.event))
        return sorted(entries, key=lambda entry: entry.at)

    # What the buttons do; each returns where to go next.

    def _at(self, issue: Issue) -> str:
        return f"{PREFIX}/{'pull' if issue.pull else 'issues'}/{issue.number}"

    def review(self, request: Request, by: Identity, fields: Mapping[str, str]) -> str:
        with self._hub.lock:
            issue = self._issue(request)
            pulls.review(self._hub, issue, by, fields.get("event", ""), fields.get("body", ""))
            return self._at(issue)

    def merge(self, request: Request, by: Identity, fields: Mapping[str, str]) -> str:
        with self._hub.lock:
            issue = self._issue(request)
            sha = fields.get("sha") or None
            pulls.merge(self._hub, issue, by, fields.get("method", "squash"), sha=sha)
            return self._at(issue)

    def close(self, request: Request, by: Identity, fields: Mapping[str, str]) -> str:
        with self._hub.lock:
            issue = self._issue(request)
            if issue.pull:
                refs.close(self._hub, issue, by)
            else:
                issue.state, issue.closed_at, issue.closed_by = "closed", now(), by.login
                self._hub.note(issue, "closed", by.login)
            return self._at(issue)

    def reopen(self, request: Request, by: Identity, fields: Mapping[str, str]) -> str:
        with self._hub.lock:
            issue = self._issue(request)
            if issue.pull:
                pulls.reopen(self._hub, issue, by)
            else:
                issue.state, issue.closed_at, issue.closed_by = "open", None, None
                self._hub.note(issue, "reopened", by.login)
            return self._at(issue)

    def comment(self, request: Request, by: Identity, fields: Mapping[str, str]) -> str:
        hub = self._hub
        with hub.lock:
            issue = self._issue(request)
            body = fields.get("body", "").strip()
            if body:
                stamp = now()
                id = hub.state.take_id()
                item = Comment(id, issue.number, by.login, body, stamp, stamp)
                hub.state.comments[id] = item
                shape = threads.comment(hub, item)
                hub.emit(
                    payloads.issue_event(
                        hub, "issue_comment", issue, "created", by.login, comment=shape
                    ),
                    by,
                )
            return self._at(issue)

    def update(self, request: Request, by: Identity, fields: Mapping[str, str]) -> str:
        with self._hub.lock:
            issue = self._issue(request)
            pulls.update_branch(self._hub, issue, by, None)
            return self._at(issue)

    def label(self, request: Request, by: Identity, fields: Mapping[str, str]) -> str:
        hub = self._hub
        with hub.lock:
            issue = self._issue(request)
            name = hub.label(fields.get("name", "").strip() or "bug").name
            gone = name in issue.labels
            issue.labels = [n for n in issue.labels if n != name] + ([] if gone else [name])
            kind = "unlabeled" if gone else "labeled"
            hub.note(issue, kind, by.login, label=name)
            if issue.pull:
                label: dict[str, Any] = {"name": name}
                hub.emit(payloads.pull_request(hub, issue, kind, by.login, label=label), by)
            return self._at(issue)

    def run(self, request: Request, by: Identity, fields: Mapping[str, str]) -> str:
        """Consent to the workflows of a pull request that a job opened or updated."""
        with self._hub.lock:
            issue = self._issue(request)
            held = pulls.held_for(self._hub, issue.number)
            if held is not None:
                pulls.approve_runs(self._hub, held, by)
            return self._at(issue)

    def rerun(self, request: Request, by: Identity, fields: Mapping[str, str]) -> str:
        """Run again what failed of every run at the head commit."""
        issue = self._issue(request)
        bad = {
            check.run_id
            for check in self._checks(issue)
            if check.conclusion in ("failure", "cancelled") and check.run_id
        }
        for run_id in sorted(bad):
            self._hub.actions.rerun_failed(run_id, by.login)
        return self._at(issue)


def _texts_of_apps(hub: Hub, issue: Issue) -> list[str]:
    return [
        comment.body
        for comment in hub.state.comments.values()
        if comment.number == issue.number and hub.user(comment.user).kind == "Bot"
    ]


def overall(checks: list[CheckRun]) -> str:
    """One state for all checks of a commit."""
    if not checks:
        return ""
    if any(check.conclusion in ("failure", "timed_out") for check in checks):
        return "failure"
    if any(check.status != "completed" for check in checks):
        return "in_progress"
    return "cancelled" if any(check.conclusion == "cancelled" for check in checks) else "success"
