"""Application Auto Scaling: tags of scalable targets.

"ListTagsForResource: Returns all the tags on the specified Application Auto Scaling scalable
target" (Application Auto Scaling API reference). moto keeps no tags and lacks the three operations.
"""

from __future__ import annotations

from moto.applicationautoscaling.models import applicationautoscaling_backends

from sandbox.aws.access.principals import Principal
from sandbox.aws.answers import AwsError, Result
from sandbox.aws.calls import Call, tags
from sandbox.aws.gaps import Context, amends, answers

_SERVICE = "application-autoscaling"


def _known(call: Call, context: Context) -> str:
    arn = str(call.parameters().get("ResourceARN", ""))
    backend = applicationautoscaling_backends[context.account][call.region]
    targets = (t for by_id in backend.targets.values() for t in by_id.values())
    if not any(target.arn == arn for target in targets):
        raise AwsError("ResourceNotFoundException", f"No scalable target has the ARN {arn}.")
    return arn


@amends(f"{_SERVICE}:RegisterScalableTarget")
def remember(call: Call, result: dict[str, object], context: Context) -> None:
    """ "Assigns one or more tags to the scalable target" """
    given = tags(call.parameters().get("Tags"))
    if given:
        context.of(_SERVICE).setdefault(str(result["ScalableTargetARN"]), {}).update(given)


@answers(f"{_SERVICE}:ListTagsForResource")
def list_tags(call: Call, _principal: Principal, context: Context) -> Result:
    return {"Tags": dict(context.of(_SERVICE).get(_known(call, context), {}))}


@answers(f"{_SERVICE}:TagResource")
def tag(call: Call, _principal: Principal, context: Context) -> Result:
    given = tags(call.parameters().get("Tags"))
    context.of(_SERVICE).setdefault(_known(call, context), {}).update(given)
    return {}


@answers(f"{_SERVICE}:UntagResource")
def untag(call: Call, _principal: Principal, context: Context) -> Result:
    kept = context.of(_SERVICE).setdefault(_known(call, context), {})
    for key in call.parameters().get("TagKeys", ()):
        kept.pop(key, None)
    return {}
