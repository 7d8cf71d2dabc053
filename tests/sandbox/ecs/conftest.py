"""One estate for all tests of the data plane: starting it is most of their time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ecs_estate import Estate, running_estate
from ecs_functions import push_image, role


@pytest.fixture(scope="session")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    with running_estate(tmp_path_factory.mktemp("sandbox")) as found:
        yield found


@pytest.fixture(scope="session")
def functions(estate: Estate) -> Estate:
    """The estate with one function image, the functions' log group and one role."""
    push_image(estate)
    estate.logs.create_log_group(logGroupName="/functions")
    role(estate, "runs")
    return estate


@pytest.fixture(scope="module")
def place(functions: Estate) -> Iterator[Estate]:
    """The estate of the functions, and a clock that runs fast."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SANDBOX_TIME_SCALE", "600")
        yield functions
