"""Temporary credentials: issued from roles, looked up, expired. They live in moto's STS backend."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from moto.core.utils import utcnow
from moto.iam.exceptions import NotFoundException
from moto.iam.models import Role, iam_backends
from moto.sts.models import AssumedRole, sts_backends

from sandbox.aws.access.policy import Query, Verdict, evaluate_resource_policy
from sandbox.aws.answers import AwsError

PARTITION = "aws"
_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}")
_NOT_AUTHORIZED = "Not authorized to perform sts:{action}"


def find_role(account: str, arn: str) -> Role | None:
    """The role of an ARN, or None."""
    try:
        return iam_backends[account][PARTITION].get_role_by_arn(arn)
    except NotFoundException:
        return None


def issue(account: str, region: str, role: Role, session: str, seconds: int) -> AssumedRole:
    """Make credentials of a role; the caller has decided that they may be made.

    Raises ValidationError for what "AssumeRole" in the STS API reference refuses: a session name
    of other characters, a duration under 900 s or over the role's maximum.
    """
    if not _SESSION_NAME.fullmatch(session):
        raise AwsError(
            "ValidationError",
            f"1 validation error detected: Value '{session}' at 'roleSessionName' failed to "
            "satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
        )
    if seconds < 900 or seconds > int(role.max_session_duration or 3600):
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        )
    backend = sts_backends[account][PARTITION]
    return backend.assume_role(
        region_name=region,
        role_session_name=session,
        role_arn=role.arn,
        policy="",
        duration=seconds,
        external_id="",
    )


def issue_for_service(
    account: str, region: str, role_arn: str, session: str, service: str, source: str
) -> AssumedRole:
    """Credentials a service takes for its workload, such as an ECS task.

    ``service`` is the service principal, such as ``ecs-tasks.amazonaws.com``; the role's trust
    policy has to name it. ``source`` is the ARN of what the service acts for: policies see it as
    aws:SourceArn, its account as aws:SourceAccount (IAM User Guide, "The confused deputy problem").
    Raises AccessDenied as AWS does for a role that does not exist or trust.
    """
    role = find_role(account, role_arn)
    keys = {"aws:sourceaccount": [account], "aws:sourcearn": [source]}
    if role is None or not trusts(role, "sts:AssumeRole", (f"Service:{service}",), keys):
        raise denied("AssumeRole")
    return issue(account, region, role, session, 3600)


def trusts(
    role: Role, action: str, principals: tuple[str, ...], keys: dict[str, list[str]]
) -> bool:
    """Whether the role's trust policy lets one of these principals do the action."""
    query = Query(action, role.arn, keys, principals)
    return evaluate_resource_policy(role.assume_role_policy_document, query) is Verdict.ALLOW


def denied(action: str) -> AwsError:
    """STS says no more than this, so that nobody learns which roles exist."""
    return AwsError("AccessDenied", _NOT_AUTHORIZED.format(action=action), 403)


def find_session(account: str, access_key: str) -> AssumedRole | None:
    """The session an access key belongs to."""
    return sts_backends[account][PARTITION].get_assumed_role_from_access_key(access_key)


def expire_all(account: str) -> int:
    """Let every temporary credential be expired; their number."""
    roles = sts_backends[account][PARTITION].assumed_roles
    for role in roles:
        role.expiration = utcnow() - timedelta(seconds=1)
    return len(roles)


def credentials(session: AssumedRole) -> dict[str, Any]:
    """The part of STS's answers that holds the credentials and whose they are."""
    return {
        "Credentials": {
            "AccessKeyId": session.access_key_id,
            "SecretAccessKey": session.secret_access_key,
            "SessionToken": session.session_token,
            "Expiration": session.expiration,
        },
        "AssumedRoleUser": {"AssumedRoleId": session.user_id, "Arn": session.arn},
    }
