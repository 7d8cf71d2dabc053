"""Logging the local docker in to the local registry, as whoever pushes an image does."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.layout import ACCOUNT, REGION

DOCKER = Path(__file__).parents[1] / "sandbox" / "bin" / "docker"
REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"


def log_in(ecr: Any, environment: Mapping[str, str]) -> None:
    """Let docker push in ``environment`` as the caller of the client ``ecr``."""
    (data,) = ecr.get_authorization_token()["authorizationData"]
    user, _, password = base64.b64decode(data["authorizationToken"]).decode().partition(":")
    subprocess.run(
        [str(DOCKER), "login", "-u", user, "--password-stdin", REGISTRY],
        env=environment,
        input=password,
        text=True,
        check=True,
        capture_output=True,
    )
