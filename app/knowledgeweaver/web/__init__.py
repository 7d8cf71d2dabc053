"""The page: its files as they are sent, read once, with what a browser may do with them.

They are open to everybody, since they hold nothing but the page; what it asks for wants the key.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

__all__ = ["routes"]

#: The folder of the page's files in its addresses.
PREFIX = "/web/"
#: Scripts, styles and answers come from here only, and nothing that stands inside the page runs.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_FOLDER = Path(__file__).parent
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".LICENSE": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file of the page; ``packed`` is the same by gzip, ``tag`` changes with the content."""

    media_type: str
    data: bytes = field(repr=False)
    packed: bytes = field(repr=False)
    tag: str

    @classmethod
    def read(cls, path: Path) -> File:
        data = path.read_bytes()
        tag = hashlib.sha256(data).hexdigest()[:32]
        return cls(_TYPES[path.suffix], data, gzip.compress(data, mtime=0), tag)

    def answer(self, request: Request) -> Response:
        """The file, or 304 where the browser has it."""
        packed = "gzip" in request.headers.get("accept-encoding", "")
        tag = f'"{self.tag}{"-gzip" if packed else ""}"'
        headers = {
            "ETag": tag,
            "Cache-Control": "no-cache",  # kept, but asked for again, so a new version is seen
            "Vary": "Accept-Encoding",
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        }
        known = request.headers.get("if-none-match", "").replace("W/", "")
        if tag in [one.strip() for one in known.split(",")]:
            return Response(status_code=304, headers=headers)
        if packed:
            headers["Content-Encoding"] = "gzip"
        return Response(self.packed if packed else self.data, 200, headers, self.media_type)


def routes() -> list[BaseRoute]:
    """The page at ``/`` and its files under ``/web/``.

    What is there is known at the start; no address ever becomes a path on the disk.
    """
    files = {
        path.relative_to(_FOLDER).as_posix(): File.read(path)
        for path in sorted(_FOLDER.rglob("*"))
        if path.suffix in _TYPES
    }
    page = files.pop("index.html")

    async def home(request: Request) -> Response:
        return page.answer(request)

    async def part(request: Request) -> Response:
        if (file := files.get(request.path_params["name"])) is None:
            raise HTTPException(404, "The page has no such file.")
        return file.answer(request)

    return [Route("/", home), Route(PREFIX + "{name:path}", part)]
