"""The life of knowledgeweaver/dev under the pipeline's own roles, against the local AWS.

Ordered: each test goes on from where the one before left the estate.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from sandbox.client import Sandbox
from tests.terraform.stacks import Credentials, Stack, client, image

pytestmark = pytest.mark.slow
Assume = Callable[..., Credentials]


@pytest.fixture(scope="module")
def planner(assume: Assume) -> Credentials:
    return assume("plan", "pull_request", "unit-plan.yml")


@pytest.fixture(scope="module")
def deployer(assume: Assume) -> Credentials:
    return assume("apply-dev", "environment:dev", "unit-deploy.yml")


def test_the_account_has_nothing_left_to_change(account: Stack, planner: Credentials) -> None:
    assert account.plan(credentials=planner)["changes"] == {}


def test_the_apply_role_brings_the_whole_estate_up(estate: Stack, deployer: Credentials) -> None:
    assert "Apply complete!" in estate.apply(credentials=deployer)


def test_the_plan_role_finds_nothing_to_change(estate: Stack, planner: Credentials) -> None:
    plan = estate.plan(credentials=planner)
    assert plan["changes"] == {}
    assert not [o for o in plan["output_changes"].values() if o["actions"] != ["no-op"]]


def test_no_secret_is_in_the_state(estate: Stack, box: Sandbox) -> None:
    state = estate.run("state", "pull").stdout
    secrets = client("secretsmanager", box.aws_url)
    names = [secret["Name"] for secret in secrets.list_secrets()["SecretList"]]
    assert sorted(names) == ["knowledgeweaver/dev/api-key", "knowledgeweaver/dev/neo4j"]
    for name in names:
        value = secrets.get_secret_value(SecretId=name)["SecretString"]
        password = json.loads(value)["password"] if name.endswith("neo4j") else value
        assert len(password) == 40
        assert password not in state


def test_a_new_image_and_a_new_key_change_only_the_service(
    estate: Stack, planner: Credentials, deployer: Credentials, box: Sandbox
) -> None:
    change = ("-var", f"image={image('a' * 40)}", "-var", "api_key_generation=2")
    secrets = client("secretsmanager", box.aws_url)
    before = secrets.get_secret_value(SecretId="knowledgeweaver/dev/api-key")["SecretString"]
    assert estate.plan(*change, credentials=planner)["changes"] == {
        "module.ecs.aws_ecs_service.api": ["update"],
        "module.ecs.aws_ecs_task_definition.api": ["delete", "create"],
        "module.secrets.aws_secretsmanager_secret_version.api_key": ["delete", "create"],
    }
    estate.apply(*change, credentials=deployer)
    assert estate.plan(*change, credentials=planner)["changes"] == {}
    after = secrets.get_secret_value(SecretId="knowledgeweaver/dev/api-key")["SecretString"]
    assert after != before


def test_destroying_leaves_nothing(estate: Stack, deployer: Credentials, box: Sandbox) -> None:
    estate.destroy(credentials=deployer)
    assert estate.run("state", "list").stdout == ""
    assert vpcs(box) == []
    assert client("secretsmanager", box.aws_url).list_secrets()["SecretList"] == []
    roles = client("iam", box.aws_url).list_roles()["Roles"]
    assert [r["RoleName"] for r in roles if r["RoleName"].startswith("knowledgeweaver-dev-")] == []
    buckets = client("s3", box.aws_url).list_buckets()["Buckets"]
    assert [b["Name"] for b in buckets if "documents" in b["Name"]] == []


def vpcs(box: Sandbox) -> list[str]:
    found = client("ec2", box.aws_url).describe_vpcs(
        Filters=[{"Name": "tag:Environment", "Values": ["dev"]}]
    )
    return [vpc["VpcId"] for vpc in found["Vpcs"]]
