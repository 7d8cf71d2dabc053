"""Which tests one process runs: those that share what is slow to set up."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
#: One set-up for the folder: a local AWS, a plan of all fixtures.
TOGETHER = ("policies", "sandbox/aws", "sandbox/ecs")
#: These ask the same applied account.
ACCOUNT = tuple(f"terraform/test_{name}.py" for name in ("account", "applied", "identity", "roles"))


def group(file: str) -> str:
    """The group of a file below tests/: its folder's, the account's, or the file itself."""
    if file in ACCOUNT:
        return "account"
    return next((folder for folder in TOGETHER if file.startswith(f"{folder}/")), file)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group(item.path.relative_to(HERE).as_posix())))
