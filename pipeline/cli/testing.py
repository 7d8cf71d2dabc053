"""``pipeline test``: run the test suites whose files a pull request touches."""

from __future__ import annotations

import subprocess
import time
from typing import Annotated, Any

import typer

from pipeline.adapters.child import child_environment
from pipeline.cli.context import Here
from pipeline.errors import Exit, failure

#: What a suite may know beside the list of every child: how its tools are set.
_SUITES = ("PYTHON", "UV_", "PIP_", "HYPOTHESIS_")


def run(
    here: Here,
    base: Annotated[str, typer.Option(help="Commit to compare with.")] = "HEAD^1",
    head: Annotated[str, typer.Option(help="Commit to test; has to be checked out.")] = "HEAD",
    nightly: Annotated[
        bool, typer.Option("--nightly", help="Run those instead that are too long for a change.")
    ] = False,
) -> Exit:
    """Run the configured suites ([[tool.pipeline.tests]]) of touched paths, without credentials."""
    from pipeline.adapters.environments import kept
    from pipeline.adapters.git import changed_paths, resolve
    from pipeline.usecases.estates import project

    suites = project(here.referee, here.root).tests
    if nightly:
        touched = [suite for suite in suites if suite.nightly]
    else:
        paths = changed_paths(here.root, resolve(here.root, base), resolve(here.root, head))
        touched = [s for s in suites if any(path.startswith(tuple(s.paths)) for path in paths)]
    results: list[dict[str, Any]] = []
    for suite in touched:
        own = kept(here.root / suite.lock) if suite.lock else {}
        started = time.monotonic()
        with here.out.step(f"Testing {suite.name}"):
            try:
                code = subprocess.run(
                    suite.command,
                    cwd=here.root,
                    env=child_environment(here.environ, *_SUITES) | own,
                    stdout=here.out.stderr if here.out.as_json else None,
                ).returncode
            except FileNotFoundError as error:
                raise failure(
                    "tool-missing", f"{suite.command[0]} of suite {suite.name!r} is not installed."
                ) from error
        seconds = round(time.monotonic() - started, 1)
        results.append({"name": suite.name, "passed": code == 0, "seconds": seconds})
        here.out.say(f"{suite.name}: {'passed' if code == 0 else 'FAILED'} in {seconds} s")
        if code:
            here.out.annotate("error", f"Test suite {suite.name} failed.", title=suite.name)
    if not touched:
        here.out.say("No test suite covers the changed files.")
    here.out.outputs(count=str(len(touched)))
    here.out.emit({"suites": results})
    return Exit.OK if all(result["passed"] for result in results) else Exit.FOUND
