"""Who may begin with a unit: locks of all kinds, announcements of other runs, and settling."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from io import StringIO
from typing import Any

import pytest

from pipeline.adapters.aws.buckets import Object
from pipeline.adapters.aws.state import Marker, StateLock
from pipeline.adapters.github import Run
from pipeline.domain.ledger import Entry, Evidence, Status, head, read_chain
from pipeline.domain.model import UnitId
from pipeline.errors import Failure
from pipeline.output import Output
from pipeline.usecases.announce import announced, await_turn, entry_of, settle
from pipeline.usecases.site import Site
from pipeline.usecases.unlock import await_lock, here, over, unlock
from tests.usecases.conftest import Repository

UNIT = UnitId("shelf", "dev")
KEY = "env/dev/shelf/terraform.tfstate.tflock"


class Hub:
    """GitHub, as far as it is asked about runs: their status by id; one that is not is unknown."""

    def __init__(self, **runs: str) -> None:
        self.runs = runs
        self.attempt = 1

    def run(self, run_id: str) -> Run | None:
        status = self.runs.get(f"r{run_id}")
        return Run(int(run_id), self.attempt, status, "success", "url") if status else None


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Hub:
    found = Hub(r1="in_progress", r2="in_progress")
    monkeypatch.setattr(Site, "github_or_none", property(lambda _site: found))
    return found


def site_of_run(repository: Repository, run: str) -> Site:
    """The site of a job of a run at GitHub; "" for a laptop's."""
    environ = {"GITHUB_RUN_ID": run, "GITHUB_RUN_ATTEMPT": "1", "GITHUB_REPOSITORY": "k/d"}
    work = repository.root / ".pipeline"
    out = Output(stdout=StringIO(), stderr=StringIO())
    return Site(repository.root, repository.root, work, out, environ if run else {})


@pytest.fixture
def one(values: Repository, stores: dict[str, str], hub: Hub) -> Site:
    return site_of_run(values, "1")


@pytest.fixture
def two(values: Repository, stores: dict[str, str], hub: Hub) -> Site:
    return site_of_run(values, "2")


def lock(site: Site, aws: Callable[[str], Any], body: bytes) -> None:
    bucket = site.stores.names.state_bucket
    aws("s3").put_object(Bucket=bucket, Key=KEY, Body=body)


def lock_body(**other: object) -> bytes:
    """A lock as Terraform writes it; fields that are None are left out."""
    fields = {
        "ID": "11111111-2222",
        "Operation": "OperationTypeApply",
        "Who": "runner@host",
        "Created": "2026-11-30T10:00:00.5Z",
    }
    return json.dumps({k: v for k, v in {**fields, **other}.items() if v is not None}).encode()


def whole_lock(site: Site) -> bytes:
    """A lock that this run's terraform holds."""
    marker = here(site, UNIT)
    return lock_body(Who=f"runner@{marker.host}", Created=f"{marker.started[:19]}.5Z")


def failure_of(work: Callable[[], object]) -> Failure:
    with pytest.raises(Failure) as caught:
        work()
    return caught.value


# -- locks ---------------------------------------------------------------------------------------

TORN = {
    "empty": b"",
    "half": b'{"ID":"11111111-2222","Operation":"OperationTyp',
    "list": b"[]",
    "null": b"null",
    "text": b'"locked"',
    "no bytes of text": b"\xff\xfe",
    "deep": b"[" * 100_000,
    "nothing in it": b"{}",
}
ODD: dict[str, dict[str, object]] = {
    "no id": {"ID": None},
    "empty id": {"ID": ""},
    "number as id": {"ID": 7},
    "no holder": {"Who": None},
    "list as holder": {"Who": ["a"]},
    "no operation": {"Operation": None},
    "no time": {"Created": None},
    "no such time": {"Created": "yesterday"},
}


@pytest.mark.parametrize("name", [*TORN, *ODD])
def test_a_lock_that_terraform_did_not_write_like_this_is_torn(name: str) -> None:
    body = TORN[name] if name in TORN else lock_body(**ODD[name])
    read = StateLock.of(Object(body, "etag", datetime.now(UTC)))
    assert read.torn
    assert all(isinstance(text, str) for text in (read.id, read.operation, read.who, read.created))


def test_a_lock_of_terraform_is_whole() -> None:
    assert not StateLock.of(Object(lock_body(Info="", Path="p"), "e", datetime.now(UTC))).torn


@pytest.mark.parametrize("body", [b"", b'{"ID":"11111111-2222","Who":"eve@lap'])
def test_a_torn_lock_is_explained_and_cleared_without_an_id(
    body: bytes, one: Site, values: Repository, aws: Callable[[str], Any]
) -> None:
    lock(one, aws, body)
    told = values.pipeline("unlock", str(UNIT))
    assert told.code == 2
    assert "torn object" in told.err
    assert "last changed at 20" in told.err
    assert f"pipeline unlock {UNIT} --force" in told.err
    assert failure_of(lambda: await_lock(one, UNIT)).reason == "locked"

    assert values.pipeline("unlock", str(UNIT), "--force", "another-id").code == 2
    cleared = values.pipeline("--json", "unlock", str(UNIT), "--force")
    assert cleared.code == 0, cleared.err
    assert (json.loads(cleared.out)["cleared"], json.loads(cleared.out)["torn"]) == (True, True)
    assert one.state(UNIT).lock() is None


def test_a_lock_of_somebody_else_is_cleared_only_by_its_id(
    one: Site, aws: Callable[[str], Any]
) -> None:
    lock(one, aws, whole_lock(one))
    for force, name in ((False, ""), (True, ""), (True, "2222"), (False, "11111111-2222")):
        refused = failure_of(partial(unlock, one, UNIT, force, name))
        assert refused.exit_code == 2
    assert "not taken by a run of this pipeline" in str(failure_of(lambda: unlock(one, UNIT)))
    assert unlock(one, UNIT, True, "11111111-2222") is not None
    assert unlock(one, UNIT) is None


def test_a_lock_that_changed_while_it_was_looked_at_is_left(
    one: Site, aws: Callable[[str], Any]
) -> None:
    lock(one, aws, b"")
    seen = one.state(UNIT).lock()
    assert seen is not None
    lock(one, aws, whole_lock(one))
    assert not one.state(UNIT).clear_lock(seen)
    now = one.state(UNIT).lock()
    assert now is not None
    assert not now.torn
    assert one.state(UNIT).clear_lock(now)
    assert not one.state(UNIT).clear_lock(now)


def test_the_lock_of_a_live_run_is_waited_for_and_not_cleared(
    one: Site, two: Site, aws: Callable[[str], Any], hub: Hub
) -> None:
    one.state(UNIT).mark(here(one, UNIT))
    lock(one, aws, whole_lock(one))
    told = failure_of(lambda: await_lock(two, UNIT, minutes=0.001, pause=0.01))
    assert "actions/runs/1 is still in_progress" in str(told)
    assert failure_of(lambda: unlock(two, UNIT, True, "11111111-2222")).reason == "locked"

    def let_go() -> None:
        time.sleep(0.3)
        aws("s3").delete_object(Bucket=one.stores.names.state_bucket, Key=KEY)
        one.state(UNIT).unmark(here(one, UNIT))

    thread = threading.Thread(target=let_go)
    thread.start()
    await_lock(two, UNIT, pause=0.01)
    thread.join()


def test_the_lock_of_a_run_that_is_over_is_not_waited_for(
    one: Site, two: Site, aws: Callable[[str], Any], hub: Hub
) -> None:
    one.state(UNIT).mark(here(one, UNIT))
    lock(one, aws, whole_lock(one))
    hub.runs["r1"] = "completed"
    assert "is over (success)" in str(failure_of(lambda: await_lock(two, UNIT)))
    assert unlock(two, UNIT) is not None
    await_lock(two, UNIT)


def test_markers_of_several_runs_do_not_overwrite_each_other(one: Site, two: Site) -> None:
    files = one.state(UNIT)
    threads = [
        threading.Thread(target=files.mark, args=(replace(here(one, UNIT), run_id=str(n)),))
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {m.run_id for m in files.markers()} == {"0", "1", "2", "3"}
    files.unmark(replace(here(one, UNIT), run_id="2"))
    assert {m.run_id for m in files.markers()} == {"0", "1", "3"}


def test_a_run_that_was_repeated_is_over_as_its_first_attempt(one: Site, hub: Hub) -> None:
    marker = Marker(run_id="1", attempt=1, url="u")
    assert over(one, marker)[0] is False
    hub.attempt = 2
    assert over(one, marker)[0] is True


# -- announcements -------------------------------------------------------------------------------


def begin(site: Site) -> Entry:
    """Announce an apply and end it without an error, as the first step of a deploy."""
    chain = await_turn(site, UNIT, minutes=0.001, pause=0.01)
    entry = entry_of(site, UNIT, Status.APPLYING, Evidence("rec-1", True, approvals=("#1 bob",)))
    with announced(site, UNIT, chain, entry) as stored:
        return stored


def last(site: Site) -> Entry:
    found = head(site.stores.ledger, UNIT)
    assert found is not None
    return found


def test_what_was_announced_is_settled_with_its_evidence(one: Site) -> None:
    begin(one)
    assert last(one).status is Status.APPLYING
    assert last(one).serial is None
    settled = settle(one, UNIT, Status.DEPLOYED, serial=9, objects=("o",), image_digest="i")
    assert settled == last(one)
    assert (settled.number, settled.serial, settled.objects) == (2, 9, ("o",))
    assert settled.evidence == Evidence("rec-1", True, approvals=("#1 bob",))
    assert one.state(UNIT).markers() == []
    assert settle(one, UNIT, Status.DEPLOYED) is None, "the step was repeated"


def test_a_second_run_waits_while_the_first_rolls_out(one: Site, two: Site) -> None:
    begin(one)
    told = failure_of(lambda: begin(two))
    assert told.reason == "locked"
    assert "an apply of commit" in str(told)
    assert "actions/runs/1 is still in_progress" in str(told)
    thread = threading.Timer(0.3, lambda: settle(one, UNIT, Status.DEPLOYED))
    thread.start()
    chain = await_turn(two, UNIT, pause=0.01)
    thread.join()
    assert chain[-1].status is Status.DEPLOYED


def test_a_run_that_is_over_is_not_waited_for_and_its_announcement_stays_open(
    one: Site, two: Site, hub: Hub
) -> None:
    begin(one)
    hub.runs["r1"] = "completed"
    assert [e.status for e in await_turn(two, UNIT)] == [Status.APPLYING]


def test_an_apply_that_failed_lets_the_next_run_begin_though_its_own_goes_on(
    one: Site, two: Site
) -> None:
    chain = await_turn(one, UNIT)
    with pytest.raises(RuntimeError), announced(one, UNIT, chain, _applying(one)):
        raise RuntimeError
    assert [e.status for e in await_turn(two, UNIT)] == [Status.APPLYING]
    assert begin(two).number == 2


def _applying(site: Site) -> Entry:
    return entry_of(site, UNIT, Status.APPLYING, Evidence())


def test_of_two_that_announce_at_the_same_moment_one_plans_again(one: Site, two: Site) -> None:
    chains = [await_turn(one, UNIT), await_turn(two, UNIT)]
    with announced(one, UNIT, chains[0], _applying(one)):
        pass
    with pytest.raises(Failure) as caught, announced(two, UNIT, chains[1], _applying(two)):
        pytest.fail("the second may not begin")
    assert caught.value.reason == "stale"
    assert {m.run_id for m in one.state(UNIT).markers()} == {"1"}


def test_an_empty_plan_is_settled_without_an_announcement(one: Site) -> None:
    seen = Evidence(reviewed=True)
    settled = settle(one, UNIT, Status.DEPLOYED, after=0, evidence=seen, serial=4)
    assert settled == last(one)
    assert (settled.number, settled.evidence, settled.serial) == (1, seen, 4)


def test_an_empty_plan_of_before_another_runs_announcement_settles_nothing(
    one: Site, two: Site, values: Repository
) -> None:
    begin(two)
    values.books(one="2")
    told = failure_of(lambda: settle(one, UNIT, Status.DEPLOYED, after=0))
    assert told.reason == "superseded"
    assert last(one).status is Status.APPLYING


def test_who_was_overtaken_in_the_rollout_settles_nothing(
    one: Site, two: Site, hub: Hub, values: Repository
) -> None:
    begin(one)
    hub.runs["r1"] = "completed"
    begin(two)
    assert failure_of(lambda: settle(one, UNIT, Status.DEPLOYED)).reason == "superseded"
    assert settle(two, UNIT, Status.DEPLOYED) == last(two)


def test_a_kill_between_an_entry_and_the_head_beside_the_state_is_made_good_by_the_next(
    one: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(one)
    store = one.stores.ledger
    with monkeypatch.context() as patch:
        patch.setattr(type(store), "_raise_head", lambda *_: None)
        settle(one, UNIT, Status.DEPLOYED)
    assert len(read_chain(store, UNIT)) == 2
    settle(one, UNIT, Status.HELD, after=2)
    chain = read_chain(store, UNIT)
    assert [e.status for e in chain] == [Status.APPLYING, Status.DEPLOYED, Status.HELD]
    one.aws.s3.delete_object(Bucket=one.stores.names.ledger_bucket, Key="shelf/dev/00000003.json")
    assert failure_of(lambda: read_chain(store, UNIT)).reason == "ledger-damaged"
