"""What a user names to be read: files, folders, and what lies under s3://bucket/prefix."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledgeweaver.command import Mistake
from knowledgeweaver.settings import Settings


@dataclass(frozen=True, slots=True)
class Given:
    """A document by its name. ``read`` brings its bytes, at most one more than may be read."""

    name: str
    read: Callable[[], bytes]


def given(paths: list[str], settings: Settings) -> list[Given]:
    """The documents that the paths name; raises Mistake."""
    most = settings.kw_max_document_bytes + 1
    found: dict[str, Given] = {}
    for path in paths:
        for one in _bucket(path, most) if path.startswith("s3://") else _folder(path, most):
            found[one.name] = one
    return list(found.values())


def _folder(path: str, most: int) -> Iterator[Given]:
    """A file, or all in a folder but what is hidden. A document is called by its path as given."""
    top = Path(path)
    if not top.exists():
        raise Mistake(f"there is no {path}")
    files = [top] if not top.is_dir() else sorted(top.rglob("*"))
    for file in files:
        hidden = any(part.startswith(".") for part in file.relative_to(top).parts)
        if file.is_file() and not hidden:
            # a name that is not UTF-8 is shown with its bytes: café.txt in Latin-1 is caf\\xe9.txt
            name = os.fsencode(file.as_posix()).decode("utf-8", "backslashreplace")
            yield Given(name, _reader(file, most))


def _reader(file: Path, most: int) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            with file.open("rb") as opened:
                return opened.read(most)
        except OSError as error:
            raise Mistake(f"{file}: {error.strerror}") from None

    return read


def _bucket(uri: str, most: int) -> Iterator[Given]:
    """Objects by their keys, as the server calls those that are uploaded."""
    # half a second to load, which only those should wait for who need it
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    try:
        client: Any = boto3.client("s3")
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [one["Key"] for page in pages for one in page.get("Contents", ())]
    except (BotoCoreError, ClientError) as error:
        raise Mistake(f"{uri}: {error}") from None

    def reader(key: str) -> Callable[[], bytes]:
        def read() -> bytes:
            try:
                with client.get_object(Bucket=bucket, Key=key)["Body"] as body:
                    data: bytes = body.read(most)
            except (BotoCoreError, ClientError) as error:
                raise Mistake(f"s3://{bucket}/{key}: {error}") from None
            return data

        return read

    for key in keys:
        if not key.endswith("/"):  # what consoles make as folders
            yield Given(key, reader(key))
