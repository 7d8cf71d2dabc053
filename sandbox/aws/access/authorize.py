"""Decide whether a principal may make a call, as "Policy evaluation logic" describes it.

For a caller of the same account: explicit deny anywhere, else the resource policy's or the identity
policies' allow, limited by the permission boundary. The administrator stands for the account's
root: nothing but a resource policy's explicit deny holds it back.
"""

from __future__ import annotations

from sandbox.aws.access.actions import Need, needs
from sandbox.aws.access.keys import request_keys
from sandbox.aws.access.policy import Query, Verdict, evaluate, evaluate_resource_policy
from sandbox.aws.access.principals import Principal
from sandbox.aws.access.resource_policies import find as find_resource_policy
from sandbox.aws.answers import AwsError
from sandbox.aws.calls import Call
from sandbox.aws.gaps import Context

#: "No permissions are required to perform this operation … even if an administrator adds a policy
#: that explicitly denies" (STS API reference, GetCallerIdentity); the federated calls are judged
#: by trust policies alone.
_OPEN = {"sts:GetCallerIdentity", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"}


def authorize(call: Call, principal: Principal, context: Context) -> None:
    """Raise the error AWS answers when the call is not allowed."""
    if call.name in _OPEN or not call.operation:
        return
    if principal.kind == "administrator" and call.service not in ("s3", "kms"):
        return
    parameters = call.parameters()
    for need in needs(call, parameters, context):
        keys = request_keys(call, principal, parameters, need, context)
        query = Query(need.action, need.resource, keys, principal.names)
        verdict, why = judge(principal, query, need, context)
        if verdict is not Verdict.ALLOW:
            raise _refusal(call, principal, need, why)


def judge(principal: Principal, query: Query, need: Need, context: Context) -> tuple[Verdict, str]:
    """The verdict and, for a refusal, the policy kind that AWS names in its message."""
    document = find_resource_policy(need, context)
    by_resource = evaluate_resource_policy(document, query) if document else Verdict.NONE
    if by_resource is Verdict.DENY:
        return Verdict.DENY, "with an explicit deny in a resource-based policy"
    if principal.kind == "administrator":
        return Verdict.ALLOW, ""
    by_identity = evaluate(principal.policies, query)
    if by_identity is Verdict.DENY:
        return Verdict.DENY, "with an explicit deny in an identity-based policy"
    if principal.boundary is not None:
        limit = evaluate([principal.boundary], query)
        if limit is not Verdict.ALLOW:
            return limit, "because no permissions boundary allows the action"
    if Verdict.ALLOW in (by_resource, by_identity):
        return Verdict.ALLOW, ""
    return Verdict.NONE, "because no identity-based policy allows the action"


def _refusal(call: Call, principal: Principal, need: Need, why: str) -> AwsError:
    words = f"User: {principal.arn} is not authorized to perform: {need.action}"
    words += f" on resource: {need.resource} {why}" if need.resource != "*" else f" {why}"
    if call.service == "ec2":
        return AwsError("UnauthorizedOperation", words, 403)
    if call.service == "sns":
        return AwsError("AuthorizationError", words, 403)
    if "json" in call.protocol:
        return AwsError(
            "AccessDeniedException", words, 403 if call.protocol == "rest-json" else 400
        )
    return AwsError("AccessDenied", words, 403)
