"""All fixtures of this folder in one real plan."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.adapters.terraform_settings import config_file
from pipeline.adapters.tools import locate

HERE = Path(__file__).parent
POLICIES = HERE.parents[1] / "policies"

ROOT = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" {
  region                      = "ap-southeast-2"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
"""


def cases() -> list[Path]:
    return sorted(HERE.glob("ckv_kwd_*/*.tf"))


def own_rules() -> list[str]:
    """Our rules, in the order of their numbers; each has a folder of fixtures."""
    found = {case.parent.name.upper() for case in cases()}
    return sorted(found, key=lambda rule: int(rule.rsplit("_", 1)[1]))


def module(case: Path) -> str:
    return f"{case.parent.name}_{case.stem}"


def _in_state(name: str, kind: str, label: str, attributes: dict[str, Any]) -> dict[str, Any]:
    return {
        "module": f"module.{name}",
        "mode": "managed",
        "type": kind,
        "name": label,
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [{"schema_version": 0, "attributes": attributes}],
    }


def _state() -> dict[str, Any]:
    volume = {"id": "vol-1", "availability_zone": "ap-southeast-2a", "size": 10}
    return {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 1,
        "lineage": "00000000-0000-0000-0000-000000000000",
        "outputs": {},
        "resources": [
            _in_state("ckv_kwd_5_fail", "aws_ebs_volume", "fail_replaced", volume),
            _in_state("ckv_kwd_5_fail", "aws_s3_bucket", "fail_gone", {"id": "b", "bucket": "b"}),
            _in_state("ckv_kwd_5_suppressed", "aws_ebs_volume", "suppressed_replaced", volume),
            _in_state(
                "ckv_kwd_5_pass",
                "aws_sqs_queue",
                "pass_changed",
                {"id": "q", "name": "jobs", "fifo_queue": False, "visibility_timeout_seconds": 30},
            ),
            _in_state("ckv_kwd_5_pass", "aws_security_group", "pass_gone", {"id": "sg-1"}),
            _in_state(
                "ckv_kwd_5_unknown",
                "aws_sqs_queue",
                "unknown_tag",
                {"id": "m", "name": "mail", "fifo_queue": False},
            ),
        ],
    }


def plan_fixtures(root: Path, chosen: Sequence[Path] = ()) -> Path:
    """Plan fixtures (all of them) as modules of one root in ``root``; the plan's JSON file."""
    calls = []
    for case in chosen or cases():
        (root / module(case)).mkdir()
        shutil.copy(case, root / module(case) / "main.tf")
        calls.append(f'module "{module(case)}" {{\n  source = "./{module(case)}"\n}}\n')
    (root / "main.tf").write_text(ROOT + "\n".join(calls))
    (root / "terraform.tfstate").write_text(json.dumps(_state()))
    environ = os.environ | {"TF_CLI_CONFIG_FILE": str(config_file()), "TF_IN_AUTOMATION": "1"}

    def terraform(*arguments: str) -> str:
        command = [str(locate("terraform")), *arguments]
        done = subprocess.run(command, cwd=root, env=environ, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    # without it, init would put the provider into the shared cache anew, under others' feet
    shutil.copy(HERE.parents[1] / "terraform/envs/account/.terraform.lock.hcl", root)
    terraform("init", "-input=false", "-lockfile=readonly")
    terraform("plan", "-input=false", "-refresh=false", "-out=tfplan")
    file = root / "plan.json"
    file.write_text(terraform("show", "-json", "tfplan"))
    return file
