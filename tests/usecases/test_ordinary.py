"""Fourteen ordinary histories: who does everything right is never asked for a second review.

Each is planned, approved, merged and deployed by a real Terraform; at its end a further deploy has
nothing to do and the unit is as the repository says.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest

from pipeline.domain.ledger import Status
from pipeline.domain.model import UnitId
from pipeline.domain.record import Purpose
from pipeline.errors import Failure, failure
from pipeline.usecases import apply as applying
from pipeline.usecases.destroy import destroy
from pipeline.usecases.repository import ACCOUNT
from pipeline.usecases.site import Site
from tests.ledgers import entry
from tests.usecases.shelf import ALONE, BOOKS, DEV, ESTATE, FOLDER, MODULE, Shelf, books

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("stores")]
TFVARS = f"{FOLDER}/dev.tfvars"
UNITS = [UnitId("shelf", name) for name in ("dev", "staging", "prod")]


def bootstrapped(shelf: Shelf) -> Shelf:
    """The account was bootstrapped at the first commit."""
    site = shelf.site()
    first = entry(ACCOUNT, Status.DEPLOYED, "0" * 64, commit=shelf.first)
    site.stores.ledger.append((), replace(first, unit=str(ACCOUNT)))
    return shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """Dev's estate came by a pull request."""
    made = bootstrapped(Shelf(tmp_path, {**ESTATE, TFVARS: books()}))
    made.merged("alice", {TFVARS: books(one="1")}, branch="begin")
    assert made.deploy() == "applied"
    return made


@pytest.fixture
def settled(shelf: Shelf) -> Iterator[Shelf]:
    """Held at the end: nothing is left to do, and everything is as the repository says."""
    yield shelf
    assert shelf.deploy() == "nothing"
    assert shelf.holds()


def test_a_change_of_the_application_alone(settled: Shelf) -> None:
    settled.merged("alice", {"app/main.py": "print(2)\n"})
    assert settled.deploy() == "applied"


def test_a_change_of_a_workspaces_variables(settled: Shelf) -> None:
    settled.merged("alice", {TFVARS: books(one="1", two="2")})
    assert settled.deploy() == "applied"


def test_a_change_of_a_module_that_three_workspaces_use(settled: Shelf) -> None:
    request = settled.propose("alice", {MODULE: BOOKS.replace("each.value", '"${each.value}!"')})
    for unit in UNITS:
        settled.plan(request, unit=unit)
    settled.approve("bob", request)
    settled.merge(request)
    assert [settled.deploy(unit) for unit in UNITS] == ["applied"] * 3


def test_two_pull_requests_in_a_row_the_second_planned_before_the_first_was_deployed(
    settled: Shelf,
) -> None:
    one = settled.propose("alice", {TFVARS: books(one="1", two="2")}, branch="one")
    two = settled.propose("carol", {"app/main.py": "print(2)\n"}, branch="two")
    settled.plan(one)
    settled.approve("bob", one)
    settled.merge(one)
    settled.plan(two)  # main has the first by now, the cloud has not
    settled.approve("bob", two)
    first = settled.git("rev-parse", "main")
    settled.merge(two)
    assert settled.deploy(commit=first) == "applied"
    assert settled.deploy() == "applied"


def test_the_same_where_one_deploy_brings_both(settled: Shelf) -> None:
    settled.merged("alice", {TFVARS: books(one="1", two="2")}, branch="one")
    settled.merged("carol", {"app/main.py": "print(2)\n"}, branch="two")
    assert settled.deploy() == "applied"


def test_a_branch_that_is_updated_after_its_approval(settled: Shelf) -> None:
    request = settled.propose("alice", {TFVARS: books(one="1", two="2")})
    settled.plan(request)
    settled.approve("bob", request)
    settled.merged("carol", {"app/main.py": "print(2)\n"}, branch="other")
    assert settled.deploy() == "applied"
    settled.update("alice", request)
    settled.plan(request)
    settled.merge(request)
    assert settled.deploy() == "applied"


def test_an_accepted_suggestion(settled: Shelf) -> None:
    request = settled.propose("alice", {TFVARS: books(one="1", two="2")})
    settled.plan(request)
    settled.write({TFVARS: books(one="1", two="two")})
    said = "Apply suggestion\n\nCo-authored-by: bob <bob@people>"
    settled.commit("alice", said, by="web-flow")
    settled.push("alice", "topic")
    settled.plan(request)
    settled.approve("bob", request)
    settled.merge(request)
    assert settled.deploy() == "applied"


def test_a_repository_of_one_person(tmp_path: Path) -> None:
    shelf = bootstrapped(Shelf(tmp_path, {**ALONE, TFVARS: books()}))
    shelf.merged("alice", {TFVARS: books(one="1")}, approver="alice")
    assert shelf.deploy() == "applied"
    request = shelf.propose("alice", {TFVARS: books(one="1", two="2")}, branch="second")
    shelf.plan(request)
    shelf.merge(request, who="alice")
    assert (shelf.deploy(), shelf.deploy(), shelf.holds()) == ("applied", "nothing", True)


@pytest.mark.parametrize("how", ["merge", "rebase"])
def test_merges_of_the_other_two_kinds(settled: Shelf, how: str) -> None:
    request = settled.propose("alice", {TFVARS: books(one="1", two="2")})
    settled.add("alice", request, {"app/main.py": "print(2)\n"})
    settled.plan(request)
    settled.approve("bob", request)
    settled.merge(request, how)
    assert settled.deploy() == "applied"


def test_pull_requests_that_are_stacked(settled: Shelf) -> None:
    one = settled.propose("alice", {TFVARS: books(one="1", two="2")}, branch="one")
    settled.git("checkout", "-q", "-b", "two", "one")
    two = settled.propose("alice", {"app/main.py": "print(2)\n"}, branch="two", base="one")
    for request in (one, two):
        settled.plan(request)
        settled.approve("bob", request)
    settled.merge(one)
    settled.retarget(two, "main")
    settled.plan(two)  # GitHub's event "edited" runs it
    settled.merge(two)
    assert settled.deploy() == "applied"


def test_a_merge_queue(settled: Shelf) -> None:
    one = settled.propose("alice", {TFVARS: books(one="1", two="2")}, branch="one")
    two = settled.propose("carol", {"app/main.py": "print(2)\n"}, branch="two")
    for request in (one, two):
        settled.plan(request)
        settled.approve("bob", request)
    base = settled.git("rev-parse", "main")
    settled.plan(one, Purpose.MERGE_GROUP, base=base)
    first = settled.merge(one, "merge")
    settled.plan(two, Purpose.MERGE_GROUP, base=first)
    settled.merge(two, "merge")
    assert settled.deploy() == "applied"


def test_a_revert_before_the_deploy(settled: Shelf) -> None:
    settled.merged("alice", {TFVARS: books(one="1", two="2")}, branch="one")
    settled.merged("alice", {TFVARS: books(one="1")}, branch="revert")
    assert settled.deploy() == "nothing"


def test_a_revert_after_the_deploy(settled: Shelf) -> None:
    settled.merged("alice", {TFVARS: books(one="1", two="2")}, branch="one")
    assert settled.deploy() == "applied"
    settled.merged("alice", {TFVARS: books(one="1")}, branch="revert")
    assert settled.deploy() == "applied"


def _half(site: Site, unit: UnitId) -> None:
    """An API that is throttled half-way: Terraform makes one object and ends with an error."""
    target = '-target=module.shelf.terraform_data.book["two"]'
    variables = f"-var-file={unit.workspace}.tfvars"
    site.terraform(unit)._run("apply", "-json", "-auto-approve", target, variables)
    raise failure("terraform", "Throttling: Rate exceeded", str(unit))


def test_a_retry_after_an_api_was_throttled(settled: Shelf) -> None:
    settled.merged("alice", {TFVARS: books(one="1", two="2", three="3")})
    with patch.object(applying, "run_apply", _half), pytest.raises(Failure, match="Throttling"):
        settled.deploy()
    assert settled.deploy() == "applied"


def test_a_retry_where_an_object_was_left_tainted(settled: Shelf) -> None:
    settled.merged("alice", {TFVARS: books(one="1", two="2", three="3")})

    def tainted(site: Site, unit: UnitId) -> None:
        with pytest.raises(Failure):
            _half(site, unit)
        site.terraform(unit)._run("taint", 'module.shelf.terraform_data.book["two"]')
        raise failure("terraform", "Throttling: Rate exceeded", str(unit))

    with patch.object(applying, "run_apply", tainted), pytest.raises(Failure, match="Throttling"):
        settled.deploy()
    assert settled.deploy() == "applied"


def test_a_resource_that_is_removed(settled: Shelf) -> None:
    settled.merged("alice", {TFVARS: books()})
    assert settled.deploy() == "applied"


def test_a_unit_that_is_destroyed_and_made_again(settled: Shelf) -> None:
    site = settled.site()
    site.environ = {**site.environ, "GITHUB_ACTOR": "alice"}
    shown = destroy(site, DEV, str(DEV), plan_only=True)
    site.environ = {**site.environ, "GITHUB_RUN_ID": settled.dispatch("bob", path=_DESTROY)}
    destroy(site, DEV, str(DEV), reviewed=shown.record)
    settled.merged("alice", {TFVARS: books(one="1", two="2")})
    assert settled.deploy() == "applied"


_DESTROY = ".github/workflows/destroy.yml"


def test_a_value_that_differs_at_every_plan(shelf: Shelf) -> None:
    clock = 'resource "terraform_data" "clock" {\n  input = timestamp()\n}\n'
    shelf.merged("alice", {f"{FOLDER}/clock.tf": clock}, branch="clock")
    assert shelf.deploy() == "applied"
    shelf.merged("alice", {TFVARS: books(one="1", two="2")}, branch="book")
    assert shelf.deploy() == "applied"
    state = shelf.site().state(DEV).read()
    assert json.dumps(state).count('"two"') >= 1


def test_without_a_bootstrap_the_whole_history_waits_for_a_review(tmp_path: Path) -> None:
    assert Shelf(tmp_path).deploy() == "uncovered"
