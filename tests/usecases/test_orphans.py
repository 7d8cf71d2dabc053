"""Units that the repository no longer has, and commands that find no unit at all."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.adapters.terraform import Backend
from pipeline.domain.ledger import Entry, Evidence, Status, head, read_chain
from pipeline.domain.model import UnitId
from pipeline.domain.review import Landing
from pipeline.errors import Failure
from pipeline.output import Output
from pipeline.usecases.drift import markdown
from pipeline.usecases.orphans import forget, in_repository, known_units, orphans, to_forget
from pipeline.usecases.site import Site
from pipeline.usecases.verify import verify_unit
from tests.ledgers import entry
from tests.usecases.conftest import PROJECT, STACK, Repository

UNIT = UnitId("shelf", "dev")
GONE = UnitId("shelf", "test")
RETIRED = """
[[tool.pipeline.retired]]
unit = "shelf/test"
action = "forget"
why = "it belongs to another team now"
"""


def site_of(repository: Repository) -> Site:
    """The site as a command begins with it: nothing is remembered of the commit before."""
    out = Output(stdout=StringIO(), stderr=StringIO())
    work = repository.root / ".pipeline"
    return Site(repository.root, repository.root, work, out, dict(os.environ))


def write(site: Site, unit: UnitId, status: Status, **more: Any) -> Entry:
    chain = read_chain(site.stores.ledger, unit)
    digest = site.estate.digest(unit) if in_repository(site, unit) else ""
    values = {"commit": site.commit, "digest": digest, **more}
    return site.stores.ledger.append(chain, entry(unit, status, **values))


@pytest.fixture
def removed(values: Repository, stores: dict[str, str]) -> Repository:
    """The shelf with two deployed workspaces, of which one was taken out of the repository."""
    values.write(f"{STACK}/stack.toml", 'workspaces = ["dev", "test"]\n')
    values.write(f"{STACK}/test.tfvars", "books = {}\n")
    values.commit()
    for unit in (UNIT, GONE):
        write(site_of(values), unit, Status.DEPLOYED)
    values.write(f"{STACK}/stack.toml", 'workspaces = ["dev"]\n')
    (values.root / f"{STACK}/test.tfvars").unlink()
    values.commit()
    values.write("README.md", "Later.\n")
    values.commit()
    return values


def asked(repository: Repository, *words: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(repository.pipeline("--json", *words).out)
    return answer


def test_a_workspace_that_was_taken_out_is_told_by_every_command(removed: Repository) -> None:
    [row] = [u for u in asked(removed, "status")["units"] if u["unit"] == str(GONE)]
    assert row["entry"]["status"] == "deployed"
    assert "its files are gone since commit" in row["orphan"]
    assert f"pipeline destroy {GONE} --confirm {GONE}" in row["orphan"]
    assert 'action = "forget"' in row["orphan"]

    pending = asked(removed, "pending")
    assert pending["units"] == []
    assert [(o["unit"], o["status"]) for o in pending["orphans"]] == [(str(GONE), "deployed")]
    said = removed.pipeline("pending").out
    assert "it is an orphan" in said
    assert "Everything is deployed" not in said

    verified = removed.pipeline("verify", str(GONE))
    assert verified.code == 1
    assert "it is an orphan" in verified.err


def test_the_commit_that_took_the_files_away_is_named(removed: Repository) -> None:
    from pipeline.adapters.git import first_parent

    commits = first_parent(removed.root, None, "HEAD")
    [row] = [u for u in asked(removed, "status")["units"] if u["unit"] == str(GONE)]
    assert f"since commit {commits[-2][:10]}" in row["orphan"]


@pytest.mark.parametrize(
    ("status", "orphan"),
    [
        (Status.APPLYING, True),
        (Status.HELD, True),
        (Status.DESTROYING, True),
        (Status.DESTROYED, False),
        (Status.FORGOTTEN, False),
    ],
)
def test_what_may_stand_without_files_is_an_orphan(
    status: Status, orphan: bool, removed: Repository
) -> None:
    site = site_of(removed)
    write(site, GONE, status)
    found = orphans(site.estate, site.stores.ledger)
    assert [o.unit for o in found] == ([GONE] if orphan else [])


def test_an_orphan_with_a_damaged_ledger_does_not_vanish(removed: Repository) -> None:
    site = site_of(removed)
    site.aws.s3.put_object(
        Bucket=site.stores.names.ledger_bucket, Key=f"{GONE}/00000001.json", Body=b"{}"
    )
    [row] = [u for u in asked(removed, "status")["units"] if u["unit"] == str(GONE)]
    assert "does not say its format" in row["damaged"]
    assert removed.pipeline("verify", str(GONE)).code == 1


def test_a_renamed_stack_keeps_state_and_ledger_and_leaves_no_orphan(
    values: Repository, stores: dict[str, str]
) -> None:
    write(site_of(values), UNIT, Status.DEPLOYED)
    old, new = values.root / STACK, values.root / "terraform/envs/rack"
    old.rename(new)
    values.commit()
    assert [o.unit for o in orphans(site_of(values).estate, site_of(values).stores.ledger)] == [
        UNIT
    ]

    values.write("terraform/envs/rack/stack.toml", 'workspaces = ["dev"]\nrenamed_from = "shelf"\n')
    values.commit()
    site, rack = site_of(values), UnitId("rack", "dev")
    assert orphans(site.estate, site.stores.ledger) == []
    assert site.state(rack).key == "env/dev/shelf/terraform.tfstate"
    assert head(site.stores.ledger, rack) is not None
    write(site, rack, Status.APPLYING)
    chain = read_chain(site.stores.ledger, rack)
    assert [e.unit for e in chain] == ["shelf/dev", "shelf/dev"]
    with pytest.raises(Failure, match="shelf/dev is called rack/dev now"):
        known_units(["shelf/dev"], site)


def test_terraforms_key_of_a_renamed_stack_and_of_the_workspace_default_is_followed() -> None:
    names = {UnitId("rack", w): UnitId("shelf", w) for w in ("dev", "default")}
    backend = Backend("b", "r", renamed=names)
    assert backend.key(UnitId("rack", "dev")) == "env/dev/shelf/terraform.tfstate"
    assert backend.key(UnitId("rack", "default")) == "shelf/terraform.tfstate"
    assert backend.key(UnitId("rack", "gone")) == "env/gone/rack/terraform.tfstate"
    assert backend.key(UnitId("web", "default")) == "web/terraform.tfstate"
    assert "-backend-config=key=shelf/terraform.tfstate" in backend.arguments(UnitId("rack", "dev"))


# -- forgetting ----------------------------------------------------------------------------------

SEEN = Evidence(reviewed=True, approvals=("#3 bob",))


def test_an_orphan_is_forgotten_only_when_a_change_says_so(removed: Repository) -> None:
    site = site_of(removed)
    assert to_forget(site) == []
    with pytest.raises(Failure) as caught:
        forget(site, GONE, SEEN)
    assert caught.value.reason == "protected"
    assert "tool.pipeline.retired" in str(caught.value)

    removed.write("pyproject.toml", PROJECT + RETIRED)
    removed.commit()
    site = site_of(removed)
    assert [o.unit for o in to_forget(site)] == [GONE]
    assert removed.pipeline("verify", str(GONE)).code == 1, "it is not forgotten yet"
    told = forget(site, GONE, SEEN)
    assert told is not None
    assert (told.status, told.evidence, told.reason) == (
        Status.FORGOTTEN,
        SEEN,
        "it belongs to another team now",
    )
    assert to_forget(site) == []
    assert forget(site, GONE, SEEN) is None
    assert removed.pipeline("verify", str(GONE)).code == 0
    assert [u["unit"] for u in asked(removed, "status")["units"]] == [str(UNIT)]


def test_a_deploy_forgets_it_with_the_word_of_who_approved_that(
    removed: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = removed.commit()
    removed.write("pyproject.toml", PROJECT + RETIRED)
    brought = removed.commit()
    removed.write("README.md", "Later still.\n")
    removed.commit()
    pending = asked(removed, "pending")
    assert pending["units"] == []
    assert pending["count"] == 1
    assert pending["waves"] == [
        [
            {
                "unit": str(GONE),
                "stack": "shelf",
                "workspace": "test",
                "environment": "test",
            }
        ]
    ]

    landed = Landing(brought, before, missing="Commit x came to main past any pull request.")
    asked_for: list[str | None] = []

    def answer(_site: Site, _unit: UnitId, since: str | None, _until: str) -> tuple[Landing, ...]:
        asked_for.append(since)
        return (landed,)

    monkeypatch.setattr("pipeline.usecases.forgetting.landings", answer)
    monkeypatch.setattr(Site, "github_or_none", property(lambda _site: object()))
    refused = removed.pipeline("apply", str(GONE))
    assert refused.code == 1
    assert "past any pull request" in refused.err
    assert asked_for == [before]

    landed = replace(landed, pull=3, reviewed=True, approvers=("bob",))
    done = asked(removed, "apply", str(GONE))
    assert done["result"] == "forgotten"
    last = read_chain(site_of(removed).stores.ledger, GONE)[-1]
    assert (last.status, last.evidence.approvals) == (Status.FORGOTTEN, ("#3 bob",))
    assert removed.pipeline("rollout", str(GONE)).code == 0
    assert asked(removed, "pending")["count"] == 0


def test_a_unit_whose_files_are_there_is_not_forgotten(removed: Repository) -> None:
    removed.write("pyproject.toml", PROJECT + RETIRED.replace("shelf/test", "shelf/dev"))
    removed.commit()
    with pytest.raises(Failure):
        forget(site_of(removed), UNIT, SEEN)


def test_a_forgotten_unit_that_comes_back_is_pending(removed: Repository) -> None:
    write(site_of(removed), GONE, Status.FORGOTTEN)
    removed.write(f"{STACK}/stack.toml", 'workspaces = ["dev", "test"]\n')
    removed.write(f"{STACK}/test.tfvars", "books = {}\n")
    removed.commit()
    reasons = {u["unit"]: u["reason"] for u in asked(removed, "pending")["units"]}
    assert reasons == {str(GONE): "it was forgotten, and the repository has it again"}


# -- what was begun and did not end --------------------------------------------------------------


def test_an_announced_apply_that_never_ended_is_pending_also_after_a_revert(
    values: Repository, stores: dict[str, str]
) -> None:
    write(site_of(values), UNIT, Status.DEPLOYED)
    values.books(one="2")
    write(site_of(values), UNIT, Status.APPLYING)
    values.books(one="1")  # as it was deployed
    [told] = asked(values, "pending")["units"]
    assert "was announced" in told["reason"]
    [row] = asked(values, "status")["units"]
    assert (row["entry"]["status"], row["pending"]) == ("applying", told["reason"])
    assert row["entry"]["serial"] is None


def test_a_half_destroyed_unit_is_told_as_such_and_not_deployed(
    values: Repository, stores: dict[str, str]
) -> None:
    write(site_of(values), UNIT, Status.DESTROYING)
    for _ in range(2):
        pending = asked(values, "pending")
        assert pending["units"] == []
        assert [(u["unit"], "destruction" in u["told"]) for u in pending["unfinished"]] == [
            (str(UNIT), True)
        ]
        [row] = asked(values, "status")["units"]
        assert row["entry"]["status"] == "destroying"
        assert "has not ended" in row["open"]
        values.books(one="2")  # also when its files change
    verified = values.pipeline("verify")
    assert verified.code == 1
    assert "a destruction of commit" in verified.err


@pytest.mark.parametrize(
    ("status", "word"), [(Status.HELD, "held"), (Status.DESTROYED, "destroyed")]
)
def test_a_held_or_destroyed_unit_is_never_called_as_the_repository_says(
    status: Status, word: str, values: Repository, stores: dict[str, str]
) -> None:
    write(site_of(values), UNIT, Status.DEPLOYED)
    write(site_of(values), UNIT, status, reason="because")
    said = values.pipeline("status").out
    assert "as the repository says" not in said
    assert f"it is {word} of commit" in asked(values, "status")["units"][0]["open"]
    pending = asked(values, "pending")
    [told] = pending["unfinished"]
    assert (pending["count"], told["unit"]) == (0, str(UNIT))
    assert f"it is {word} of commit" in told["told"]
    assert "Everything is deployed" not in values.pipeline("pending").out


@pytest.mark.parametrize("status", [Status.HELD, Status.DESTROYING])
def test_an_issue_promises_no_deploy_where_none_puts_it_right(
    status: Status, values: Repository, stores: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(site_of(values), UNIT, status, reason="because")
    nothing = SimpleNamespace(plan=None)
    monkeypatch.setattr("pipeline.usecases.verify.make_plan", lambda *_a, **_k: nothing)
    text = markdown(verify_unit(site_of(values), UNIT))
    assert "The next deploy of this unit puts it right" not in text
    assert "No deploy puts this right by itself" in text


# -- nothing there -------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["status", "verify", "pending", "drift"])
def test_where_there_is_no_unit_at_all_nothing_is_green(
    command: str, values: Repository, stores: dict[str, str]
) -> None:
    for file in sorted((values.root / STACK).iterdir()):
        file.unlink()
    values.commit()
    told = values.pipeline(command)
    assert told.code == 2, told.out
    assert 'workspaces = ["dev"]' in told.err


def test_an_orphan_alone_is_something(values: Repository, stores: dict[str, str]) -> None:
    write(site_of(values), UNIT, Status.DEPLOYED)
    for file in sorted((values.root / STACK).iterdir()):
        file.unlink()
    values.commit()
    assert not Path(values.root / STACK / "stack.toml").exists()
    assert asked(values, "status")["units"][0]["unit"] == str(UNIT)
    assert values.pipeline("verify").code == 1


# -- a workspace that Terraform treats in a way of its own ---------------------------------------


@pytest.mark.slow
def test_a_workspace_named_default_is_planned_verified_and_destroyed_like_any(
    values: Repository, stores: dict[str, str]
) -> None:
    values.write(f"{STACK}/stack.toml", 'workspaces = ["default"]\n')
    (values.root / f"{STACK}/dev.tfvars").rename(values.root / f"{STACK}/default.tfvars")
    values.commit()
    unit = UnitId("shelf", "default")
    assert values.deploy(str(unit)).code == 0
    assert site_of(values).state(unit).key == "shelf/terraform.tfstate"
    assert site_of(values).state(unit).serial() is not None
    assert asked(values, "plan", str(unit))["units"][0]["changes"] == []
    verified = values.pipeline("verify")
    assert verified.code == 0, verified.err

    shown = asked(values, "destroy", str(unit), "--confirm", str(unit), "--plan-only")
    done = values.pipeline(
        "destroy", str(unit), "--confirm", str(unit), "--reviewed", shown["record"]
    )
    assert done.code == 0, done.err
    assert asked(values, "status")["units"][0]["entry"]["status"] == "destroyed"
