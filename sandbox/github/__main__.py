"""``python -m sandbox.github``: serve the local GitHub, or seed a running one."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from pipeline.adapters.tools import locate
from pipeline.errors import Failure
from sandbox.actions.engine import SLOTS
from sandbox.github.app import Server, build
from sandbox.github.snapshot import SnapshotError
from sandbox.ports import HOST


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and do it; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.github", description=__doc__)
    parser.add_argument("--dir", type=Path, help="where the state lives (in its folder github)")
    parser.add_argument("--port", type=int, help="loopback port to listen on")
    parser.add_argument("--aws-url", default="", help="the local AWS that jobs talk to")
    parser.add_argument("--slots", type=int, default=SLOTS, help="jobs that run at a time")
    commands = parser.add_subparsers(dest="command")
    command = commands.add_parser("seed", help="make a checkout's commit the main branch")
    command.add_argument("path", type=Path)
    command.add_argument("--url", required=True, help="address of the running local GitHub")
    command.add_argument("--ref", default="HEAD")
    given = parser.parse_args(arguments)
    if given.command == "seed":
        return _seed(given.url, given.path, given.ref)
    if given.dir is None or given.port is None:
        parser.error("--dir and --port are required to serve")
    return _serve(given.dir / "github", given.port, given.aws_url, given.slots)


def _serve(folder: Path, port: int, aws_url: str, slots: int) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    try:
        description = locate("octokit-openapi")
    except Failure as failure:
        print(failure, file=sys.stderr)
        return int(failure.exit_code)
    try:
        app = build(folder, f"http://{HOST}:{port}", aws_url, description, slots)
    except SnapshotError as error:
        print(error, file=sys.stderr)
        return 2
    Server(app, port).run()
    return 0


def _seed(url: str, path: Path, ref: str) -> int:
    body = json.dumps({"path": str(path.resolve()), "ref": ref}).encode()
    request = urllib.request.Request(  # noqa: S310 - a loopback address the user gave
        f"{url.rstrip('/')}/_sandbox/seed", body, {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            print(json.load(answer)["sha"])
    except urllib.error.HTTPError as error:
        print(json.load(error)["message"], file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
