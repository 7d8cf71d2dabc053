"""What instances are told at their first boot, held to what reads it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft4Validator, Draft202012Validator

from pipeline.adapters.tools import locate
from tests.terraform.graph_store import MODULE
from tests.terraform.schemas import AGENT
from tests.terraform.stacks import MODULES

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def files(user_data: str) -> dict[str, str]:
    """The files that it brings: path and text."""
    return {file["path"]: file["content"] for file in yaml.safe_load(user_data)["write_files"]}


def test_user_data_is_what_cloud_init_reads_and_ec2_takes(user_data: str) -> None:
    schema = Draft4Validator(json.loads(locate("cloud-init-schema").read_text()))
    document = yaml.safe_load(user_data)
    assert list(schema.iter_errors(document)) == []
    document["write_files"][0]["mode"] = "0755"
    assert len(list(schema.iter_errors(document))) == 1  # the schema does look
    assert len(user_data.encode()) <= 16_384


def test_a_comment_in_a_script_does_not_reach_the_instance(files: dict[str, str]) -> None:
    for path in MODULE.glob("files/*.sh"):
        written, arrives = path.read_text(), files[f"/opt/knowledgeweaver/{path.name}"]
        assert arrives.startswith("#!/bin/bash\n")
        kept = [line for line in written.splitlines() if not line.lstrip().startswith("# ")]
        assert arrives.splitlines() == kept
        subprocess.run(["bash", "-n"], input=arrives, text=True, check=True)


def test_what_systemd_is_told_fits_together(files: dict[str, str]) -> None:
    units = {path: text for path, text in files.items() if path.startswith("/etc/systemd/")}
    programs = [re.search("^ExecStart=(\\S+)", text, re.M) for text in units.values()]
    assert {found[1] for found in programs if found} == {
        "/opt/knowledgeweaver/health.sh",
        "/opt/knowledgeweaver/metrics.sh",
    }
    for timer in (path for path in units if path.endswith(".timer")):
        assert timer.replace(".timer", ".service") in units
        assert Path(timer).name in files["/opt/knowledgeweaver/boot.sh"]
    assert "RequiresMountsFor=/var/lib/neo4j/data\n" in "".join(units.values())


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="macOS has no systemd to ask")
def test_systemd_reads_its_units_without_a_complaint(files: dict[str, str], tmp_path: Path) -> None:
    package = {"/etc/systemd/system/neo4j.service": "[Service]\nExecStart=/opt/neo4j console\n"}
    for name, text in {**files, **package, "/opt/neo4j": ""}.items():
        path = tmp_path / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755 if name.startswith("/opt/") else 0o644)
    folder = tmp_path / "etc/systemd/system"
    units = [str(path) for path in folder.iterdir() if path.is_file()]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", f"--root={tmp_path}", *units],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_agent_publishes_what_alarms_are_told(
    files: dict[str, str], graph_store: dict[str, Any]
) -> None:
    agent = json.loads(files["/etc/knowledgeweaver/cloudwatch-agent.json"])
    assert list(Draft202012Validator(AGENT).iter_errors(agent)) == []
    metrics, told = agent["metrics"], graph_store["metrics"]
    memory, disk = (metrics["metrics_collected"][part] for part in ("mem", "disk"))
    assert told["memory_used_percent"] == {
        "namespace": metrics["namespace"],
        "name": memory["measurement"][0],
        "dimensions": memory["append_dimensions"],
    }
    # the agent adds the path and, as the device is dropped, the kind of file system
    assert [told[key]["dimensions"] for key in ("root_used_percent", "data_used_percent")] == [
        {**disk["append_dimensions"], "path": path, "fstype": "xfs"} for path in disk["resources"]
    ]


def test_the_agent_ships_logs_into_groups_that_are_there_and_may(
    files: dict[str, str], graph_store: dict[str, Any]
) -> None:
    agent = json.loads(files["/etc/knowledgeweaver/cloudwatch-agent.json"])
    shipped = agent["logs"]["logs_collected"]["files"]["collect_list"]
    groups = {item["log_group_name"] for item in shipped}
    assert groups == set(graph_store["log_groups"].values())
    streams = [(item["log_group_name"], item["log_stream_name"]) for item in shipped]
    assert len(set(streams)) == len(streams) == 6
    assert all("{instance_id}" in stream for _, stream in streams)
    policy = json.loads(graph_store["aws_iam_role_policy.this"]["policy"])["Statement"]
    [logs] = [statement for statement in policy if statement["Sid"] == "Logs"]
    prefix = "arn:aws:logs:ap-southeast-2:123456789012:log-group:"
    assert set(logs["Resource"]) == {f"{prefix}{group}:*" for group in groups}


def test_the_nat_instance_has_memory_enough_before_it_installs_anything() -> None:
    script = (MODULES / "vpc" / "nat.sh").read_text()
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)
    first = [line.split()[0] for line in script.splitlines() if line.strip()]
    assert first.index("mkswap") < first.index("swapon") < first.index("dnf")
