"""What judges a pull request: the files by whose rules everything else is judged. No I/O.

A change of one of them is judged by the rules that stood before it, for every unit.
"""

from __future__ import annotations

import hashlib
import json
import tomllib

from pipeline.domain.nested import parse_toml
from pipeline.domain.tree import Tree

#: Where GitHub looks for the file, first found first ("About code owners").
CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")

_WHOLE = (
    ".github/actions",
    ".github/workflows",
    ".gitmodules",
    "bin",
    "pipeline",
    "policies",
    "tools.lock.toml",
    "uv.lock",
    "uv.toml",  # uv installs the command by it
    *CODEOWNERS,
)
_SETTINGS = "pyproject.toml"
#: The tables of that file which no job with a role reads: its dependencies, its build and uv's
#: settings decide what the command is made of, as ``[tool.pipeline]`` decides what it does.
_ASIDE = frozenset({"coverage", "mypy", "pytest", "ruff"})
_ATTRIBUTES = ".gitattributes"

#: Git pathspecs of all these files, and of some more: a part of pyproject.toml does not count.
REFEREE_PATHS = (
    *(f":(top,literal){path}" for path in (*_WHOLE, _SETTINGS)),
    f":(top,glob)**/{_ATTRIBUTES}",
)


def referee_digest(tree: Tree) -> str:
    """SHA-256 over the referee's files of a tree, in hexadecimal."""
    found = {path: tree.hash(path) for path in _WHOLE}
    found |= {
        path: tree.hash(path) for path in tree.files("") if path.rpartition("/")[2] == _ATTRIBUTES
    }
    text = json.dumps([sorted(found.items()), _settings(tree.read(_SETTINGS))])
    return hashlib.sha256(text.encode()).hexdigest()


def is_referee(path: str) -> bool:
    """Whether a file may be one of the referee's; of pyproject.toml not all is."""
    return (
        path == _SETTINGS
        or path.rpartition("/")[2] == _ATTRIBUTES
        or any(path == item or path.startswith(f"{item}/") for item in _WHOLE)
    )


def _settings(data: bytes | None) -> str:
    """pyproject.toml without the linters' tables; a file that is not TOML counts whole."""
    if data is None:
        return ""
    try:
        document = parse_toml(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return hashlib.sha256(data).hexdigest()
    tools = document.get("tool")
    if isinstance(tools, dict):
        document["tool"] = {name: table for name, table in tools.items() if name not in _ASIDE}
    return json.dumps(document, sort_keys=True, default=str)
