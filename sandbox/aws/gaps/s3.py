"""S3: bucket policies are judged at the door, with their conditions.

"A bucket policy is a resource-based policy" (Amazon S3 User Guide): it is evaluated like any other,
Condition and Principal included, by :mod:`sandbox.aws.access`. moto judges it once more without
looking at conditions, so a policy that denies plain HTTP shuts everybody out; here moto has no say.

"After Amazon S3 receives this request, it first verifies that any … Amazon SQS destination exists,
and that the bucket owner has permission to publish to it by sending a test notification" (S3 API
reference, PutBucketNotificationConfiguration): moto takes queues that admit nobody.

"CopyObject requests made with those HTTP headers fail with a 501 Not Implemented response" (Amazon
S3 User Guide, Enforce conditional writes; a later announcement says otherwise, so nothing here
counts on it). If-None-Match "expects the '*' (asterisk) character" (API reference, PutObject): moto
takes another value for none at all, and overwrites.
"""

from __future__ import annotations

from typing import Any

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket
from moto.sqs.models import sqs_backends

from sandbox.aws.access.policy import Query, Verdict, evaluate_resource_policy
from sandbox.aws.access.principals import Principal
from sandbox.aws.answers import AwsError, Result
from sandbox.aws.calls import Call
from sandbox.aws.gaps import Context, answers


def _already_judged(_bucket: FakeBucket, _action: str, _resource: str) -> Any:
    return PermissionResult.PERMITTED


FakeBucket.get_permission = _already_judged  # type: ignore[method-assign, assignment]


@answers("s3:PutBucketNotificationConfiguration")
def destinations(call: Call, _principal: Principal, context: Context) -> Result | None:
    given = call.parameters()
    keys = {
        "aws:sourcearn": [f"arn:aws:s3:::{given['Bucket']}"],
        "aws:sourceaccount": [context.account],
        "aws:securetransport": ["true"],
    }
    for told in (given.get("NotificationConfiguration") or {}).get("QueueConfigurations") or ():
        arn = str(told["QueueArn"])
        queue = sqs_backends[context.account][arn.split(":")[3]].queues.get(arn.split(":")[5])
        query = Query("sqs:SendMessage", arn, keys, ("Service:s3.amazonaws.com",))
        policy = queue.policy if queue is not None else None
        if not policy or evaluate_resource_policy(policy, query) is not Verdict.ALLOW:
            words = "Unable to validate the following destination configurations"
            raise AwsError("InvalidArgument", words)
    return None


@answers("s3:PutObject", "s3:CompleteMultipartUpload")
def only_where_nothing_is(call: Call, _principal: Principal, _context: Context) -> Result | None:
    if call.request.headers.get("If-None-Match", "*") != "*":
        raise _not_implemented()
    return None


@answers("s3:CopyObject")
def unconditional_copy(call: Call, _principal: Principal, _context: Context) -> Result | None:
    if {"If-Match", "If-None-Match"} & set(call.request.headers.keys()):
        raise _not_implemented()
    return None


def _not_implemented() -> AwsError:
    words = "A header you provided implies functionality that is not implemented"
    return AwsError("NotImplemented", words, 501)
