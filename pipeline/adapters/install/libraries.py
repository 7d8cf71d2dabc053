"""Tools that are files or folders: checkov's environment, jars, packages' files, a browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pipeline.adapters.environments import uv_sync
from pipeline.adapters.install.fetch import (
    NoSuchSource,
    check_integrity,
    check_sha256,
    download,
    member,
    new_client,
    put,
)
from pipeline.adapters.tools import LOCK, Receipt, cache_dir, receipt_file
from pipeline.errors import failure


def python_environment(name: str, entry: dict[str, Any]) -> Receipt:
    """A project's own virtual environment from its lock, outside the checkout."""
    project = LOCK.parent / entry["project"]
    folder = cache_dir() / "tools" / name / receipt_file(name).stem
    uv_sync(project, folder, ["--no-dev"])
    return Receipt.of(
        folder / "bin" / "python", f"{entry['version']} from {entry['project']}/uv.lock"
    )


def jars(name: str, entry: dict[str, Any]) -> Receipt:
    """The jars of a pinned list (``<path> <sha256>`` a line), fetched eight at a time."""
    folder = cache_dir() / "tools" / name / receipt_file(name).stem
    lines = [line.split() for line in (LOCK.parent / entry["list"]).read_text().splitlines()]
    wanted = [(path, sha) for path, sha in (line for line in lines if len(line) == 2)]

    with new_client() as client:

        def one(item: tuple[str, str]) -> None:
            path, sha = item
            target = folder / path.rsplit("/", 1)[1]
            if not target.exists():
                data = download(entry["url"].format(path=path), client)
                check_sha256(data, sha, path)
                put(target, data)

        try:
            with ThreadPoolExecutor(8) as pool:
                list(pool.map(one, wanted))
        except NoSuchSource as error:
            raise _unreachable(name, error) from None
    return Receipt.of(folder, f"{len(wanted)} jars from Maven Central, checksums as locked")


def npm_file(name: str, entry: dict[str, Any]) -> Receipt:
    """One file out of an npm package."""
    url = entry["url"].format(version=entry["version"])
    try:
        archive = download(url)
    except NoSuchSource as error:
        raise _unreachable(name, error) from None
    check_integrity(archive, entry["integrity"], url)
    folder = cache_dir() / "tools" / name / str(entry["version"])
    target = put(
        folder / Path(entry["file"]).name, member(archive, url, f"package/{entry['file']}")
    )
    return Receipt.of(target, f"{entry['version']} from the npm registry, checksum as locked")


def debian_file(name: str, entry: dict[str, Any]) -> Receipt:
    """One file out of a Debian package: the machine's own apt brings it, else a download."""
    files = _from_apt(entry["package"])
    how = f"{entry['package']} as this machine's apt has it"
    if files is None:
        url = entry["url"].format(version=entry["version"])
        try:
            archive = download(url)
        except NoSuchSource as error:
            raise _unreachable(name, error) from None
        check_sha256(archive, entry["sha256"], url)
        files = _ar_member(archive, "data.tar")
        how = f"{entry['package']} {entry['version']} downloaded, checksum as locked"
    folder = cache_dir() / "tools" / name / str(entry["version"])
    data = member(files, entry["package"], f"./{entry['file']}")
    return Receipt.of(put(folder / Path(entry["file"]).name, data), how)


def _from_apt(package: str) -> bytes | None:
    """The files of the package that apt finds and checks, as a tar archive, or None."""
    if not shutil.which("apt-get"):
        return None
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)  # apt downloads as a user of its own
        for command in (["download", package], ["update", "-qq"], ["download", package]):
            subprocess.run(["apt-get", *command], check=False, capture_output=True, cwd=folder)
            if found := next(Path(folder).glob("*.deb"), None):
                unpack = ["dpkg-deb", "--fsys-tarfile", str(found)]
                return subprocess.run(unpack, check=True, capture_output=True).stdout
    return None


def _ar_member(archive: bytes, beginning: str) -> bytes:
    """The first member of an ar archive (deb(5)) whose name begins so."""
    place = len(b"!<arch>\n")
    while place < len(archive):
        head = archive[place : place + 60]  # name (16), …, size (10, at 48), end
        size = int(head[48:58])
        if head[:16].decode().startswith(beginning):
            return archive[place + 60 : place + 60 + size]
        place += 60 + size + size % 2
    raise failure("download", f"The archive holds no {beginning}*.")


def chromium(name: str, entry: dict[str, Any]) -> Receipt:
    """A Chromium: the machine's own, else Debian's package, else playwright's download."""
    for program in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(program):
            return Receipt.of(Path(found), "found on PATH")
    if shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=False, capture_output=True)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
            check=False,
            capture_output=True,
        )
        if found := shutil.which("chromium"):
            return Receipt.of(Path(found), "installed by apt-get")
    subprocess.run(
        [sys.executable, "-m", "playwright", "install", "chromium"],
        check=False,
        capture_output=True,
    )
    asked = subprocess.run(
        [
            sys.executable,
            "-c",
            "from playwright.sync_api import sync_playwright as s\n"
            "with s() as p: print(p.chromium.executable_path)",
        ],
        capture_output=True,
        text=True,
    )
    path = Path(asked.stdout.strip() or "/nonexistent")
    if not path.exists():
        raise failure(
            "tool-missing",
            "No Chromium was found, and neither apt-get nor playwright could install one.",
            remedy="Install chromium and run 'make setup' again.",
        )
    return Receipt.of(path, "downloaded by playwright")


def _unreachable(name: str, error: NoSuchSource) -> Exception:
    return failure(
        "download", f"{name} could not be downloaded: {error}.", remedy="Check the network."
    )
