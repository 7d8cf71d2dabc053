"""Numbered migrations of the stores: a file is written once and never changed after a release."""

from __future__ import annotations

import re
from importlib.resources import files


def migrations(store: str) -> list[tuple[int, tuple[str, ...]]]:
    """The migrations of a store in order, each with its number and its statements.

    Statements end with a semicolon at the end of a line; a line that begins with a space or with
    ``END`` belongs to the statement before it.
    """
    found = []
    for path in files(__package__).joinpath(store).iterdir():
        number = int(path.name.partition("_")[0])
        lines = [
            line for line in path.read_text().splitlines() if not line.startswith(("--", "//"))
        ]
        statements = re.split(r";\n(?=\S|\Z)(?!END)", "\n".join(lines) + "\n")
        found.append((number, tuple(s.strip() for s in statements if s.strip())))
    return sorted(found)
