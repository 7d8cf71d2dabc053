"""Address translation and the image's own environment."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from ecs_estate import wait

from sandbox.ecs.container_health import ContainerHealth, argv
from sandbox.ecs.environment import translate
from sandbox.ecs.pace import Pace
from sandbox.images.store import Image, ImageConfig
from sandbox.neo4j.instances import secret_id

ADDRESSES = {"10.0.1.5:7687": "127.0.0.1:40001"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("bolt://10.0.1.5:7687", "bolt://127.0.0.1:40001"),
        ("bolt://10.0.1.5:7687/db?x=1", "bolt://127.0.0.1:40001/db?x=1"),
        ("bolt://110.0.1.5:7687", "bolt://110.0.1.5:7687"),
        ("bolt://10.0.1.5:76871", "bolt://10.0.1.5:76871"),
        ("bolt://10.0.1.55:7687", "bolt://10.0.1.55:7687"),
    ],
)
def test_only_the_whole_address_is_translated(value: str, expected: str) -> None:
    assert translate({"URI": value}, ADDRESSES) == {"URI": expected}


def test_an_images_paths_below_its_working_directory_become_real() -> None:
    config = ImageConfig(
        files="", workdir="/srv", env={"PYTHONPATH": "/srv/lib", "OTHER": "/srvx", "PATH": "/x"}
    )
    image = Image("i", config, Path("/store/i"), Path("/envs/e/bin"))
    values = image.environment()
    assert values["PYTHONPATH"] == "/store/i/rootfs/srv/lib"
    assert values["OTHER"] == "/srvx"
    assert values["PATH"].startswith("/envs/e/bin:")


def test_health_commands_run_as_arguments_or_in_a_shell() -> None:
    assert argv(["CMD", "python", "-c", "x"]) == ["python", "-c", "x"]
    assert argv(["CMD-SHELL", "a || b"]) == ["/bin/sh", "-c", "a || b"]
    assert argv(["a || b"]) == ["/bin/sh", "-c", "a || b"]


def test_a_healthy_container_is_asked_less_often_until_a_check_fails(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    script = f"echo >> {asked}; test ! -e {tmp_path}/ill"
    pace = Pace(scale=30, interval_floor=0.02, settled_floor=0.5)
    health = ContainerHealth(
        {"command": ["CMD-SHELL", script], "interval": 0.6, "retries": 2}, tmp_path, {}, pace
    )
    began = time.monotonic()
    health.start()
    try:
        wait(lambda: health.status == "HEALTHY", 5)
        time.sleep(0.7)
        times = len(asked.read_text().splitlines())
        assert times <= 2 + (time.monotonic() - began) / pace.settled_floor
        (tmp_path / "ill").touch()
        wait(lambda: health.status == "UNHEALTHY", 5)
    finally:
        health.stop()


def test_the_pace_divides_waits_but_never_below_what_a_process_needs() -> None:
    pace = Pace(scale=30)
    assert pace.interval(30) == 1
    assert pace.interval(5) == 0.25
    assert pace.settled_interval(30) == 5
    assert pace.settled_interval(300) == 10
    assert pace.start_period(120) == 30
    assert pace.start_period(3) == 3
    assert pace.drain(300) == 10
    assert Pace(scale=1).interval(30) == 30


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("#!/bin/sh\nNEO4J_SECRET_ID=arn:aws:x:secret:n-1\n", "arn:aws:x:secret:n-1"),
        ("IyEvYmluL3NoCmV4cG9ydCBORU80Sl9TRUNSRVRfSUQ9Im5lbyIK", "neo"),
        ("#!/bin/sh\n", ""),
    ],
)
def test_user_data_names_the_secret_plain_or_encoded(data: str, expected: str) -> None:
    assert secret_id(data) == expected
