"""The function that makes the values of secrets: once, whatever breaks off, and never shown.

The real Secrets Manager's and RDS's interfaces are in tests/terraform/test_secret_values.py.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from knowledgeweaver.values import database, handle, handler
from knowledgeweaver.values.given import ValueNotMade, give

RANDOM = {"random": 40}


class Manager:
    """Secrets Manager over a dictionary, as the API reference describes it: a label is at one
    version, and AWSPREVIOUS goes to where AWSCURRENT was.
    """

    def __init__(self, value: str = "") -> None:
        self.values: list[str] = []
        self.labels: dict[str, int] = {}
        self.lost = False  # the next answer after a change does not arrive
        if value:
            self.put_secret_value(SecretId="s", SecretString=value, VersionStages=["AWSCURRENT"])

    def describe_secret(self, **_: Any) -> dict[str, Any]:
        stages: dict[str, list[str]] = {}
        for label, version in self.labels.items():
            stages.setdefault(f"v{version}", []).append(label)
        return {"VersionIdsToStages": stages} if stages else {}

    def put_secret_value(self, *, SecretString: str, VersionStages: list[str], **_: Any) -> None:
        self.values.append(SecretString)
        if "AWSCURRENT" in VersionStages and "AWSCURRENT" in self.labels:
            self.labels["AWSPREVIOUS"] = self.labels["AWSCURRENT"]
        self.labels |= dict.fromkeys(VersionStages, len(self.values) - 1)
        if self.lost:
            raise ConnectionError

    def update_secret_version_stage(
        self, *, VersionStage: str, MoveToVersionId: str, **_: Any
    ) -> None:
        self.labels[VersionStage] = int(MoveToVersionId[1:])

    def get_secret_value(self, **_: Any) -> dict[str, str]:
        return {"SecretString": self.current()}

    def current(self) -> str:
        return self.values[self.labels["AWSCURRENT"]]


def test_an_empty_secret_gets_what_its_form_says() -> None:
    manager = Manager()
    give(manager, "s", {"username": "neo4j", "password": RANDOM}, None)
    value = json.loads(manager.current())
    assert value["username"] == "neo4j"
    assert len(value["password"]) == 40
    assert value["password"].isalnum()


def test_a_form_that_is_random_as_a_whole_is_a_text_and_no_json() -> None:
    manager = Manager()
    give(manager, "s", RANDOM, 1)
    assert len(manager.current()) == 40


def test_a_random_value_has_letters_of_both_cases_and_digits() -> None:
    for _ in range(3000):  # one in 1100 had no digit, if nobody looked
        manager = Manager()
        give(manager, "s", RANDOM, 1)
        value = manager.current()
        assert value.upper() != value != value.lower()
        assert any(map(str.isdigit, value))


def test_two_values_are_never_the_same() -> None:
    manager = Manager()
    give(manager, "s", {"one": RANDOM, "other": RANDOM}, None)
    assert len(set(json.loads(manager.current()).values())) == 2


def test_without_a_generation_a_value_that_is_there_stays() -> None:
    manager = Manager("what people put in")
    assert give(manager, "s", RANDOM, None) == "s has a value"
    assert manager.values == ["what people put in"]


def test_a_value_from_before_the_function_stays_until_the_generation_is_raised() -> None:
    manager = Manager("from before")
    give(manager, "s", RANDOM, 3)
    assert manager.current() == "from before"
    give(manager, "s", RANDOM, 4)
    assert manager.current() != "from before"


def test_a_value_that_people_put_in_by_hand_counts_for_the_generation_that_is_reached() -> None:
    manager = Manager()
    give(manager, "s", RANDOM, 1)
    manager.put_secret_value(SecretId="s", SecretString="mine", VersionStages=["AWSCURRENT"])
    give(manager, "s", RANDOM, 1)
    assert manager.current() == "mine"


@given(st.lists(st.tuples(st.integers(1, 5), st.booleans()), min_size=1, max_size=8))
def test_each_generation_makes_one_value_however_often_it_is_asked(
    asked: list[tuple[int, bool]],
) -> None:
    manager, made, highest = Manager(), 0, 0
    for generation, lost in asked:
        manager.lost = lost
        try:
            give(manager, "s", RANDOM, generation)
        except ConnectionError:  # made, and yet the apply failed: the next one asks again
            manager.lost = False
            give(manager, "s", RANDOM, generation)
        made += generation > highest
        highest = max(highest, generation)
        assert len(manager.values) == made


@pytest.mark.parametrize(
    "form", [{}, 1, None, {"random": 8}, {"random": "40"}, {"key": 1}, {"key": {"deep": "x"}}]
)
def test_another_form_is_refused_before_anything_is_written(form: Any) -> None:
    manager = Manager()
    with pytest.raises(ValueNotMade):
        give(manager, "s", form, 1)
    assert manager.values == []


class Database:
    """RDS's two calls: busy for a while, then a password that is pending for a while."""

    class exceptions:
        class InvalidDBInstanceStateFault(Exception):
            """The database is being changed otherwise."""

    def __init__(self, busy: int = 0, pending: int = 0) -> None:
        self.busy, self.pending, self.password = busy, pending, ""

    def modify_db_instance(self, *, MasterUserPassword: str, **_: Any) -> None:
        if self.busy:
            self.busy -= 1
            raise self.exceptions.InvalidDBInstanceStateFault
        self.password = MasterUserPassword

    def describe_db_instances(self, **_: Any) -> dict[str, Any]:
        waits, self.pending = self.pending > 0, self.pending - 1
        found: dict[str, Any] = {"DBInstanceStatus": "available", "PendingModifiedValues": {}}
        if waits:
            found["PendingModifiedValues"]["MasterUserPassword"] = "****"
        return {"DBInstances": [found]}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that were slept; nobody really waits."""
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    monkeypatch.setattr("time.monotonic", lambda: sum(slept))
    return slept


def test_a_database_takes_the_part_of_the_secret_and_is_waited_for(clock: list[float]) -> None:
    rds = Database(busy=2, pending=3)
    database.set_password(Manager('{"key": "value"}'), rds, "s", "key", "d")
    assert rds.password == "value"
    assert len(clock) == 5


def test_a_database_that_is_never_ready_is_told_without_its_password(clock: list[float]) -> None:
    for rds in (Database(busy=10**9), Database(pending=10**9)):
        with pytest.raises(ValueNotMade, match="d is not ready") as refusal:
            database.set_password(Manager('{"key": "value"}'), rds, "s", "key", "d")
        assert "value" not in str(refusal.value)


@pytest.mark.parametrize("text", ['{"other": "value"}', '"value"', '{"key": 1}'])
def test_a_secret_without_the_part_changes_no_database(text: str) -> None:
    rds = Database()
    with pytest.raises(ValueNotMade, match="s has no key"):
        database.set_password(Manager(text), rds, "s", "key", "d")
    assert rds.password == ""


def test_a_role_that_is_seconds_old_is_waited_for(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    manager, refusals = Manager(), [3]
    describe = manager.describe_secret

    def refused(**given: Any) -> dict[str, Any]:
        if refusals[0]:
            refusals[0] -= 1
            raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "DescribeSecret")
        return describe(**given)

    monkeypatch.setattr(manager, "describe_secret", refused)
    monkeypatch.setattr(handler, "_client", lambda _service: manager)
    handle({"secret": "s", "value": RANDOM})
    assert len(manager.values) == 1
    refusals[0] = 10**9
    with pytest.raises(ClientError):
        handle({"secret": "s", "value": RANDOM})


def test_what_was_done_is_said_without_the_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    manager = Manager()
    monkeypatch.setattr(handler, "_client", lambda _service: manager)
    said = handle({"secret": "s", "value": RANDOM, "generation": 2})
    assert said == "s has a new value"
    assert manager.current() not in said + capsys.readouterr().out


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"secret": "s"},
        {"secret": "s", "value": RANDOM, "other": 1},
        {"secret": "s", "part": "key"},
        {"secret": 1, "value": RANDOM},
    ],
)
def test_an_event_that_asks_for_nothing_known_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(ValueNotMade, match="An invocation names"):
        handle(event)
