"""The workspaces as they are applied, side by side: pictured, planned, changed, destroyed.

Dev's life through the pipeline is told by the story (tests/e2e).
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from botocore.exceptions import ClientError

from sandbox.client import Sandbox
from terraform.guide import GUIDE
from tests.terraform.secret_values import without_values
from tests.terraform.stacks import Stack, client
from tests.terraform.test_picture import CERTIFICATE, PICTURES, THEMES, draw_prod, prepared

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
WORKSPACES = ("dev", "staging", "prod")
#: A reviewed change of two: production's protection is lifted, staging may grow.
CHANGES = {
    "prod": (
        "-var=keep={protect=false,secret_recovery_days=30,old_document_versions_days=90}",
        "-var=backup={}",
    ),
    "staging": ("-var=service={min=1,max=5}",),
}


@dataclass(frozen=True)
class Applied:
    """A stack that stands, and the variables that it was applied with beside its file."""

    stack: Stack
    given: tuple[str, ...]


@pytest.fixture(scope="module")
def applied(
    box: Sandbox, account: Stack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Applied]]:
    certificate = prepared(box)
    found = {
        name: Applied(
            Stack("knowledgeweaver", name, account.url, tmp_path_factory.mktemp(name)),
            (CERTIFICATE.format(certificate),) if name == "prod" else (),
        )
        for name in WORKSPACES
    }
    with ExitStack() as providers:
        for one in found.values():
            one.stack.init()
            providers.enter_context(one.stack.one_provider())
        with ThreadPoolExecutor() as pool:
            list(
                pool.map(lambda one: one.stack.apply(*one.given, "-parallelism=30"), found.values())
            )
        yield found


@pytest.fixture(scope="module")
def drawn(account: Stack, applied: dict[str, Applied]) -> dict[str, str]:
    with ThreadPoolExecutor() as pool:
        made = pool.map(lambda one: one.stack.plan(*one.given), applied.values())
        plans = dict(zip(applied, made, strict=True))
    for name, plan in plans.items():
        assert plan["changes"] == {}, f"a second plan of {name} is not empty"
    return draw_prod(plans["prod"], account)


@pytest.mark.parametrize("theme", THEMES)
def test_the_picture_is_that_of_prod(drawn: dict[str, str], theme: str) -> None:
    is_there = (PICTURES / f"estate-{theme}.svg").read_text()
    assert is_there == drawn[theme], "run: python -m tests.terraform.test_picture"


def test_every_type_of_the_estate_has_its_place(drawn: dict[str, str]) -> None:
    assert "Also in the plan" not in drawn["light"]


def test_every_workspace_is_planned_whole_by_somebody_who_may_read_no_secret(
    account: Stack, applied: dict[str, Applied]
) -> None:
    keys = without_values(account.url, "plans-without-values")
    secrets = client("secretsmanager", account.url, keys)
    with pytest.raises(ClientError, match="AccessDenied"):
        secrets.get_secret_value(SecretId="knowledgeweaver/neo4j")
    stacks = [(account, ()), *((one.stack, one.given) for one in applied.values())]

    def plan(one: tuple[Stack, tuple[str, ...]]) -> object:
        return one[0].plan(*one[1], credentials=keys)["changes"]

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(plan, stacks)) == [{}] * (1 + len(WORKSPACES))


def test_the_guide_lists_what_the_state_has(applied: dict[str, Applied]) -> None:
    command, *shown = GUIDE.read_text().split("## What is in the state\n\n```\n$ ")[1].split("\n")
    listed = shown[: shown.index("…")]
    assert command.endswith("state list module.neo4j")
    there = applied["prod"].stack.run("state", "list", "module.neo4j").stdout.split()
    assert len(listed) > 3
    assert set(listed) <= set(there)


def test_a_change_is_made_in_place_and_the_plan_after_it_is_empty(
    applied: dict[str, Applied],
) -> None:
    def change(name: str) -> tuple[set[str], dict[str, list[str]]]:
        one, wanted = applied[name], CHANGES[name]
        planned = one.stack.plan(*one.given, *wanted)["changes"]
        one.stack.apply_planned()
        after = one.stack.plan(*one.given, *wanted)["changes"]
        return {action for actions in planned.values() for action in actions}, after

    with ThreadPoolExecutor() as pool:
        found = dict(zip(CHANGES, pool.map(change, CHANGES), strict=True))
    for actions, after in found.values():
        assert "update" in actions
        assert actions <= {"update", "delete"}  # the lock of the backups goes with the protection
        assert after == {}


def test_a_destroy_leaves_nothing(applied: dict[str, Applied]) -> None:
    def destroy(name: str) -> None:
        applied[name].stack.destroy(*applied[name].given, *CHANGES.get(name, ()), "-parallelism=30")

    with ThreadPoolExecutor() as pool:
        list(pool.map(destroy, applied))
    url = applied["prod"].stack.url
    for one in applied.values():
        assert one.stack.run("state", "list").stdout == ""
    assert client("elbv2", url).describe_load_balancers()["LoadBalancers"] == []
    assert client("ec2", url).describe_volumes()["Volumes"] == []
    assert client("rds", url).describe_db_instances()["DBInstances"] == []
    assert client("lambda", url).list_functions()["Functions"] == []
    assert client("sqs", url).list_queues().get("QueueUrls", []) == []
    kept = {bucket["Name"] for bucket in client("s3", url).list_buckets()["Buckets"]}
    assert not any(f"-{name}-" in bucket for bucket in kept for name in applied)
