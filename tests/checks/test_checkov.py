"""The process around checkov: quiet, offline, and never silently incomplete."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from pipeline.adapters import checkov
from pipeline.adapters.tools import locate
from pipeline.errors import Failure
from tests.policies.conftest import POLICIES


@pytest.mark.slow
def test_a_file_that_is_no_plan_fails_instead_of_passing(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text("{broken")
    with pytest.raises(Failure) as caught:
        checkov.scan(POLICIES, {"a/b": file})
    assert caught.value.reason == "checkov"


@pytest.mark.slow
def test_a_check_that_cannot_be_imported_fails_the_run(tmp_path: Path) -> None:
    policies = tmp_path / "policies"
    shutil.copytree(POLICIES, policies, ignore=shutil.ignore_patterns("checks", "__pycache__"))
    (policies / "checks").mkdir()
    (policies / "checks/broken.py").write_text("import nothing_of_that_name\n")
    with pytest.raises(Failure, match="nothing_of_that_name"):
        checkov.scan(policies, {"a/b": tmp_path / "x.json"})


@pytest.mark.slow
def test_the_runner_cannot_open_a_connection(tmp_path: Path) -> None:
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks/caller.py").write_text(
        "import socket\nsocket.create_connection(('127.0.0.1', 9), timeout=1)\n"
    )
    done = subprocess.run(
        [str(locate("checkov-python")), str(POLICIES / "runner.py")],
        input=json.dumps({"plans": [], "checks": str(tmp_path / "checks")}),
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "the policy run opens no connection" in done.stderr


def test_a_first_deployment_has_no_prior_state() -> None:
    assert checkov.prior_document({"prior_state": {"values": {}}}) is None
    assert checkov.prior_document({}) is None
