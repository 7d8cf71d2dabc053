"""The condition keys of a request.

Global keys as in "AWS global condition context keys" of the IAM User Guide, plus the service keys
policies of a delivery pipeline use. A key that is absent here is absent in the evaluation, which is
what AWS does for keys a request does not have.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.iam.models import iam_backends
from moto.kms.models import kms_backends

from sandbox.aws.access.actions import Need
from sandbox.aws.access.principals import Principal
from sandbox.aws.access.resource_tags import asks_for_tags, resource_tags
from sandbox.aws.calls import Call, tags
from sandbox.aws.gaps import Context

#: Services without regions, whose calls count as us-east-1's: "the aws:RequestedRegion condition
#: key … you must include the us-east-1 Region" (IAM User Guide, Global condition context keys).
_GLOBAL = {"budgets", "ce", "cloudfront", "iam", "organizations", "route53"}
#: "You must specify the s3:ObjectCreationOperation condition key to exempt the
#: CreateMultipartUpload, UploadPart, and UploadPartCopy operations" (Amazon S3 User Guide, Enforce
#: conditional writes): it is true of these.
_MAKES_OBJECTS = {"CompleteMultipartUpload", "CopyObject", "PutObject"}
#: parameters that carry the tags a call sets
_TAG_PARAMETERS = ("Tags", "tags", "tagList", "TagList")
#: "s3:prefix" and friends: parameter -> condition key
_SERVICE_KEYS = {
    "s3": {
        "Prefix": "s3:prefix",
        "Delimiter": "s3:delimiter",
        "MaxKeys": "s3:max-keys",
        "VersionId": "s3:versionid",
        "ACL": "s3:x-amz-acl",
        "ServerSideEncryption": "s3:x-amz-server-side-encryption",
        "SSEKMSKeyId": "s3:x-amz-server-side-encryption-aws-kms-key-id",
        "IfMatch": "s3:if-match",
        "IfNoneMatch": "s3:if-none-match",
        "StorageClass": "s3:x-amz-storage-class",
    },
    "kms": {"MacAlgorithm": "kms:macalgorithm"},
    "ecs": {"cluster": "ecs:cluster", "service": "ecs:service"},
    "iam": {"PolicyArn": "iam:policyarn"},
    "secretsmanager": {"SecretId": "secretsmanager:secretid"},
    "sts": {"RoleSessionName": "sts:rolesessionname", "ExternalId": "sts:externalid"},
}


def request_keys(
    call: Call,
    principal: Principal,
    parameters: Mapping[str, Any],
    need: Need,
    context: Context,
) -> dict[str, list[str]]:
    """All condition keys, names in lower case.

    ``aws:SecureTransport`` is true: the loopback connection stands for the TLS connection a real
    client has, and a policy that insists on TLS has to be passable.
    """
    keys = {
        "aws:currenttime": [datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")],
        "aws:epochtime": [str(int(datetime.now(UTC).timestamp()))],
        "aws:principalaccount": [principal.account],
        "aws:principalarn": [principal.role_arn or principal.arn],
        "aws:principaltype": [
            {"role": "AssumedRole", "user": "User"}.get(principal.kind, "Account")
        ],
        "aws:requestedregion": [_region(call, need)],
        "aws:resourceaccount": [context.account],
        "aws:securetransport": ["true"],
        "aws:sourceip": [str(call.request.remote_addr or "127.0.0.1")],
        "aws:viaawsservice": ["false"],
    }
    if principal.kind == "anonymous":
        for name in ("aws:principalaccount", "aws:principalarn"):
            del keys[name]
        keys["aws:principaltype"] = ["Anonymous"]
    keys |= {f"aws:principaltag/{k.lower()}": [v] for k, v in principal.role_tags}
    asked = next((tags(parameters[n]) for n in _TAG_PARAMETERS if parameters.get(n)), {})
    keys |= {f"aws:requesttag/{k.lower()}": [v] for k, v in asked.items()}
    if asked:
        keys["aws:tagkeys"] = list(asked)
    for parameter, name in _SERVICE_KEYS.get(call.service, {}).items():
        if isinstance(parameters.get(parameter), (str, int)):
            keys[name] = [str(parameters[parameter])]
    if need.action == "s3:PutObject":
        keys["s3:objectcreationoperation"] = [str(call.operation in _MAKES_OBJECTS).lower()]
    if call.service == "iam":
        keys |= _boundary_key(parameters, context)
    if asks_for_tags(principal):
        service = need.action.partition(":")[0]
        for name, value in resource_tags(need.resource, context).items():
            keys[f"aws:resourcetag/{name.lower()}"] = [value]
            keys[f"{service}:resourcetag/{name.lower()}"] = [value]
    if need.passed_to:
        keys["iam:passedtoservice"] = [need.passed_to]
    if call.service == "kms":
        keys |= _alias_keys(call, parameters, need, context)
    return keys


def _region(call: Call, need: Need) -> str:
    """Of what is needed, not of the call: Cloud Map needs Route 53, which is in no region."""
    return "us-east-1" if need.action.partition(":")[0] in _GLOBAL else call.region


def _boundary_key(parameters: Mapping[str, Any], context: Context) -> dict[str, list[str]]:
    """iam:PermissionsBoundary: the boundary a call sets, else the one its role has."""
    asked = parameters.get("PermissionsBoundary")
    if not asked and parameters.get("RoleName"):
        for role in list(iam_backends[context.account]["aws"].roles.values()):
            if role.name == parameters["RoleName"]:
                asked = role.permissions_boundary_arn
    return {"iam:permissionsboundary": [str(asked)]} if asked else {}


def _alias_keys(
    call: Call, parameters: Mapping[str, Any], need: Need, context: Context
) -> dict[str, list[str]]:
    """kms:RequestAlias (the alias the caller used) and kms:ResourceAliases (all of the key's)."""
    found: dict[str, list[str]] = {}
    asked = str(parameters.get("KeyId") or "").rpartition(":")[2]
    if asked.startswith("alias/"):
        found["kms:requestalias"] = [asked]
    backend = kms_backends[context.account][call.region]
    key = backend.keys.get(need.resource.rpartition("/")[2])
    if key is not None and key.aliases:
        found["kms:resourcealiases"] = sorted(key.aliases)
    return found
