"""The module neo4j as its contract calls it, without an account."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from tests.terraform.stacks import ENVS, MODULES
from tests.terraform.test_validations import terraform

MODULE = MODULES / "neo4j"


def called(folder: Path) -> dict[str, Any]:
    """What Terraform knows after a call from a folder: resources by address, outputs by name."""
    (folder / "terraform").symlink_to(MODULES.parent)
    shutil.copy(ENVS / "account" / ".terraform.lock.hcl", folder)
    shutil.copy(MODULE / "versions.tf", folder / "main.tf")
    contract = (MODULE / "tests" / "contract.tftest.hcl").read_text().split('run "')[0]
    run = 'run "it" {\n  module {\n    source = "./terraform/modules/neo4j"\n  }\n}\n'
    (folder / "it.tftest.hcl").write_text(contract + run)
    terraform(folder, "init")
    lines = map(json.loads, terraform(folder, "test", "-json", "-verbose").splitlines())
    [values] = [line["test_state"] for line in lines if line["type"] == "test_state"]
    return {
        **{item["address"]: item["values"] for item in values["root_module"]["resources"]},
        **{name: item["value"] for name, item in values["outputs"].items()},
    }
