"""What stands before a database at RDS: TLS, and no connection without it where that is asked for.

PostgreSQL's documentation, "Message Flow, SSL Session Encryption": a client begins with an
SSLRequest; the server answers ``S`` and both go on inside TLS, or ``N``. The server behind speaks
no TLS, because the build that comes from PyPI has none.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable

SSL_REQUEST, GSS_REQUEST = 80877103, 80877104
#: RDS User Guide, "Requiring an SSL connection to a PostgreSQL DB instance": what a client is told.
REFUSED = 'no pg_hba.conf entry for host "127.0.0.1", no encryption'
CHUNK = 65536


class Front:
    """Listens on a port of the loopback and hands what it gets to another one."""

    def __init__(
        self, port: int, behind: int, context: ssl.SSLContext, tls_only: Callable[[], bool]
    ) -> None:
        self._behind, self._context, self._tls_only = behind, context, tls_only
        self._server = socket.create_server(("127.0.0.1", port), backlog=64)
        threading.Thread(target=self._accept, name="rds-front", daemon=True).start()

    def stop(self) -> None:
        # closing alone does not wake a thread that waits in accept
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as open_ones:
            open_ones.callback(client.close)
            head = _exactly(client, 8)
            while struct.unpack("!II", head) == (8, GSS_REQUEST):
                client.sendall(b"N")
                head = _exactly(client, 8)
            if struct.unpack("!II", head) == (8, SSL_REQUEST):
                client.sendall(b"S")
                client = open_ones.enter_context(
                    self._context.wrap_socket(client, server_side=True)
                )
                head = b""
            elif self._tls_only():
                client.sendall(_error("28000", REFUSED))
                return
            beyond = open_ones.enter_context(
                socket.create_connection(("127.0.0.1", self._behind), 10)
            )
            beyond.settimeout(None)
            beyond.sendall(head)
            back = threading.Thread(target=_copy, args=(beyond, client), daemon=True)
            back.start()
            _copy(client, beyond)
            back.join()


def _exactly(source: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = source.recv(count - len(data))
        if not piece:
            raise OSError("closed")
        data += piece
    return data


def _copy(source: socket.socket, target: socket.socket) -> None:
    """Until one of them ends, then end both: a session has no half."""
    with contextlib.suppress(OSError, ValueError):
        while data := source.recv(CHUNK):
            target.sendall(data)
    for one in (source, target):
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


def _error(code: str, message: str) -> bytes:
    """An ErrorResponse ("Message Formats")."""
    fields = "".join(
        f"{kind}{text}\0" for kind, text in (("S", "FATAL"), ("C", code), ("M", message))
    )
    body = fields.encode() + b"\0"
    return b"E" + struct.pack("!I", len(body) + 4) + body
