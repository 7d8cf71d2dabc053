"""One request through a load balancer: HTTP/1.1 in, HTTP/1.1 out, bodies as streams."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass

import h11

from sandbox.ecs.rules import Request

CHUNK = 65536
HOP = {b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"upgrade"}

Answer = tuple[int, list[tuple[bytes, bytes]], bytes]


@dataclass(frozen=True, slots=True)
class Forward:
    """Send the request to this loopback port; ``done`` is called when it is answered."""

    port: int
    done: Callable[[], None]


Router = Callable[[Request], Answer | Forward]


def plain(status: int, reason: str) -> Answer:
    """An answer in the shape of the load balancer's own error pages."""
    title = f"{status} {reason}"
    body = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
        f"<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    ).encode()
    return status, [(b"server", b"awselb/2.0"), (b"content-type", b"text/html")], body


class Exchange:
    """Serves one client connection, request after request."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        router: Router,
        idle_timeout: float,
    ) -> None:
        self._reader, self._writer, self._router = reader, writer, router
        self._idle = idle_timeout
        self._client = h11.Connection(h11.SERVER)

    async def serve(self) -> None:
        """Until the client goes, or a request or answer cannot be framed."""
        while True:
            try:
                event = await self._next(self._client, self._reader)
            except h11.RemoteProtocolError:
                await self._answer(plain(400, "Bad Request"), close=True)
                return
            if not isinstance(event, h11.Request):
                return
            await self._one(event)
            if self._client.our_state is not h11.DONE or self._client.their_state is not h11.DONE:
                return
            self._client.start_next_cycle()

    async def _one(self, head: h11.Request) -> None:
        headers = {name.decode(): value.decode("latin-1") for name, value in head.headers}
        request = Request(
            head.method.decode(), head.target.decode("latin-1"), headers.get("host", ""), headers
        )
        route = self._router(request)
        if not isinstance(route, Forward):
            await self._discard()
            await self._answer(route)
            return
        try:
            await self._forward(head, route.port)
        finally:
            route.done()

    async def _forward(self, head: h11.Request, port: int) -> None:
        try:
            reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), 10)
        except TimeoutError:
            return await self._answer(plain(504, "Gateway Time-out"), close=True)
        except OSError:
            return await self._answer(plain(502, "Bad Gateway"), close=True)
        target = h11.Connection(h11.CLIENT)
        upload = asyncio.ensure_future(self._upload(head, target, writer))
        try:
            await self._download(target, reader)
        except TimeoutError:
            await self._failed(plain(504, "Gateway Time-out"))
        except (OSError, h11.RemoteProtocolError):
            await self._failed(plain(502, "Bad Gateway"))
        finally:
            if self._client.their_state is h11.DONE:
                with contextlib.suppress(OSError, h11.ProtocolError):
                    await upload
            upload.cancel()
            writer.close()
        return None

    async def _upload(
        self, head: h11.Request, target: h11.Connection, writer: asyncio.StreamWriter
    ) -> None:
        headers = [(n, v) for n, v in head.headers if n not in HOP]
        headers += [
            (b"x-forwarded-for", b"127.0.0.1"),
            (b"x-forwarded-proto", b"http"),
            (b"connection", b"close"),
        ]
        event: h11.Event = h11.Request(method=head.method, target=head.target, headers=headers)
        while True:
            if data := target.send(event):
                writer.write(data)
                await writer.drain()
            if isinstance(event, h11.EndOfMessage):
                return
            event = await self._next(self._client, self._reader)
            if not isinstance(event, h11.Data | h11.EndOfMessage):
                return

    async def _download(self, target: h11.Connection, reader: asyncio.StreamReader) -> None:
        while True:
            event = await asyncio.wait_for(self._next(target, reader), self._idle)
            if isinstance(event, h11.InformationalResponse):
                continue
            if isinstance(event, h11.ConnectionClosed):
                raise h11.RemoteProtocolError("target closed the connection")
            if isinstance(event, h11.Response):
                headers = [(n, v) for n, v in event.headers if n not in HOP]
                event = h11.Response(
                    status_code=event.status_code, headers=headers, reason=event.reason
                )
            await self._send(event)
            if isinstance(event, h11.EndOfMessage):
                return

    async def _failed(self, answer: Answer) -> None:
        """Before the head of an answer an error page can still be sent; after it only an end."""
        if self._client.our_state is h11.SEND_RESPONSE:
            await self._answer(answer, close=True)
        else:
            self._writer.close()

    async def _answer(self, answer: Answer, *, close: bool = False) -> None:
        status, headers, body = answer
        headers = [*headers, (b"content-length", str(len(body)).encode())]
        if close:
            headers.append((b"connection", b"close"))
        with contextlib.suppress(h11.LocalProtocolError):
            await self._send(h11.Response(status_code=status, headers=headers))
            await self._send(h11.Data(data=body))
            await self._send(h11.EndOfMessage())

    async def _discard(self) -> None:
        while not isinstance(
            await self._next(self._client, self._reader), h11.EndOfMessage | h11.ConnectionClosed
        ):
            pass

    async def _send(self, event: h11.Event) -> None:
        if data := self._client.send(event):
            self._writer.write(data)
            await self._writer.drain()

    async def _next(self, connection: h11.Connection, reader: asyncio.StreamReader) -> h11.Event:
        while True:
            event = connection.next_event()
            if event is h11.PAUSED:
                return h11.ConnectionClosed()
            if event is not h11.NEED_DATA:
                return event  # type: ignore[return-value]
            if connection is self._client and connection.they_are_waiting_for_100_continue:
                await self._send(h11.InformationalResponse(status_code=100, headers=[]))
            connection.receive_data(await reader.read(CHUNK))


async def handle(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    router: Router,
    idle_timeout: float,
) -> None:
    """Serve a connection and close it whatever happens."""
    try:
        await Exchange(reader, writer, router, idle_timeout).serve()
    except (OSError, h11.ProtocolError):
        return
    finally:
        writer.close()
