"""CSV and JSON to blocks: a record becomes "column: value" text that a search can find."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator

from knowledgeweaver.reading.blocks import Block, Heading, Paragraph, one_line
from knowledgeweaver.reading.text import Unreadable

_DELIMITERS = ",;\t|"
#: JSON that nests deeper is refused; Python's own reader gives up at about a thousand.
MAX_DEPTH = 100

Scalar = str | bool | None
Value = Scalar | list["Value"] | dict[str, "Value"]


def delimiter_of(text: str, *, sure: bool) -> str:
    """The delimiter of a CSV file, "" where the text is none.

    ``sure`` says that the name or the media type calls it CSV; else every line must have the same
    number of cells, none of which begins with a space as after the comma of a sentence, and the
    first line must look like a header.
    """
    lines = [line for line in text[:20_000].split("\n") if line.strip()][:30]
    if len(text) > 20_000:
        lines = lines[:-1]
    if len(lines) < (1 if sure else 3):
        return ""
    for delimiter in _DELIMITERS:
        try:
            rows = list(csv.reader(lines, delimiter=delimiter))
        except csv.Error:
            continue
        widths = Counter(map(len, rows))
        width, often = widths.most_common(1)[0]
        if width < 2:
            continue
        if sure and often * 2 >= len(rows):
            return delimiter
        header = [cell.strip() for cell in rows[0]]
        labels = all(0 < len(cell) <= 40 and cell[-1] not in ".!?:" for cell in header)
        spaced = any(cell[:1] == " " for row in rows for cell in row[1:])
        if len(widths) == 1 and labels and len(set(header)) == width and not spaced:
            return delimiter
    return ""


def read_csv(text: str, delimiter: str) -> list[Block]:
    """A paragraph a row; raises Unreadable (damaged) where the quoting is broken."""
    blocks: list[Block] = []
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        header = [one_line(cell) for cell in next(rows, [])]
        for row in rows:
            cells = [" ".join(cell.split()) for cell in row]
            named = [
                f"{header[column]}: {cell}" if column < len(header) and header[column] else cell
                for column, cell in enumerate(cells)
                if cell
            ]
            if named:
                blocks.append(Paragraph("; ".join(named)))
    except csv.Error as error:
        raise Unreadable("damaged", f"the CSV is broken: {error}") from error
    return blocks or [Paragraph("; ".join(header))]


def json_value(text: str) -> tuple[bool, Value]:
    """(True, value) for JSON or JSON Lines, (False, None) for anything else.

    Numbers stay as they are written. Raises Unreadable (too-large) where it nests too deep.
    """
    body = text.strip()
    if not body.startswith(("{", "[")):
        return False, None
    try:
        return True, _load(body)
    except ValueError:
        pass
    lines = [line for line in body.split("\n") if line.strip()]
    if len(lines) < 2 or not all(line.lstrip().startswith(("{", "[")) for line in lines):
        return False, None
    try:
        return True, [_load(line) for line in lines]
    except ValueError:
        return False, None


def _load(text: str) -> Value:
    try:
        value: Value = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except RecursionError as error:
        raise Unreadable("too-large", f"JSON nests deeper than {MAX_DEPTH}") from error
    return value


def read_json(value: Value) -> tuple[str, list[Block]]:
    """The title ("" where it has none) and the blocks.

    Objects inside objects become sections; an object of only simple values, as in a list of
    records, becomes one paragraph.
    """
    title = ""
    if isinstance(value, dict):
        for key in ("title", "name"):
            if isinstance(value.get(key), str):
                title = title or str(value[key])
    return title, list(_walk(value, "", 1))


def _walk(value: Value, key: str, depth: int) -> Iterator[Block]:
    if depth > MAX_DEPTH:
        raise Unreadable("too-large", f"JSON nests deeper than {MAX_DEPTH}")
    if isinstance(value, dict):
        simple = {name: _simple(part) for name, part in value.items() if _simple(part)}
        if simple:
            yield Paragraph("; ".join(f"{name}: {part}" for name, part in simple.items()))
        for name, part in value.items():
            if isinstance(part, dict | list) and name not in simple:
                yield Heading(name, min(depth, 6))
                yield from _walk(part, name, depth + 1)
    elif isinstance(value, list):
        for part in value:
            yield from _walk(part, key, depth + 1)
    elif shown := _simple(value):
        yield Paragraph(shown)


def _simple(value: Value) -> str:
    """How a simple value, or a list of simple values, is written in a sentence; "" for others."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ", ".join(part.strip() for part in value if isinstance(part, str))
    return ""
