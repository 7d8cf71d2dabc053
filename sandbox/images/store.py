"""Where images lie: one folder for each image, named by the SHA-256 of its configuration.

``images/<id>/rootfs`` holds the files, ``images/<id>/config.json`` what an image's configuration
holds; the configuration names the digest of the files, so the id covers both.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """What the last stage of a Dockerfile says, and what it was built from."""

    files: str  # digest of the files, hex
    env: dict[str, str] = field(default_factory=dict)
    command: list[str] = field(default_factory=list)
    entrypoint: list[str] = field(default_factory=list)
    workdir: str = "/"
    exposed: list[str] = field(default_factory=list)
    environment: str = ""  # key of the shared Python environment; empty: the sandbox's Python


@dataclass(frozen=True, slots=True)
class Image:
    """An image in the store."""

    id: str
    config: ImageConfig
    folder: Path
    python_bin: Path

    @property
    def workdir(self) -> Path:
        """The working directory on this machine."""
        return self.folder / "rootfs" / self.config.workdir.lstrip("/")

    def inside(self, value: str) -> str:
        """A path of the image as a path of this machine; anything else as it is."""
        workdir = self.config.workdir.rstrip("/")
        for prefix, real in ((f"{workdir}/.venv/bin", self.python_bin), (workdir, self.workdir)):
            if prefix and (value == prefix or value.startswith(prefix + "/")):
                return f"{real}{value[len(prefix) :]}"
        return value

    def environment(self) -> dict[str, str]:
        """The image's ENV, with absolute paths below its working directory made real."""
        values = {name: self.inside(value) for name, value in self.config.env.items()}
        values["PATH"] = os.pathsep.join(
            [str(self.python_bin), "/usr/local/bin", "/usr/bin", "/bin"]
        )
        return values

    def listening(self, port: int) -> dict[str, str]:
        """The variables that let the image's program listen on a port of the loopback."""
        return {"HOST": "127.0.0.1", "PORT": str(port)}


class ImageStore:
    """The folder ``images/`` of a sandbox."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Let one process at a time make what ``name`` stands for."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f".{name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def image(self, identity: str) -> Image | None:
        """An image by its id (with or without ``sha256:``), or None."""
        identity = identity.removeprefix("sha256:")
        folder = self.folder / identity
        try:
            raw = json.loads((folder / "config.json").read_text())
        except OSError:
            return None
        config = ImageConfig(**raw)
        return Image(identity, config, folder, self.python_bin(config.environment))

    def environment_folder(self, key: str) -> Path:
        return self.folder / "envs" / key

    def python_bin(self, key: str) -> Path:
        """Where an image finds its Python; without a lock file it is the sandbox's base Python."""
        return (self.environment_folder(key) if key else Path(sys.base_prefix)) / "bin"

    def tag(self, reference: str, identity: str) -> None:
        """Let a reference name an image on this machine."""
        with self.lock("tags"):
            tags = self.tags() | {reference: identity}
            temporary = self.folder / f"tags.{os.getpid()}"
            temporary.write_text(json.dumps(tags, indent=1, sort_keys=True))
            temporary.replace(self.folder / "tags.json")

    def tags(self) -> dict[str, str]:
        try:
            return dict(json.loads((self.folder / "tags.json").read_text()))
        except OSError:
            return {}

    def find(self, reference: str) -> Image | None:
        """An image by a reference given at build, or by its id."""
        return self.image(self.tags().get(reference, reference))


def serialise(config: ImageConfig) -> str:
    """The text whose SHA-256 is the image's id."""
    return json.dumps(asdict(config), sort_keys=True, indent=1) + "\n"
