"""Where the sandbox keeps what: one folder, known names.

The folder holds everything the sandbox knows, so that removing it forgets the sandbox and keeping
it lets a restart go on where it stopped.
"""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: The one account and region the sandbox emulates.
ACCOUNT = "123456789012"
REGION = "ap-southeast-2"
#: Credentials of the sandbox's administrator: every call is allowed, as for the account's root.
ADMIN_KEY = "AKIASANDBOXADMIN0001"
ADMIN_SECRET = "sandbox-administrator-secret"  # noqa: S105 - a public constant of a local emulator
#: The repository the local GitHub holds.
REPOSITORY = "knowledgeweaver/delivery"


@dataclass(frozen=True, slots=True)
class Layout:
    """The files and folders below the sandbox's state folder."""

    root: Path

    @property
    def endpoints(self) -> Path:
        """Written when everything is healthy, removed when it stops."""
        return self.root / "endpoints.json"

    @property
    def ports(self) -> Path:
        """The ports of the last start, so that a restart keeps its addresses."""
        return self.root / "ports.json"

    @property
    def lock(self) -> Path:
        """Held by the running supervisor; the operating system releases it when it dies."""
        return self.root / "supervisor.lock"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    def part(self, name: str) -> Path:
        """The folder of one part: aws, github, images, neo4j, tasks."""
        return self.root / name

    def create(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(exist_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Replace a JSON file in one step: a reader sees the old or the new one, never a half."""
    scratch = path.with_name(f"{path.name}.{os.getpid()}")
    scratch.write_text(json.dumps(value, indent=1, sort_keys=True) + "\n")
    scratch.replace(path)


def read_json(path: Path) -> dict[str, Any] | None:
    """A JSON object, or None where there is no readable one."""
    try:
        value = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def take_lock(path: Path) -> int | None:
    """Take the supervisor's lock; the descriptor holds it, None says somebody else has it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def is_locked(path: Path) -> bool:
    """Whether a supervisor runs for this folder."""
    if not path.exists():
        return False
    descriptor = take_lock(path)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False
