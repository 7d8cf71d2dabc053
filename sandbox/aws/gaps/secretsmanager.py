"""Secrets Manager: a rotation is a process of its own, and AWSCURRENT decides what is read.

"Configures and starts the asynchronous process of rotating the secret"; "If the AWSPENDING staging
label is present but not attached to the same version as AWSCURRENT, then any later invocation of
RotateSecret assumes that a previous rotation request is still in progress and returns an error"
(API reference, RotateSecret). moto calls the steps while the caller waits, heeds no step's failure,
and makes the new version current whatever happened. "If you don't specify either a VersionStage or
VersionId, then the default is to … the VersionStage value of AWSCURRENT" (GetSecretValue): moto
forgets that when the label moves. "If you specify a staging label that's already associated with a
different version …, then Secrets Manager removes the label from the other version" (PutSecretValue,
VersionStages): a new version takes the labels that it names, and no others. moto takes away all
that the version before has.
"""

from __future__ import annotations

import time
import uuid
from typing import Any

from moto.awslambda.utils import get_backend
from moto.secretsmanager.models import secretsmanager_backends

from sandbox.aws.access.policy import Query, Verdict, evaluate_resource_policy
from sandbox.aws.access.principals import Principal
from sandbox.aws.answers import AwsError, Result
from sandbox.aws.calls import Call
from sandbox.aws.gaps import Context, amends, answers
from sandbox.aws.rotation import DAY, Rotation

_IN_PROGRESS = "A previous rotation isn't complete. That rotation will be reattempted."


@answers("secretsmanager:RotateSecret")
def rotate(call: Call, _principal: Principal, context: Context) -> Result | None:
    given = call.parameters()
    secret = _secret(call, context, str(given["SecretId"]))
    if secret is None or secret.is_deleted():
        return None  # moto has the words
    arn = str(given.get("RotationLambdaARN") or secret.rotation_lambda_arn)
    rules = dict(given.get("RotationRules") or {})
    _check(call, context, secret, arn, rules)
    rotation = Rotation(context.account, call.region, secret, arn)
    unfinished = rotation.unfinished()
    if unfinished:
        rotation.begin(unfinished)
        raise _refused(_IN_PROGRESS)
    secret.rotation_requested = secret.rotation_enabled = True
    secret.rotation_lambda_arn = arn
    if rules:
        context.of("secretsmanager")[secret.arn] = rules
        secret.auto_rotate_after_days = int(rules.get("AutomaticallyAfterDays") or 0)
    if secret.auto_rotate_after_days:
        secret.next_rotation_date = int(time.time()) + secret.auto_rotate_after_days * DAY
    version = str(given.get("ClientRequestToken") or uuid.uuid4())
    if given.get("RotateImmediately", True):
        rotation.begin(version)
    else:
        rotation.try_out(version)
        version = str(secret.default_version_id)
    return {"ARN": secret.arn, "Name": secret.name, "VersionId": version}


def _secret(call: Call, context: Context, identity: str) -> Any:
    """moto's secret by ARN or name, or None."""
    return secretsmanager_backends[context.account][call.region].secrets.get(identity)


def _check(call: Call, context: Context, secret: Any, function: str, rules: dict[str, Any]) -> None:
    if not function:
        raise _refused("No Lambda rotation function ARN is associated with this secret.")
    days = rules.get("AutomaticallyAfterDays")
    if days is not None and not 1 <= int(days) <= 1000:
        raise AwsError(
            "InvalidParameterException",
            "RotationRules.AutomaticallyAfterDays must be within 1-1000.",
        )
    name = function.partition(":function:")[2]
    try:
        policy = get_backend(context.account, call.region).get_function(name).policy
    except Exception:  # moto's own, one class for each cause
        policy = None
    document = {"Statement": policy.statements if policy is not None else []}
    keys = {"aws:sourceaccount": [context.account], "aws:sourcearn": [secret.arn]}
    service = ("Service:secretsmanager.amazonaws.com",)
    query = Query("lambda:InvokeFunction", function, keys, service)
    if evaluate_resource_policy(document, query) is not Verdict.ALLOW:
        raise AwsError(
            "AccessDeniedException",
            "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function "
            "policy grants access to the principal secretsmanager.amazonaws.com.",
        )


@amends("secretsmanager:DescribeSecret")
def describe(_call: Call, result: dict[str, Any], context: Context) -> None:
    rules = context.of("secretsmanager").get(result["ARN"])
    if rules and result.get("RotationEnabled"):
        result["RotationRules"] = dict(rules)


@answers("secretsmanager:PutSecretValue")
def before_put(call: Call, _principal: Principal, context: Context) -> Result | None:
    """Remember the labels of people's own; moto puts the value."""
    secret = _secret(call, context, str(call.parameters()["SecretId"]))
    if secret is not None:
        context.of("secretsmanager labels")[secret.arn] = {
            version: [label for label in held["version_stages"] if not label.startswith("AWS")]
            for version, held in secret.versions.items()
        }
    return None


@amends("secretsmanager:PutSecretValue")
def after_put(call: Call, result: dict[str, Any], context: Context) -> None:
    secret = _secret(call, context, str(result["ARN"]))
    labels = context.of("secretsmanager labels").pop(secret.arn, {})
    taken = secret.versions[result["VersionId"]]["version_stages"]
    for version, held in secret.versions.items():
        kept = [label for label in labels.get(version, ()) if label not in taken]
        held["version_stages"] = list(dict.fromkeys([*held["version_stages"], *kept]))


@amends("secretsmanager:UpdateSecretVersionStage")
def moved(call: Call, result: dict[str, Any], context: Context) -> None:
    secret = _secret(call, context, str(result["ARN"]))
    for version, held in secret.versions.items():
        if "AWSCURRENT" in held["version_stages"]:
            secret.set_default_version_id(version)
            secret.secret_string = held.get("secret_string")


def _refused(message: str) -> AwsError:
    return AwsError("InvalidRequestException", message)
