"""How the story is told: a heading, what happens and why, and what was seen, with times."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape


class Teller:
    """Writes for people on the terminal, and the same in plain text to a log."""

    def __init__(self, log: Path) -> None:
        self._console = Console(highlight=False, soft_wrap=True)
        self._log = log.open("a", encoding="utf-8")
        self._start = time.monotonic()
        self.log = log

    def close(self) -> None:
        self._log.close()

    def chapter(self, letter: str, title: str, why: str) -> None:
        """Begin a part of the story."""
        self._say(f"\n[bold]{letter}. {escape(title)}[/bold]", f"\n{letter}. {title}")
        self._say(f"   [dim]{escape(why)}[/dim]", f"   {why}")

    def seen(self, fact: str) -> None:
        """Something that was checked and holds."""
        self._say(f"   [green]✓[/green] {escape(fact)}", f"   ok {fact}")

    def quote(self, text: str, lines: int = 14) -> None:
        """Show what a tool or a comment said, cut to some lines."""
        shown = text.strip().splitlines()
        for line in shown[:lines]:
            self._say(f"     [cyan]│[/cyan] {escape(line[:160])}", f"     | {line}")
        if len(shown) > lines:
            more = f"… {len(shown) - lines} more lines in the log"
            self._say(f"     [cyan]│[/cyan] [dim]{more}[/dim]", "     | …")
            self._log.write("\n".join(shown[lines:]) + "\n")

    def problem(self, text: str) -> None:
        self._say(f"   [red]✗[/red] {escape(text)}", f"   FAILED {text}")

    def line(self, text: str = "") -> None:
        self._say(escape(text), text)

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Show that something takes time, and how long it took."""
        start = time.monotonic()
        if sys.stdout.isatty():
            with self._console.status(f"   {escape(what)} …"):
                yield
        else:
            yield
        self._say(
            f"   [dim]{escape(what)}: {time.monotonic() - start:.0f} s[/dim]",
            f"   {what}: {time.monotonic() - start:.0f} s",
        )

    @property
    def elapsed(self) -> float:
        """Seconds since the story began."""
        return time.monotonic() - self._start

    def _say(self, rich_text: str, plain: str) -> None:
        self._console.print(rich_text)
        self._log.write(plain + "\n")
        self._log.flush()
