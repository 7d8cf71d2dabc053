"""SQS: attributes that have to read back as they were written.

"RedriveAllowPolicy: The string that includes the parameters for the permissions for the dead-letter
queue redrive permission" (SQS API reference, SetQueueAttributes). moto never returns it, deletes a
queue's Policy when other attributes are set, and writes RedrivePolicy with other spaces than were
given, which Terraform reads as a change.
"""

from __future__ import annotations

import json
from typing import Any

from moto.sqs.models import Queue, sqs_backends

from sandbox.aws.access.principals import Principal
from sandbox.aws.answers import Result
from sandbox.aws.calls import Call
from sandbox.aws.gaps import Context, amends, answers


def _queue(context: Context, call: Call, url: str) -> Queue | None:
    return sqs_backends[context.account][call.region].queues.get(url.rpartition("/")[2])


@amends("sqs:CreateQueue")
def created(call: Call, result: dict[str, Any], context: Context) -> None:
    given = call.parameters().get("Attributes") or {}
    _remember(context, call, str(result["QueueUrl"]).rpartition("/")[2], given)


@answers("sqs:SetQueueAttributes")
def set_attributes(call: Call, _principal: Principal, context: Context) -> Result | None:
    given = call.parameters()
    queue = _queue(context, call, given["QueueUrl"])
    if queue is None:
        return None
    attributes: dict[str, str] = dict(given.get("Attributes") or {})
    _remember(context, call, queue.name, attributes)
    attributes.pop("RedriveAllowPolicy", None)
    if "Policy" not in attributes and queue.policy:
        attributes["Policy"] = queue.policy
    sqs_backends[context.account][call.region].set_queue_attributes(queue.name, attributes)
    return {}


@amends("sqs:GetQueueAttributes")
def get_attributes(call: Call, result: dict[str, Any], context: Context) -> None:
    given = call.parameters()
    asked = set(given.get("AttributeNames") or ())
    found = result.setdefault("Attributes", {})
    kept = context.of("sqs").get(f"{call.region}/{given['QueueUrl'].rpartition('/')[2]}", {})
    if kept.get("RedriveAllowPolicy") and asked & {"All", "RedriveAllowPolicy"}:
        found["RedriveAllowPolicy"] = kept["RedriveAllowPolicy"]
    if "RedrivePolicy" in found:
        found["RedrivePolicy"] = json.dumps(
            json.loads(found["RedrivePolicy"]), separators=(",", ":")
        )


def _remember(context: Context, call: Call, name: str, attributes: dict[str, str]) -> None:
    if "RedriveAllowPolicy" in attributes:
        kept = context.of("sqs").setdefault(f"{call.region}/{name}", {})
        kept["RedriveAllowPolicy"] = attributes["RedriveAllowPolicy"]
