"""``make sandbox``: a local AWS and a local GitHub, to play the whole life cycle by hand."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import threading
from pathlib import Path

from pipeline.errors import Failure
from sandbox.client import Sandbox
from sandbox.demo.actors import StoryError
from sandbox.demo.stage import Progress, Stage

CHECKOUT = Path(__file__).resolve().parents[1]

WORDS = """
The local AWS answers at    {aws}
The local GitHub shows      {github}/knowledgeweaver/delivery

Three commands to try in another terminal, in this folder:

  eval "$(.venv/bin/python -m sandbox env)"      # this shell talks to the local AWS and GitHub
  bin/pipeline status                            # what is deployed where
  bin/pipeline verify                            # is it what the repository says?

In the browser: open a pull request's page, approve and merge it, watch the deploy, approve an
environment, dispatch a destroy. The first pull request, by alice:
{pull}

For one of your own, clone as alice, change something and push a branch: the push says where to
open the pull request.

  git clone {clone}

Ctrl-C stops everything; `make sandbox` goes on from where it was.
"""


def main() -> int:
    """Start, prepare on first use, and wait for Ctrl-C."""
    parser = argparse.ArgumentParser(prog="make sandbox", description=__doc__)
    parser.add_argument("--dir", type=Path, default=CHECKOUT / ".sandbox")
    arguments = parser.parse_args()
    try:
        with Sandbox.start(arguments.dir) as box:
            stage = Stage.open(box, CHECKOUT)
            progress = Progress.read(stage.folder / "told.json")
            progress.tell("bootstrap", lambda: _prepare(stage))
            pull = stage.propose_dev()
            print(
                WORDS.format(
                    aws=box.aws_url,
                    github=box.github_url,
                    pull=pull["html_url"],
                    clone=stage.alice.clone.with_token(),
                )
            )
            _until_told_to_stop()
            print("Stopping …")
    except (StoryError, Failure) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _until_told_to_stop() -> None:
    """Wait for Ctrl-C or SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with contextlib.suppress(KeyboardInterrupt):
        stop.wait()


def _prepare(stage: Stage) -> None:
    print("First use: seeding the repository and bootstrapping the account (about a minute) …")
    stage.seed()
    stage.pipeline("bootstrap", "--reviewer", "bob")


if __name__ == "__main__":
    sys.exit(main())
