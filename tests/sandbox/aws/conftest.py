"""One sandbox for all tests of the emulated AWS, an OIDC issuer of their own, and a plain moto."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import jwt
import pytest
from botocore.config import Config
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from moto.server import ThreadedMotoServer

from sandbox.client import Sandbox
from sandbox.layout import ACCOUNT, ADMIN_KEY, ADMIN_SECRET, REGION

ISSUER = "https://token.actions.githubusercontent.com"
Clients = Callable[..., Any]


@dataclass(frozen=True)
class Issuer:
    """Signs tokens; ``stranger`` has the same key id and another key."""

    key: rsa.RSAPrivateKey
    stranger: rsa.RSAPrivateKey
    url: str

    def token(self, *, forged: bool = False, **claims: Any) -> str:
        now = int(time.time())
        whole = {
            "iss": ISSUER,
            "aud": "sts.amazonaws.com",
            "iat": now,
            "nbf": now,
            "exp": now + 300,
            "sub": "repo:acme@1001/delivery@2001:environment:dev",
            "repository": "acme/delivery",
            "repository_id": "2001",
            "environment": "dev",
            "job_workflow_ref": "acme/delivery/.github/workflows/unit-deploy.yml@refs/heads/main",
            **claims,
        }
        key = self.stranger if forged else self.key
        return jwt.encode(whole, key, algorithm="RS256", headers={"kid": "test"})


@pytest.fixture(scope="session")
def issuer() -> Iterator[Issuer]:
    keys = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2)]
    public = {**RSAAlgorithm.to_jwk(keys[0].public_key(), as_dict=True), "kid": "test"}
    body = json.dumps({"keys": [{**public, "use": "sig", "alg": "RS256"}]}).encode()

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield Issuer(keys[0], keys[1], f"http://127.0.0.1:{server.server_port}/jwks")
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def box(tmp_path_factory: pytest.TempPathFactory, issuer: Issuer) -> Iterator[Sandbox]:
    root: Path = tmp_path_factory.mktemp("sandbox")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SANDBOX_OIDC_JWKS", issuer.url)
        running = Sandbox.start(root, only=["aws"])
    with running:
        yield running


def _clients(url: str) -> Clients:
    def client(
        service: str, key: str = ADMIN_KEY, secret: str = ADMIN_SECRET, token: str = ""
    ) -> Any:
        return boto3.client(
            service,
            endpoint_url=url,
            region_name=REGION,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token or None,
            config=Config(retries={"total_max_attempts": 1}, read_timeout=60),
        )

    return client


@pytest.fixture(scope="session")
def aws(box: Sandbox) -> Clients:
    """Clients of the sandbox; as the administrator unless credentials are given."""
    return _clients(box.aws_url)


@pytest.fixture(scope="session")
def plain() -> Iterator[Clients]:
    """Clients of moto as it is."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield _clients(f"http://{host}:{port}")
    server.stop()


@pytest.fixture(scope="session")
def assume(aws: Clients) -> Callable[..., dict[str, str]]:
    """Make a role with these policies; the credentials of a session of it, for ``aws``."""

    def make(name: str, *statements: Any, boundary: Any = None) -> dict[str, str]:
        iam = aws("iam")
        more = {}
        if boundary is not None:
            made = iam.create_policy(PolicyName=f"{name}-b", PolicyDocument=document(boundary))
            more = {"PermissionsBoundary": made["Policy"]["Arn"]}
        trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust), **more)
        if statements:
            iam.put_role_policy(
                RoleName=name, PolicyName="inline", PolicyDocument=document(*statements)
            )
        answer = aws("sts").assume_role(RoleArn=role["Role"]["Arn"], RoleSessionName="test")
        given = answer["Credentials"]
        return {
            "key": given["AccessKeyId"],
            "secret": given["SecretAccessKey"],
            "token": given["SessionToken"],
        }

    return make


def document(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
