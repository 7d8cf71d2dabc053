"""Write the tables of inputs and outputs into the modules' README files, from their HCL.

`python -m terraform.readme` rewrites them; `--check` only says which are not current (exit 1).
Between the two markers everything is generated, around them people write.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hcl2

ROOT = Path(__file__).resolve().parent
START, END = "<!-- generated: inputs and outputs -->", "<!-- end of generated -->"


def blocks(folder: Path, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The labelled blocks of a kind in a folder's files, by name."""
    found: dict[str, dict[str, Any]] = {}
    for file in sorted(folder.glob("*.tf")):
        for block in hcl2.loads(file.read_text()).get(kind, []):
            for name, body in block.items():
                found[_plain(name)] = body
    yield from sorted(found.items())


def variable_source(folder: Path, name: str, key: str) -> str:
    """The text of one attribute of a variable as it is written, so that types read as typed."""
    text = (folder / "variables.tf").read_text()
    body = text[text.index(f'variable "{name}" {{') :]
    body = body[: body.index("\n}\n")]
    match = re.search(rf"^  {key}\s*= (.*?)(?=\n  \S|\n\n|\Z)", body, re.M | re.S)
    if match is None:
        return ""
    tail = body[match.start() :]
    lines = [tail.splitlines()[0].split("=", 1)[1].strip()]
    for line in tail.splitlines()[1:]:
        if _depth("\n".join(lines)) == 0:
            break
        lines.append(line.strip())
    return " ".join(lines).replace("{ ", "{ ").strip()


def table(folder: Path) -> str:
    """The generated part of a module's README."""
    lines = ["## Inputs", "", "| name | meaning | type | default |", "|---|---|---|---|"]
    for name, body in blocks(folder, "variable"):
        default = variable_source(folder, name, "default") if "default" in body else ""
        kind = _shorten(variable_source(folder, name, "type"))
        cells = [f"`{name}`", _plain(body["description"]), f"`{kind}`"]
        lines.append("| " + " | ".join([*map(_cell, cells), _default(body, default)]) + " |")
    lines += ["", "## Outputs", "", "| name | meaning |", "|---|---|"]
    for name, body in blocks(folder, "output"):
        lines.append(f"| `{name}` | {_cell(_plain(body['description']))} |")
    return "\n".join(lines)


def current(folder: Path) -> tuple[str, str]:
    """A folder's README as it is and as it has to be."""
    readme = (folder / "README.md").read_text()
    before, rest = readme.split(START)
    _, after = rest.split(END)
    return readme, f"{before}{START}\n{table(folder)}\n{END}{after}"


def folders() -> list[Path]:
    """Every module and stack that has a README."""
    return sorted(path.parent for path in ROOT.glob("*/*/README.md"))


def _depth(text: str) -> int:
    return sum(text.count(c) for c in "({[") - sum(text.count(c) for c in ")}]")


def _shorten(kind: str) -> str:
    # Commas are what a line break stands for in HCL's object types.
    text = re.sub(r"\s+", " ", kind)
    text = re.sub(r"(?<=[^\s({,]) (?=\w+ = )", ", ", text)
    return text.replace("({ ", "({ ")


def _default(body: dict[str, Any], written: str) -> str:
    return f"`{_cell(_shorten(written))}`" if "default" in body else "required"


def _plain(text: Any) -> str:
    return str(text).strip('"').replace('\\"', '"')


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m terraform.readme", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 when stale")
    check = parser.parse_args().check
    stale = [folder for folder in folders() if len(set(current(folder))) == 2]
    for folder in stale:
        print(f"{folder.relative_to(ROOT.parent)}/README.md {'is stale' if check else 'written'}")
        if not check:
            (folder / "README.md").write_text(current(folder)[1])
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
