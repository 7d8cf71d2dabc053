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
    *CODEOWNERS,
)
_SETTINGS = "pyproject.toml"
_ATTRIBUTES = ".gitattributes"

#: Git pathspecs of all these files, and of some more: ``[tool.pipeline]`` is a part of its file.
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
    """Whether a file may be one of the referee's; of pyproject.toml only a table is."""
    return (
        path == _SETTINGS
        or path.rpartition("/")[2] == _ATTRIBUTES
        or any(path == item or path.startswith(f"{item}/") for item in _WHOLE)
    )


def _settings(data: bytes | None) -> str:
    """The table ``[tool.pipeline]`` as text; a file that is not TOML counts whole."""
    if data is None:
        return ""
    try:
        table = parse_toml(data.decode()).get("tool", {}).get("pipeline")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError):
        return hashlib.sha256(data).hexdigest()
    return json.dumps(table, sort_keys=True, default=str)
