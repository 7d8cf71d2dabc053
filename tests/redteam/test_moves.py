"""State that changes without a difference of values: shown, applied, and gone from the next plan.

The rules of coverage for moves, imports and leftovers are in tests/domain/stories.py, when a plan
is empty in tests/domain/test_plan.py. Here the commands run with Terraform itself.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.usecases.conftest import STACK, Repository

pytestmark = pytest.mark.usefixtures("stores")
X = f"{STACK}/x.tf"


def deploy(values: Repository, text: str) -> str:
    """Commit a file and deploy it as a person alone does; what the plan said before."""
    values.write(X, text)
    values.commit()
    told = values.pipeline("plan", "shelf/dev")
    assert told.code == 0, told.err
    settled = values.deploy()
    assert settled.code == 0, settled.err
    return told.out


def shown(values: Repository) -> list[dict[str, Any]]:
    """The changes in the public result of the last plan."""
    file = values.root / ".pipeline/public/shelf--dev.plan.json"
    changes: list[dict[str, Any]] = json.loads(file.read_text())["changes"]
    return changes


def quiet(values: Repository, text: str) -> None:
    """With the block taken out nothing is left to do, and what stands is verified."""
    values.write(X, text)
    values.commit()
    assert "no changes" in values.pipeline("plan", "shelf/dev").out
    values.deploy()
    verified = values.pipeline("verify", "shelf/dev")
    assert verified.code == 0, verified.err


OLD = 'resource "terraform_data" "old" {\n  input = "a"\n}\n'
LEFT = 'resource "terraform_data" "left" {\n  input = "b"\n}\n'
KEYS = 'resource "terraform_data" "k" {\n  for_each = toset(["a", "b"])\n  input    = "a"\n}\n'
ADOPTED = 'resource "terraform_data" "adopted" {\n}\n'
BLOCKS = """
moved {
  from = terraform_data.old
  to   = terraform_data.k["a"]
}
import {
  to = terraform_data.adopted
  id = "existing-1"
}
removed {
  from = terraform_data.left
  lifecycle {
    destroy = false
  }
}
"""


def test_a_move_an_import_and_a_removal_are_shown_applied_and_then_done(values: Repository) -> None:
    deploy(values, OLD + LEFT)
    said = deploy(values, KEYS + ADOPTED + BLOCKS)
    for each in ("1 to create", "1 to import", "1 to move", "1 to forget"):
        assert each in said
    before = {change["address"]: change["previous_address"] for change in shown(values)}
    assert before['terraform_data.k["a"]'] == "terraform_data.old"
    quiet(values, KEYS + ADOPTED)


def test_a_move_alone_is_no_empty_plan(values: Repository) -> None:
    deploy(values, OLD)
    moved = OLD.replace('"old"', '"new"') + BLOCKS[: BLOCKS.index("import")].replace(
        'k["a"]', "new"
    )
    assert "shelf/dev: 1 to move" in deploy(values, moved)
    quiet(values, OLD.replace('"old"', '"new"'))
