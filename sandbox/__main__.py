"""`python -m sandbox`: the local AWS and the local GitHub from a shell.

``up`` starts them in the background (or here, with ``--foreground``), ``down`` stops them,
``status`` says what runs, ``env`` prints the lines a shell evaluates to use them.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from pipeline.errors import Exit, Failure
from sandbox import supervisor
from sandbox.client import Sandbox


def _up(given: argparse.Namespace) -> int:
    running = Sandbox.find(given.dir)
    if running is not None:
        print(f"The sandbox is already up.\n{_describe(running)}")
        return Exit.OK
    if given.foreground:
        command = ["--dir", str(given.dir), "--port-aws", str(given.port_aws)]
        command += ["--port-github", str(given.port_github)]
        return supervisor.main(command + [f"--only={name}" for name in given.only or []])
    started = time.monotonic()
    box = Sandbox.start(
        given.dir,
        port_aws=given.port_aws,
        port_github=given.port_github,
        only=given.only or (),
        detached=True,
    )
    print(f"The sandbox is up after {time.monotonic() - started:.1f} s.\n{_describe(box)}")
    return Exit.OK


def _down(given: argparse.Namespace) -> int:
    box = Sandbox.find(given.dir)
    if box is None:
        print("The sandbox is not running.")
        return Exit.OK
    box.stop()
    print("The sandbox is stopped; its state is kept.")
    return Exit.OK


def _status(given: argparse.Namespace) -> int:
    box = Sandbox.find(given.dir)
    if given.json:
        state = {"aws": box.aws_url, "github": box.github_url, "pids": box.pids} if box else {}
        print(json.dumps({"running": box is not None, **state}))
    else:
        print(_describe(box) if box else "The sandbox is not running.")
    return Exit.OK if box else Exit.FOUND


def _env(given: argparse.Namespace) -> int:
    box = Sandbox.find(given.dir)
    if box is None:
        print("The sandbox is not running: start it with `python -m sandbox up`.", file=sys.stderr)
        return Exit.USAGE
    for name, value in sorted(box.variables.items()):
        print(f"export {name}={shlex.quote(value)}")
    return Exit.OK


def _describe(box: Sandbox) -> str:
    lines = [f"  AWS     {box.aws_url}"] if box.aws_url else []
    if box.github_url:
        lines.append(f"  GitHub  {box.github_url}")
    return "\n".join([*lines, f"  state   {box.root}"])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, words in (
        ("up", _up, "start the servers"),
        ("down", _down, "stop them and wait until they are gone"),
        ("status", _status, "say what runs; exit code 1 when nothing does"),
        ("env", _env, "print export lines for a shell"),
    ):
        command = commands.add_parser(name, help=words)
        command.set_defaults(run=run)
        command.add_argument("--dir", type=Path, default=Path(".sandbox"), help="state folder")
        if name == "status":
            command.add_argument("--json", action="store_true")
        if name == "up":
            command.add_argument("--port-aws", type=int, default=0, help="default: free, kept")
            command.add_argument("--port-github", type=int, default=0, help="default: free, kept")
            command.add_argument("--foreground", action="store_true", help="stay in this terminal")
            command.add_argument("--only", choices=["aws", "github"], action="append")
    given = parser.parse_args(arguments)
    try:
        return int(given.run(given))
    except Failure as problem:
        print(problem, file=sys.stderr)
        return int(problem.exit_code)


if __name__ == "__main__":
    sys.exit(main())
