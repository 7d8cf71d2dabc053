"""One container of a task: a real process of the image's content."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox import phoenix
from sandbox.ecs.backends import Backends
from sandbox.ecs.container_health import ContainerHealth
from sandbox.ecs.logs import LogPump
from sandbox.ecs.pace import Pace
from sandbox.ecs.spawn import signal_group, spawn
from sandbox.images.store import Image, ImageStore

DEFAULT_STOP_TIMEOUT = 30.0  # seconds; AWS, ContainerDefinition.stopTimeout


def pull(reference: str, backends: Backends, store: ImageStore) -> Image | None:
    """The image that a registry holds under a reference, or None where a pull would fail.

    Of all that is outside the account one image is on this machine: Phoenix's.
    """
    if found := phoenix.find(reference, store.folder):
        return found
    held = _held(reference, backends)
    if held is None:
        return None
    manifest = json.loads(held.image_manifest)
    return store.image(str((manifest.get("config") or {}).get("digest", "")))


def is_pushed(reference: str, backends: Backends) -> bool:
    """Whether ECR holds an image under a reference."""
    return _held(reference, backends) is not None


def _held(reference: str, backends: Backends) -> Any:
    registry, _, rest = reference.partition("/")
    if ".dkr.ecr." not in registry:
        return None
    name, at, wanted = rest.partition("@")
    tag = ""
    if not at:
        name, _, tag = rest.rpartition(":") if ":" in rest else (rest, ":", "latest")
    repository = backends.ecr.repositories.get(name)
    for image in list(repository.images) if repository is not None else []:
        if (at and image.get_image_digest() == wanted) or (tag and tag in image.image_tags):
            return image
    return None


class ContainerProcess:
    """A running container. ``start`` has to be called from the thread that outlives it."""

    def __init__(
        self,
        definition: Mapping[str, Any],
        image: Image,
        environment: Mapping[str, str],
        task: str,
        folder: Path,
        backends: Backends,
        pace: Pace,
    ) -> None:
        self.definition, self.image = definition, image
        self.name = str(definition["name"])
        self._environment = dict(environment)
        self._task, self._folder = task, folder
        self._backends, self._pace = backends, pace
        self._process: subprocess.Popen[bytes] | None = None
        self._logs: LogPump | None = None
        self._health: ContainerHealth | None = None
        self._kill_at: float | None = None

    def start(self) -> None:
        """Start the process; OSError when the command cannot be run."""
        self._folder.mkdir(parents=True, exist_ok=True)
        env = {
            "HOME": str(self._folder),
            "TMPDIR": str(self._folder),
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            **self._environment,
        }
        command = [
            *(self.definition.get("entryPoint") or self.image.config.entrypoint),
            *(self.definition.get("command") or self.image.config.command),
        ]
        self._process = spawn(command, cwd=self.image.workdir, env=env)
        self._logs = LogPump(
            self._process.stdout or io.BytesIO(),
            self.definition,
            self._task,
            self._backends,
            self._folder / f"{self.name}.log",
        )
        self._logs.start()
        if check := self.definition.get("healthCheck"):
            self._health = ContainerHealth(check, self.image.workdir, env, self._pace)
            self._health.start()

    @property
    def health(self) -> str | None:
        """HEALTHY, UNHEALTHY, UNKNOWN, or None without a health check."""
        return self._health.status if self._health else None

    @property
    def process_id(self) -> int | None:
        return self._process.pid if self._process else None

    def exit_code(self) -> int | None:
        """None while it runs; as a container engine says it: 128 + signal after a signal."""
        code = self._process.poll() if self._process else None
        return code if code is None or code >= 0 else 128 - code

    def terminate(self) -> None:
        """SIGTERM now; SIGKILL comes with ``press`` after the container's stop timeout."""
        if self._health:
            self._health.stop()
        if self._process is None or self._process.poll() is not None:
            return
        signal_group(self._process, signal.SIGTERM)
        timeout = float(self.definition.get("stopTimeout") or DEFAULT_STOP_TIMEOUT)
        self._kill_at = time.monotonic() + timeout

    def press(self) -> None:
        """Kill what did not stop in time."""
        if self._kill_at is not None and time.monotonic() >= self._kill_at:
            self.kill()

    def kill(self) -> None:
        if self._health:
            self._health.stop()
        if self._process is not None:
            signal_group(self._process, signal.SIGKILL)

    def finish(self) -> None:
        """After the exit: let the last log line be written, end what the process left behind."""
        if self._health:
            self._health.stop()
        if self._process is not None:
            signal_group(self._process, signal.SIGKILL)
            self._process.wait()
        if self._logs is not None:
            self._logs.join(2)
