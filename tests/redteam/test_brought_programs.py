"""Programs that a pull request brings along lie still: neither a provider nor a plugin of it runs.

Each story plants a program where the tool would look for one, and the guard is not asked.
"""

from __future__ import annotations

import base64
import hashlib
import platform
import subprocess
from pathlib import Path

import pytest

from pipeline.adapters import tools
from pipeline.adapters.terraform_settings import cli_config, environment
from pipeline.adapters.tflint import lint
from pipeline.errors import Failure
from tests.policies.conftest import POLICIES

STACK = "terraform/envs/web"
MACHINE = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
PROVIDER = "registry.terraform.io/hashicorp/aws"
HERE = f"{platform.system().lower()}_{MACHINE[platform.machine()]}"


def plant(file: Path, traces: Path) -> None:
    """A program that leaves a trace when it is started."""
    file.parent.mkdir(parents=True)
    file.write_text(f"#!/bin/sh\necho {file.name} >> {traces}\n")
    file.chmod(0o755)


def content_hash(folder: Path) -> str:
    """The hash that a lock file holds of an unpacked provider ("h1:", golang.org/x/mod/dirhash)."""
    lines = "".join(
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(folder)}\n"
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    )
    return "h1:" + base64.b64encode(hashlib.sha256(lines.encode()).digest()).decode()


@pytest.mark.slow
def test_a_provider_beside_the_configuration_is_not_taken_where_there_is_no_mirror(
    tmp_path: Path,
) -> None:
    traces, stack = tmp_path / "traces", tmp_path / "stack"
    folder = stack / "terraform.d/plugins" / PROVIDER / "5.100.0" / HERE
    plant(folder / "terraform-provider-aws_v5.100.0_x5", traces)
    (stack / "main.tf").write_text(
        'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n'
    )
    (stack / ".terraform.lock.hcl").write_text(
        f'provider "{PROVIDER}" {{\n  version = "5.100.0"\n'
        f'  hashes = ["{content_hash(folder)}"]\n}}\n'
    )
    config = tmp_path / "cli.tfrc"

    def terraform(text: str, *words: str) -> str:
        config.write_text(text)
        (tmp_path / "cache").mkdir(exist_ok=True)
        done = subprocess.run(
            [str(tools.locate("terraform")), *words],
            cwd=stack,
            env=environment({}, tmp_path / "data", config) | {"HTTPS_PROXY": "http://127.0.0.1:9"},
            capture_output=True,
            text=True,
        )
        return done.stdout + done.stderr

    ours = cli_config(None, tmp_path / "cache")
    assert "Installed" not in terraform(ours, "init", "-lockfile=readonly")
    terraform(ours, "providers", "schema", "-json")
    assert not traces.exists()
    # without that configuration Terraform takes it, and runs it
    assert "Installed" in terraform("", "init", "-lockfile=readonly")
    terraform("", "providers", "schema", "-json")
    assert traces.exists()


@pytest.mark.slow
def test_a_plugin_beside_the_configuration_is_not_run_by_tflint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = tools.locate("tflint")
    monkeypatch.setattr("pipeline.adapters.tflint.locate", lambda _name: real)
    monkeypatch.setenv("PIPELINE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("TFLINT_PLUGIN_DIR", raising=False)
    traces = tmp_path / "traces"
    plant(tmp_path / STACK / ".tflint.d/plugins/tflint-ruleset-terraform", traces)
    (tmp_path / STACK / "main.tf").write_text('terraform {\n  required_version = ">= 1"\n}\n')
    assert lint(tmp_path, STACK, POLICIES / "tflint.hcl", [f"{STACK}/main.tf"]).findings == ()
    assert not traces.exists()
    monkeypatch.setattr("pipeline.adapters.tflint._plugins", lambda: ".tflint.d/plugins")
    (tmp_path / STACK / "main.tf").write_text("# not from the cache\n")
    with pytest.raises(Failure):
        lint(tmp_path, STACK, POLICIES / "tflint.hcl", [f"{STACK}/main.tf"])
    assert traces.exists()
