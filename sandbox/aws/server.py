"""Serve the emulated AWS on a loopback port."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

from moto.core.base_backend import BackendDict
from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from sandbox.aws import gaps
from sandbox.aws.gaps import Context
from sandbox.aws.gateway import Gateway
from sandbox.aws.rotation import Schedule
from sandbox.aws.saving import Saver
from sandbox.ports import HOST


class Handler(MotoRequestHandler):
    """Sends an answer's head and body in one piece.

    Werkzeug sends them in two and closes. On a busy machine Terraform's provider lost one such
    answer in some thousands and asked again, and what was made twice was refused.
    """

    wbufsize = 1 << 16  # bytes; write() flushes after the body's first part

    def handle_expect_100(self) -> bool:
        """Ask for the body at once: boto3 waits a second for that."""
        goes_on = super().handle_expect_100()
        self.wfile.flush()
        del self.headers["Expect"]  # Werkzeug would ask once more
        return goes_on


@dataclass(slots=True)
class AwsServer:
    """The server of one emulated account: ``restore`` its state, then ``start`` serving it."""

    context: Context
    port: int
    _gateway: Gateway = field(init=False)
    _saver: Saver = field(init=False)
    _schedule: Schedule = field(init=False)
    _server: BaseWSGIServer | None = None
    _thread: threading.Thread | None = None

    def __post_init__(self) -> None:
        self._gateway = Gateway(self.context)
        self._saver = Saver(self.context, self._gateway.gate)
        self._schedule = Schedule(self.context)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def restore(self) -> None:
        """Bring the last state back, before anything looks at it or serves it."""
        gaps.load()
        self._saver.restore()
        self.context.resetters.append(BackendDict.reset)

    def start(self) -> None:
        """Listen, and save what changes from now on."""
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        self._server = make_server(
            HOST, self.port, self._gateway, threaded=True, request_handler=Handler
        )
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="aws", daemon=True
        )
        self._thread.start()
        self._saver.start()
        self._schedule.start()

    def save(self) -> None:
        """Write the state down before something that may take longer than there is time for."""
        self._saver.insist()

    def stop(self) -> None:
        """Answer no more, then save."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join(5)
            self._schedule.stop()
            self._saver.stop()
