"""What ``bin/pipeline`` runs: of its checkout, nothing but the package ``pipeline`` is importable.

The files beside it judge nobody (:mod:`pipeline.domain.referee`), so a ``hmac.py`` among them must
not be Python's to find, neither before the standard library nor where a library asks for what may
not be installed. Hence Python's isolated mode, and one package by name in place of a search path.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

_ROOT = __file__.rpartition("/")[0].rpartition("/")[0] or "/"


class OnlyPipeline:
    """Finds the package ``pipeline`` and leaves all else to Python's own."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return PathFinder.find_spec(name, [_ROOT], target) if name == "pipeline" else None


if __name__ == "__main__":
    sys.meta_path.insert(0, OnlyPipeline)
    from pipeline.__main__ import start

    start()
