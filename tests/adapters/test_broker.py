"""Terraform's credentials come by a door on loopback, for whoever has its token."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from pipeline.adapters.aws.broker import Broker

KEYS = {"AccessKeyId": "a", "SecretAccessKey": "b", "Token": "c"}


@pytest.fixture
def broker() -> Iterator[Broker]:
    made = Broker(lambda: KEYS)
    yield made
    made.close()


def test_who_has_the_token_gets_the_keys_of_this_moment(broker: Broker) -> None:
    url, token = broker.environment.values()
    assert httpx.get(url, headers={"Authorization": token}).json() == KEYS


@pytest.mark.parametrize("given", ["", "Bearer x", "x" * 43])
def test_nobody_else_does(broker: Broker, given: str) -> None:
    answer = httpx.get(next(iter(broker.environment.values())), headers={"Authorization": given})
    assert answer.status_code == 403
    assert "b" not in answer.headers.values()


def test_no_other_path_answers(broker: Broker) -> None:
    url, token = broker.environment.values()
    assert httpx.get(f"{url}/x", headers={"Authorization": token}).status_code == 403


def test_each_broker_has_a_token_of_its_own(broker: Broker) -> None:
    other = Broker(lambda: KEYS)
    assert set(other.environment.values()).isdisjoint(broker.environment.values())
    other.close()
