"""Downloads that are checked before anybody sees them."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import tarfile
import zipfile
from pathlib import Path

import httpx
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_exponential

from pipeline.errors import Failure, failure


class NoSuchSource(Exception):
    """The source cannot be reached from here; another one may do."""


@retry(
    retry=retry_if_exception_type(httpx.ReadTimeout),
    stop=stop_after_attempt(3),
    wait=wait_exponential(max=4),
    reraise=True,
)
def _get(client: httpx.Client, url: str) -> bytes:
    answer = client.get(url)
    answer.raise_for_status()
    return answer.content


def download(url: str, client: httpx.Client | None = None) -> bytes:
    """The bytes at an address. Raises NoSuchSource when it cannot be had."""
    try:
        if client is not None:
            return _get(client, url)
        with new_client() as own:
            return _get(own, url)
    except httpx.HTTPError as error:
        raise NoSuchSource(f"{url}: {type(error).__name__}: {error}") from None


def new_client() -> httpx.Client:
    """A client with time limits that a person can wait for."""
    return httpx.Client(follow_redirects=True, timeout=httpx.Timeout(60, connect=10))


def check_sha256(data: bytes, expected: str, what: str) -> None:
    """Raise Failure ``download`` unless the data has this SHA-256 (hex)."""
    found = hashlib.sha256(data).hexdigest()
    if found != expected.lower():
        raise wrong_checksum(what, found, expected)


def check_integrity(data: bytes, expected: str, what: str) -> None:
    """The same for an npm integrity string, ``sha512-<base64>``."""
    found = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
    if found != expected:
        raise wrong_checksum(what, found, expected)


def wrong_checksum(what: str, found: str, expected: str) -> Failure:
    """The failure for a download that is not what the lock file says."""
    return failure(
        "download",
        f"{what} has checksum {found}, but {expected} is locked; nothing was installed.",
        where="tools.lock.toml",
        remedy="Try again; if it stays so, somebody changed the release: do not use it.",
    )


def member(archive: bytes, name: str, member_name: str) -> bytes:
    """One file out of a zip or tar archive held in memory."""
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(archive)) as bundle:
            return bundle.read(member_name)
    with tarfile.open(fileobj=io.BytesIO(archive)) as bundle:
        handle = bundle.extractfile(member_name)
        if handle is None:
            raise failure("download", f"{name} holds no {member_name}.")
        return handle.read()


def put(path: Path, data: bytes, mode: int = 0o644) -> Path:
    """Write a file atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(data)
    temporary.chmod(mode)
    temporary.replace(path)
    return path
