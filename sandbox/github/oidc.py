"""The issuer of workflow identity tokens: GitHub's claims, signed with a key of our own.

Source: docs.github.com, "OpenID Connect reference" (claims; the immutable subject format with
owner and repository ids, the default for repositories created since 2026).
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.actions.model import Job, WorkflowRun
from sandbox.github.model import NAME, OWNER, OWNER_ID, REPOSITORY, REPOSITORY_ID, User

ISSUER = "https://token.actions.githubusercontent.com"
LIFETIME = 300  # seconds


def new_key() -> str:
    """A new RSA key as PEM text."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def _public(pem: str) -> rsa.RSAPublicNumbers:
    key = serialization.load_pem_private_key(pem.encode(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("the issuer's key is not an RSA key")
    return key.public_key().public_numbers()


def _text(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def key_id(pem: str) -> str:
    return hashlib.sha256(_text(_public(pem).n).encode()).hexdigest()[:32]


def jwks(pem: str) -> dict[str, Any]:
    """The public half, as a JSON Web Key Set."""
    numbers = _public(pem)
    key = {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": key_id(pem),
        "n": _text(numbers.n),
        "e": _text(numbers.e),
    }
    return {"keys": [key]}


def discovery(url: str) -> dict[str, Any]:
    """The issuer's ``openid-configuration``; only the keys are served from here."""
    return {
        "issuer": ISSUER,
        "jwks_uri": f"{url}/_oidc/.well-known/jwks",
        "subject_types_supported": ["public", "pairwise"],
        "response_types_supported": ["id_token"],
        "claims_supported": ["sub", "aud", "exp", "iat", "iss", "jti", "nbf", *sorted(_NAMES)],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid"],
    }


_NAMES = (
    "ref", "sha", "repository", "repository_id", "repository_owner", "repository_owner_id",
    "run_id", "run_number", "run_attempt", "repository_visibility", "actor", "actor_id",
    "workflow", "workflow_ref", "workflow_sha", "head_ref", "base_ref", "event_name", "ref_type",
    "ref_protected", "job_workflow_ref", "job_workflow_sha", "environment", "runner_environment",
    "check_run_id",
)  # fmt: skip


def prefix(*, immutable: bool) -> str:
    """How ``sub`` begins; repositories older than the immutable format have to opt in to it."""
    if immutable:
        return f"repo:{OWNER}@{OWNER_ID}/{NAME}@{REPOSITORY_ID}"
    return f"repo:{OWNER}/{NAME}"


def subject(run: WorkflowRun, job: Job, *, immutable: bool) -> str:
    """``sub``: the environment decides, else the pull request, else the ref."""
    head = prefix(immutable=immutable)
    if job.environment:
        # A colon would let a name pretend to be another field; GitHub encodes it.
        return f"{head}:environment:{job.environment.replace(':', '%3A')}"
    if run.event == "pull_request":
        return f"{head}:pull_request"
    return f"{head}:ref:{run.ref}"


def claims(
    run: WorkflowRun,
    job: Job,
    actor: User,
    protected: bool,
    *,
    immutable: bool = True,
    visibility: str = "private",
) -> dict[str, str]:
    """Every claim that GitHub documents but the times, ids and audience."""
    pull = run.payload.get("pull_request") or {}
    ref = run.ref
    workflow_ref = f"{REPOSITORY}/{run.path}@{ref}"
    result = {
        "sub": subject(run, job, immutable=immutable),
        "ref": ref,
        "sha": run.sha,
        "repository": REPOSITORY,
        "repository_id": str(REPOSITORY_ID),
        "repository_owner": OWNER,
        "repository_owner_id": str(OWNER_ID),
        "repository_visibility": visibility,
        "run_id": str(run.id),
        "run_number": str(run.run_number),
        "run_attempt": str(run.run_attempt),
        "actor": actor.login,
        "actor_id": str(actor.id),
        "workflow": run.workflow,
        "workflow_ref": workflow_ref,
        "workflow_sha": run.sha,
        "head_ref": str(pull.get("head", {}).get("ref", "")),
        "base_ref": str(pull.get("base", {}).get("ref", "")),
        "event_name": run.event,
        "ref_type": "tag" if ref.startswith("refs/tags/") else "branch",
        "ref_protected": "true" if protected else "false",
        "job_workflow_ref": job.job_workflow_ref or workflow_ref,
        "job_workflow_sha": job.job_workflow_sha or run.sha,
        "runner_environment": "github-hosted",
        "check_run_id": str(job.id),
    }
    if job.environment:
        result["environment"] = job.environment
    return result


def sign(pem: str, body: Mapping[str, Any], audience: str, issuer: str = ISSUER) -> str:
    """A signed token that is good for five minutes."""
    issued = int(time.time())
    times = {
        "iss": issuer,
        "aud": audience,
        "jti": secrets.token_hex(16),
        "iat": issued,
        "nbf": issued - 10,
        "exp": issued + LIFETIME,
    }
    return jwt.encode({**times, **body}, pem, algorithm="RS256", headers={"kid": key_id(pem)})
