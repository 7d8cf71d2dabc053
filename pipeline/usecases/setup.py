"""Setting up the locked tools, and saying how each came here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.adapters import tools
from pipeline.adapters.environments import VARIABLE, kept, uv_sync
from pipeline.adapters.install import binary, libraries
from pipeline.adapters.tools import Receipt
from pipeline.settings import SuiteConfig

INSTALLERS: dict[str, Callable[[str, dict[str, Any]], Receipt]] = {
    "binary": binary.install,
    "python": libraries.python_environment,
    "maven": libraries.jars,
    "npm": libraries.npm_file,
    "debian": libraries.debian_file,
    "chromium": libraries.chromium,
}


@dataclass(frozen=True, slots=True)
class Installed:
    """One tool and how it came to this machine; ``new`` when this run brought it."""

    name: str
    path: str
    how: str
    new: bool


def wanted(groups: set[str]) -> list[str]:
    """The tools of these groups (delivery, sandbox, dev), in the lock file's order."""
    return [name for name, entry in tools.lock().items() if groups & set(entry["groups"])]


def install(names: list[str]) -> Iterator[Installed]:
    """Set up each tool that has no valid receipt yet; a second call does nothing."""
    for name in names:
        receipt = tools.read_receipt(name)
        new = receipt is None
        if receipt is None:
            entry = tools.lock()[name]
            receipt = INSTALLERS[entry["kind"]](name, entry)
            tools.write_receipt(name, receipt)
        yield Installed(name, str(receipt.path), receipt.how, new)


def environments(root: Path, suites: list[SuiteConfig]) -> Iterator[Installed]:
    """Set up the environments that test suites keep, those that are missing."""
    for suite in suites:
        if not suite.lock or not (found := kept(root / suite.lock)):
            continue
        folder = Path(found[VARIABLE])
        if new := not (folder / "pyvenv.cfg").exists():
            uv_sync((root / suite.lock).parent, folder)
        yield Installed(f"tests of {suite.name}", str(folder), f"from {suite.lock}", new)
