"""The runner: one act process for each job, on the host, cut off from everything ambient."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.actions import jobfile
from sandbox.actions.expr import ExpressionError, Scope, condition
from sandbox.actions.guardian import Guardian, end
from sandbox.actions.model import Conclusion
from sandbox.actions.progress import Progress
from sandbox.actions.signals import Stopper
from sandbox.actions.standins import repositories

#: act gives steps a terminal, GitHub does not: keep pagers, colours and narrow lines away.
NO_TERMINAL = {"TERM": "dumb", "PAGER": "cat", "GIT_PAGER": "cat", "COLUMNS": "160"}

#: Seconds after which a cancelled job ends whatever its steps do ("Workflow cancellation
#: reference").
FORCE_SECONDS = 300.0

_GUARDIAN = Guardian()

try:
    _LIBC: Any = ctypes.CDLL(None, use_errno=True)
except OSError:  # no such thing on this platform
    _LIBC = None


@dataclass(frozen=True, slots=True)
class JobPlan:
    """All a runner needs: the file, the event, the environment. ``timeout`` is in seconds."""

    workflow: Mapping[str, Any]
    event: str
    payload: Mapping[str, Any]
    actor: str
    env: Mapping[str, str]
    secrets: Mapping[str, str]
    process_env: Mapping[str, str]
    work: Path
    timeout: float


def act_path() -> Path:
    """The act of the environment this runs in."""
    return Path(sys.executable).parent / "act"


def _die_with_parent() -> None:
    if _LIBC is not None and sys.platform == "linux":
        _LIBC.prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


class Runner:
    """Runs one job; ``cancel`` may be called from another thread, more than once."""

    def __init__(self, plan: JobPlan, progress: Progress) -> None:
        self._plan = plan
        self._progress = progress
        self._cancelled = threading.Event()
        self._over = threading.Event()
        self.timed_out = False

    def cancel(self) -> None:
        """Stop the job as GitHub does."""
        self._cancelled.set()

    def run(self, changed: Callable[[], None]) -> tuple[Conclusion, str]:
        """Run to the end; ``changed`` is called whenever a step begins or ends.

        The job's folder stays: whoever made its path removes it.
        """
        work = self._plan.work
        _GUARDIAN.begun(work / "home")
        process = self._start(work)
        stopper = Stopper(process.pid)
        watch = threading.Thread(target=self._watch, args=(process, stopper), daemon=True)
        watch.start()
        errors: list[str] = []
        drain = threading.Thread(target=_drain, args=(process.stderr, errors), daemon=True)
        drain.start()
        assert process.stdout is not None  # noqa: S101  (opened as a pipe)
        for line in process.stdout:
            if self._progress.feed(line):
                changed()
        process.wait()
        _GUARDIAN.ended(work / "home")
        end({str(work / "home")})  # GitHub: "Cleaning up orphan processes"
        self._over.set()
        watch.join()
        stopper.end()
        drain.join(timeout=5)
        if self._cancelled.is_set():
            return Conclusion.CANCELLED, ""
        if self._progress.result is None:
            return Conclusion.FAILURE, self._progress.mask("\n".join(errors[-3:]))
        return self._progress.result, ""

    def _start(self, work: Path) -> subprocess.Popen[str]:
        files = work / "run"
        (files / ".github" / "workflows").mkdir(parents=True)
        (work / "home").mkdir()
        _private(files / ".github/workflows/job.yml", json.dumps(self._plan.workflow))
        _private(work / "event.json", json.dumps(self._plan.payload))
        _private(work / "env", jobfile.dotenv(self._plan.env))
        _private(work / "secrets", jobfile.dotenv(self._plan.secrets))
        env = {
            "HOME": str(work / "home"),
            "LANG": "C.UTF-8",
            **NO_TERMINAL,
            **self._plan.process_env,
            "XDG_CACHE_HOME": str(work / "home" / ".cache"),
            "XDG_CONFIG_HOME": str(work / "home" / ".config"),
            "ACT_DISABLE_VERSION_CHECK": "1",
        }
        return subprocess.Popen(
            self._command(work),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=env,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )

    def _command(self, work: Path) -> list[str]:
        uses = [
            str(step["uses"])
            for job in self._plan.workflow["jobs"].values()
            for step in job["steps"]
            if "uses" in step
        ]
        command = [str(act_path()), self._plan.event, "--json", "--no-skip-checkout"]
        command += ["-C", str(work / "run"), "-W", ".github/workflows/job.yml"]
        command += ["-e", str(work / "event.json"), "-a", self._plan.actor]
        command += ["-P", f"{jobfile.LABEL}=-self-hosted", "--action-cache-path", str(work / "act")]
        command += ["--env-file", str(work / "env"), "--secret-file", str(work / "secrets")]
        command += ["--var-file", os.devnull, "--input-file", os.devnull, "--no-cache-server"]
        command += ["--artifact-server-addr", "127.0.0.1", "--cache-server-addr", "127.0.0.1"]
        for reference, folder in repositories(uses).items():
            server = self._plan.env["GITHUB_SERVER_URL"]  # act looks for actions there
            command += ["--local-repository", f"{server}/{reference}={folder}"]
        return command

    # ---- cancelling ----------------------------------------------------------------------

    def _watch(self, process: subprocess.Popen[str], stopper: Stopper) -> None:
        """Wait for the end, the time limit or a cancel; then see the cancel through."""
        waited = 0.0
        while not self._over.wait(0.05):
            waited += 0.05
            if waited >= self._plan.timeout and not self._cancelled.is_set():
                self.timed_out = True
                self._cancelled.set()
            if self._cancelled.is_set():
                self._progress.cancelling = True
                break
        forced = 0.0
        while not self._over.wait(0.05):
            forced += 0.05
            if forced >= FORCE_SECONDS:
                stopper.look()
                stopper.end()
                process.kill()
            if running := self._progress.running():
                key, step = running
                if not _goes_on(step):
                    stopper.stop(key, action="uses" in step)


def _goes_on(step: Mapping[str, Any]) -> bool:
    """Whether a step's ``if`` still holds when the job is cancelled."""
    status = {"always": True, "cancelled": True, "success": False, "failure": False}
    try:
        return condition(step.get("if"), Scope({}, status))
    except ExpressionError:  # it asks for a context as well: decided by the status check alone
        text = str(step.get("if"))
        return "always()" in text or ("cancelled()" in text and "!cancelled()" not in text)


def _private(path: Path, text: str) -> None:
    path.touch(0o600)
    path.write_text(text, encoding="utf-8")


def _drain(stream: Any, into: list[str]) -> None:
    for line in stream:
        if line.startswith("Error:"):
            into.append(line.strip().removeprefix("Error: "))
