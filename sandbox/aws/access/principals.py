"""Who signed a request: the sandbox's administrator, a role's session, an IAM user, or nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from moto.core.utils import utcnow
from moto.iam.models import Policy, Role, iam_backends

from sandbox.aws.access.sessions import PARTITION, find_role, find_session
from sandbox.aws.answers import AwsError
from sandbox.aws.calls import Call
from sandbox.aws.gaps import Context
from sandbox.layout import ADMIN_KEY

#: Keys of the administrator. ``test`` is what many tools for local emulators have built in.
ADMIN_KEYS = frozenset({ADMIN_KEY, "test"})


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller; ``policies`` are its identity policies, ``boundary`` its permission boundary."""

    kind: Literal["administrator", "role", "user", "anonymous"]
    arn: str
    account: str
    policies: tuple[str, ...] = ()
    boundary: str | None = None
    role_arn: str = ""
    role_tags: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What a Principal element may call it: itself, its role, its account."""
        if self.kind == "anonymous":
            return ()
        arns = filter(None, (self.arn, self.role_arn, f"arn:aws:iam::{self.account}:root"))
        return (*(f"AWS:{arn}" for arn in arns), f"AWS:{self.account}")


def identify(call: Call, context: Context) -> Principal:
    """The caller; raises the error AWS answers for unknown, mixed-up and expired credentials."""
    account = context.account
    if not call.access_key:
        return Principal("anonymous", "*", account)
    if call.access_key in ADMIN_KEYS:
        return Principal("administrator", f"arn:aws:iam::{account}:root", account)
    session = find_session(account, call.access_key)
    if session is not None:
        if call.token != session.session_token:
            raise _invalid(call)
        if session.expiration <= utcnow():
            raise _expired(call)
        return role_session(account, session.role_arn, session.arn)
    user = iam_backends[account][PARTITION].get_user_from_access_key_id(call.access_key)
    if user is None:
        raise _invalid(call)
    owned = [*user.policies.values(), *(_text(p) for p in user.managed_policies.values())]
    for group in iam_backends[account][PARTITION].get_groups_for_user(user.name):
        owned += [*group.policies.values(), *(_text(p) for p in group.managed_policies.values())]
    return Principal("user", user.arn, account, tuple(owned))


def role_session(account: str, role_arn: str, arn: str) -> Principal:
    """The caller that a session of a role is; ``arn`` is the session's."""
    role = find_role(account, role_arn)
    if role is None:  # deleted meanwhile: IAM finds no policy that allows anything
        return Principal("role", arn, account, role_arn=role_arn)
    tags = tuple((t["Key"], t["Value"]) for t in _tag_list(role))
    policies = (*role.policies.values(), *(_text(p) for p in role.managed_policies.values()))
    boundary = _boundary(account, role.permissions_boundary_arn)
    return Principal("role", arn, account, policies, boundary, role.arn, tags)


def _text(policy: Policy) -> str:
    """The document of a managed policy's default version."""
    for version in policy.versions:
        if version.version_id == policy.default_version_id:
            return str(version.document)
    return "{}"


def _tag_list(role: Role) -> list[dict[str, str]]:
    tags = role.tags
    return list(tags.values()) if isinstance(tags, dict) else list(tags or [])


def _boundary(account: str, arn: str | None) -> str | None:
    if not arn:
        return None
    return _text(iam_backends[account][PARTITION].get_policy(arn))


def _invalid(call: Call) -> AwsError:
    words = "The security token included in the request is invalid."
    match call.service:
        case "s3":
            words = "The AWS Access Key Id you provided does not exist in our records."
            return AwsError("InvalidAccessKeyId", words, 403)
        case "ec2":
            return AwsError("AuthFailure", "AWS was not able to validate the credentials.", 401)
        case _ if "json" in call.protocol:
            return AwsError("UnrecognizedClientException", words, 400)
    return AwsError("InvalidClientTokenId", words, 403)


def _expired(call: Call) -> AwsError:
    words = "The security token included in the request is expired"
    if call.service == "s3":
        return AwsError("ExpiredToken", "The provided token has expired.", 400)
    if call.service == "ec2":
        return AwsError("RequestExpired", "Request has expired.", 400)
    if "json" in call.protocol:
        return AwsError("ExpiredTokenException", words, 400)
    return AwsError("ExpiredToken", words, 403)
