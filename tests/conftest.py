"""Which tests one process runs (those that share what is slow to set up), and their patience."""

from __future__ import annotations

import httpx
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

#: Seconds; httpx gives up after five, and a busy machine may take longer to answer.
for _wait in ("connect", "read", "write", "pool"):
    setattr(httpx._config.DEFAULT_TIMEOUT_CONFIG, _wait, 60.0)

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

    def _reschedule(self, node: WorkerController) -> None:
        # one test has to be left, or the process waits; xdist leaves two, and what is sent then
        # waits behind both, minutes where they are long
        if self.workqueue and self._pending_of(self.assigned_work[node]) > 1:
            return
        super()._reschedule(node)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together:
    return Together(config, log)
