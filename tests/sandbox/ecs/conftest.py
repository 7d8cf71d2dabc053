"""One estate for all tests of the data plane: starting it is most of their time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ecs_estate import Estate, running_estate


@pytest.fixture(scope="session")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    with running_estate(tmp_path_factory.mktemp("sandbox")) as found:
        yield found
