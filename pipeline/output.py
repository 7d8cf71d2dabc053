"""Everything a command says, in one place.

On a terminal lines are styled by rich; elsewhere they are plain. Under ``--json`` standard output
holds exactly one JSON document and the lines for people go to standard error. Under GitHub
Actions there are also annotations, step outputs and the step summary (GitHub's "Workflow
commands" reference). Whatever leaves the process goes through secret detection first, since a
run's log is read by more people than the values are for.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TextIO

from pipeline.errors import Failure, Problem

Level = Literal["error", "warning", "notice"]


@dataclass(slots=True)
class Output:
    """How a command speaks; made once per run and handed to the command."""

    as_json: bool = False
    github: bool = False
    environ: Mapping[str, str] = field(default_factory=dict)
    stdout: TextIO = field(default_factory=lambda: sys.stdout)
    stderr: TextIO = field(default_factory=lambda: sys.stderr)
    _emitted: bool = False

    @classmethod
    def for_process(cls, *, as_json: bool, github: bool, environ: Mapping[str, str]) -> Output:
        """The output on this process's own streams."""
        return cls(as_json=as_json, github=github, environ=environ)

    @property
    def terminal(self) -> bool:
        """Whether a person is watching: a terminal, no --json, no GitHub, colour not declined."""
        return self.stderr.isatty() and not self.github and "NO_COLOR" not in self.environ

    # -- for people ------------------------------------------------------------------------

    def say(self, text: str = "") -> None:
        """One line (or paragraph) for people."""
        told = self._clean(text) if text else text
        print(self._quoted(told), file=self.stderr if self.as_json else self.stdout, flush=True)

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A small table; aligned plain columns where no terminal is."""
        if self.terminal and not self.as_json:
            from rich.console import Console
            from rich.table import Table
            from rich.text import Text

            table = Table(title=title or None, title_justify="left")
            for column in columns:
                table.add_column(column)
            for row in rows:
                table.add_row(*(Text(cell) for cell in row))
            Console(file=self.stdout).print(table)
            return
        if title:
            self.say(title)
        widths = [max(len(row[i]) for row in [columns, *rows]) for i in range(len(columns))]
        for row in [columns, *rows]:
            cells = zip(row, widths, strict=True)
            self.say("  " + "  ".join(f"{cell:{width}}" for cell, width in cells).rstrip())

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Show that something long is going on: a spinner on a terminal, else one line."""
        if self.terminal:
            from rich.console import Console

            with Console(file=self.stderr).status(text):
                yield
            return
        print(self._quoted(f"{self._clean(text)} …"), file=self.stderr, flush=True)
        yield

    # -- for programs ----------------------------------------------------------------------

    def emit(self, document: Mapping[str, Any]) -> None:
        """The result of the command: printed under ``--json``, otherwise nothing."""
        if self.as_json:
            from pipeline.domain.secrets import known_from_environment, scrub_tree

            clean = scrub_tree(document, tuple(known_from_environment(self.environ)))
            text = json.dumps(clean, ensure_ascii=False)
            if self.github:
                text = text.replace("##[", "##\\u005b")  # within a string, and the same there
            print(_encodable(text), file=self.stdout, flush=True)
            self._emitted = True

    def outputs(self, **values: str) -> None:
        """Step outputs (``GITHUB_OUTPUT``); nothing outside GitHub."""
        path = self.environ.get("GITHUB_OUTPUT")
        if not (self.github and path):
            return
        import uuid

        with Path(path).open("a", encoding="utf-8", errors="backslashreplace") as file:
            for name, value in values.items():
                mark = f"end-{uuid.uuid4()}"  # a random mark cannot be forged by the value
                file.write(f"{name}<<{mark}\n{value}\n{mark}\n")

    def summary(self, markdown: str) -> None:
        """Add to the step summary, as much as GitHub takes; nothing outside GitHub."""
        path = self.environ.get("GITHUB_STEP_SUMMARY")
        if not (self.github and path):
            return
        from pipeline.render.fit import SUMMARY, cut

        file = Path(path)
        room = SUMMARY - (file.stat().st_size if file.exists() else 0) - 1
        text = cut(self._clean(markdown).rstrip("\n"), room, "the rest is in the run's artifacts.")
        if text:
            with file.open("a", encoding="utf-8", errors="backslashreplace") as opened:
                opened.write(f"{text}\n")

    def annotate(
        self, level: Level, message: str, file: str = "", line: int = 0, title: str = ""
    ) -> None:
        """An annotation on a line of the repository; nothing outside GitHub."""
        if not self.github:
            return
        places = {"file": file, "line": str(line) if line else "", "title": title}
        from pipeline.render.fit import ANNOTATION, clip
        from pipeline.render.visible import seen

        given = ",".join(f"{k}={_escape(seen(v), property_=True)}" for k, v in places.items() if v)
        head = f"::{level} {given}::" if given else f"::{level}::"
        text = _escape(clip(seen(self._clean(message)), ANNOTATION // 2))
        print(f"{head}{text}", file=self.stderr, flush=True)

    # -- failures --------------------------------------------------------------------------

    def failure(self, error: Failure) -> None:
        """Tell a failure: a sentence per problem, annotations, the JSON document."""
        problems = error.problems or (Problem(error.reason),)
        for problem in problems:
            if self.github:
                file, line = split_place(problem.where)
                text = str(problem) if not file else f"{problem.sentence} {problem.remedy}"
                self.annotate("error", text.strip(), file, line, error.reason)
            else:
                told = self._quoted(self._clean(f"pipeline: {problem}"))
                print(told, file=self.stderr, flush=True)
        if self.as_json and not self._emitted:
            self.emit(
                {
                    "reason": error.reason,
                    "problems": [
                        {
                            "sentence": self._clean(p.sentence),
                            "where": p.where,
                            "remedy": self._clean(p.remedy),
                        }
                        for p in problems
                    ],
                }
            )

    def close(self) -> None:
        """Flush; a reader that went away (``| head``) is not an error of ours."""
        for stream in (self.stdout, self.stderr):
            try:
                stream.flush()
            except (BrokenPipeError, ValueError):
                continue

    def _quoted(self, text: str) -> str:
        """Lines that the runner at GitHub reads as text, whatever they say, and a terminal too.

        A line that begins with ``::`` after blanks, or holds ``##[``, is a command to the runner
        (actions/runner, src/Runner.Common/ActionCommand.cs).
        """
        from pipeline.render.visible import seen

        text = seen(text.replace("\r\n", "\n"))
        if not self.github:
            return text
        lines = (line.replace("##[", "## [") for line in text.split("\n"))
        return "\n".join(f"> {x}" if x.lstrip().startswith("::") else x for x in lines)

    def _clean(self, text: str) -> str:
        from pipeline.domain.secrets import known_from_environment, scrub

        return scrub(text, known_from_environment(self.environ))[0]


def split_place(where: str) -> tuple[str, int]:
    """``file:line`` into its parts; ("", 0) when it names no file."""
    file, colon, line = where.rpartition(":")
    if colon and line.isdigit():
        return file, int(line)
    return (where, 0) if "/" in where and " " not in where else ("", 0)


def _encodable(text: str) -> str:
    """Half a surrogate pair has no UTF-8; it is told as an escape."""
    return text.encode("utf-8", "backslashreplace").decode()


def _escape(text: str, *, property_: bool = False) -> str:
    """GitHub's escapes for the data and the properties of a workflow command."""
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if property_ else text
