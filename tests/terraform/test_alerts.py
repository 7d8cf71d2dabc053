"""Alarms reach the topic, and only those who should publish there can; failed backups are told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from moto.events.models import EventPattern

from sandbox.aws.access.policy import Query, Verdict, evaluate, evaluate_resource_policy
from sandbox.client import Sandbox
from sandbox.layout import ACCOUNT, REGION
from tests.terraform.stacks import client
from tests.terraform.test_validations import example, root, terraform

pytestmark = pytest.mark.slow
NAME = "knowledgeweaver-dev"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:{NAME}-alerts"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/alerts"


@dataclass(frozen=True)
class Alerts:
    """The applied modules, and a queue that hears what the topic says."""

    folder: Path
    url: str
    queue: str

    def fire(self, alarm: str, state: str = "ALARM") -> None:
        client("cloudwatch", self.url).set_alarm_state(
            AlarmName=f"{NAME}-{alarm}", StateValue=state, StateReason="a test"
        )

    def heard(self) -> list[str]:
        """Subjects of what has come since the last time."""
        sqs, subjects = client("sqs", self.url), []
        while got := sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in got:
                subjects.append(json.loads(message["Body"])["Subject"])
                sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return subjects


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A local AWS of their own: an applied workspace has the same names."""
    with Sandbox.start(tmp_path_factory.mktemp("box"), only=("aws",)) as running:
        yield running


@pytest.fixture(scope="module")
def alerts(box: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alerts]:
    """Observability, budget and backup as their READMEs show them, applied; destroyed after."""
    folder = tmp_path_factory.mktemp("alerts")
    logs = client("logs", box.aws_url)
    logs.create_log_group(logGroupName="/knowledgeweaver/dev/neo4j/server")
    more = {"topic_arn": "module.m0.topic_arn", "permissions_boundary": f'"{BOUNDARY}"'}
    root(
        folder,
        [
            ("modules/observability", example("modules/observability")),
            (
                "modules/budget",
                example("modules/budget") | {"tell": "{ topic_arn = module.m0.topic_arn }"},
            ),
            ("modules/backup", example("modules/backup") | more | {"lock": "null"}),
        ],
    )
    iam = client("iam", box.aws_url)
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    iam.create_policy(PolicyName="alerts", PolicyDocument=document)
    terraform(folder, "apply", "-auto-approve", url=box.aws_url)
    queue = client("sqs", box.aws_url).create_queue(QueueName="heard")["QueueUrl"]
    client("sns", box.aws_url).subscribe(
        TopicArn=TOPIC, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:heard"
    )
    yield Alerts(folder, box.aws_url, queue)
    terraform(folder, "destroy", "-auto-approve", url=box.aws_url)
    assert terraform(folder, "state", "list", url=box.aws_url) == ""


def test_nothing_is_left_to_do(alerts: Alerts) -> None:
    assert "No changes." in terraform(alerts.folder, "plan", url=alerts.url)


@pytest.mark.parametrize(
    "alarm", ["api-errors", "api-latency-p95", "documents-unread", "ecs-cpu", "neo4j-memory"]
)
def test_an_alarm_reaches_the_topic_and_says_when_it_is_over(alerts: Alerts, alarm: str) -> None:
    alerts.heard()
    for state in ("ALARM", "OK"):
        alerts.fire(alarm, state)
        assert f'{state}: "{NAME}-{alarm}" in Asia Pacific (Sydney)' in alerts.heard()


def test_no_healthy_task_is_told_once_as_an_unhealthy_service(alerts: Alerts) -> None:
    alerts.heard()
    alerts.fire("api-no-targets", "OK")
    alerts.fire("api-no-targets")
    assert alerts.heard() == [f'ALARM: "{NAME}-service-unhealthy" in Asia Pacific (Sydney)']
    alerts.fire("api-no-targets", "OK")
    assert alerts.heard() == [f'OK: "{NAME}-service-unhealthy" in Asia Pacific (Sydney)']


@pytest.mark.parametrize("alarm", ["ecs-cpu", "neo4j-memory"])
def test_a_busy_machine_is_no_unhealthy_service(alerts: Alerts, alarm: str) -> None:
    alerts.heard()
    alerts.fire(alarm)
    assert not [subject for subject in alerts.heard() if "service-unhealthy" in subject]
    alerts.fire(alarm, "OK")


def test_without_the_keys_leave_the_alarm_is_lost(alerts: Alerts) -> None:
    kms = client("kms", alerts.url)
    key = f"alias/{NAME}-alerts"
    identity = kms.describe_key(KeyId=key)["KeyMetadata"]["KeyId"]
    whole = kms.get_key_policy(KeyId=identity, PolicyName="default")["Policy"]
    policy = json.loads(whole)
    policy["Statement"] = [item for item in policy["Statement"] if item["Sid"] != "Alarms"]
    alerts.heard()
    try:
        kms.put_key_policy(KeyId=identity, PolicyName="default", Policy=json.dumps(policy))
        alerts.fire("ecs-cpu")
        assert alerts.heard() == []
    finally:
        kms.put_key_policy(KeyId=identity, PolicyName="default", Policy=whole)
        alerts.fire("ecs-cpu", "OK")


ALARM = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{NAME}-ecs-cpu"
RULE = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{NAME}-backup-failed"
SOURCES = [
    ("cloudwatch.amazonaws.com", ALARM, "true", True),
    ("events.amazonaws.com", RULE, "true", True),
    ("budgets.amazonaws.com", f"arn:aws:budgets::{ACCOUNT}:budget/x", "true", True),
    ("cloudwatch.amazonaws.com", ALARM.replace(ACCOUNT, "999999999999"), "true", False),
    ("cloudwatch.amazonaws.com", ALARM.replace(NAME, "payroll"), "true", False),
    ("events.amazonaws.com", RULE.replace(NAME, "payroll"), "true", False),
    ("budgets.amazonaws.com", "arn:aws:budgets::999999999999:budget/x", "true", False),
    ("s3.amazonaws.com", "arn:aws:s3:::bucket", "true", False),
    ("cloudwatch.amazonaws.com", ALARM, "false", False),
]


@pytest.mark.parametrize(("service", "source", "tls", "expected"), SOURCES)
def test_who_may_publish(
    alerts: Alerts, service: str, source: str, tls: str, expected: bool
) -> None:
    topic = client("sns", alerts.url).get_topic_attributes(TopicArn=TOPIC)["Attributes"]
    keys = {"aws:sourcearn": [source], "aws:securetransport": [tls]}
    query = Query("sns:Publish", TOPIC, keys, (f"Service:{service}",))
    verdict = evaluate_resource_policy(topic["Policy"], query)
    assert (verdict is Verdict.ALLOW) is expected


def test_a_day_over_its_budget_is_told_to_the_topic(alerts: Alerts) -> None:
    budgets: Any = client("budgets", alerts.url)
    about = {"AccountId": ACCOUNT, "BudgetName": f"{NAME}-daily"}
    budget = budgets.describe_budget(**about)["Budget"]
    assert (budget["TimeUnit"], float(budget["BudgetLimit"]["Amount"])) == ("DAILY", 5)
    assert budget["CostFilters"] == {"TagKeyValue": ["user:Environment$dev"]}
    (notification,) = budgets.describe_notifications_for_budget(**about)["Notifications"]
    assert notification["NotificationType"] == "ACTUAL"
    readers = budgets.describe_subscribers_for_notification(**about, Notification=notification)
    assert readers["Subscribers"] == [{"SubscriptionType": "SNS", "Address": TOPIC}]


#: As AWS Backup sends them (AWS Backup developer guide, "Monitoring AWS Backup events using
#: Amazon EventBridge"), shortened to what rules look at.
def backup_event(state: str, vault: str = NAME) -> dict[str, Any]:
    return {
        "source": "aws.backup",
        "detail-type": "Backup Job State Change",
        "detail": {"backupVaultName": vault, "resourceType": "EBS", "state": state},
    }


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (backup_event("FAILED"), True),
        (backup_event("ABORTED"), True),
        (backup_event("EXPIRED"), True),
        (backup_event("COMPLETED"), False),
        (backup_event("RUNNING"), False),
        (backup_event("FAILED", "payroll"), False),
    ],
)
def test_only_a_failed_backup_of_this_vault_is_told(
    alerts: Alerts, event: dict[str, Any], expected: bool
) -> None:
    rule = client("events", alerts.url).describe_rule(Name=f"{NAME}-backup-failed")
    pattern = EventPattern(rule["EventPattern"], json.loads(rule["EventPattern"]))
    assert pattern.matches_event(event) is expected


Table = list[tuple[str, str, dict[str, str], bool]]
MINE, OTHERS = {"aws:resourcetag/backup": NAME}, {"aws:resourcetag/backup": "payroll"}
SAVED = {"aws:resourcetag/aws:backup:source-resource": "vol-1"}
DISK = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"
SNAPSHOT = f"arn:aws:ec2:{REGION}::snapshot/snap-1"
DATABASES = f"arn:aws:rds:{REGION}:{ACCOUNT}"
VAULTS = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault"
ROLE: Table = [
    ("ec2:CreateSnapshot", DISK, MINE, True),
    ("ec2:CreateSnapshot", SNAPSHOT, {}, True),
    ("ec2:DeleteSnapshot", SNAPSHOT, SAVED, True),
    ("ec2:CreateVolume", DISK, {}, True),
    ("rds:CreateDBSnapshot", f"{DATABASES}:db:{NAME}-phoenix", {}, True),
    ("rds:RestoreDBInstanceFromDBSnapshot", f"{DATABASES}:db:{NAME}-restored", {}, True),
    ("backup:CopyIntoBackupVault", f"{VAULTS}:{NAME}", {}, True),
    ("ec2:CreateSnapshot", DISK, OTHERS, False),
    ("ec2:CreateSnapshot", DISK, {}, False),
    ("ec2:DeleteSnapshot", SNAPSHOT, {}, False),
    ("ec2:DeleteVolume", DISK, MINE, False),
    ("ec2:RunInstances", f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/*", {}, False),
    ("rds:CreateDBSnapshot", f"{DATABASES}:db:payroll", {}, False),
    ("rds:DeleteDBInstance", f"{DATABASES}:db:{NAME}-phoenix", {}, False),
    ("rds:DeleteDBSnapshot", f"{DATABASES}:snapshot:made-by-hand", {}, False),
    ("backup:DeleteRecoveryPoint", SNAPSHOT, {}, False),
    ("backup:CopyIntoBackupVault", f"{VAULTS}:payroll", {}, False),
    ("s3:GetObject", "arn:aws:s3:::bucket/key", {}, False),
]


@pytest.mark.parametrize(("action", "resource", "keys", "expected"), ROLE)
def test_what_backups_role_may_do(
    alerts: Alerts, action: str, resource: str, keys: dict[str, str], expected: bool
) -> None:
    documents = role_documents(client("iam", alerts.url))
    asked = {key: [value] for key, value in keys.items()}
    verdict = evaluate(documents, Query(action, resource, asked))
    assert (verdict is Verdict.ALLOW) is expected


def role_documents(iam: Any) -> list[str]:
    role = f"{NAME}-backup"
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    kept = [iam.get_role_policy(RoleName=role, PolicyName=name) for name in names]
    return [json.dumps(item["PolicyDocument"]) for item in kept]
