"""CloudWatch: composite alarms.

"PutCompositeAlarm: Creates or updates a composite alarm. When you create a composite alarm, you
specify a rule expression for the alarm that takes into account the alarm states of other alarms"
(CloudWatch API reference). moto lacks the operation, and reads every alarm back with a period,
which composite alarms do not have; so the alarm is kept here and joins the answers. Its state is
INSUFFICIENT_DATA, the initial one, until an alarm that it speaks of changes (cloudwatch_actions).
"""

from __future__ import annotations

from typing import Any

from moto.core.utils import utcnow

from sandbox.aws.access.principals import Principal
from sandbox.aws.answers import Result
from sandbox.aws.calls import Call, tags
from sandbox.aws.gaps import Context, amends, answers

_KEPT = (
    "AlarmName",
    "AlarmRule",
    "AlarmDescription",
    "AlarmActions",
    "OKActions",
    "InsufficientDataActions",
    "ActionsSuppressor",
    "ActionsSuppressorWaitPeriod",
    "ActionsSuppressorExtensionPeriod",
)


def _alarms(context: Context) -> dict[str, dict[str, Any]]:
    alarms: dict[str, dict[str, Any]] = context.of("cloudwatch")
    return alarms


def _by_arn(call: Call, context: Context) -> dict[str, Any] | None:
    arn = call.parameters().get("ResourceARN")
    return next((a for a in _alarms(context).values() if a["AlarmArn"] == arn), None)


@answers("cloudwatch:PutCompositeAlarm")
def put(call: Call, _principal: Principal, context: Context) -> Result:
    given = call.parameters()
    name = given["AlarmName"]
    known = _alarms(context).get(name)
    now = utcnow()
    _alarms(context)[name] = {
        "AlarmArn": f"arn:aws:cloudwatch:{call.region}:{context.account}:alarm:{name}",
        "ActionsEnabled": given.get("ActionsEnabled", True),
        "AlarmConfigurationUpdatedTimestamp": now,
        "StateValue": "INSUFFICIENT_DATA",
        "StateUpdatedTimestamp": known["StateUpdatedTimestamp"] if known else now,
        "AlarmActions": [],
        "OKActions": [],
        "InsufficientDataActions": [],
        **{key: given[key] for key in _KEPT if key in given},
        "tags": known["tags"] if known else tags(given.get("Tags")),
    }
    return {}


@amends("cloudwatch:DescribeAlarms")
def describe(call: Call, result: dict[str, Any], context: Context) -> None:
    given = call.parameters()
    kinds = given.get("AlarmTypes") or ["MetricAlarm"]
    if "CompositeAlarm" not in kinds:
        return
    names, prefix = given.get("AlarmNames"), given.get("AlarmNamePrefix", "")
    result["CompositeAlarms"] = [
        alarm
        for name, alarm in _alarms(context).items()
        if (not names or name in names) and name.startswith(prefix)
    ]


@amends("cloudwatch:DeleteAlarms")
def delete(call: Call, _result: dict[str, Any], context: Context) -> None:
    for name in call.parameters().get("AlarmNames", ()):
        _alarms(context).pop(name, None)


@answers("cloudwatch:ListTagsForResource")
def list_tags(call: Call, _principal: Principal, context: Context) -> Result | None:
    alarm = _by_arn(call, context)
    if alarm is None:
        return None
    return {"Tags": [{"Key": k, "Value": v} for k, v in alarm["tags"].items()]}


@answers("cloudwatch:TagResource")
def tag(call: Call, _principal: Principal, context: Context) -> Result | None:
    alarm = _by_arn(call, context)
    if alarm is None:
        return None
    alarm["tags"].update(tags(call.parameters().get("Tags")))
    return {}


@answers("cloudwatch:UntagResource")
def untag(call: Call, _principal: Principal, context: Context) -> Result | None:
    alarm = _by_arn(call, context)
    if alarm is None:
        return None
    for key in call.parameters().get("TagKeys", ()):
        alarm["tags"].pop(key, None)
    return {}
