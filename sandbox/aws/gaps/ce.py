"""Cost Explorer: anomaly monitors and subscriptions.

"CreateAnomalyMonitor: Creates a new cost anomaly detection monitor with the requested type and
monitor specification" and "CreateAnomalySubscription: Adds an alert subscription to a cost anomaly
detection monitor" (AWS Cost Explorer API reference). moto has neither; nothing is ever detected
here.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from sandbox.aws.access.principals import Principal
from sandbox.aws.answers import AwsError, Result
from sandbox.aws.calls import Call, tags
from sandbox.aws.gaps import Context, answers

_KINDS = {"Monitor": "anomalymonitor", "Subscription": "anomalysubscription"}


def _all(context: Context, kind: str) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = context.of("ce").setdefault(kind, {})
    return kept


def _one(context: Context, kind: str, arn: str) -> dict[str, Any]:
    found = _all(context, kind).get(arn)
    if found is None:
        raise AwsError(f"Unknown{kind}Exception", f"No {kind.lower()} has the ARN {arn}.")
    return found


def _create(call: Call, context: Context, kind: str) -> Result:
    given = call.parameters()
    arn = f"arn:aws:ce::{context.account}:{_KINDS[kind]}/{uuid4()}"
    given_tags = tags(given.get("ResourceTags"))
    _all(context, kind)[arn] = {**given[f"Anomaly{kind}"], f"{kind}Arn": arn, "tags": given_tags}
    if kind == "Subscription":
        _all(context, kind)[arn].setdefault("AccountId", context.account)
    return {f"{kind}Arn": arn}


def _get(call: Call, context: Context, kind: str) -> Result:
    wanted = call.parameters().get(f"{kind}ArnList")
    found = [_one(context, kind, arn) for arn in wanted] if wanted else _all(context, kind).values()
    return {f"Anomaly{kind}s": list(found)}


def _update(call: Call, context: Context, kind: str) -> Result:
    given = call.parameters()
    _one(context, kind, given[f"{kind}Arn"]).update(given)
    return {f"{kind}Arn": given[f"{kind}Arn"]}


def _delete(call: Call, context: Context, kind: str) -> Result:
    arn = call.parameters()[f"{kind}Arn"]
    _one(context, kind, arn)
    del _all(context, kind)[arn]
    return {}


def _register(operation: str, kind: str, work: Any) -> None:
    @answers(f"ce:{operation}")
    def handler(call: Call, _principal: Principal, context: Context) -> Result:
        result: Result = work(call, context, kind)
        return result


for _kind in _KINDS:
    _register(f"CreateAnomaly{_kind}", _kind, _create)
    _register(f"GetAnomaly{_kind}s", _kind, _get)
    _register(f"UpdateAnomaly{_kind}", _kind, _update)
    _register(f"DeleteAnomaly{_kind}", _kind, _delete)


def _tagged(call: Call, context: Context) -> dict[str, str] | None:
    arn = call.parameters().get("ResourceArn", "")
    for kind in _KINDS:
        if arn in _all(context, kind):
            kept: dict[str, str] = _all(context, kind)[arn]["tags"]
            return kept
    return None


@answers("ce:ListTagsForResource")
def list_tags(call: Call, _principal: Principal, context: Context) -> Result | None:
    """Tags of ours; of cost categories moto knows."""
    kept = _tagged(call, context)
    if kept is None:
        return None
    return {"ResourceTags": [{"Key": k, "Value": v} for k, v in kept.items()]}


@answers("ce:TagResource")
def tag(call: Call, _principal: Principal, context: Context) -> Result | None:
    kept = _tagged(call, context)
    if kept is None:
        return None
    kept.update(tags(call.parameters().get("ResourceTags")))
    return {}


@answers("ce:UntagResource")
def untag(call: Call, _principal: Principal, context: Context) -> Result | None:
    kept = _tagged(call, context)
    if kept is None:
        return None
    for key in call.parameters().get("ResourceTagKeys", ()):
        kept.pop(key, None)
    return {}
