"""`python -m sandbox.aws`: the emulated AWS in one process, with the ECS data plane beside it."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import logging
import os
import signal
import threading
from pathlib import Path
from typing import Any

from sandbox.aws.gaps import Context
from sandbox.aws.server import AwsServer
from sandbox.layout import ACCOUNT, REGION, Layout


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox.aws", description=__doc__)
    parser.add_argument("--dir", type=Path, required=True, help="the sandbox's state folder")
    parser.add_argument("--port", type=int, default=0)
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
    server.start()
    plane = _data_plane(state.parent)
    if plane is not None:
        plane.start()
    print(f"AWS is at {server.url}", flush=True)
    stop.wait()
    if plane is not None:
        plane.stop()
    server.stop()


def _data_plane(root: Path) -> Any:
    """The ECS data plane beside moto, where it is installed."""
    if importlib.util.find_spec("sandbox.ecs.plane") is None:
        return None
    module = importlib.import_module("sandbox.ecs.plane")
    return module.DataPlane(root, ACCOUNT, REGION)


if __name__ == "__main__":
    main()
