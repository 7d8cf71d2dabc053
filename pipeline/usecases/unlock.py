"""Who holds a state lock: say so before an apply, explain it, clear it when its run is over."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline.adapters.aws.state import Marker, StateLock
from pipeline.adapters.child import child_environment
from pipeline.adapters.github import run_url
from pipeline.domain.model import UnitId
from pipeline.errors import Failure, failure
from pipeline.usecases.site import Site


@dataclass(frozen=True, slots=True)
class LockStory:
    """A lock and what is known of its holder. ``over``: True, False, None when nobody knows."""

    lock: StateLock
    over: bool | None
    why: str

    @property
    def sentence(self) -> str:
        what = self.lock.operation.removeprefix("OperationType") or "an operation"
        return (
            f"The state is locked by {self.lock.who or 'somebody'} for {what} "
            f"since {self.lock.created[:19]} UTC (lock {self.lock.id}); {self.why}."
        )


@contextmanager
def marked(site: Site, unit: UnitId) -> Iterator[None]:
    """Around an apply: whoever meets its lock meanwhile, or after a kill, learns whose it is."""
    files, marker = site.state(unit), _here(site, unit)
    files.mark(marker)
    try:
        yield
    finally:
        with suppress(Failure):  # what ended the apply is told, not this
            lock = files.lock()
            if lock is None or not marker.may_hold(lock):
                files.unmark(marker)


def _here(site: Site, unit: UnitId) -> Marker:
    env = site.environ
    return Marker(
        run_id=env.get("GITHUB_RUN_ID", ""),
        attempt=int(env.get("GITHUB_RUN_ATTEMPT") or 0),
        url=run_url(env),
        host=socket.gethostname(),
        pid=os.getpid(),
        plan=str(site.private(unit) / "tfplan"),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def explain(site: Site, unit: UnitId) -> LockStory | None:
    """Who holds the unit's state; None when it is free."""
    files = site.state(unit)
    lock = files.lock()
    if lock is None:
        return None
    told = [_over(site, marker) for marker in files.markers() if marker.may_hold(lock)]
    if not told:
        return LockStory(lock, None, "it was not taken by a run of this pipeline")
    # of several that may have taken it each has to be over
    over, why = next((one for one in told if one[0] is not True), told[0])
    return LockStory(lock, over, why)


def no_dead_lock(site: Site, unit: UnitId) -> None:
    """Raise ``locked`` unless the state is free or a live run holds it, which may be waited for."""
    story = explain(site, unit)
    if story is not None and story.over is not False:
        raise _refusal(unit, story)


def _over(site: Site, marker: Marker) -> tuple[bool | None, str]:
    return _run_over(site, marker) if marker.run_id else _process_over(marker)


def _run_over(site: Site, marker: Marker) -> tuple[bool | None, str]:
    named = f"run {marker.url or marker.run_id}"
    github = site.github_or_none
    if github is None:
        return (
            None,
            f"it belongs to {named}, but without GITHUB_TOKEN nobody can ask whether it is over",
        )
    try:
        run = github.run(marker.run_id)
    except Failure as error:  # a token that may not ask must not hide the lock
        return None, f"it belongs to {named}; whether that is over cannot be told: {error}"
    if run is None:
        return None, f"it belongs to {named}, which GitHub does not know"
    if run.over or run.attempt > marker.attempt > 0:
        return True, f"{named} is over ({run.conclusion or 'run again'})"
    return False, f"{named} is still {run.status or 'under way'}"


def _process_over(marker: Marker) -> tuple[bool | None, str]:
    """A process of this host, or of one that cannot be asked."""
    if marker.host != socket.gethostname():
        return None, f"it belongs to process {marker.pid} on {marker.host}, which cannot be asked"
    if _terraform_runs(marker.plan):
        return False, "its terraform still runs on this machine"
    try:
        os.kill(marker.pid, 0)
    except ProcessLookupError:
        return True, f"process {marker.pid} of this machine is gone"
    except PermissionError:
        return False, f"process {marker.pid} of this machine still runs"
    if marker.pid == os.getpid():  # and its terraform is gone
        return True, "this very process took it before"
    return False, f"process {marker.pid} of this machine still runs"


def _terraform_runs(plan: str) -> bool:
    """Whether a terraform outlives a pipeline that was killed: it may still be writing."""
    listed = subprocess.run(
        ["ps", "-Aww", "-o", "args="],
        capture_output=True,
        text=True,
        env=child_environment(os.environ),
    )
    return any(plan in line and "terraform" in line for line in listed.stdout.splitlines())


def unlock(site: Site, unit: UnitId, force: str = "") -> LockStory | None:
    """Clear a dead lock; returns its story, None when there was none. Raises ``locked``.

    ``force`` is the lock's id, typed by somebody who knows that its holder is gone.
    """
    story = explain(site, unit)
    if story is None:
        return None
    if force and force != story.lock.id:
        raise failure("confirmation", f"The lock is {story.lock.id}, not {force}.")
    if not force and story.over is not True:
        raise failure(
            "locked",
            story.sentence,
            str(unit),
            f"When you know that its holder is gone: pipeline unlock {unit} "
            f"--force {story.lock.id}",
        )
    if not site.state(unit).clear_lock(story.lock.id):
        raise failure("locked", "The lock changed while it was looked at.", str(unit))
    return story


def locked(site: Site, unit: UnitId) -> Failure:
    """The failure of an apply that met a lock."""
    story = explain(site, unit)
    if story is None:
        return failure(
            "locked", "The state was locked, and is free again.", str(unit), "Run it again."
        )
    return _refusal(unit, story)


def _refusal(unit: UnitId, story: LockStory) -> Failure:
    return failure("locked", story.sentence, str(unit), f"See: pipeline unlock {unit}")
