"""Budgets: subscribers of a notification, and tags.

"DescribeSubscribersForNotification: Lists the subscribers that are associated with a notification"
and "ListTagsForResource: Lists tags associated with a budget or budget action resource" (AWS
Budgets API reference). moto keeps the subscribers but does not answer; it keeps no tags.
"""

from __future__ import annotations

from typing import Any

from moto.budgets.models import Budget, budgets_backends

from sandbox.aws.access.principals import Principal
from sandbox.aws.answers import AwsError, Result
from sandbox.aws.calls import Call, tags
from sandbox.aws.gaps import Context, amends, answers


def _budget(call: Call, context: Context, name: str) -> Budget:
    budget = budgets_backends[context.account]["aws"].budgets[context.account].get(name)
    if budget is None:
        raise AwsError("NotFoundException", f"Unable to get budget: {name}.", 400)
    return budget


def _tags(call: Call, context: Context) -> dict[str, str]:
    name = str(call.parameters().get("ResourceARN", "")).rpartition("budget/")[2]
    _budget(call, context, name)
    kept: dict[str, str] = context.of("budgets").setdefault(name, {})
    return kept


@answers("budgets:DescribeSubscribersForNotification")
def subscribers(call: Call, _principal: Principal, context: Context) -> Result:
    given = call.parameters()
    wanted = given["Notification"]
    for notification in _budget(call, context, given["BudgetName"]).notifications:
        if all(notification.details.get(key) == value for key, value in wanted.items()):
            return {"Subscribers": notification.subscribers}
    raise AwsError("NotFoundException", "The notification does not exist.", 400)


@amends("budgets:CreateBudget")
def remember(call: Call, _result: dict[str, Any], context: Context) -> None:
    given = call.parameters()
    name = given["Budget"]["BudgetName"]
    context.of("budgets")[name] = tags(given.get("ResourceTags"))


@answers("budgets:ListTagsForResource")
def list_tags(call: Call, _principal: Principal, context: Context) -> Result:
    return {"ResourceTags": [{"Key": k, "Value": v} for k, v in _tags(call, context).items()]}


@answers("budgets:TagResource")
def tag(call: Call, _principal: Principal, context: Context) -> Result:
    _tags(call, context).update(tags(call.parameters().get("ResourceTags")))
    return {}


@answers("budgets:UntagResource")
def untag(call: Call, _principal: Principal, context: Context) -> Result:
    kept = _tags(call, context)
    for key in call.parameters().get("ResourceTagKeys", ()):
        kept.pop(key, None)
    return {}
