"""Build and push an image by the ``docker`` command, whoever provides it."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from pipeline.adapters.child import child_environment
from pipeline.domain.secrets import scrub
from pipeline.errors import failure

_LAST_LINES = 15
#: One image and no index with attestations beside it: Lambda takes no other.
_PLAIN_IMAGE = {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}


def build(context: Path, reference: str, platform: str, arguments: Mapping[str, str]) -> None:
    """``docker build`` for a platform; raises ``build`` with the last lines of what it said."""
    flags = [
        word for name, value in arguments.items() for word in ("--build-arg", f"{name}={value}")
    ]
    _docker("build", "--platform", platform, *flags, "-t", reference, str(context))


def tag(name: str, reference: str) -> None:
    """``docker tag``: another name for an image of this machine."""
    _docker("tag", name, reference)


def push(reference: str) -> None:
    """``docker push``."""
    _docker("push", reference)


def login(registry: str, token: str) -> None:
    """Log in with the token of ECR GetAuthorizationToken (base64 of user:password)."""
    user, _, password = base64.b64decode(token).decode().partition(":")
    _docker("login", "--username", user, "--password-stdin", registry, stdin=password)


def _docker(*arguments: str, stdin: str = "") -> None:
    program = shutil.which("docker")
    if program is None:
        raise failure("tool-missing", "docker is not installed.", remedy="Install Docker.")
    done = subprocess.run(
        [program, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        env=child_environment(os.environ, "DOCKER_", "BUILDX_", "BUILDKIT_") | _PLAIN_IMAGE,
    )
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-_LAST_LINES:])
        known = (stdin,) if stdin else ()
        raise failure("build", f"docker {arguments[0]} failed:\n{scrub(last, known)[0]}")
