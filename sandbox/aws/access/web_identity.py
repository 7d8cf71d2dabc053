"""Check a GitHub Actions token as STS does before it hands out a role's credentials.

"AssumeRoleWithWebIdentity" in the STS API reference and "Create a role for OIDC federation" in the
IAM User Guide: the token's signature has to be the provider's, its issuer a registered IAM OIDC
provider, its audience one of the provider's client ids, and the role's trust policy has to allow
the provider under the token's claims. The claims that can be conditions are those of "Available
keys for AWS OIDC federation" (GitHub's own claims beside ``aud`` and ``sub`` since 2026-01).
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlparse

import jwt
from moto.iam.models import OpenIDConnectProvider, iam_backends

from sandbox.aws.access.sessions import PARTITION, denied, find_role, trusts
from sandbox.aws.answers import AwsError
from sandbox.aws.turns import aside

#: The issuer whose keys the local GitHub publishes.
GITHUB_ISSUER = "https://token.actions.githubusercontent.com"
#: Claims that become condition keys; anything else in a token decides nothing.
CLAIMS = (
    "actor",
    "actor_id",
    "enterprise_id",
    "environment",
    "job_workflow_ref",
    "ref",
    "repository",
    "repository_id",
    "sub",
    "workflow",
)
#: Seconds a token may be early; STS tolerates small differences between clocks.
_LEEWAY = 5


@dataclass(slots=True)
class KeySets:
    """The issuers' public keys, fetched once and again when a token names an unknown key."""

    urls: dict[str, str]
    _clients: dict[str, jwt.PyJWKClient] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def key(self, issuer: str, token: str) -> Any:
        """The key that signed a token; raises the errors STS answers."""
        url = self.urls.get(issuer)
        if url is None:
            raise AwsError(
                "IDPCommunicationError",
                f"The keys of {issuer} cannot be fetched: the sandbox knows no address for it.",
            )
        with self._lock:
            # half of the minute that SDKs wait for STS: on a busy machine 5 s were too few
            client = self._clients.setdefault(url, jwt.PyJWKClient(url, lifespan=300, timeout=30))
        try:
            with aside():
                return client.get_signing_key_from_jwt(token).key
        except jwt.PyJWKClientConnectionError as error:
            raise AwsError("IDPCommunicationError", f"{url} did not answer: {error}") from error
        except jwt.PyJWTError as error:
            raise _invalid(f"No key of {issuer} signed this token ({error})") from error


def check(account: str, role_arn: str, token: str, keys: KeySets) -> Any:
    """The role a token may assume; raises AccessDenied, InvalidIdentityToken or ExpiredToken."""
    claims = _read(token)
    issuer = str(claims.get("iss", ""))
    provider = _provider(account, issuer)
    _verify(token, keys.key(issuer, token), issuer, provider.client_id_list)
    role = find_role(account, role_arn)
    prefix = issuer.removeprefix("https://")
    conditions = {f"{prefix}:aud": [_audience(claims)]}
    conditions |= {f"{prefix}:{name}": [str(claims[name])] for name in CLAIMS if name in claims}
    action = "AssumeRoleWithWebIdentity"
    if role is None or not trusts(
        role, f"sts:{action}", (f"Federated:{provider.arn}",), conditions
    ):
        raise denied(action)
    return role


def _read(token: str) -> dict[str, Any]:
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise _invalid(f"The ID Token provided is not a valid JWT ({error})") from error
    return dict(claims)


def _provider(account: str, issuer: str) -> OpenIDConnectProvider:
    parsed = urlparse(issuer)
    wanted = parsed.netloc + parsed.path
    for provider in list(iam_backends[account][PARTITION].open_id_providers.values()):
        if provider.url.rstrip("/") == wanted.rstrip("/") and parsed.scheme == "https":
            return provider
    raise _invalid(f"No OpenIDConnect provider found in your account for {issuer}")


def _verify(token: str, key: Any, issuer: str, audiences: list[str]) -> None:
    try:
        jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            audience=audiences,
            issuer=issuer,
            leeway=_LEEWAY,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
    except jwt.ExpiredSignatureError as error:
        raise AwsError(
            "ExpiredTokenException",
            f"Token expired: current date/time {int(time.time())} must be before the expiration",
        ) from error
    except jwt.InvalidAudienceError as error:
        raise _invalid("Incorrect token audience") from error
    except jwt.PyJWTError as error:
        raise _invalid(f"Couldn't verify the token: {error}") from error


def _audience(claims: dict[str, Any]) -> str:
    audience = claims["aud"]
    return str(audience[0] if isinstance(audience, list) else audience)


def _invalid(words: str) -> AwsError:
    return AwsError("InvalidIdentityToken", words, 400)
