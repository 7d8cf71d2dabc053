"""Who holds a state lock: say so before an apply, explain it, clear it when its run is over."""

from __future__ import annotations

import os
import socket
import subprocess
import time
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
        if self.lock.torn:
            return (
                "The state's lock is a torn object that Terraform did not write like this, last "
                f"changed at {self.lock.modified:%Y-%m-%d %H:%M:%S} UTC; {self.why}."
            )
        what = self.lock.operation.removeprefix("OperationType") or "an operation"
        return (
            f"The state is locked by {self.lock.who or 'somebody'} for {what} "
            f"since {self.lock.created[:19]} UTC (lock {self.lock.id}); {self.why}."
        )


@contextmanager
def marked(site: Site, unit: UnitId) -> Iterator[None]:
    """Around an apply: whoever meets its lock meanwhile, or after a kill, learns whose it is."""
    site.state(unit).mark(here(site, unit))
    try:
        yield
    finally:
        unmark(site, unit)


def unmark(site: Site, unit: UnitId) -> None:
    """Take the run's marker back, unless it left a lock that has to be explained."""
    files, marker = site.state(unit), here(site, unit)
    with suppress(Failure):  # what ended the apply is told, not this
        own = [known for known in files.markers() if known.same_run(marker)]
        lock = files.lock()
        if own and not (lock and own[0].may_hold(lock)):
            files.unmark(marker)


def here(site: Site, unit: UnitId) -> Marker:
    """The marker of this run."""
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
    while lock is not None:
        story = _story(site, files.markers(), lock)
        if story.over is False:
            return story
        before, lock = lock, files.lock()
        if lock == before:  # else its holder let go while it was asked for
            return story
    return None


def _story(site: Site, markers: list[Marker], lock: StateLock) -> LockStory:
    if lock.torn:
        return LockStory(lock, None, "nobody can tell who holds it")
    told = [over(site, marker) for marker in markers if marker.may_hold(lock)]
    if not told:
        return LockStory(lock, None, "it was not taken by a run of this pipeline")
    # of several that may have taken it each has to be over
    ended, why = next((one for one in told if one[0] is not True), told[0])
    return LockStory(lock, ended, why)


def await_lock(site: Site, unit: UnitId, minutes: float = 60, pause: float = 5) -> None:
    """Return when the state is free; waits for a run of ours that is alive.

    Raises ``locked`` at once when its holder is over or unknown, and after ``minutes``.
    """
    deadline, told = time.monotonic() + minutes * 60, False
    while (story := explain(site, unit)) is not None:
        if story.over is not False or time.monotonic() > deadline:
            raise _refusal(unit, story)
        if not told:
            site.out.say(f"{unit}: waiting. {story.sentence}")
            told = True
        time.sleep(pause)


def over(site: Site, marker: Marker) -> tuple[bool | None, str]:
    """Whether who left the marker has ended (None: nobody knows), and how one knows."""
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


def unlock(site: Site, unit: UnitId, force: bool = False, lock_id: str = "") -> LockStory | None:
    """Clear a dead lock; returns its story, None when there was none. Raises ``locked``.

    ``force`` is said by somebody who knows that its holder is gone, and names the lock's id; a
    torn lock has none.
    """
    story = explain(site, unit)
    if story is None:
        return None
    wanted = "" if story.lock.torn else story.lock.id
    if lock_id and lock_id != story.lock.id:
        named = f"is {story.lock.id}" if story.lock.id else "has no id"
        raise failure("confirmation", f"The lock {named}, not {lock_id}.", str(unit))
    if story.over is False:
        raise failure("locked", story.sentence, str(unit), "Wait for it, or stop it first.")
    if story.over is None and not (force and lock_id in (wanted, story.lock.id)):
        command = f"pipeline unlock {unit} --force {wanted}".rstrip()
        remedy = f"When you know that its holder is gone: {command}"
        raise failure("locked", story.sentence, str(unit), remedy)
    if not site.state(unit).clear_lock(story.lock):
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
