"""Hand credentials to Terraform by a door that closes with this process.

Terraform gets no key in its environment, only the address of a server on loopback and a token for
it (AWS SDKs: "Container credential provider"). What leaks from such an environment opens nothing
once the command has ended, and nothing at all from another machine.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class Broker:
    """A server on loopback that answers with ``current()``'s keys to whoever knows its token.

    ``current`` returns the SDKs' document: ``AccessKeyId``, ``SecretAccessKey`` and, for a role,
    ``Token`` and ``Expiration``. It is asked anew each time, so a refreshed session goes on.
    """

    def __init__(self, current: Callable[[], Mapping[str, str]]) -> None:
        token = secrets.token_urlsafe(32)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(current, token))
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, daemon=True).start()
        port = self._server.server_address[1]
        self.environment: Mapping[str, str] = {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{port}/credentials",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": token,
        }

    def close(self) -> None:
        """Stop answering; a process that ends does that by itself."""
        self._server.shutdown()
        self._server.server_close()


def _handler(current: Callable[[], Mapping[str, str]], token: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            given = self.headers.get("Authorization", "")
            if self.path != "/credentials" or not compare_digest(given.encode(), token.encode()):
                self.send_error(403)
                return
            body = json.dumps(dict(current())).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: what asks is Terraform, once for each part of it."""

    return Handler
