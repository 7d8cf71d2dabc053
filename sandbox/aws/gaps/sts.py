"""STS: trust policies are evaluated, which moto does not do.

"The trust relationship is defined in the role's trust policy when the role is created. That trust
policy states which accounts are allowed to delegate that access to users in the account" (STS API
reference, AssumeRole). moto hands out credentials of any role, even of one that does not exist, and
believes any token.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jwt

from sandbox.aws.access.principals import Principal
from sandbox.aws.access.sessions import credentials, denied, find_role, issue, trusts
from sandbox.aws.access.web_identity import GITHUB_ISSUER, KeySets, check
from sandbox.aws.answers import AwsError, Result
from sandbox.aws.calls import Call
from sandbox.aws.gaps import Context, answers

_PACKED = {"PackedPolicySize": 0}


@lru_cache
def _keys(jwks_url: str) -> KeySets:
    return KeySets({GITHUB_ISSUER: jwks_url} if jwks_url else {})


@answers("sts:AssumeRoleWithWebIdentity")
def assume_with_web_identity(call: Call, _principal: Principal, context: Context) -> Result:
    """Credentials for a token of a registered OIDC provider that the role trusts."""
    given = _required(call, "RoleArn", "RoleSessionName", "WebIdentityToken")
    token = str(given["WebIdentityToken"])
    role = check(context.account, str(given["RoleArn"]), token, _keys(context.oidc_jwks))
    seconds = int(given.get("DurationSeconds") or 3600)
    session = issue(context.account, call.region, role, str(given["RoleSessionName"]), seconds)
    claims = jwt.decode(token, options={"verify_signature": False})
    audience = claims["aud"]
    return {
        **credentials(session),
        "SubjectFromWebIdentityToken": claims["sub"],
        "Provider": claims["iss"],
        "Audience": audience[0] if isinstance(audience, list) else audience,
        "PackedPolicySize": 0,
    }


@answers("sts:AssumeRole")
def assume_role(call: Call, principal: Principal, context: Context) -> Result:
    """Credentials for a caller that the role's trust policy names."""
    given = _required(call, "RoleArn", "RoleSessionName")
    role = find_role(context.account, str(given["RoleArn"]))
    keys = {"aws:principalarn": [principal.role_arn or principal.arn]}
    if given.get("ExternalId"):
        keys["sts:externalid"] = [str(given["ExternalId"])]
    if role is None or not trusts(role, "sts:AssumeRole", principal.names, keys):
        raise denied("AssumeRole")
    seconds = int(given.get("DurationSeconds") or 3600)
    session = issue(context.account, call.region, role, str(given["RoleSessionName"]), seconds)
    return {**credentials(session), **_PACKED}


@answers("sts:GetCallerIdentity")
def caller_identity(_call: Call, principal: Principal, context: Context) -> Result | None:
    """moto knows sessions and users; the administrator is the account's root."""
    if principal.kind != "administrator":
        return None
    return {"UserId": context.account, "Account": context.account, "Arn": principal.arn}


def _required(call: Call, *names: str) -> dict[str, Any]:
    given = call.parameters()
    for name in names:
        if not given.get(name):
            raise AwsError("ValidationError", f"1 validation error detected: '{name}' is missing.")
    return given
