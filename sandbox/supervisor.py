"""Start the sandbox's servers, watch them, and stop them together.

One supervisor per state folder, held by a file lock. Each server is a child in a process group of
its own and on a leash (:mod:`sandbox.leash`). When one server ends unasked the rest is stopped too:
half a sandbox only confuses.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from sandbox.layout import Layout, read_json, take_lock, write_json
from sandbox.leash import GRACE, LEASH
from sandbox.ports import HOST, free_port

#: Seconds the servers have for their first healthy answer.
START_LIMIT = 60.0
#: Seconds the lock is tried: whoever only asks for it holds it for some microseconds.
LOCK_LIMIT = 1.0
#: Exit code that says: another supervisor holds this folder.
TAKEN = 75


@dataclass(frozen=True, slots=True)
class Options:
    """What `up` was asked for; a port of 0 means: the last one, else a free one."""

    root: Path
    port_aws: int = 0
    port_github: int = 0
    only: tuple[str, ...] = ("aws", "github")


@dataclass(slots=True)
class Supervisor:
    """The servers of one state folder."""

    options: Options
    stop_asked: threading.Event = field(default_factory=threading.Event)
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _leash: tuple[int, int] = field(default_factory=os.pipe)

    def run(self) -> int:
        """Start everything, wait until told to stop, stop everything; the exit code."""
        layout = Layout(self.options.root)
        layout.create()
        deadline = time.monotonic() + LOCK_LIMIT
        while (lock := take_lock(layout.lock)) is None:
            if time.monotonic() > deadline:
                return TAKEN
            time.sleep(0.02)
        layout.endpoints.unlink(missing_ok=True)
        try:
            ports = self._ports(layout)
            urls = {name: f"http://{HOST}:{ports[name]}" for name in self.options.only}
            for name in self.options.only:
                self._spawn(name, layout, ports, urls)
            if not self._wait_healthy(urls):
                return 0 if self.stop_asked.is_set() else 1
            pids = {name: child.pid for name, child in self.children.items()}
            write_json(layout.endpoints, {**urls, "pids": {**pids, "supervisor": os.getpid()}})
            return self._watch()
        finally:
            layout.endpoints.unlink(missing_ok=True)
            self._stop()
            os.close(lock)

    def _ports(self, layout: Layout) -> dict[str, int]:
        last = read_json(layout.ports) or {}
        asked = {"aws": self.options.port_aws, "github": self.options.port_github}
        ports: dict[str, int] = {}
        for name in self.options.only:
            ports[name] = asked[name] or free_port(int(last.get(name, 0)), set(ports.values()))
        write_json(layout.ports, {**last, **ports})
        return ports

    def _spawn(
        self, name: str, layout: Layout, ports: dict[str, int], urls: dict[str, str]
    ) -> None:
        arguments = ["--dir", str(layout.root), "--port", str(ports[name])]
        if name == "github":
            arguments += ["--aws-url", urls.get("aws", "")]
        elif "github" in urls:
            arguments += ["--oidc-jwks", f"{urls['github']}/_oidc/.well-known/jwks"]
        reading, _ = self._leash
        with (layout.logs / f"{name}.log").open("ab") as log:
            self.children[name] = subprocess.Popen(
                [sys.executable, "-m", "sandbox.leash", f"sandbox.{name}", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=[reading],
                env=os.environ
                | {"SANDBOX_DIR": str(layout.root), LEASH: str(reading), "PYTHONUNBUFFERED": "1"},
            )

    def _wait_healthy(self, urls: dict[str, str]) -> bool:
        deadline = time.monotonic() + START_LIMIT
        waiting = dict(urls)
        while waiting and time.monotonic() < deadline and not self.stop_asked.is_set():
            if self._dead():
                return False
            waiting = {name: url for name, url in waiting.items() if not healthy(url)}
            if waiting:
                time.sleep(0.05)
        if waiting and not self.stop_asked.is_set():
            print(f"{', '.join(waiting)} did not answer within {START_LIMIT:.0f} s", flush=True)
        return not waiting

    def _dead(self) -> bool:
        for name, child in self.children.items():
            code = child.poll()
            if code is not None:
                print(f"the {name} server ended with exit code {code}; see {name}.log", flush=True)
                return True
        return False

    def _watch(self) -> int:
        while not self.stop_asked.wait(0.5):
            if self._dead():
                return 1
        return 0

    def _stop(self) -> None:
        """GitHub before AWS: an interrupted job still writes its state and gives its lock back."""
        for name in sorted(self.children, key=["github", "aws"].index):
            child = self.children[name]
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(GRACE)
            with contextlib.suppress(ProcessLookupError):
                # what is left of its group, whether the server itself is gone or not
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        os.close(self._leash[1])


def healthy(url: str) -> bool:
    """Whether a server answers its health address; refusals count as not yet."""
    try:
        with urllib.request.urlopen(f"{url}/_sandbox/health", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m sandbox.supervisor")
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--port-aws", type=int, default=0)
    parser.add_argument("--port-github", type=int, default=0)
    parser.add_argument("--only", choices=["aws", "github"], action="append")
    given = parser.parse_args(arguments)
    only = tuple(given.only or ("aws", "github"))
    supervisor = Supervisor(Options(given.dir.resolve(), given.port_aws, given.port_github, only))

    def ask_stop(_number: int, _frame: FrameType | None) -> None:
        supervisor.stop_asked.set()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, ask_stop)
    return supervisor.run()


if __name__ == "__main__":
    sys.exit(main())
