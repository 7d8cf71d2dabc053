"""Serve the emulated AWS on a loopback port."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

from werkzeug.serving import BaseWSGIServer, make_server

from sandbox.aws.answers import StartResponse
from sandbox.aws.calls import Environ
from sandbox.aws.gaps import Context

HOST = "127.0.0.1"
log = logging.getLogger("sandbox.aws")


@dataclass(slots=True)
class AwsServer:
    """The server of one emulated account; ``start`` returns when it accepts connections."""

    context: Context
    port: int = 0
    _server: BaseWSGIServer | None = None
    _threads: list[threading.Thread] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Listen at once; moto's modules follow in the background, requests wait for them."""
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        from moto.moto_server.werkzeug_app import MotoRequestHandler

        from sandbox.aws import gaps
        from sandbox.aws.gateway import Gateway

        gaps.load()
        gateway = Gateway(self.context)

        def application(environ: Environ, start_response: StartResponse) -> object:
            return gateway(environ, start_response)

        self._server = make_server(
            HOST, self.port, application, threaded=True, request_handler=MotoRequestHandler
        )
        self.port = self._server.server_port
        serving = threading.Thread(target=self._server.serve_forever, name="aws", daemon=True)
        serving.start()
        self._threads.append(serving)

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        for thread in self._threads:
            thread.join(5)
