"""One local AWS with the account's stack applied, jobs' tokens for its roles, and a graph store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest

from sandbox.client import Sandbox
from sandbox.layout import ACCOUNT, REGION
from tests.terraform.graph_store import called
from tests.terraform.stacks import STATE_BUCKET, Credentials, Stack, client

Claims = Mapping[str, str]
Sign = Callable[..., str]


@pytest.fixture(scope="session")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A local AWS that trusts the issuer of the local GitHub."""
    with Sandbox.start(tmp_path_factory.mktemp("box")) as running:
        client("s3", running.aws_url).create_bucket(
            Bucket=STATE_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        yield running


@pytest.fixture(scope="session")
def sign(box: Sandbox) -> Sign:
    """A token of the local GitHub's issuer, with the claims that it is told."""

    def token(claims: Claims, audience: str = "sts.amazonaws.com") -> str:
        body = {"claims": dict(claims), "aud": audience}
        answer = httpx.post(f"{box.github_url}/_sandbox/oidc", json=body, timeout=60)
        return str(answer.raise_for_status().json()["value"])

    return token


@pytest.fixture(scope="session")
def account(box: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The account's stack, applied as `pipeline bootstrap` does: by an administrator."""
    stack = Stack("account", "shared", box.aws_url, tmp_path_factory.mktemp("account"))
    stack.init()
    with stack.one_provider():
        stack.apply()
        yield stack


@pytest.fixture(scope="session")
def assume(box: Sandbox, account: Stack) -> Callable[[str, str], Credentials]:
    """Credentials of a role for a job's token, as the credentials action gets them."""

    def credentials(role: str, token: str) -> Credentials:
        answer = client("sts", box.aws_url).assume_role_with_web_identity(
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/knowledgeweaver-{role}",
            RoleSessionName="job",
            WebIdentityToken=token,
        )
        given = answer["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
            "AWS_SESSION_TOKEN": given["SessionToken"],
        }

    return credentials


@pytest.fixture(scope="session")
def graph_store(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The module neo4j as its contract calls it: resources by address, outputs by name."""
    return called(tmp_path_factory.mktemp("module"))


@pytest.fixture(scope="session")
def user_data(graph_store: dict[str, Any]) -> str:
    """What the graph store's instance is told at its first boot."""
    return str(graph_store["aws_instance.this"]["user_data"])
