"""``docker build``: a content-addressed folder of the context and its locked environment."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from pipeline.errors import failure
from sandbox.images.dockerfile import parse
from sandbox.images.store import Image, ImageConfig, ImageStore, serialise

#: Never part of an image, whatever .dockerignore says.
NEVER = (".git", ".venv", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache")


def build(
    context: Path,
    dockerfile: Path,
    arguments: Mapping[str, str],
    references: list[str],
    store: ImageStore,
    say: Callable[[str], None],
) -> Image:
    """Build an image and tag it; the same inputs give the same image.

    Raises Failure ``build`` when there is no Dockerfile or the environment cannot be made.
    """
    if not dockerfile.is_file():
        raise failure("build", "There is no such Dockerfile.", str(dockerfile))
    stage = parse(dockerfile.read_text(), arguments, str(dockerfile))
    files = _files(context)
    say(f"[context] {len(files)} files of {context}")
    key = _environment(context, store, say)
    config = ImageConfig(
        files=_digest(context, files),
        env=dict(stage.env),
        command=list(stage.command),
        entrypoint=list(stage.entrypoint),
        workdir=stage.workdir,
        exposed=list(stage.exposed),
        environment=key,
    )
    text = serialise(config)
    identity = hashlib.sha256(text.encode()).hexdigest()
    with store.lock("build"):
        if store.image(identity) is None:
            _write(context, files, config, text, identity, store)
    for reference in references:
        store.tag(reference, identity)
    image = store.image(identity)
    if image is None:
        raise failure("build", f"The image {identity} was not written.", str(store.folder))
    say(f"[image] sha256:{identity}")
    return image


def _write(
    context: Path,
    files: list[str],
    config: ImageConfig,
    text: str,
    identity: str,
    store: ImageStore,
) -> None:
    temporary = Path(tempfile.mkdtemp(dir=store.folder, prefix=".new-"))
    root = temporary / "rootfs" / config.workdir.lstrip("/")
    root.mkdir(parents=True)
    for name in files:
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(context / name, target, follow_symlinks=False)
    (temporary / "config.json").write_text(text)
    temporary.chmod(0o755)
    temporary.rename(store.folder / identity)


def _files(context: Path) -> list[str]:
    ignore = context / ".dockerignore"
    patterns = ignore.read_text().splitlines() if ignore.is_file() else []
    found = []
    for folder, names, files in os.walk(context):
        names[:] = sorted(name for name in names if name not in NEVER)
        for name in files:
            path = (Path(folder) / name).relative_to(context).as_posix()
            if not _ignored(path, patterns):
                found.append(path)
    return sorted(found)


def _ignored(path: str, patterns: list[str]) -> bool:
    """The last pattern that matches the file or a folder above it decides, as at Docker."""
    parts = path.split("/")
    prefixes = ["/".join(parts[:n]) for n in range(1, len(parts) + 1)]
    verdict = False
    for line in patterns:
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        negated = pattern.startswith("!")
        pattern = pattern.lstrip("!").strip("/")
        anywhere = pattern.removeprefix("**/")
        if any(
            fnmatch.fnmatchcase(prefix, pattern)
            or (anywhere != pattern and fnmatch.fnmatchcase(prefix.split("/")[-1], anywhere))
            for prefix in prefixes
        ):
            verdict = not negated
    return verdict


def _digest(context: Path, files: list[str]) -> str:
    whole = hashlib.sha256()
    for name in files:
        path = context / name
        data = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()
        kind = "l" if path.is_symlink() else "x" if os.access(path, os.X_OK) else "f"
        whole.update(f"{kind} {name} {hashlib.sha256(data).hexdigest()}\n".encode())
    return whole.hexdigest()


def _environment(context: Path, store: ImageStore, say: Callable[[str], None]) -> str:
    """Make the environment of the context's lock file unless it is there; its key."""
    lock, project = context / "uv.lock", context / "pyproject.toml"
    if not lock.is_file():
        return ""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    content = lock.read_bytes() + b"\0" + project.read_bytes() + version.encode()
    key = hashlib.sha256(content).hexdigest()[:24]
    folder = store.environment_folder(key)
    with store.lock(f"env-{key}"):
        if (folder / ".complete").exists():
            say(f"[environment] {key} cached")
            return key
        say(f"[environment] {key} uv sync --frozen")
        _sync(lock, project, folder)
        (folder / ".complete").touch()
    return key


def _sync(lock: Path, project: Path, folder: Path) -> None:
    """Sync from copies, so that nothing is written into the context."""
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        raise failure("tool-missing", "uv is not on PATH; the image's environment needs it.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        for file in (lock, project):
            shutil.copy(file, work)
        env = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "PYTHONPATH")}
        env |= {"UV_PROJECT_ENVIRONMENT": str(folder), "UV_PYTHON": sys.executable}
        command = [uv, "sync", "--quiet", "--frozen", "--no-dev", "--no-install-project"]
        command += ["--compile-bytecode"]  # as in the image: a container keeps none
        run = subprocess.run(command, cwd=work, env=env, capture_output=True, text=True)
    if run.returncode != 0:
        raise failure(
            "build", f"uv could not make the environment: {run.stderr.strip()}", str(lock)
        )
