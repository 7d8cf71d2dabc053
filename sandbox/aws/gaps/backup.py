"""AWS Backup: selections of a plan, tags asked for with a trailing slash, repeated requests.

"CreateBackupSelection: Creates a JSON document that specifies a set of resources to assign to a
backup plan" and "ListTags: Returns the tags assigned to the resource" (AWS Backup API reference).
moto lacks selections, and its route for tags does not match the address SDKs use, which ends in a
slash.

CreateBackupPlan: "If the request includes a CreatorRequestId that matches an existing backup plan,
that plan is returned" (the same reference); SDKs send one, so that a request whose answer was lost
can be repeated. moto refuses it, because the plan is there.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from moto.backup.models import backup_backends
from moto.core.utils import utcnow

from sandbox.aws.access.principals import Principal
from sandbox.aws.answers import AwsError, Result
from sandbox.aws.calls import Call
from sandbox.aws.gaps import Context, answers


def _selections(context: Context, plan: str) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = context.of("backup").setdefault(plan, {})
    return kept


def _selection(call: Call, context: Context) -> dict[str, Any]:
    given = call.parameters()
    found = _selections(context, given["BackupPlanId"]).get(given["SelectionId"])
    if found is None:
        raise AwsError("ResourceNotFoundException", "Cannot find Backup selection.", 400)
    return found


@answers("backup:CreateBackupPlan")
def create_plan(call: Call, _principal: Principal, context: Context) -> Result | None:
    request = call.parameters().get("CreatorRequestId")
    plans = backup_backends[context.account][call.region].plans.values()
    known = next((p for p in plans if request and p.creator_request_id == request), None)
    if known is None:
        return None
    made = datetime.fromtimestamp(known.creation_date, UTC)
    return {**known.to_dict(), "CreationDate": made}


@answers("backup:CreateBackupSelection")
def create(call: Call, _principal: Principal, context: Context) -> Result:
    given = call.parameters()
    plan = given["BackupPlanId"]
    if plan not in backup_backends[context.account][call.region].plans:
        raise AwsError("InvalidParameterValueException", f"No backup plan {plan}.", 400)
    identity, now = str(uuid4()), utcnow()
    _selections(context, plan)[identity] = {
        "BackupSelection": given["BackupSelection"],
        "SelectionId": identity,
        "BackupPlanId": plan,
        "CreationDate": now,
        "CreatorRequestId": given.get("CreatorRequestId") or str(uuid4()),
    }
    return {"SelectionId": identity, "BackupPlanId": plan, "CreationDate": now}


@answers("backup:GetBackupSelection")
def get(call: Call, _principal: Principal, context: Context) -> Result:
    return _selection(call, context)


@answers("backup:ListBackupSelections")
def list_all(call: Call, _principal: Principal, context: Context) -> Result:
    plan = call.parameters()["BackupPlanId"]
    return {
        "BackupSelectionsList": [
            {
                "SelectionId": kept["SelectionId"],
                "SelectionName": kept["BackupSelection"]["SelectionName"],
                "BackupPlanId": plan,
                "CreationDate": kept["CreationDate"],
                "IamRoleArn": kept["BackupSelection"]["IamRoleArn"],
            }
            for kept in _selections(context, plan).values()
        ]
    }


@answers("backup:DeleteBackupSelection")
def delete(call: Call, _principal: Principal, context: Context) -> Result:
    found = _selection(call, context)
    del _selections(context, found["BackupPlanId"])[found["SelectionId"]]
    return {}


@answers("backup:ListTags")
def list_tags(call: Call, _principal: Principal, context: Context) -> Result:
    arn = call.parameters()["ResourceArn"].rstrip("/")
    return {"Tags": backup_backends[context.account][call.region].list_tags(arn)}
