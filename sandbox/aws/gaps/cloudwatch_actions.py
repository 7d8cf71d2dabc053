"""CloudWatch: alarms act when their state changes.

"SetAlarmState: … If the alarm has actions, they are executed when the state changes" and "the
composite alarm goes into ALARM state only if all conditions of the rule are met" (CloudWatch API
reference and user guide). moto keeps the state and tells nobody. What an action met stands in
DescribeAlarmHistory, which moto lacks.
"""

from __future__ import annotations

import json
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.core.utils import utcnow

from sandbox.aws.access.principals import Principal
from sandbox.aws.alarm_rules import holds, names
from sandbox.aws.answers import AwsError, Result
from sandbox.aws.calls import Call
from sandbox.aws.gaps import Context, answers
from sandbox.aws.publishing import Message, publish

_ACTIONS = {
    "ALARM": "AlarmActions",
    "OK": "OKActions",
    "INSUFFICIENT_DATA": "InsufficientDataActions",
}
_PLACES = {"ap-southeast-2": "Asia Pacific (Sydney)", "us-east-1": "US East (N. Virginia)"}


def _history(context: Context) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = context.of("cloudwatch-history").setdefault("items", [])
    return kept


def _remember(context: Context, alarm: str, kind: str, summary: str) -> None:
    item = {"AlarmName": alarm, "Timestamp": utcnow(), "HistoryItemType": kind}
    _history(context).insert(0, {**item, "HistorySummary": summary})


@answers("cloudwatch:SetAlarmState")
def set_state(call: Call, _principal: Principal, context: Context) -> Result | None:
    given = call.parameters()
    name, state, reason = given["AlarmName"], given["StateValue"], given["StateReason"]
    backend = cloudwatch_backends[context.account][call.region]
    composite = context.of("cloudwatch").get(name)
    if state not in _ACTIONS or (name not in backend.alarms and composite is None):
        return None  # moto refuses it
    if composite is not None:
        _change_composite(composite, state, reason, call.region, context)
        return {}
    alarm = backend.alarms[name]
    before = alarm.state_value
    backend.set_alarm_state(name, reason, given.get("StateReasonData", "{}"), state)
    facts = {
        "AlarmName": name,
        "AlarmDescription": alarm.description,
        "AlarmArn": alarm.alarm_arn,
        "AlarmActions": alarm.alarm_actions,
        "OKActions": alarm.ok_actions,
        "InsufficientDataActions": alarm.insufficient_data_actions,
        "ActionsEnabled": alarm.actions_enabled,
    }
    _tell(facts, before, state, reason, call.region, context)
    _look_at_composites(name, call.region, context)
    return {}


def _look_at_composites(changed: str, region: str, context: Context) -> None:
    """Evaluate the composite alarms that speak of an alarm, and those that speak of them."""
    for alarm in list(context.of("cloudwatch").values()):
        if changed not in names(alarm["AlarmRule"]):
            continue
        state = "ALARM" if holds(alarm["AlarmRule"], lambda n: _state(n, region, context)) else "OK"
        if state != alarm["StateValue"]:
            why = f"{changed} transitioned to {_state(changed, region, context)}"
            _change_composite(alarm, state, why, region, context)


def _state(name: str, region: str, context: Context) -> str:
    composite = context.of("cloudwatch").get(name)
    if composite is not None:
        return str(composite["StateValue"])
    alarm = cloudwatch_backends[context.account][region].alarms.get(name)
    return str(alarm.state_value) if alarm is not None else "INSUFFICIENT_DATA"


def _change_composite(
    alarm: dict[str, Any], state: str, reason: str, region: str, context: Context
) -> None:
    before = alarm["StateValue"]
    alarm |= {"StateValue": state, "StateReason": reason, "StateUpdatedTimestamp": utcnow()}
    _tell(alarm, before, state, reason, region, context)
    _look_at_composites(alarm["AlarmName"], region, context)


def _tell(
    alarm: dict[str, Any], before: str, state: str, reason: str, region: str, context: Context
) -> None:
    """Run the actions of a state that an alarm has newly come to."""
    if before == state:
        return
    name = alarm["AlarmName"]
    _remember(context, name, "StateUpdate", f"Alarm updated from {before} to {state}")
    if not alarm["ActionsEnabled"]:
        return
    place = _PLACES.get(region, region)
    text = {
        "AlarmName": name,
        "AlarmDescription": alarm.get("AlarmDescription"),
        "AWSAccountId": context.account,
        "NewStateValue": state,
        "NewStateReason": reason,
        "StateChangeTime": utcnow().strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        "Region": place,
        "AlarmArn": alarm["AlarmArn"],
        "OldStateValue": before,
        **{actions: alarm.get(actions, []) for actions in _ACTIONS.values()},
    }
    message = Message(
        service="cloudwatch.amazonaws.com",
        source=alarm["AlarmArn"],
        subject=f'{state}: "{name}" in {place}'[:100],
        text=json.dumps(text),
    )
    for action in alarm.get(_ACTIONS[state]) or ():
        trouble = publish(message, action, context) if ":sns:" in action else "not run here"
        what = f"Failed to execute action {action}. Received error: {trouble}"
        done = f"Successfully executed action {action}"
        _remember(context, name, "Action", what if trouble else done)


@answers("cloudwatch:DescribeAlarmHistory")
def history(call: Call, _principal: Principal, context: Context) -> Result:
    given = call.parameters()
    limit = int(given.get("MaxRecords", 100))
    if not 1 <= limit <= 100:
        raise AwsError("ValidationError", "MaxRecords is 1 to 100.")
    wanted = {"AlarmName": given.get("AlarmName"), "HistoryItemType": given.get("HistoryItemType")}
    found = [
        item
        for item in _history(context)
        if all(value in (None, item[key]) for key, value in wanted.items())
    ]
    return {"AlarmHistoryItems": found[:limit]}
