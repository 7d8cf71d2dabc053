"""`python -m sandbox.aws`: the emulated AWS in one process, with the ECS data plane beside it."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import threading
from pathlib import Path

from sandbox.aws.gaps import Context
from sandbox.aws.server import AwsServer
from sandbox.ecs.plane import DataPlane
from sandbox.layout import ACCOUNT, REGION, Layout


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox.aws", description=__doc__)
    parser.add_argument("--dir", type=Path, required=True, help="the sandbox's state folder")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument(
        "--oidc-jwks",
        default=os.environ.get("SANDBOX_OIDC_JWKS", ""),
        help="address of the keys of GitHub's OIDC issuer (environment: SANDBOX_OIDC_JWKS)",
    )
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    state = Layout(given.dir.resolve()).part("aws")
    state.mkdir(parents=True, exist_ok=True)
    server = AwsServer(Context(state, ACCOUNT, REGION, given.oidc_jwks), given.port)
    server.restore()
    plane = DataPlane(state.parent, ACCOUNT, REGION, endpoint=server.url)
    plane.start()
    server.start()
    print(f"AWS is at {server.url}", flush=True)
    stop.wait()
    server.save()  # what the plane runs may take longer to end than this process is given
    plane.stop()
    server.stop()


if __name__ == "__main__":
    main()
