"""Git over HTTP: ``git http-backend`` as CGI, with the service's tokens at the door.

Reading needs ``contents: read``, pushing ``contents: write``. What a push may not do is handed to
the repository's ``update`` hook; what it did is found out afterwards and acted upon.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from sandbox.github import refs
from sandbox.github.hub import Hub
from sandbox.github.identity import STRANGER, BadCredentials, Identity, identify
from sandbox.github.pages.opening import COMPARE

CHUNK = 1 << 16


class GitHttp:
    """The endpoint below ``/OWNER/NAME.git/``."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._pushing = asyncio.Lock()

    async def __call__(self, request: Request) -> Response:
        rest = request.url.path.split("/", 3)[3]
        service = request.query_params.get("service", "") or rest.rpartition("/")[2]
        pushes = service == "git-receive-pack"
        try:
            by = identify(request.headers.get("authorization"), self._hub.state, self._hub.jobs)
        except BadCredentials:
            by = None
        if by is None and not pushes and self._hub.state.visibility == "public":
            by = None if "authorization" in request.headers else STRANGER
        if by is None:
            challenge = {"WWW-Authenticate": 'Basic realm="GitHub"'}
            return PlainTextResponse("Authentication required.\n", 401, challenge)
        if not by.may("contents", "write" if pushes else "read"):
            text = f"Permission to {request.path_params['owner']} denied to {by.login}.\n"
            return PlainTextResponse(text, 403)
        if pushes and request.method == "POST":
            async with self._pushing:
                response = await self._backend(request, rest, by)
                await run_in_threadpool(refs.observe, self._hub, by)
                return response
        return await self._backend(request, rest, by)

    async def _backend(self, request: Request, rest: str, by: Identity) -> Response:
        with self._hub.lock:
            refused = refs.refusals(self._hub, by)
        headers = request.headers
        env = {
            "PATH": os.environ.get("PATH", os.defpath),
            "GIT_PROJECT_ROOT": str(self._hub.repo.path),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_NOSYSTEM": "1",
            "HOME": str(self._hub.repo.path),
            "PATH_INFO": f"/{rest}",
            "QUERY_STRING": request.url.query,
            "REQUEST_METHOD": request.method,
            "CONTENT_TYPE": headers.get("content-type", ""),
            "HTTP_CONTENT_ENCODING": headers.get("content-encoding", ""),
            "GIT_PROTOCOL": headers.get("git-protocol", ""),
            "REMOTE_USER": by.login,
            "REMOTE_ADDR": "127.0.0.1",
            "SANDBOX_REFUSED": refused,
            "SANDBOX_GUARDS_WORKFLOWS": "" if by.may_change_workflows else "1",
            "SANDBOX_COMPARE": f"{self._hub.url}{COMPARE}/",
        }
        body = await request.body()
        if body:
            env["CONTENT_LENGTH"] = str(len(body))
        process = await asyncio.create_subprocess_exec(
            "git", "http-backend", env=env,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("git http-backend has no pipes")
        feeder = asyncio.create_task(_feed(process.stdin, body))
        status, found = await _head(process.stdout)
        if request.method == "POST" and rest.endswith("git-receive-pack"):
            # A push is over only when its last byte is: read all before looking at the refs.
            content = await process.stdout.read()
            await process.wait()
            await feeder
            return Response(content, status, found)
        return StreamingResponse(_rest(process, process.stdout, feeder), status, found)


async def _feed(stdin: asyncio.StreamWriter, body: bytes) -> None:
    try:
        stdin.write(body)
        await stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        pass  # git stopped reading: its answer says why
    finally:
        stdin.close()


async def _head(stdout: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    status, headers = 200, {}
    while line := (await stdout.readline()).decode("latin-1").strip():
        name, _, value = line.partition(":")
        if name.lower() == "status":
            status = int(value.split()[0])
        else:
            headers[name] = value.strip()
    return status, headers


async def _rest(
    process: asyncio.subprocess.Process, stdout: asyncio.StreamReader, feeder: asyncio.Task[None]
) -> AsyncIterator[bytes]:
    try:
        while chunk := await stdout.read(CHUNK):
            yield chunk
    finally:
        if process.returncode is None and not stdout.at_eof():
            process.kill()
        await process.wait()
        await feeder
