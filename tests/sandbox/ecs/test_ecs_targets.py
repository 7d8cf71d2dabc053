"""Which target gets a request."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any, cast

import pytest
from ecs_estate import wait

from sandbox.ecs.backends import Backends
from sandbox.ecs.pace import Pace
from sandbox.ecs.targets import Targets


class Switch(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(type(self).status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


class Group:
    arn = "group"
    health_check_interval_seconds = 5
    health_check_timeout_seconds = 2
    health_check_path = "/"
    health_check_port = "traffic-port"
    healthy_threshold_count = 2
    unhealthy_threshold_count = 2
    matcher = {"HttpCode": "200"}  # noqa: RUF012
    attributes = {"deregistration_delay.timeout_seconds": 60}  # noqa: RUF012

    def __init__(self) -> None:
        self.targets: dict[str, Any] = {}

    def register(self, targets: list[dict[str, Any]]) -> None:
        self.targets |= {target["Id"]: target for target in targets}


@pytest.fixture
def targets() -> Iterator[Targets]:
    """One registered target, whose answer ``Switch.status`` decides."""
    Switch.status = 200
    server = ThreadingHTTPServer(("127.0.0.1", 0), Switch)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    backends = SimpleNamespace(elb=SimpleNamespace(target_groups={"group": Group()}))
    found = Targets(cast(Backends, backends), Pace(scale=100, interval_floor=0.02))
    found.place("10.0.0.1", 80, server.server_port)
    found.register("group", "10.0.0.1", 80)
    yield found
    found.stop()
    server.shutdown()
    server.server_close()


def until(targets: Targets, state: str) -> None:
    def reached() -> bool:
        targets.step()
        return targets.state("group", "10.0.0.1", 80)[0] == state

    wait(reached, 5)


def test_an_initial_target_gets_nothing_and_one_passed_check_makes_it_healthy(
    targets: Targets,
) -> None:
    assert targets.take("group") is None
    until(targets, "healthy")
    assert targets.take("group") is not None


def test_where_all_targets_are_unhealthy_all_of_them_get_requests(targets: Targets) -> None:
    until(targets, "healthy")
    Switch.status = 500
    until(targets, "unhealthy")
    _, reason, description = targets.state("group", "10.0.0.1", 80)
    assert reason == "Target.ResponseCodeMismatch"
    assert description == "Health checks failed with these codes: [500]"
    assert targets.take("group") is not None


def test_a_draining_target_gets_nothing_and_goes_when_its_last_request_is_answered(
    targets: Targets,
) -> None:
    until(targets, "healthy")
    taken = targets.take("group")
    assert taken is not None
    targets.deregister("group", "10.0.0.1", 80)
    assert targets.take("group") is None
    assert targets.draining("group", "10.0.0.1", 80)
    targets.give_back(taken[0])
    assert not targets.draining("group", "10.0.0.1", 80)
    assert targets.state("group", "10.0.0.1", 80)[0] == "unused"
