"""Single programs: the right version from PATH, else the release, else built by Go."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from pipeline.adapters.child import child_environment
from pipeline.adapters.install.fetch import NoSuchSource, check_sha256, download, member, put
from pipeline.adapters.tools import Receipt, cache_dir, platform_key
from pipeline.domain.nested import parse_json
from pipeline.errors import failure


def install(name: str, entry: dict[str, Any]) -> Receipt:
    """Find or get a program; the receipt says which way it came.

    Raises Failure ``tool-missing`` when no way leads there, naming each that was tried.
    """
    version = str(entry["version"])
    found, said = _on_path(name, entry)
    if found is not None:
        return Receipt.of(found, f"{version} found on PATH")
    tried = [said]
    folder = cache_dir() / "tools" / name / f"{version}-{platform_key()}"
    try:
        how = _release(name, entry, folder / name)
        return Receipt.of(folder / name, how)
    except NoSuchSource as error:
        tried.append(f"release not reachable ({error})")
    if "go_package" in entry:
        go = shutil.which("go")
        if go:
            _build(go, entry, folder)
            return Receipt.of(folder / name, f"{version} built from the Go module proxy")
        tried.append("no Go on PATH to build it with")
    raise failure(
        "tool-missing",
        f"{name} {version} could not be set up: {'; '.join(tried)}.",
        where="tools.lock.toml",
        remedy=f"Put {name} {version} on PATH and run 'make setup' again.",
    )


def _on_path(name: str, entry: dict[str, Any]) -> tuple[Path | None, str]:
    program = shutil.which(name)
    if program is None:
        return None, "not on PATH"
    environment = child_environment(os.environ)
    try:
        answer = subprocess.run(
            [program, *entry["version_args"]],
            capture_output=True,
            text=True,
            timeout=30,
            env=environment | {"CHECKPOINT_DISABLE": "1"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None, f"{program} on PATH does not run"
    match = re.search(entry["version_pattern"], answer.stdout)
    seen = match.group(1) if match else "of an unknown version"
    if seen == entry["version"]:
        return Path(program).resolve(), ""
    return None, f"the one on PATH is {seen}"


def _release(name: str, entry: dict[str, Any], target: Path) -> str:
    system, arch = platform_key().split("_", 1)
    fields = {"version": entry["version"], "os": system, "arch": arch}
    url = entry["url"].format(**fields)
    archive = download(url)
    pinned = entry.get("sha256", {}).get(platform_key())
    if pinned:
        check_sha256(archive, pinned, url)
        how = "release downloaded, checksum as locked"
    else:
        sums = download(entry["sums"].format(**fields)).decode()
        listed = {line.split()[-1].lstrip("*"): line.split()[0] for line in sums.splitlines()}
        file = url.rsplit("/", 1)[1]
        if file not in listed:
            raise failure("download", f"The release's checksum file does not list {file}.")
        check_sha256(archive, listed[file], url)
        how = "release downloaded, checksum from the release's own list (none is locked here)"
    put(target, member(archive, url, name), 0o755)
    return f"{entry['version']} {how}"


def _build(go: str, entry: dict[str, Any], folder: Path) -> None:
    """``go install`` after comparing the module's checksum with the locked one."""
    module = f"{entry['go_module']}@v{entry['version']}"
    listed = _go(go, ["mod", "download", "-json", module], {})
    found = parse_json(listed).get("Sum", "")
    if found != entry["go_sum"]:
        raise failure(
            "download",
            f"{module} has checksum {found}, but {entry['go_sum']} is locked; nothing was built.",
            where="tools.lock.toml",
        )
    folder.mkdir(parents=True, exist_ok=True)
    _go(go, ["install", f"{entry['go_package']}@v{entry['version']}"], {"GOBIN": str(folder)})


def _go(go: str, arguments: list[str], extra: dict[str, str]) -> str:
    run = subprocess.run(
        [go, *arguments], capture_output=True, text=True, env=os.environ | extra, cwd="/"
    )
    if run.returncode != 0:
        raise failure(
            "build",
            f"go {' '.join(arguments)} failed: {run.stderr.strip().splitlines()[-1:] or ['?']}.",
            remedy="Is the Go module proxy reachable?",
        )
    return run.stdout
