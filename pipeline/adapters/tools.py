"""Where the locked tools are on this machine.

``pipeline setup`` installs what ``tools.lock.toml`` names (see ``pipeline.adapters.install``) and
leaves one receipt a tool in the user's cache folder; this module only reads receipts, so finding
a tool costs one small file read and never starts a program.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.domain.nested import parse_json, parse_toml
from pipeline.errors import failure

LOCK = Path(__file__).resolve().parents[2] / "tools.lock.toml"


def cache_dir() -> Path:
    """The user's cache folder of this product: ``$PIPELINE_CACHE``, else below the XDG cache."""
    if own := os.environ.get("PIPELINE_CACHE"):
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "knowledgeweaver-delivery"


def platform_key() -> str:
    """``linux_amd64``, ``darwin_arm64``, …, in the spelling of release files."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    return f"{sys.platform}_{machine}"


@cache
def lock() -> dict[str, dict[str, Any]]:
    """The parsed ``tools.lock.toml`` of this checkout."""
    return parse_toml(LOCK.read_text())


@dataclass(frozen=True, slots=True)
class Receipt:
    """What setup found or made: the file to use, and how it came here."""

    path: Path
    how: str
    size: int
    mtime_ns: int

    @classmethod
    def of(cls, path: Path, how: str) -> Receipt:
        stat = path.stat()
        return cls(path, how, stat.st_size, stat.st_mtime_ns)

    def valid(self) -> bool:
        """Whether the file is still the one that setup checked."""
        try:
            stat = self.path.stat()
        except OSError:
            return False
        return self.path.is_dir() or (stat.st_size, stat.st_mtime_ns) == (self.size, self.mtime_ns)


def receipt_file(name: str) -> Path:
    """The receipt of a tool; its name changes with the tool's entry in the lock file."""
    import hashlib

    entry = dict(lock()[name])
    for key in ("list", "project"):  # what an entry points to is part of it
        if key in entry:
            pointed = LOCK.parent / entry[key]
            file = pointed / "uv.lock" if pointed.is_dir() else pointed
            entry[key] = file.read_bytes().hex() if file.is_file() else ""
    digest = hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()[:12]
    return cache_dir() / "tools" / f"{name}-{entry['version']}-{platform_key()}-{digest}.json"


def read_receipt(name: str) -> Receipt | None:
    """The valid receipt of a tool, or None."""
    try:
        raw = parse_json(receipt_file(name).read_text())
        receipt = Receipt(Path(raw["path"]), raw["how"], raw["size"], raw["mtime_ns"])
    except (OSError, ValueError, KeyError):
        return None
    return receipt if receipt.valid() else None


def write_receipt(name: str, receipt: Receipt) -> None:
    """Keep a receipt, atomically."""
    file = receipt_file(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_suffix(f".{os.getpid()}")
    temporary.write_text(
        json.dumps(
            {
                "path": str(receipt.path),
                "how": receipt.how,
                "size": receipt.size,
                "mtime_ns": receipt.mtime_ns,
            }
        )
    )
    temporary.replace(file)


def locate(name: str) -> Path:
    """The file (or folder, for libraries) of a locked tool.

    Raises Failure ``tool-missing`` when it was never set up, or has changed since.
    """
    receipt = read_receipt(name)
    if receipt is None:
        raise failure(
            "tool-missing",
            f"{name} {lock()[name]['version']} is not set up on this machine, "
            "or has changed since it was checked.",
            where="tools.lock.toml",
            remedy="Run 'make setup' (or 'pipeline setup --all').",
        )
    return receipt.path


def provider_mirror() -> Path | None:
    """A folder with unpacked Terraform providers, or None when they are to be downloaded.

    Taken from ``$PIPELINE_PROVIDER_MIRROR``, else the first folder at the usual places that holds
    ``registry.terraform.io/hashicorp/aws`` (the layout of ``terraform providers mirror``).
    """
    wanted = Path("registry.terraform.io/hashicorp/aws")
    if setting := os.environ.get("PIPELINE_PROVIDER_MIRROR"):
        mirror = Path(setting)
        if not (mirror / wanted).is_dir():
            raise failure(
                "bad-config",
                f"PIPELINE_PROVIDER_MIRROR is {setting}, but that folder holds no {wanted}.",
                remedy="Name a folder made by 'terraform providers mirror', or unset it.",
            )
        return mirror
    return _find_mirror(wanted)


@cache
def _find_mirror(wanted: Path) -> Path | None:
    home = Path.home()
    places = [
        home / ".terraform.d" / "plugins",
        home / ".local" / "share" / "terraform" / "plugins",
        Path("/usr/local/share/terraform/plugins"),
        Path("/usr/share/terraform/plugins"),
    ]
    for shelf in (Path("/opt"), Path("/usr/local"), Path("/usr/local/lib"), Path("/usr/lib")):
        try:
            places += sorted(entry for entry in shelf.iterdir() if entry.is_dir())
        except OSError:
            continue
    return next((place for place in places if (place / wanted).is_dir()), None)
