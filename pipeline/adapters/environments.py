"""The Python environments of the project's own test suites, kept from one run to the next."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from pipeline.adapters.child import child_environment
from pipeline.adapters.tools import cache_dir
from pipeline.errors import failure

#: uv's name for the folder that it makes, and keeps in step with the lock file.
VARIABLE = "UV_PROJECT_ENVIRONMENT"


def kept(lock: Path) -> dict[str, str]:
    """The variable by which uv uses one and the same environment for each copy of a lock file.

    Empty where there is no such file: uv says so better than we could.
    """
    if not lock.is_file():
        return {}
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:20]
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return {VARIABLE: str(cache_dir() / "environments" / f"{digest}-{version}")}


def uv_sync(project: Path, folder: Path, options: Sequence[str] = ()) -> None:
    """Make a project's environment in a folder.

    Compiled at once, so that no start has to do it: a container of the sandbox keeps no bytecode.
    Raises Failure ``build``.
    """
    uv = os.environ.get("UV") or shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    run = subprocess.run(
        [uv, "sync", "--quiet", "--frozen", "--compile-bytecode", *options, "--project", project],
        capture_output=True,
        text=True,
        env=child_environment(os.environ, "UV_", "PIP_")
        | {VARIABLE: str(folder), "UV_PYTHON": sys.executable},
        check=False,
    )
    if run.returncode != 0:
        raise failure(
            "build",
            f"uv could not make the environment of {project.name}/: {run.stderr.strip()}",
            where=f"{project.name}/uv.lock",
        )
