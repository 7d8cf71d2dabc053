"""Use the sandbox from Python: start it, find its addresses, stop it.

>>> with Sandbox.start(Path(".sandbox")) as box:  # doctest: +SKIP
...     subprocess.run(["pipeline", "status"], env=box.env)
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from pipeline.errors import failure
from sandbox.layout import (
    ADMIN_KEY,
    ADMIN_SECRET,
    REGION,
    REPOSITORY,
    Layout,
    is_locked,
    read_json,
)
from sandbox.leash import GRACE, LEASH
from sandbox.supervisor import START_LIMIT, TAKEN

#: Seconds `stop` waits: the servers' own grace, one after the other, and a little more.
STOP_LIMIT = 2 * GRACE + 5
_LOG_LINES = 15


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running sandbox: its folder, the addresses of its servers and their processes."""

    root: Path
    aws_url: str
    github_url: str
    pids: dict[str, int]

    @classmethod
    def start(
        cls,
        root: Path,
        *,
        port_aws: int = 0,
        port_github: int = 0,
        only: Sequence[str] = (),
        detached: bool = False,
    ) -> Self:
        """Start the servers of this folder, or find them running; returns when all are healthy.

        They end with this process, however it ends, unless ``detached``.
        ``only`` limits it to some of ``aws`` and ``github`` (tests that need no more start faster).
        Raises Failure ``internal`` with the log's last lines when a server does not come up.
        """
        running = cls.find(root)
        if running is not None:
            return running
        layout = Layout(root.resolve())
        layout.create()
        reading, _ = os.pipe()  # the writing end closes with this process
        command = [sys.executable, "-m", "sandbox.leash", "sandbox.supervisor"]
        command += ["--dir", str(layout.root)]
        command += ["--port-aws", str(port_aws), "--port-github", str(port_github)]
        for name in only:
            command += ["--only", name]
        with (layout.logs / "supervisor.log").open("wb") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, "PYTHONPATH": _import_path()}
                | ({} if detached else {LEASH: str(reading)}),
                pass_fds=() if detached else (reading,),
            )
        os.close(reading)
        try:
            return cls._wait(layout, process)
        except BaseException:  # also Ctrl-C: what was started here must not stay
            process.terminate()
            process.wait(STOP_LIMIT)
            raise

    @classmethod
    def _wait(cls, layout: Layout, process: subprocess.Popen[bytes]) -> Self:
        deadline = time.monotonic() + START_LIMIT + 5
        while time.monotonic() < deadline:
            running = cls.find(layout.root)
            if running is not None:
                return running
            code = process.poll()
            if code is not None and not (code == TAKEN and is_locked(layout.lock)):
                break
            time.sleep(0.03)
        raise failure(
            "internal",
            f"The sandbox did not start. Its last words:\n{_last_words(layout)}",
            where=str(layout.logs),
            remedy="Look into the logs, or remove the sandbox's folder to begin afresh.",
        )

    @classmethod
    def find(cls, root: Path) -> Self | None:
        """The running sandbox of this folder, or None."""
        layout = Layout(root.resolve())
        found = read_json(layout.endpoints)
        if found is None or not is_locked(layout.lock):
            return None
        pids = {str(name): int(pid) for name, pid in found["pids"].items()}
        return cls(layout.root, found.get("aws", ""), found.get("github", ""), pids)

    @property
    def env(self) -> dict[str, str]:
        """This process's environment with what commands need to work on the sandbox."""
        return {**_clean_environment(), **self.variables}

    @property
    def variables(self) -> dict[str, str]:
        """The variables alone: addresses, region, the administrator's credentials."""
        variables = {
            "SANDBOX_DIR": str(self.root),
            "AWS_ENDPOINT_URL": self.aws_url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ADMIN_KEY,
            "AWS_SECRET_ACCESS_KEY": ADMIN_SECRET,
            "AWS_EC2_METADATA_DISABLED": "true",
            "PIPELINE_CHECK_PROVIDERS": "init",
        }
        if self.github_url:
            variables |= {
                "GITHUB_API_URL": f"{self.github_url}/api/v3",
                "GITHUB_SERVER_URL": self.github_url,
                "GITHUB_REPOSITORY": REPOSITORY,
            }
        if not docker_engine():
            here = Path(__file__).resolve().parent / "bin"
            variables["PATH"] = os.pathsep.join([str(here), os.environ.get("PATH", os.defpath)])
            variables["DOCKER_SANDBOX"] = str(self.root)
        return variables

    def stop(self) -> None:
        """Stop everything and wait until it is gone; fine when it is gone already."""
        layout = Layout(self.root)
        deadline = time.monotonic() + STOP_LIMIT
        number = signal.SIGTERM
        while is_locked(layout.lock):
            if time.monotonic() > deadline:  # its children are on a leash and follow
                number = signal.SIGKILL
            try:
                os.kill(self.pids["supervisor"], number)
            except ProcessLookupError:
                return
            time.sleep(0.05)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def docker_engine() -> bool:
    """Whether a Docker engine runs here; a client without one cannot build anything."""
    if shutil.which("docker") is None:
        return False
    sockets = (Path("/var/run/docker.sock"), Path.home() / ".docker" / "run" / "docker.sock")
    return "DOCKER_HOST" in os.environ or any(path.exists() for path in sockets)


def _import_path() -> str:
    """Let the child find this checkout's packages whatever its working folder is."""
    here = str(Path(__file__).resolve().parents[1])
    return os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))


def _clean_environment() -> dict[str, str]:
    """Drop what could lead a command to a real account: profiles, tokens, service endpoints."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


def _last_words(layout: Layout) -> str:
    lines: list[str] = []
    for name in ("supervisor", "aws", "github"):
        path = layout.logs / f"{name}.log"
        if path.exists():
            tail = path.read_text(errors="replace").splitlines()[-_LOG_LINES:]
            lines += [f"{name}: {line}" for line in tail]
    return "\n".join(lines)
