"""The heart of the local GitHub: state, repository, lock, events on their way to Actions.

Rule of the lock: whoever holds ``hub.lock`` never calls the engine; the engine may call back into
the hub while it holds its own lock. Events therefore leave through a queue.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.actions.engine import Engine
from sandbox.actions.model import ActionsError
from sandbox.github import snapshot
from sandbox.github.faults import Faults
from sandbox.github.gitrepo import GitRepo
from sandbox.github.identity import ACTIONS, Identity, JobTokens, seed_teams, seed_users
from sandbox.github.limits import Limits
from sandbox.github.model import (
    DEFAULT_BRANCH,
    NAME,
    OWNER,
    WEB_FLOW,
    Issue,
    IssueEvent,
    Label,
    State,
    User,
    now,
)
from sandbox.github.records import HeldRun

log = logging.getLogger("sandbox.github")

HELD_ACTIONS = ("opened", "synchronize", "reopened")


class StateLock:
    """A re-entrant lock that knows whether the present thread holds it."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._depth = threading.local()

    def __enter__(self) -> None:
        self._lock.acquire()
        self._depth.count = getattr(self._depth, "count", 0) + 1

    def __exit__(self, *error: object) -> None:
        self._depth.count -= 1
        self._lock.release()

    def held(self) -> bool:
        """Whether the present thread holds it."""
        return getattr(self._depth, "count", 0) > 0


@dataclass(frozen=True, slots=True)
class Event:
    """One event on its way to Actions; the fields are those of ``Engine.dispatch``."""

    name: str
    payload: Mapping[str, Any]
    sha: str
    ref: str
    actor: str


class Hub:
    """One repository's service. ``url`` is where its pages are (GITHUB_SERVER_URL)."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url.rstrip("/")
        self.api = f"{self.url}/api/v3"
        self.lock = StateLock()
        self.changed = threading.Condition()
        self.version = 0
        self.jobs = JobTokens()
        self.faults = Faults()
        self.limits = Limits()
        self.engine: Engine | None = None
        self.repo = GitRepo(folder / "git" / OWNER / f"{NAME}.git")
        self._file = folder / "state.json"
        self._events: queue.Queue[Event | None] = queue.Queue()
        self._stopped = threading.Event()
        self._released = False
        if not (self.repo.path / "HEAD").exists():
            self.repo.create()
        self.state = snapshot.load(self._file) or fresh_state()
        self._threads = [
            threading.Thread(target=self._deliver, name="events", daemon=True),
            threading.Thread(target=self._save, name="snapshot", daemon=True),
        ]

    def start(self, engine: Engine) -> None:
        """Begin to deliver events to the engine and to write snapshots."""
        self.engine = engine
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Deliver nothing more and write the last snapshot."""
        self._stopped.set()
        self._events.put(None)
        self.release()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=5)
        with self.lock:
            snapshot.save(self.state, self._file)

    @property
    def actions(self) -> Engine:
        """The engine; there is none before :meth:`start`.

        Asked for under the lock it is refused: the engine might wait for that very lock.
        """
        if self.lock.held():
            raise RuntimeError("the engine must not be called while the hub's lock is held")
        if self.engine is None:
            raise ActionsError("Actions is not running", 503)
        return self.engine

    def touch(self) -> None:
        """Say that something changed: pages that wait wake up, a snapshot is due."""
        with self.changed:
            self.version += 1
            self.changed.notify_all()

    def wait_change(self, seen: int, timeout: float) -> int:
        """Block until the version is past ``seen`` (or ``timeout`` seconds); the version."""
        with self.changed:
            self.changed.wait_for(lambda: self.version > seen or self._released, timeout)
            return self.version

    def release(self) -> None:
        """Let everyone go who waits for a change; nobody waits from now on."""
        with self.changed:
            self._released = True
            self.changed.notify_all()

    def emit(self, event: Event, by: Identity | None) -> None:
        """Send an event to Actions.

        "Events triggered by the GITHUB_TOKEN will not create a new workflow run" but for
        workflow_dispatch; those of pull requests it opened or updated wait for approval (GitHub,
        "GITHUB_TOKEN", section "When GITHUB_TOKEN triggers workflow runs").
        """
        pull = event.name == "pull_request"
        action = str(event.payload.get("action", ""))
        if pull and action in (*HELD_ACTIONS, "closed"):
            number = int(event.payload["number"])
            held = self.state.held
            for id in [id for id, item in held.items() if item.number == number]:
                del held[id]  # what comes now takes the place of what waited
        if by is None or by.app != ACTIONS or event.name == "workflow_dispatch":
            self._events.put(event)
        elif pull and action in HELD_ACTIONS:
            head = str(event.payload["pull_request"]["head"]["sha"])
            id = self.state.take_id()
            held[id] = HeldRun(id, number, action, head, now())

    def _deliver(self) -> None:
        while (event := self._events.get()) is not None:
            try:
                self.actions.dispatch(event.name, event.payload, event.sha, event.ref, event.actor)
            except ActionsError as error:
                log.warning("event %s was refused: %s", event.name, error)
            except Exception:
                # One bad event must not end the delivery of all later ones.
                log.exception("event %s failed", event.name)
            self.touch()

    def _save(self) -> None:
        seen = self.version
        while not self._stopped.is_set():
            version = self.wait_change(seen, 60)
            if version > seen:
                seen = version
                with self.lock:
                    snapshot.save(self.state, self._file)
                self._stopped.wait(0.2)

    def note(self, issue: Issue, event: str, actor: str, **more: Any) -> None:
        """Write an entry into the history of an issue; ``more``: fields of :class:`IssueEvent`."""
        issue.events.append(IssueEvent(self.state.take_id(), event, actor, now(), **more))

    # Small look-ups that everyone needs.

    def user(self, login: str) -> User:
        """An account; one that left is GitHub's "ghost"."""
        if login == WEB_FLOW.login:
            return WEB_FLOW
        return self.state.users.get(login) or User(10137, "ghost", "Deleted user", "read", "")

    def head(self, branch: str = DEFAULT_BRANCH) -> str | None:
        """The commit a branch is at."""
        return self.state.refs.get(f"refs/heads/{branch}")

    def pulls(self) -> list[Issue]:
        """All pull requests, newest first."""
        return [i for _, i in sorted(self.state.issues.items(), reverse=True) if i.pull]

    def label(self, name: str) -> Label:
        """A label; like GitHub, naming an unknown one creates it."""
        key = name.lower()
        if key not in self.state.labels:
            self.state.labels[key] = Label(self.state.take_id(), name)
        return self.state.labels[key]


def fresh_state() -> State:
    """A repository nobody has used yet: users, and GitHub's usual first labels."""
    state = State(users=seed_users(), teams=seed_teams(), created_at=now(), pushed_at=now())
    for name, color, text in (
        ("bug", "d73a4a", "Something isn't working"),
        ("allow-destroy", "b60205", "A code owner accepts that stateful resources are destroyed"),
        ("drift", "fbca04", "The cloud differs from the repository"),
    ):
        state.labels[name] = Label(state.take_id(), name, color, text)
    return state
