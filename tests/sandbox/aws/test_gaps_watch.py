"""Gaps of moto, closed and valid by their models: alarms, costs, backups."""

from __future__ import annotations

from typing import Any

from sandbox.layout import ACCOUNT
from tests.sandbox.aws.answers import Aws, missing, valid


def test_composite_alarms_live_beside_metric_alarms(aws: Aws, plain: Aws) -> None:
    given = {"AlarmName": "both", "AlarmRule": "ALARM(a) AND ALARM(b)"}
    client = aws("cloudwatch")
    client.put_composite_alarm(**given, Tags=[{"Key": "Project", "Value": "kw"}])
    answer = valid(
        client, "DescribeAlarms", AlarmNames=["both"], AlarmTypes=["CompositeAlarm", "MetricAlarm"]
    )
    alarm = answer["CompositeAlarms"][0]
    assert (alarm["AlarmRule"], alarm["StateValue"]) == (given["AlarmRule"], "INSUFFICIENT_DATA")
    tags = valid(client, "ListTagsForResource", ResourceARN=alarm["AlarmArn"])
    assert tags == {"Tags": [{"Key": "Project", "Value": "kw"}]}
    client.delete_alarms(AlarmNames=["both"])
    about = {"AlarmNames": ["both"], "AlarmTypes": ["CompositeAlarm"]}
    assert not valid(client, "DescribeAlarms", **about)["CompositeAlarms"]
    assert missing(lambda: plain("cloudwatch").put_composite_alarm(**given))


NOTIFICATION = {
    "NotificationType": "ACTUAL",
    "ComparisonOperator": "GREATER_THAN",
    "Threshold": 80.0,
    "ThresholdType": "PERCENTAGE",
}


def budget(client: Any) -> None:
    client.create_budget(
        AccountId=ACCOUNT,
        Budget={
            "BudgetName": "month",
            "BudgetLimit": {"Amount": "10", "Unit": "USD"},
            "TimeUnit": "MONTHLY",
            "BudgetType": "COST",
        },
        NotificationsWithSubscribers=[
            {
                "Notification": NOTIFICATION,
                "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "a@example.org"}],
            }
        ],
        ResourceTags=[{"Key": "Project", "Value": "kw"}],
    )


def test_budgets_tell_their_subscribers_and_tags(aws: Aws, plain: Aws) -> None:
    client, moto = aws("budgets"), plain("budgets")
    budget(client)
    about = {"AccountId": ACCOUNT, "BudgetName": "month", "Notification": NOTIFICATION}
    answer = valid(client, "DescribeSubscribersForNotification", **about)
    assert answer["Subscribers"] == [{"SubscriptionType": "EMAIL", "Address": "a@example.org"}]
    arn = f"arn:aws:budgets::{ACCOUNT}:budget/month"
    tags = valid(client, "ListTagsForResource", ResourceARN=arn)
    assert tags == {"ResourceTags": [{"Key": "Project", "Value": "kw"}]}
    budget(moto)
    assert missing(lambda: moto.describe_subscribers_for_notification(**about))
    assert missing(lambda: moto.list_tags_for_resource(ResourceARN=arn))


def test_anomaly_monitors_and_subscriptions_are_kept(aws: Aws, plain: Aws) -> None:
    client = aws("ce")
    monitor = {"MonitorName": "all", "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"}
    made = valid(
        client,
        "CreateAnomalyMonitor",
        AnomalyMonitor=monitor,
        ResourceTags=[{"Key": "Project", "Value": "kw"}],
    )["MonitorArn"]
    subscription = valid(
        client,
        "CreateAnomalySubscription",
        AnomalySubscription={
            "SubscriptionName": "mail",
            "MonitorArnList": [made],
            "Subscribers": [{"Type": "EMAIL", "Address": "a@example.org"}],
            "Frequency": "DAILY",
        },
    )["SubscriptionArn"]
    client.update_anomaly_monitor(MonitorArn=made, MonitorName="every")
    found = valid(client, "GetAnomalyMonitors", MonitorArnList=[made])["AnomalyMonitors"]
    assert [m["MonitorName"] for m in found] == ["every"]
    tags = valid(client, "ListTagsForResource", ResourceArn=made)["ResourceTags"]
    assert tags == [{"Key": "Project", "Value": "kw"}]
    client.delete_anomaly_subscription(SubscriptionArn=subscription)
    assert not valid(client, "GetAnomalySubscriptions")["AnomalySubscriptions"]
    assert missing(lambda: plain("ce").create_anomaly_monitor(AnomalyMonitor=monitor))


def test_backup_plans_have_selections_and_tags(aws: Aws, plain: Aws) -> None:
    def plan(client: Any) -> dict[str, Any]:
        client.create_backup_vault(BackupVaultName="planned")
        rule = {"RuleName": "daily", "TargetBackupVaultName": "planned"}
        made: dict[str, Any] = client.create_backup_plan(
            BackupPlan={"BackupPlanName": "plan", "Rules": [rule]},
            BackupPlanTags={"Project": "kw"},
        )
        return made

    client, moto = aws("backup"), plain("backup")
    selection = {
        "SelectionName": "graph",
        "IamRoleArn": f"arn:aws:iam::{ACCOUNT}:role/backup",
        "ListOfTags": [
            {
                "ConditionType": "STRINGEQUALS",
                "ConditionKey": "Component",
                "ConditionValue": "neo4j",
            }
        ],
    }
    made = plan(client)
    about = {"BackupPlanId": made["BackupPlanId"]}
    new = valid(client, "CreateBackupSelection", **about, BackupSelection=selection)
    about_it = {**about, "SelectionId": new["SelectionId"]}
    assert valid(client, "GetBackupSelection", **about_it)["BackupSelection"] == selection
    assert len(valid(client, "ListBackupSelections", **about)["BackupSelectionsList"]) == 1
    client.delete_backup_selection(**about_it)
    assert not valid(client, "ListBackupSelections", **about)["BackupSelectionsList"]
    arn = made["BackupPlanArn"]
    assert valid(client, "ListTags", ResourceArn=arn) == {"Tags": {"Project": "kw"}}
    other = {"BackupPlanId": plan(moto)["BackupPlanId"], "BackupSelection": selection}
    assert missing(lambda: moto.create_backup_selection(**other))
