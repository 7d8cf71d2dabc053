"""Destroying a unit: refused, shown, reviewed, done, with its objects kept; half-way and on."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.domain.dispatch import Dispatch
from pipeline.domain.ledger import Entry, Status, last_applied, read_chain
from pipeline.domain.model import UnitId
from pipeline.domain.record import PlanRecord, Purpose, make_record
from pipeline.errors import Failure, failure
from pipeline.settings import ReviewConfig
from pipeline.usecases import destroy_review
from pipeline.usecases.apply import run_apply
from pipeline.usecases.backups import Backup
from pipeline.usecases.destroy_review import second_person
from pipeline.usecases.plan import make_plan
from pipeline.usecases.site import Site
from tests.ledgers import entry
from tests.usecases.conftest import PROJECT, STACK, Answer, Repository
from tests.usecases.test_orphans import site_of

UNIT = "shelf/dev"
DEV = UnitId("shelf", "dev")
TWO_PEOPLE = PROJECT.replace("self = true", "self = false")


def deploy(repository: Repository, unit: UnitId = DEV) -> Site:
    """Apply the checked-out commit and say so in the ledger."""
    site = site_of(repository)
    make_plan(site, unit, keep=True)
    run_apply(site, unit)
    digest = site.estate.digest(unit)
    told = entry(unit, Status.DEPLOYED, digest, commit=site.commit)
    site.stores.ledger.append(read_chain(site.stores.ledger, unit), told)
    return site


def destroy(repository: Repository, *more: str, unit: str = UNIT) -> Answer:
    return repository.pipeline("destroy", unit, "--confirm", unit, *more)


def recorded(repository: Repository, unit: str = UNIT) -> str:
    """The record of a destruction that is only shown."""
    shown = repository.pipeline("--json", "destroy", unit, "--confirm", unit, "--plan-only")
    assert shown.code == 0, shown.err
    return str(json.loads(shown.out)["record"])


def last(repository: Repository, unit: UnitId = DEV) -> Entry:
    return read_chain(site_of(repository).stores.ledger, unit)[-1]


def test_a_wrong_confirmation_and_a_protected_unit_are_refused(
    repository: Repository, stores: dict[str, str]
) -> None:
    wrong = repository.pipeline("destroy", UNIT, "--confirm", "shelf/prod")
    assert wrong.code == 2
    assert "nothing was changed" in wrong.err
    toml = 'workspaces = ["dev"]\n[workspace.dev]\nprotected = true\n'
    repository.write(f"{STACK}/stack.toml", toml)
    repository.commit()
    protected = repository.pipeline("destroy", UNIT, "--confirm", UNIT)
    assert protected.code == 2
    assert f"{STACK}/stack.toml:3" in protected.err


@pytest.mark.slow
def test_a_destroy_is_shown_reviewed_and_keeps_the_objects(
    repository: Repository, stores: dict[str, str], aws: Callable[[str], Any]
) -> None:
    deploy(repository)
    s3 = aws("s3")
    s3.put_object(Bucket="shelf-dev", Key="written/by/hand", Body=b"keep me")

    asked = repository.pipeline("--json", "destroy", UNIT, "--confirm", UNIT)
    assert asked.code == 1
    shown = json.loads(asked.out)
    assert {c["action"] for c in shown["changes"]} == {"delete"}
    assert shown["applied"] is False
    assert f"--reviewed {shown['record']}" in asked.err
    assert s3.list_objects_v2(Bucket="shelf-dev")["KeyCount"] == 2
    assert last(repository).status is Status.DEPLOYED

    done = destroy(repository, "--reviewed", shown["record"])
    assert done.code == 0, done.err
    assert "Nothing is left." in done.out
    assert "shelf-dev" not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    chain = read_chain(site_of(repository).stores.ledger, DEV)
    assert [e.status for e in chain] == [Status.DEPLOYED, Status.DESTROYING, Status.DESTROYED]
    assert chain[-1].evidence.record == shown["record"]
    assert chain[-1].evidence.self_reviewed

    gone = repository.pipeline("restore", UNIT)
    assert gone.code == 1
    assert "Deploy shelf/dev first" in gone.err
    s3.create_bucket(
        Bucket="shelf-dev", CreateBucketConfiguration={"LocationConstraint": "ap-southeast-2"}
    )
    assert repository.pipeline("restore", UNIT).code == 0
    assert s3.get_object(Bucket="shelf-dev", Key="written/by/hand")["Body"].read() == b"keep me"


def no_space(*_: object) -> None:
    raise failure("aws", "There is no space left for a copy.")


@pytest.mark.slow
def test_a_destroy_that_stops_half_way_is_told_restorable_and_goes_on(
    repository: Repository,
    stores: dict[str, str],
    aws: Callable[[str], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deploy(repository)
    s3 = aws("s3")
    s3.put_object(Bucket="shelf-dev", Key="by/hand", Body=b"keep me")
    record = recorded(repository)

    emptied = Backup.empty

    def empty_while_somebody_writes(self: Backup, site: Site) -> None:
        s3.put_object(Bucket="shelf-dev", Key="late", Body=b"new")
        emptied(self, site)

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.adapters.aws.backup.copy_version", no_space)
        failed = destroy(repository, "--reviewed", record)
    assert (failed.code, "no space" in failed.err) == (3, True), failed.err
    assert last(repository).status is Status.DEPLOYED  # nothing was touched yet

    with monkeypatch.context() as patch:
        patch.setattr(Backup, "empty", empty_while_somebody_writes)
        stopped = destroy(repository, "--reviewed", record)
    assert stopped.code == 3, stopped.out
    assert "pipeline restore shelf/dev" in stopped.err
    assert last(repository).status is Status.DESTROYING
    assert json.loads(repository.pipeline("--json", "pending").out)["units"] == []
    assert [o["Key"] for o in s3.list_objects_v2(Bucket="shelf-dev")["Contents"]] == ["late"]

    assert "1 were there already" not in repository.pipeline("restore", UNIT).out
    assert s3.get_object(Bucket="shelf-dev", Key="by/hand")["Body"].read() == b"keep me"

    done = destroy(repository, "--reviewed", record)
    assert done.code == 0, done.err
    assert last(repository).status is Status.DESTROYED


@pytest.mark.slow
def test_nothing_is_touched_while_the_state_is_locked_or_the_plan_is_another(
    values: Repository,
    stores: dict[str, str],
    aws: Callable[[str], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deploy(values)
    record = recorded(values)

    def never(*_: object, **__: object) -> None:
        pytest.fail("it may not come to backups yet, and less to emptying")

    monkeypatch.setattr("pipeline.usecases.destroy.back_up", never)
    s3, key = aws("s3"), "env/dev/shelf/terraform.tfstate.tflock"
    s3.put_object(Bucket=stores["state"], Key=key, Body=b"")
    locked = destroy(values, "--reviewed", record)
    assert (locked.code, "torn" in locked.err) == (2, True)
    s3.delete_object(Bucket=stores["state"], Key=key)

    values.books(one="1", two="2")
    deploy(values)
    other = destroy(values, "--reviewed", record)
    assert other.code == 1
    assert 'terraform_data.book["two"]' in other.err
    assert "Nothing was changed" in other.err
    values.write("pyproject.toml", TWO_PEOPLE)
    values.commit()
    unreviewed = destroy(values, "--reviewed", recorded(values))
    assert unreviewed.code == 1
    assert "Only a dispatch at GitHub says who reviewed it" in unreviewed.err
    assert last(values).status is Status.DEPLOYED


@pytest.mark.slow
def test_a_record_of_a_pull_request_destroys_nothing(
    values: Repository, stores: dict[str, str]
) -> None:
    site = deploy(values)
    made = make_record

    def of_a_review(plan: Any, key: bytes, facts: Any, image: str = "") -> PlanRecord:
        return made(plan, key, replace(facts, purpose=Purpose.REVIEW), image)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(destroy_review, "make_record", of_a_review)
        record = recorded(values)
    refused = destroy(values, "--reviewed", record)
    assert refused.code == 1
    assert "not for a destruction" in refused.err
    assert site.state(DEV).exists()


@pytest.mark.slow
def test_an_orphan_is_destroyed_from_the_commit_that_was_last_applied(
    values: Repository, stores: dict[str, str]
) -> None:
    gone = UnitId("shelf", "test")
    protected = 'workspaces = ["dev", "test"]\n[workspace.test]\nprotected = true\n'
    values.write(f"{STACK}/stack.toml", protected)
    values.write(f"{STACK}/test.tfvars", 'books = { "a" = "b" }\n')
    values.commit()
    deploy(values, gone)
    values.write(f"{STACK}/stack.toml", 'workspaces = ["dev"]\n')
    (values.root / f"{STACK}/test.tfvars").unlink()
    values.commit()

    refused = destroy(values, unit=str(gone))
    assert refused.code == 2
    assert "is protected" in refused.err
    assert 'action = "unprotect"' in refused.err
    lifted = (
        f'{PROJECT}\n[[tool.pipeline.retired]]\nunit = "{gone}"\naction = "unprotect"\nwhy = "x"\n'
    )
    values.write("pyproject.toml", lifted)
    commit = values.commit()

    done = destroy(values, "--reviewed", recorded(values, str(gone)), unit=str(gone))
    assert done.code == 0, done.err
    chain = read_chain(site_of(values).stores.ledger, gone)
    assert [e.status for e in chain] == [Status.DEPLOYED, Status.DESTROYING, Status.DESTROYED]
    assert (chain[-1].commit, chain[-1].digest) == (commit, "")
    assert last_applied(chain) == chain[0]
    assert site_of(values).state(gone).serial() is not None
    assert values.pipeline("verify", str(gone)).code == 0

    values.write(f"{STACK}/stack.toml", protected)
    values.write(f"{STACK}/test.tfvars", 'books = { "a" = "b" }\n')
    values.commit()
    waiting = {u["unit"] for u in json.loads(values.pipeline("--json", "pending").out)["units"]}
    assert str(gone) in waiting, "it came back, though as it was before"


# -- whose word it is ----------------------------------------------------------------------------


def record(actor: str) -> PlanRecord:
    return PlanRecord(
        id="r", unit=UNIT, purpose=Purpose.DESTROY, head="h", actor=actor, time=datetime.now(UTC)
    )


def word(
    values: Repository, dispatch: Dispatch, actor: str, monkeypatch: pytest.MonkeyPatch, own: bool
) -> Any:
    asked: list[tuple[str, str]] = []

    def answer(_site: Site, run: str, _landings: object, workflow: str) -> Dispatch:
        asked.append((run, workflow))
        return dispatch

    monkeypatch.setattr(destroy_review, "dispatched", answer)
    site = site_of(values)
    site.environ = {"GITHUB_RUN_ID": "7"}
    review = ReviewConfig.model_validate({"self": own})
    site._cache["settings"] = site.settings.model_copy(update={"review": review})
    found = second_person(site, record(actor))
    assert asked == [("7", "destroy.yml")]
    return found


def test_a_second_persons_dispatch_is_kept_as_evidence(
    values: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = word(values, Dispatch("bob", "https://run/7"), "alice", monkeypatch, own=False)
    assert (found.record, found.dispatch, found.dispatched_by) == ("r", "https://run/7", "bob")
    assert not found.self_reviewed


@pytest.mark.parametrize(
    ("dispatch", "actor", "why"),
    [
        (Dispatch("alice", "u"), "Alice", "alice asked for it"),
        (Dispatch("bob", "u"), "", "nobody is known to have asked for it"),
        (Dispatch("bob", "u"), "helper[bot]", r"helper\[bot\], which asked for it, is no first"),
        (Dispatch("bob", "u", "bob may not write here."), "alice", "bob may not write here"),
    ],
)
def test_what_is_no_second_persons_word_is_refused(
    dispatch: Dispatch,
    actor: str,
    why: str,
    values: Repository,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(Failure, match=why) as caught:
        word(values, dispatch, actor, monkeypatch, own=False)
    assert caught.value.reason == "not-covered"


def test_where_one_person_is_enough_that_is_told(
    values: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert word(values, Dispatch("alice", "u"), "alice", monkeypatch, own=True).self_reviewed
    with pytest.raises(Failure, match="not by a dispatch"):
        word(values, Dispatch("a", "u", "not by a dispatch."), "a", monkeypatch, own=True)


def test_on_a_laptop_nobody_elses_word_is_known(values: Repository) -> None:
    values.write("pyproject.toml", TWO_PEOPLE)
    values.commit()
    with pytest.raises(Failure, match="Only a dispatch"):
        second_person(site_of(values), record("alice"))
