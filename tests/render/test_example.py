"""The example in the README and in docs/: what the pipeline makes of a real run's results.

The results in ``example/`` are those of the story's second push: the estate's first pull request
with a door to the database left open. ``python -m tests.render.test_example`` writes the texts.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from pipeline.results import load
from pipeline.results.verdict import judge
from pipeline.usecases.report import render

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WHOLE = ROOT / "docs" / "pull-request-comment.md"
README = ROOT / "README.md"
BEGIN, END = "<!-- the example begins -->\n", "<!-- the example ends -->\n"
LINK = "https://github.com/knowledgeweaver/delivery/actions/runs/1002"


def comment() -> str:
    """The comment on the results."""
    results = load(HERE / "example")
    with tempfile.TemporaryDirectory() as out:
        return render(judge(results), results, Path(out), LINK, "Create dev").comment


def excerpt() -> str:
    """What stands above the folded parts, as a quotation."""
    above = comment().partition("<details>")[0].strip().splitlines()
    shown = [line for line in above if not line.startswith("<!--")]
    return "".join(f"> {line}".rstrip() + "\n" for line in shown)


def readme() -> str:
    """The README with the excerpt in its place."""
    head, _, rest = README.read_text().partition(BEGIN)
    return f"{head}{BEGIN}{excerpt()}{rest[rest.index(END) :]}"


def test_the_readme_shows_what_the_pipeline_writes() -> None:
    assert README.read_text() == readme()


def test_the_whole_comment_in_the_docs_is_what_the_pipeline_writes() -> None:
    assert WHOLE.read_text() == comment()


if __name__ == "__main__":
    WHOLE.write_text(comment())
    README.write_text(readme())
