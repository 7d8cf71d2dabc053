"""What is kept of the emulated AWS when it ends."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.aws import saving
from sandbox.aws.gaps import Context
from sandbox.aws.saving import TRIES, Gate, Saver
from sandbox.layout import ACCOUNT, REGION
from sandbox.ports import free_port
from sandbox.supervisor import healthy
from tests.sandbox.aws.conftest import _clients
from tests.waiting import until

#: An emulated AWS that is killed while what it runs takes its time to end.
KILLED = """
import os
from sandbox.aws import __main__ as aws
aws.DataPlane.stop = lambda _plane: os._exit(9)
aws.main()
"""


@pytest.mark.parametrize("times", [1, TRIES - 1])
def test_the_last_save_is_tried_again_where_the_state_is_in_motion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    saver = Saver(Context(tmp_path, ACCOUNT, REGION), Gate())
    moving = iter([True] * times)

    def dump(_context: Context) -> bytes:
        if next(moving, False):
            raise RuntimeError("dictionary changed size during iteration")
        return b"the state"

    monkeypatch.setattr(saving, "dump", dump)
    saver.stop()
    assert gzip.decompress(saver.path.read_bytes()) == b"the state"


def test_what_was_changed_last_is_kept_where_the_end_takes_too_long(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-c", KILLED, "--dir", str(tmp_path), "--port", str(port)]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        until(lambda: healthy(url), 60)
        _clients(url)("sns").create_topic(Name="changed-at-last")
        process.terminate()
        assert process.wait(60) == 9
    finally:
        process.kill()
    [saved] = tmp_path.rglob("moto-*.pickle.gz")
    assert b"changed-at-last" in gzip.decompress(saved.read_bytes())
