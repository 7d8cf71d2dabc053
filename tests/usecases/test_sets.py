"""Sets with an unknown element, as the real Terraform orders them before and after."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from pipeline.domain.coverage import cover
from pipeline.domain.exact import loads
from pipeline.domain.model import Plan
from pipeline.domain.plan import parse_plan
from tests.domain.plans import UNIT, record

pytestmark = pytest.mark.slow

MAIN = """
resource "terraform_data" "one" { input = "x" }

locals { id = terraform_data.one.id }

resource "terraform_data" "words" {
  input = { set = toset(["zz", "é", "A", "a\\nb", "", null, local.id]) }
}

resource "terraform_data" "blocks" {
  input = {
    set = toset([for k, x in { b = 1, a = 5, c = null, d = 1000 } : {
      k = k == "c" ? local.id : k, x = x, l = toset([k, "zz", local.id])
    }])
  }
}

output "maps" {
  value = toset([
    tomap({ a = "1" }), tomap({ a = "1", b = "2" }), tomap({}), tomap({ a = local.id })
  ])
}

output "lists" {
  value = toset([tolist(["z"]), tolist(["z", "b"]), tolist([]), tolist([local.id])])
}
"""


class Folder:
    """A folder of Terraform's own resources, with its state beside them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "main.tf").write_text(MAIN)
        self.run("init")

    def run(self, *words: str) -> str:
        command = ["terraform", *words]
        kept = {"PATH": os.environ["PATH"], "HOME": str(self.path)}
        done = subprocess.run(command, cwd=self.path, env=kept, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def plan(self) -> Plan:
        self.run("plan", "-input=false", "-out=tfplan")
        return parse_plan(loads(self.run("show", "-json", "tfplan")), UNIT)


def test_what_was_unknown_in_a_set_is_covered_wherever_it_goes(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    first = folder.plan()
    reviewed = record(first)
    places = {change.address: change for change in reviewed.record.changes}
    assert len(places["terraform_data.words"].sets) == 1
    assert len(places["terraform_data.blocks"].sets) == 5
    assert len(places["output.maps"].sets) == len(places["output.lists"].sets) == 1

    folder.run("apply", "-auto-approve", "-target=terraform_data.one")
    second = folder.plan()
    assert "terraform_data.one" not in [change.address for change in second.changes]
    verdict = cover(second, reviewed)
    assert verdict.covered, (verdict.uncovered, verdict.missing)

    folder.run("apply", "-auto-approve", "-target=terraform_data.blocks")
    assert cover(folder.plan(), reviewed).covered


def test_a_known_element_that_changed_is_not(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    reviewed = record(folder.plan())
    folder.run("apply", "-auto-approve", "-target=terraform_data.one")
    main = tmp_path / "main.tf"
    main.write_text(main.read_text().replace('"zz", "é"', '"zy", "é"'))
    verdict = cover(folder.plan(), reviewed)
    assert not verdict.covered
    assert {one.change.address for one in verdict.uncovered} == {"terraform_data.words"}
