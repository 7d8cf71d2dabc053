"""The HTTP API over which a function's process takes its event and gives its answer.

AWS ("Using the Lambda runtime API for custom runtimes"): GET /runtime/invocation/next gives the
event, POST /runtime/invocation/ID/response and …/error take the outcome, POST /runtime/init/error
says that the process could not start. Here each process serves one event.
"""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PREFIX = "/2018-06-01/runtime"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a function answered: a JSON text, and whether it is an error's description."""

    payload: str
    failed: bool


@dataclass(slots=True)
class RuntimeApi:
    """Serves one event to one process."""

    event: str
    arn: str
    seconds: float  # that the function has
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    outcome: Outcome | None = None
    _done: threading.Event = field(default_factory=threading.Event)
    _taken: threading.Event = field(default_factory=threading.Event)
    _server: ThreadingHTTPServer = field(init=False)

    @property
    def address(self) -> str:
        """The value of AWS_LAMBDA_RUNTIME_API, once it serves."""
        return f"127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> RuntimeApi:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="runtime-api", daemon=True
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._server.shutdown()
        self._server.server_close()

    def wait(self, seconds: float) -> bool:
        """Whether the outcome is there, waiting for it so long."""
        return self._done.wait(seconds)

    def next(self) -> dict[str, str] | None:
        """The event's headers; None when there is no further event and never will be."""
        if self._taken.is_set():
            self._done.wait()
            return None
        self._taken.set()
        return {
            "Lambda-Runtime-Aws-Request-Id": self.request_id,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + self.seconds) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": self.arn,
        }

    def finish(self, payload: str, *, failed: bool) -> None:
        """The first outcome counts."""
        if self.outcome is None:
            self.outcome = Outcome(payload, failed)
        self._done.set()


def _handler(api: RuntimeApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path != f"{PREFIX}/invocation/next":
                return self._send(404, b"{}")
            headers = api.next()
            if headers is None:
                return self._send(410, b"{}")
            return self._send(200, api.event.encode(), headers)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            mine = f"{PREFIX}/invocation/{api.request_id}"
            match self.path:
                case path if path == f"{mine}/response":
                    api.finish(body, failed=False)
                case path if path in (f"{mine}/error", f"{PREFIX}/init/error"):
                    api.finish(body, failed=True)
                case _:
                    return self._send(404, b"{}")
            return self._send(202, b'{"status":"OK"}')

        def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Events stay out of the sandbox's log."""

    return Handler
