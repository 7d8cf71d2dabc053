"""Write the generated parts of docs/terraform.md: how the environments differ, and the modules.

`python -m terraform.guide` rewrites them; `--check` only says whether they are current (exit 1).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.adapters.tools import locate
from terraform.readme import ROOT, blocks

GUIDE = ROOT.parent / "docs" / "terraform.md"
STACK = ROOT / "envs" / "knowledgeweaver"
ENVIRONMENTS = ("dev", "staging", "prod")
#: The one variable that no file sets; any image will do to read the others.
IMAGE = f"123456789012.dkr.ecr.ap-southeast-2.amazonaws.com/knowledgeweaver:{'0' * 40}"


@cache
def settings(workspace: str) -> dict[str, Any]:
    """Every variable of a workspace as Terraform sees it, defaults filled in; by dotted path."""
    names = [name for name, _ in blocks(STACK, "variable")]
    wanted = f"jsonencode({{{', '.join(f'{name} = var.{name}' for name in names)}}})"
    with tempfile.TemporaryDirectory() as folder:
        for file in STACK.glob("variables*.tf"):  # no backend and no provider to start
            (Path(folder) / file.name).symlink_to(file)
        values = f"-var-file={STACK / workspace}.tfvars"
        done = subprocess.run(
            [str(locate("terraform")), "console", values, f"-var=image={IMAGE}"],
            cwd=folder,
            env={**os.environ, "TF_WORKSPACE": workspace, "CHECKPOINT_DISABLE": "1"},
            input=wanted,
            capture_output=True,
            text=True,
            check=True,
        )
    return dict(_leaves("", json.loads(json.loads(done.stdout))))


def environments() -> str:
    """A table of every setting that differs."""
    all_of = [settings(workspace) for workspace in ENVIRONMENTS]
    paths = sorted({path for found in all_of for path in found})
    lines = [f"| setting | {' | '.join(ENVIRONMENTS)} |", "|---|" + "---|" * len(ENVIRONMENTS)]
    for path in paths:
        values = [_said(found.get(path)) for found in all_of]
        if len(set(values)) > 1 and path != "environment":
            lines.append(f"| `{path}` | {' | '.join(values)} |")
    return "\n".join(lines)


def modules() -> str:
    """The stacks and what they call, with the first sentence of each module's README."""
    lines = []
    for stack in sorted((ROOT / "envs").iterdir()):
        workspaces = tomllib.loads((stack / "stack.toml").read_text())["workspaces"]
        lines.append(f"{stack.name} ({', '.join(workspaces)})")
        calls = [(name, _plain(body["source"])) for name, body in blocks(stack, "module")]
        for number, (name, source) in enumerate(calls):
            branch = "└──" if number == len(calls) - 1 else "├──"
            lines.append(f"{branch} {name:15} {_first_sentence((stack / source).resolve())}")
    return "```\n" + "\n".join(lines) + "\n```"


def current() -> tuple[str, str]:
    """The guide as it is and as it has to be."""
    is_there = text = GUIDE.read_text()
    for title, part in {"environments": environments(), "modules": modules()}.items():
        start, end = f"<!-- generated: {title} -->\n", "<!-- end of generated -->"
        before, rest = text.split(start)
        text = f"{before}{start}{part}\n{rest[rest.index(end) :]}"
    return is_there, text


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _leaves(f"{path}.{name}" if path else name, inner)
    else:
        yield path, value


def _said(value: Any) -> str:
    match value:
        case None | [] | {}:
            return "none"
        case True | False:
            return "yes" if value else "no"
        case str():
            return value.rpartition(":")[2] if value.startswith("arn:") else value
        case _:
            return json.dumps(value)


def _first_sentence(folder: Path) -> str:
    paragraph = (folder / "README.md").read_text().split("\n\n")[1]
    return re.split(r"(?<=[.:])\s", paragraph.replace("`", ""))[0].rstrip(".:")


def _plain(text: str) -> str:
    return text.strip('"')


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m terraform.guide", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 when stale")
    check = parser.parse_args().check
    is_there, has_to_be = current()
    if is_there == has_to_be:
        return 0
    print(f"{GUIDE.relative_to(ROOT.parent)} {'is stale' if check else 'written'}")
    if not check:
        GUIDE.write_text(has_to_be)
    return 1 if check else 0


if __name__ == "__main__":
    sys.exit(main())
