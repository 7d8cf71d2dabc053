"""Which tests one process runs: those that share what is slow to set up."""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

#: One set-up for the folder: a local AWS, a plan of all fixtures.
TOGETHER = ("policies", "sandbox/aws", "sandbox/ecs")
#: These ask the same applied account.
ACCOUNT = tuple(f"terraform/test_{name}.py" for name in ("account", "applied", "identity", "roles"))


def group(file: str) -> str:
    """The group of a file below tests/: its folder's, the account's, or the file itself."""
    if file in ACCOUNT:
        return "account"
    return next((folder for folder in TOGETHER if file.startswith(f"{folder}/")), file)


class Together(LoadScopeScheduling):
    """Sends a group's tests to one process."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid.partition("::")[0].removeprefix("tests/"))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together:
    return Together(config, log)
