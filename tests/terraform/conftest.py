"""One local AWS with the account's stack applied, and jobs' tokens for its roles."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from sandbox.client import Sandbox
from sandbox.layout import ACCOUNT, REGION
from tests.terraform.stacks import STATE_BUCKET, Credentials, Stack, client

SUBJECT = "repo:knowledgeweaver@1001/delivery@2001"
WORKFLOWS = "knowledgeweaver/delivery/.github/workflows"
Sign = Callable[..., str]


@pytest.fixture(scope="session")
def signer() -> Iterator[tuple[str, Sign]]:
    """Where the keys of GitHub's issuer are read, and a function that signs a job's token."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": "k", "alg": "RS256"}
    body = json.dumps({"keys": [{**public, "use": "sig"}]}).encode()

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    def sign(subject: str, workflow: str, **claims: str) -> str:
        now = int(time.time())
        whole = {
            "iss": "https://token.actions.githubusercontent.com",
            "aud": "sts.amazonaws.com",
            "iat": now,
            "nbf": now,
            "exp": now + 300,
            "sub": f"{SUBJECT}:{subject}",
            "repository_id": "2001",
            "job_workflow_ref": f"{WORKFLOWS}/{workflow}@refs/heads/main",
            **claims,
        }
        return jwt.encode(whole, key, algorithm="RS256", headers={"kid": "k"})

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/jwks", sign
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def box(tmp_path_factory: pytest.TempPathFactory, signer: tuple[str, Sign]) -> Iterator[Sandbox]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SANDBOX_OIDC_JWKS", signer[0])
        running = Sandbox.start(tmp_path_factory.mktemp("box"), only=["aws"])
    with running:
        client("s3", running.aws_url).create_bucket(
            Bucket=STATE_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        yield running


@pytest.fixture(scope="session")
def account(box: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """The account's stack, applied as `pipeline bootstrap` does: by an administrator."""
    stack = Stack("account", "shared", box.aws_url, tmp_path_factory.mktemp("account"))
    stack.init()
    stack.apply()
    return stack


@pytest.fixture(scope="session")
def assume(box: Sandbox, account: Stack, signer: tuple[str, Sign]) -> Callable[..., Credentials]:
    """Credentials of a role for a job's token, as the credentials action gets them."""

    def credentials(role: str, subject: str, workflow: str, **claims: str) -> Credentials:
        answer = client("sts", box.aws_url).assume_role_with_web_identity(
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/knowledgeweaver-{role}",
            RoleSessionName="job",
            WebIdentityToken=signer[1](subject, workflow, **claims),
        )
        given = answer["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
            "AWS_SESSION_TOKEN": given["SessionToken"],
        }

    return credentials
