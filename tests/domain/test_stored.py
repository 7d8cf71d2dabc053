"""Which objects a stored state knows, by the addresses that Terraform tells."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from pipeline.adapters.tools import locate
from pipeline.domain.stored import Stored, live
from tests.terraform.stacks import terraform_env

KEYS = ["a", "größe", 'a "b"', "back\\slash", "${x}", "100%{y}", "two\nlines", "文"]


@pytest.mark.slow
def test_addresses_are_those_of_terraform_for_every_kind_of_key(tmp_path: Path) -> None:
    keys = json.dumps(KEYS, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
    (tmp_path / "main.tf").write_text(
        f"""
        resource "terraform_data" "by_key" {{ for_each = toset({keys}) }}
        resource "terraform_data" "by_number" {{ count = 2 }}
        resource "terraform_data" "alone" {{}}
        """
    )
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner/main.tf").write_text('resource "terraform_data" "inside" {}\n')
    (tmp_path / "module.tf").write_text(
        'module "it" {\n  for_each = toset(["x"])\n  source = "./inner"\n}\n'
    )

    def terraform(*words: str) -> str:
        command = [str(locate("terraform")), *words]
        environ = terraform_env(tmp_path / "data")
        done = subprocess.run(
            command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=True
        )
        return done.stdout

    terraform("init")
    terraform("apply", "-auto-approve")
    told = terraform("state", "list").splitlines()
    state = json.loads((tmp_path / "terraform.tfstate").read_text())
    assert sorted(one.address for one in live(state)) == sorted(told)


def test_neither_data_sources_nor_deposed_objects_live() -> None:
    thing = {"mode": "managed", "type": "aws_thing", "name": "it"}
    old = {"deposed": "ab", "attributes": {}}
    state = {
        "resources": [
            {
                **thing,
                "instances": [{"attributes": {"id": "2"}}, old],
            },
            {**thing, "mode": "data", "instances": [{"attributes": {"id": "3"}}]},
        ]
    }
    assert list(live(state)) == [Stored("aws_thing.it", "aws_thing", {"id": "2"})]
    assert list(live({})) == []
