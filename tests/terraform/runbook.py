"""Take the commands out of a page and run them, in the order and with the variables of the page."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_FENCE = re.compile(r"^```sh\n(.*?)^```$", re.M | re.S)
_ONLY_AWS = re.compile(r"<!-- aws only: (.+?) -->")
_VARIABLE = re.compile(r"^\s*(?:export )?([A-Z_]+)=", re.M)


@dataclass(frozen=True, slots=True)
class Block:
    """Commands of one fence; ``only_aws`` says why nothing but AWS can run them."""

    section: str
    number: int
    text: str
    only_aws: str


def blocks(page: str) -> list[Block]:
    """Every shell block of a page in Markdown, with the mark of the paragraph above it."""
    found = []
    for part in re.split(r"^## ", page, flags=re.M)[1:]:
        title, _, body = part.partition("\n")
        for number, match in enumerate(_FENCE.finditer(body)):
            above = body[: match.start()].rstrip().rpartition("\n")[2]
            mark = _ONLY_AWS.search(above)
            found.append(Block(title, number, match[1], mark[1] if mark else ""))
    return found


@dataclass(slots=True)
class Shell:
    """Runs blocks one after the other; what one sets the next one knows."""

    environment: Mapping[str, str]
    memory: Path
    ran: set[Block] = field(default_factory=set)

    def run(self, block: Block, **given: str) -> str:
        """What a block prints; ``given`` are variables that a person chooses. A failure raises."""
        names = " ".join(sorted(set(_VARIABLE.findall(block.text)) | set(given)))
        before = f". {self.memory}" if self.memory.exists() else ":"
        keep = f"declare -p {names} >>{self.memory}" if names else ":"
        chosen = "\n".join(f"{name}={value!r}" for name, value in given.items())
        script = f"set -euo pipefail\n{before}\n{chosen}\n{block.text}\n{keep}\n"
        done = subprocess.run(
            ["bash", "-c", script],
            env={
                "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
                "AWS_PAGER": "",
                "AWS_EC2_METADATA_DISABLED": "true",
                **self.environment,
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{block.text}\n{done.stdout}\n{done.stderr}"
        self.ran.add(block)
        return done.stdout
