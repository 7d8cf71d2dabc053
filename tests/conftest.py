"""Which tests one process runs (those that share what is slow to set up), and their patience."""

from __future__ import annotations

from functools import lru_cache

import botocore.session
import httpx
import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

#: Seconds; httpx gives up after five, and a busy machine may take longer to answer.
for _wait in ("connect", "read", "write", "pool"):
    setattr(httpx._config.DEFAULT_TIMEOUT_CONFIG, _wait, 60.0)

# Each command makes a session of its own, as in a process of its own, but the descriptions of
# AWS's services on the disk are the same for all of them: half a command's time here.
botocore.session.create_loader = lru_cache(botocore.session.create_loader)

# an example that takes long says that the machine is busy, not that the law is broken
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

#: One set-up for the folder: a local AWS, a plan of all fixtures.
TOGETHER = ("policies", "sandbox/aws", "sandbox/ecs")
#: These ask the same applied account, or the same call of the graph store's module.
SHARING = {
    "account": ("account", "applied", "identity", "roles"),
    "graph store": ("graph_store", "user_data"),
}


def group(file: str) -> str:
    """The group of a file below tests/: what it shares, its folder's, or the file itself."""
    for what, names in SHARING.items():
        if file in {f"terraform/test_{name}.py" for name in names}:
            return what
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


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--every-point", action="store_true", help="kill an apply at ten points instead of one"
    )
