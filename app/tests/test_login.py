"""The graph store's login finds the password that a rotation set."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from neo4j import basic_auth
from neo4j.exceptions import Neo4jError

from knowledgeweaver.graph.login import LOCKED, UNAUTHORIZED, Login
from knowledgeweaver.settings import Settings, SettingsError


class Secret:
    """The versions of a secret, and how often it was read."""

    def __init__(self, *passwords: str) -> None:
        self.passwords, self.reads = passwords, 0

    def __call__(self) -> Iterator[tuple[str, str]]:
        self.reads += 1
        for password in self.passwords:
            yield "neo4j", password


def refusal(code: str = UNAUTHORIZED) -> Neo4jError:
    return Neo4jError._hydrate_neo4j(code=code, message="no")


def refused(login: Login, code: str = UNAUTHORIZED) -> bool:
    return login.handle_security_exception(login.get_auth(), refusal(code))


@pytest.mark.parametrize(
    ("versions", "found"),
    [
        (["new"], "new"),  # the rotation is over
        (["old", "pending"], "pending"),  # the database has it already, AWSCURRENT has not
    ],
)
def test_a_refused_password_gives_way_to_the_secrets_newest(
    versions: list[str], found: str
) -> None:
    login = Login("neo4j", "old", Secret(*versions))
    assert refused(login) is True
    assert login.get_auth() == basic_auth("neo4j", found)


def test_the_secret_is_not_read_before_a_refusal_nor_for_another_reason() -> None:
    secret = Secret("new")
    login = Login("neo4j", "old", secret)
    assert refused(login, LOCKED) is False
    assert secret.reads == 0


def test_threads_that_were_refused_together_read_the_secret_once() -> None:
    secret = Secret("new")
    login = Login("neo4j", "old", secret)
    old = login.get_auth()
    assert [login.handle_security_exception(old, refusal()) for _ in range(5)] == [True] * 5
    assert secret.reads == 1


def test_a_secret_without_another_password_is_left_alone_for_a_while() -> None:
    secret = Secret("old")
    login = Login("neo4j", "old", secret)
    assert [refused(login) for _ in range(3)] == [False] * 3
    assert secret.reads == 1


def test_two_passwords_that_are_both_refused_do_not_take_turns() -> None:
    login = Login("neo4j", "old", Secret("old", "other"))
    assert [refused(login) for _ in range(4)] == [True, False, False, False]


def test_without_a_secret_a_refusal_is_final() -> None:
    assert refused(Login("neo4j", "old")) is False


def test_a_secret_needs_a_region_to_be_read_in() -> None:
    env = {"KW_API_KEY": "a-key-that-is-long-enough", "NEO4J_SECRET_ID": "knowledgeweaver/neo4j"}
    with pytest.raises(SettingsError, match="AWS_REGION must be set where NEO4J_SECRET_ID is"):
        Settings.read(env)
    assert Settings.read({**env, "AWS_REGION": "ap-southeast-2"}).aws_region == "ap-southeast-2"
