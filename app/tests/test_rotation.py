"""The four steps of a rotation, interrupted and repeated at any point.

The real Neo4j and Secrets Manager's interface are in tests/terraform/test_rotation.py.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledgeweaver.rotation import handle
from knowledgeweaver.rotation.secret import Pair, Secret
from knowledgeweaver.rotation.steps import STEPS, RotationError

ORDER = ("createSecret", "setSecret", "testSecret", "finishSecret")
FIRST = "first-password"


class Missing(Exception):
    """ResourceNotFoundException."""


class Manager:
    """Secrets Manager's four calls over a dictionary, as the API reference describes them."""

    class exceptions:
        ResourceNotFoundException = Missing

    def __init__(self) -> None:
        self.labels = {"v1": ["AWSCURRENT"], "v2": ["AWSPENDING"]}
        self.values = {"v1": json.dumps({"username": "neo4j", "password": FIRST, "host": "h"})}
        self.enabled = True

    def describe_secret(self, **_: Any) -> dict[str, Any]:
        return {"RotationEnabled": self.enabled, "VersionIdsToStages": self.labels}

    def get_secret_value(
        self, *, SecretId: str, VersionStage: str, VersionId: str = ""
    ) -> dict[str, str]:
        found = [
            version
            for version, labels in self.labels.items()
            if VersionStage in labels and VersionId in ("", version) and version in self.values
        ]
        if not found:
            raise Missing
        return {"SecretString": self.values[found[0]]}

    def put_secret_value(self, *, ClientRequestToken: str, SecretString: str, **_: Any) -> None:
        assert ClientRequestToken not in self.values, "a version's value never changes"
        self.values[ClientRequestToken] = SecretString

    def update_secret_version_stage(
        self, *, MoveToVersionId: str, RemoveFromVersionId: str, **_: Any
    ) -> None:
        for labels in self.labels.values():
            if "AWSPREVIOUS" in labels:
                labels.remove("AWSPREVIOUS")
        self.labels[RemoveFromVersionId].remove("AWSCURRENT")
        self.labels[RemoveFromVersionId].append("AWSPREVIOUS")
        self.labels[MoveToVersionId].append("AWSCURRENT")

    def current(self) -> dict[str, str]:
        value: dict[str, str] = json.loads(
            self.get_secret_value(SecretId="s", VersionStage="AWSCURRENT")["SecretString"]
        )
        return value


class Database:
    """One account; ``broken`` answers as a server that is not there."""

    def __init__(self, password: str = FIRST) -> None:
        self.password, self.broken = password, False

    def admits(self, pair: Pair) -> bool:
        if self.broken:
            raise ConnectionError
        return pair.password == self.password

    def change(self, old: Pair, new: Pair) -> bool:
        if not self.admits(old):
            return False
        self.password = new.password
        return True


def secret(manager: Manager, version: str = "v2") -> Secret:
    return Secret(manager, "s", version)


def run(manager: Manager, database: Database, *steps: str) -> None:
    for step in steps:
        STEPS[step](secret(manager), database, 32)


def test_a_rotation_changes_the_password_in_both_places() -> None:
    manager, database = Manager(), Database()
    run(manager, database, *ORDER)
    assert manager.current() == {"username": "neo4j", "password": database.password, "host": "h"}
    assert database.password != FIRST
    assert len(database.password) == 32
    assert manager.labels["v1"] == ["AWSPREVIOUS"]


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(-1, 3)), max_size=4))
def test_a_rotation_that_is_broken_off_anywhere_ends_well_when_it_is_repeated(
    attempts: list[tuple[int, int]],
) -> None:
    manager, database = Manager(), Database()
    for length, broken in attempts:  # so many steps; in one of them the database is away
        for number, step in enumerate(ORDER[:length]):
            database.broken = number == broken
            try:
                run(manager, database, step)
            except ConnectionError:
                break
    database.broken = False
    run(manager, database, *ORDER)
    assert manager.current()["password"] == database.password != FIRST


def test_until_the_new_password_has_logged_in_the_old_version_is_current() -> None:
    manager, database = Manager(), Database()
    run(manager, database, "createSecret", "setSecret")
    database.password = "somebody changed it"
    with pytest.raises(RotationError, match="does not take the password of AWSPENDING"):
        run(manager, database, "testSecret")
    assert manager.current()["password"] == FIRST


def test_a_database_restored_from_before_the_last_rotation_is_caught_up() -> None:
    manager, database = Manager(), Database()
    run(manager, database, *ORDER)
    database.password = FIRST
    manager.labels["v3"] = ["AWSPENDING"]
    for step in ORDER:
        STEPS[step](secret(manager, "v3"), database, 32)
    assert manager.current()["password"] == database.password


def test_a_database_that_takes_none_of_the_passwords_is_told_without_them() -> None:
    manager, database = Manager(), Database("unknown to the secret")
    with pytest.raises(RotationError) as refusal:
        run(manager, database, "createSecret", "setSecret")
    assert FIRST not in str(refusal.value)
    assert manager.current()["password"] == FIRST


@pytest.mark.parametrize("step", ORDER)
def test_a_version_that_is_not_of_a_rotation_is_refused(step: str) -> None:
    manager = Manager()
    manager.labels["v2"].clear()
    with pytest.raises(RotationError, match="v2"):
        run(manager, Database(), step)
    manager.enabled = False
    with pytest.raises(RotationError, match="not set up for rotation"):
        run(manager, Database(), step)


def test_an_unknown_step_is_refused_with_the_known_ones() -> None:
    with pytest.raises(RotationError, match="createSecret, setSecret"):
        handle({"Step": "dropSecret", "SecretId": "s", "ClientRequestToken": "v2"})


def test_a_pair_never_shows_its_password() -> None:
    assert FIRST not in repr(Pair("neo4j", FIRST))
