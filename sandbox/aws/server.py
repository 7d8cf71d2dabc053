"""Serve the emulated AWS on a loopback port."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

from moto.core.base_backend import BackendDict
from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from sandbox.aws import gaps
from sandbox.aws.gaps import Context
from sandbox.aws.gateway import Gateway
from sandbox.aws.saving import Saver

HOST = "127.0.0.1"


@dataclass(slots=True)
class AwsServer:
    """The server of one emulated account; ``start`` returns when it accepts connections."""

    context: Context
    port: int = 0
    _server: BaseWSGIServer | None = None
    _thread: threading.Thread | None = None
    _saver: Saver | None = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Restore the last state, then listen."""
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        gaps.load()
        gateway = Gateway(self.context)
        self._saver = Saver(self.context, gateway.gate)
        self._saver.restore()
        self.context.resetters.append(BackendDict.reset)

        self._server = make_server(
            HOST, self.port, gateway, threaded=True, request_handler=MotoRequestHandler
        )
        self.port = self._server.server_port
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="aws", daemon=True
        )
        self._thread.start()
        self._saver.start()

    def stop(self) -> None:
        """Answer no more, then save."""
        if self._server is not None and self._thread is not None and self._saver is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join(5)
            self._saver.stop()
