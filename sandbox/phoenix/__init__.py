"""Phoenix's own image: the locked package of the same version, in an environment of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters.tools import locate, lock
from pipeline.errors import Failure
from sandbox.images.store import Image, ImageConfig
from sandbox.ports import free_port

TOOL = "phoenix-python"
#: A digest names one version too, but which one only the registry knows: the locked one runs.
REFERENCE = re.compile(
    r"^(?:docker\.io/)?arizephoenix/phoenix"
    r"(?::version-(?P<version>\d+\.\d+\.\d+)(?:-nonroot|-debug)?|@sha256:[0-9a-f]{64})$"
)


@dataclass(frozen=True, slots=True)
class PhoenixImage(Image):
    """The image; its program is told where to listen by variables of its own."""

    def listening(self, port: int) -> dict[str, str]:
        """Every port of it on the loopback, the one for gRPC too, which nobody here uses."""
        return {
            "PHOENIX_HOST": "127.0.0.1",
            "PHOENIX_PORT": str(port),
            "PHOENIX_GRPC_PORT": str(free_port()),
        }


def find(reference: str, folder: Path) -> Image | None:
    """Phoenix's image, or None: another image, another version than the locked one, not set up.

    ``folder`` is where images lie; what this one needs of it is an empty working directory.
    """
    match = REFERENCE.match(reference)
    version = str(lock()[TOOL]["version"])
    if match is None or match["version"] not in (None, version):
        return None
    try:
        python = locate(TOOL)
    except Failure:
        return None
    # As the image's Dockerfile has it: python3 is the entry point, Phoenix its argument.
    config = ImageConfig(
        files="",
        entrypoint=["python3"],
        command=["-m", "phoenix.server.main", "serve"],
        workdir="/phoenix",
    )
    image = PhoenixImage(f"phoenix-{version}", config, folder / f"phoenix-{version}", python.parent)
    image.workdir.mkdir(parents=True, exist_ok=True)
    return image
