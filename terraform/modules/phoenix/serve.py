"""Starts Phoenix so that it lives below PHOENIX_HOST_ROOT_PATH without a proxy in front of it.

Phoenix hands that prefix to uvicorn, which puts it before every path, because it expects a proxy
that has cut it off. An Application Load Balancer cuts nothing off: a request for /phoenix/v1/traces
would become /phoenix/phoenix/v1/traces, which no route knows, so that a POST is answered with 405
and a GET with the page, status 200, whatever it asked for. Here the prefix is added where it is
missing and nowhere else: /phoenix/v1/traces (people, through the load balancer) and /v1/traces (the
application, inside the network) are the same, and /readyz answers the health check truthfully.

Runs as the container's command, `python3 -c`: the image has no shell and needs no other file.
"""

import os
import sys

import grpc.aio
import uvicorn

PREFIX = os.environ["PHOENIX_HOST_ROOT_PATH"]


class Prefixed:
    """The application below the prefix."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] in ("http", "websocket"):
            raw = scope["raw_path"].decode("latin-1")
            scope = {
                **scope,
                "root_path": PREFIX,
                "path": below(scope["path"]),
                "raw_path": below(raw).encode("latin-1"),
            }
        await self.app(scope, receive, send)


def below(path):
    """The path with the prefix once; the bare prefix means the page at its root."""
    if path == PREFIX:
        return PREFIX + "/"
    return path if path.startswith(PREFIX + "/") else PREFIX + path


class Config(uvicorn.Config):
    """uvicorn's settings: the prefix is Prefixed's, not uvicorn's."""

    def __init__(self, app, **settings):
        if settings.pop("root_path", None) != PREFIX:
            sys.exit("Phoenix gives uvicorn no prefix: serve.py does not fit this version.")
        super().__init__(Prefixed(app), **settings)


def loopback(*args, _server=grpc.aio.server, **kwargs):
    """Spans come by HTTP; the gRPC port, which cannot be turned off, is nobody's from outside."""
    server = _server(*args, **kwargs)
    add = server.add_insecure_port
    server.add_insecure_port = lambda address: add(address.replace("[::]", "127.0.0.1"))
    return server


if __name__ == "__main__":
    uvicorn.Config = Config
    grpc.aio.server = loopback
    sys.argv = ["phoenix", "serve"]
    from phoenix.server.main import main

    main()
