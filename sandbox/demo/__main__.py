"""``make demo``: tell the story on this machine, in order, and leave nothing running."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from pipeline.errors import Failure
from sandbox.client import Sandbox
from sandbox.demo.actors import StoryError
from sandbox.demo.stage import Progress, Stage
from sandbox.demo.story import Story
from sandbox.demo.teller import Teller

CHECKOUT = Path(__file__).resolve().parents[2]


def main() -> int:
    """0 when all was told; 1 when something was not as told; 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--dir", type=Path, default=CHECKOUT / ".sandbox")
    parser.add_argument("--until", metavar="PART", help="stop after this part (a to h)")
    arguments = parser.parse_args()
    folder: Path = arguments.dir.resolve()
    progress = Progress.read(folder / "demo" / "told.json")
    if len(progress.told) == len(Story.PARTS) and Sandbox.find(folder) is None:
        shutil.rmtree(folder)  # it was told to the end: begin afresh
        progress.told.clear()
    (folder / "demo").mkdir(parents=True, exist_ok=True)
    tell = Teller(folder / "demo" / "story.log")
    for number in (signal.SIGINT, signal.SIGTERM):  # whoever ends it: it ends as after Ctrl-C
        signal.signal(number, signal.default_int_handler)
    try:
        return _tell(folder, progress, tell, arguments.until)
    except KeyboardInterrupt:
        tell.line("\nStopped. `make demo` goes on from here.")
        return 130
    finally:
        tell.close()


def _tell(folder: Path, progress: Progress, tell: Teller, until: str | None) -> int:
    tell.line("KnowledgeWeaver Delivery: the life of a deployment, on this machine alone.")
    with tell.doing("a local AWS and a local GitHub start"):
        box = Sandbox.start(folder)
    with box:
        tell.line(f"   GitHub: {box.github_url}/knowledgeweaver/delivery   AWS: {box.aws_url}")
        story = Story(Stage.open(box, CHECKOUT), tell)
        try:
            for letter, name in Story.PARTS.items():
                part: Callable[[], None] = getattr(story, name)
                if not progress.tell(name, part):
                    tell.line(f"{letter}. told before: {name}")
                if letter == until:
                    break
        except (StoryError, Failure) as error:
            tell.problem(str(error))
            tell.line(f"The log: {tell.log}; the servers' logs: {box.root / 'logs'}")
            return 1
        reports = sorted((box.root / "demo" / "reports").rglob("*.html"))
        tell.line(f"\nTold in {tell.elapsed / 60:.1f} minutes. Nothing is left running.")
        for report in reports[-1:]:
            tell.line(f"The HTML report: {report}")
        tell.line(f"The log: {tell.log}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
