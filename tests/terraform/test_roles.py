"""What the pipeline's roles may do, as a table; who gets them is told by test_identity.py.

The documents are those that Terraform really made; they are judged as IAM does: an explicit deny
anywhere, else the role's policy and its boundary have to allow.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import botocore.session
import pytest

from sandbox.aws.access.policy import Query, Verdict, evaluate
from sandbox.client import Sandbox
from sandbox.layout import ACCOUNT, REGION
from tests.terraform.stacks import STATE_BUCKET, Stack, client

pytestmark = pytest.mark.slow

STATE = f"arn:aws:s3:::{STATE_BUCKET}/env"
RECORDS = f"arn:aws:s3:::knowledgeweaver-records-{ACCOUNT}-{REGION}/knowledgeweaver/dev/r.json"
LEDGER = f"arn:aws:s3:::knowledgeweaver-ledger-{ACCOUNT}-{REGION}/knowledgeweaver"
DOCUMENTS = f"arn:aws:s3:::knowledgeweaver-dev-documents-{ACCOUNT}-{REGION}"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/knowledgeweaver-"
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/knowledgeweaver-"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"
INSTANCE = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1"
SERVICE = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/knowledgeweaver/knowledgeweaver-api"
REGISTRY = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/knowledgeweaver"

RECORD_KEY = {"kms:resourcealiases": "alias/knowledgeweaver-records"}
OTHER_KEY = {"kms:resourcealiases": "alias/other"}
DEV = {"aws:resourcetag/environment": "dev"}
PROD = {"aws:resourcetag/environment": "prod"}
WORKLOAD = {"iam:permissionsboundary": f"{POLICY}workload-boundary"}
DELIVERY = {"iam:permissionsboundary": f"{POLICY}delivery-boundary"}
TO_TASKS = {"iam:passedtoservice": "ecs-tasks.amazonaws.com"}
TO_LAMBDA = {"iam:passedtoservice": "lambda.amazonaws.com"}
ELSEWHERE = {"aws:requestedregion": "us-east-1"}

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:knowledgeweaver-"
RDS = f"arn:aws:rds:{REGION}:{ACCOUNT}"
DATABASE = f"{RDS}:db:knowledgeweaver-"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:knowledgeweaver-"
VAULT = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:knowledgeweaver-"
BACKUP_PLAN = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-plan:1"
POINT = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:1"
BUDGET = f"arn:aws:budgets::{ACCOUNT}:budget/knowledgeweaver-"
SHARE = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-1"
LOGS = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/knowledgeweaver/"
ALARM = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:knowledgeweaver-"
TRACKING = ALARM.replace("knowledgeweaver-", "TargetTracking-service/knowledgeweaver")
TRAIL = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/knowledgeweaver"
AUDIT = f"arn:aws:s3:::knowledgeweaver-audit-{ACCOUNT}-{REGION}"
ALIAS = f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/knowledgeweaver-"
NEW_DEV, NEW_PROD = ({"aws:requesttag/environment": name} for name in ("dev", "prod"))
TO_BACKUP = {"iam:passedtoservice": "backup.amazonaws.com"}
TO_ANYONE = {"iam:passedtoservice": "glue.amazonaws.com"}

Keys = dict[str, str]
ALLOWED: list[tuple[str, str, str, Keys]] = [
    ("plan", "s3:GetObject", f"{STATE}/prod/knowledgeweaver/terraform.tfstate", {}),
    ("plan", "s3:GetObject", f"{LEDGER}/dev/00000001.json", {}),
    ("plan", "s3:PutObject", RECORDS, {}),
    ("plan", "kms:GenerateMac", KEY, RECORD_KEY),
    ("plan", "ec2:DescribeInstances", "*", {}),
    ("plan", "secretsmanager:GetSecretValue", f"{SECRET}knowledgeweaver/dev/neo4j-AbCdEf", {}),
    ("apply-dev", "s3:PutObject", f"{STATE}/dev/knowledgeweaver/terraform.tfstate.tflock", {}),
    ("apply-dev", "s3:DeleteObject", f"{STATE}/dev/knowledgeweaver/terraform.tfstate.tflock", {}),
    ("apply-dev", "s3:PutObject", f"{LEDGER}/dev/00000001.json", {}),
    ("apply-dev", "s3:GetObject", RECORDS, {}),
    ("apply-dev", "ec2:TerminateInstances", INSTANCE, DEV),
    ("apply-dev", "iam:CreateRole", f"{ROLE}dev-task", WORKLOAD),
    ("apply-dev", "iam:PassRole", f"{ROLE}dev-task", TO_TASKS),
    ("apply-prod", "ecs:UpdateService", SERVICE, PROD),
    ("apply-prod", "secretsmanager:PutSecretValue", f"{SECRET}knowledgeweaver/neo4j-AbCdEf", {}),
    ("plan", "lambda:GetFunction", f"{FUNCTION}dev-rotation", {}),
    ("plan", "servicediscovery:GetNamespace", "*", {}),
    ("apply-dev", "lambda:CreateFunction", f"{FUNCTION}dev-rotation", {}),
    ("apply-dev", "ecr:BatchGetImage", REGISTRY, {}),
    ("apply-dev", "iam:PassRole", f"{ROLE}dev-rotation", TO_LAMBDA),
    ("apply-dev", "iam:PassRole", f"{ROLE}dev-backup", TO_BACKUP),
    ("apply-dev", "sqs:CreateQueue", f"{QUEUE}dev-documents", {}),
    ("apply-dev", "rds:CreateDBInstance", f"{DATABASE}dev-phoenix", {}),
    ("apply-dev", "rds:CreateDBInstance", f"{RDS}:og:default:postgres-16", {}),
    ("apply-dev", "rds:RestoreDBInstanceFromDBSnapshot", f"{RDS}:snapshot:awsbackup:job-1", DEV),
    ("apply-dev", "elasticfilesystem:CreateFileSystem", "*", {}),
    ("apply-dev", "servicediscovery:CreatePrivateDnsNamespace", "*", {}),
    ("apply-dev", "route53:CreateHostedZone", "*", ELSEWHERE),
    ("apply-dev", "backup:CreateBackupVault", f"{VAULT}dev", {}),
    ("apply-dev", "backup:CreateBackupPlan", BACKUP_PLAN, {}),
    ("apply-dev", "backup:DeleteRecoveryPoint", f"arn:aws:ec2:{REGION}::snapshot/snap-1", DEV),
    ("apply-dev", "backup:DeleteRecoveryPoint", f"{RDS}:snapshot:awsbackup:job-1", DEV),
    ("apply-dev", "backup:DeleteRecoveryPoint", POINT, DEV),
    ("apply-dev", "kms:CreateKey", "*", NEW_DEV),
    ("apply-dev", "kms:ScheduleKeyDeletion", KEY, DEV),
    ("apply-dev", "kms:CreateAlias", f"{ALIAS}dev-alerts", {}),
    ("apply-dev", "logs:CreateLogGroup", f"{LOGS}dev/neo4j/server:log-stream:", {}),
    ("apply-prod", "logs:CreateLogGroup", f"{LOGS}neo4j/server:log-stream:", {}),
    ("apply-prod", "logs:CreateLogGroup", f"{LOGS}flow-logs:log-stream:", {}),
    ("apply-prod", "cloudwatch:PutCompositeAlarm", f"{ALARM}service-unhealthy", {}),
    ("apply-prod", "cloudwatch:PutMetricAlarm", f"{ALARM}documents-unread", {}),
    ("apply-dev", "cloudwatch:PutMetricAlarm", f"{TRACKING}-dev/knowledgeweaver-api-AlarmHigh", {}),
    ("apply-prod", "cloudwatch:DeleteAlarms", f"{TRACKING}/knowledgeweaver-api-AlarmLow-1", {}),
    ("apply-prod", "kms:CreateAlias", f"{ALIAS}alerts", {}),
    ("apply-shared", "iam:CreateRole", f"{ROLE}apply-test", DELIVERY),
    ("apply-shared", "cloudtrail:CreateTrail", TRAIL, {}),
    ("apply-shared", "s3:PutBucketPolicy", AUDIT, {}),
    ("apply-shared", "ce:CreateAnomalyMonitor", "*", {}),
    ("apply-shared", "budgets:ModifyBudget", f"{BUDGET}account-monthly", {}),
    ("apply-shared", "budgets:ModifyBudget", f"{BUDGET}dev-daily", {}),
    ("image", "ecr:PutImage", REGISTRY, {}),
]
DENIED: list[tuple[str, str, str, Keys]] = [
    ("plan", "s3:PutObject", f"{STATE}/dev/knowledgeweaver/terraform.tfstate", {}),
    ("plan", "s3:PutObject", f"{STATE}/dev/knowledgeweaver/terraform.tfstate.tflock", {}),
    ("plan", "s3:PutObject", f"{LEDGER}/dev/00000001.json", {}),
    ("plan", "s3:DeleteObject", RECORDS, {}),
    ("plan", "s3:GetObject", f"{DOCUMENTS}/letter.txt", {}),
    ("plan", "secretsmanager:GetSecretValue", f"{SECRET}payroll-AbCdEf", {}),
    ("plan", "secretsmanager:PutSecretValue", f"{SECRET}knowledgeweaver/dev/neo4j-AbCdEf", {}),
    ("plan", "kms:GenerateMac", KEY, OTHER_KEY),
    ("plan", "kms:Decrypt", KEY, RECORD_KEY),
    ("plan", "ec2:RunInstances", INSTANCE, DEV),
    ("plan", "ecs:UpdateService", SERVICE, DEV),
    ("plan", "iam:CreateRole", f"{ROLE}dev-task", WORKLOAD),
    ("plan", "iam:PassRole", f"{ROLE}dev-task", TO_TASKS),
    ("plan", "sts:AssumeRole", f"{ROLE}apply-dev", {}),
    ("plan", "lambda:InvokeFunction", f"{FUNCTION}dev-rotation", {}),
    ("plan", "s3:GetObject", f"{AUDIT}/AWSLogs/1.json.gz", {}),
    ("plan", "sqs:ReceiveMessage", f"{QUEUE}dev-documents", {}),
    ("plan", "rds:CreateDBSnapshot", f"{DATABASE}dev-phoenix", {}),
    ("plan", "backup:StartRestoreJob", BACKUP_PLAN, {}),
    ("apply-dev", "s3:PutObject", f"{STATE}/prod/knowledgeweaver/terraform.tfstate", {}),
    ("apply-dev", "s3:GetObject", f"{STATE}/prod/knowledgeweaver/terraform.tfstate", {}),
    ("apply-dev", "s3:PutObject", f"{LEDGER}/prod/00000001.json", {}),
    ("apply-dev", "s3:DeleteObject", f"{LEDGER}/dev/00000001.json", {}),
    ("apply-dev", "s3:PutObject", RECORDS, {}),
    ("apply-dev", "ec2:TerminateInstances", INSTANCE, PROD),
    ("apply-dev", "ec2:TerminateInstances", INSTANCE, {**DEV, **ELSEWHERE}),
    ("apply-dev", "ecs:UpdateService", SERVICE, PROD),
    ("apply-dev", "secretsmanager:GetSecretValue", f"{SECRET}knowledgeweaver/neo4j-AbCdEf", {}),
    ("apply-dev", "iam:CreateRole", f"{ROLE}dev-task", {}),
    ("apply-dev", "iam:CreateRole", f"{ROLE}dev-task", DELIVERY),
    ("apply-dev", "iam:PutRolePolicy", f"{ROLE}apply-dev", DELIVERY),
    ("apply-dev", "iam:PutRolePermissionsBoundary", f"{ROLE}dev-task", WORKLOAD),
    ("apply-dev", "iam:PassRole", f"{ROLE}prod-task", TO_TASKS),
    ("apply-dev", "iam:PassRole", f"{ROLE}dev-task", TO_ANYONE),
    ("apply-dev", "iam:PassRole", f"{ROLE}prod-rotation", TO_LAMBDA),
    ("apply-dev", "lambda:UpdateFunctionCode", f"{FUNCTION}prod-rotation", {}),
    ("apply-dev", "sqs:PurgeQueue", f"{QUEUE}prod-documents", {}),
    ("apply-dev", "rds:DeleteDBInstance", f"{DATABASE}prod-phoenix", {}),
    ("apply-dev", "rds:DeleteDBInstance", f"{DATABASE}dev-phoenix", PROD),
    ("apply-dev", "rds:DeleteOptionGroup", f"{RDS}:og:default:postgres-16", {}),
    ("apply-dev", "rds:RestoreDBInstanceFromDBSnapshot", f"{RDS}:snapshot:awsbackup:job-1", PROD),
    ("apply-dev", "rds:DeleteDBSnapshot", f"{RDS}:snapshot:awsbackup:job-1", DEV),
    ("apply-dev", "elasticfilesystem:DeleteFileSystem", SHARE, PROD),
    ("apply-dev", "servicediscovery:DeleteNamespace", "*", PROD),
    ("apply-dev", "backup:DeleteBackupVault", f"{VAULT}prod", {}),
    ("apply-dev", "backup:DeleteBackupPlan", BACKUP_PLAN, PROD),
    ("apply-dev", "backup:DeleteRecoveryPoint", f"arn:aws:ec2:{REGION}::snapshot/snap-1", PROD),
    ("apply-prod", "backup:DeleteRecoveryPoint", f"arn:aws:ec2:{REGION}::snapshot/snap-1", PROD),
    ("apply-prod", "backup:DeleteRecoveryPoint", POINT, PROD),
    ("apply-dev", "budgets:ModifyBudget", f"{BUDGET}dev-daily", {}),
    ("apply-dev", "budgets:ModifyBudget", f"{BUDGET}account-monthly", {}),
    ("apply-dev", "kms:CreateKey", "*", NEW_PROD),
    ("apply-dev", "kms:CreateKey", "*", {}),
    ("apply-dev", "kms:ScheduleKeyDeletion", KEY, PROD),
    ("apply-dev", "kms:ScheduleKeyDeletion", KEY, {}),
    ("apply-dev", "kms:DeleteAlias", f"{ALIAS}records", {}),
    ("apply-dev", "kms:Decrypt", KEY, DEV),
    ("apply-dev", "logs:DeleteLogGroup", f"{LOGS}neo4j/server:log-stream:", {}),
    ("apply-dev", "logs:DeleteLogGroup", f"{LOGS}cloudtrail:log-stream:", {}),
    ("apply-dev", "cloudtrail:StopLogging", TRAIL, {}),
    ("apply-dev", "ecr:PutImage", REGISTRY, {}),
    ("apply-prod", "logs:DeleteLogGroup", f"{LOGS}dev/api:log-stream:", {}),
    ("apply-prod", "logs:DeleteLogGroup", f"{LOGS}cloudtrail:log-stream:", {}),
    ("apply-prod", "cloudwatch:DeleteAlarms", f"{ALARM}dev-api-errors", {}),
    ("apply-dev", "cloudwatch:DeleteAlarms", f"{TRACKING}/knowledgeweaver-api-AlarmLow-1", {}),
    ("apply-prod", "cloudwatch:DeleteAlarms", f"{TRACKING}-dev/knowledgeweaver-api-AlarmLow", {}),
    ("apply-prod", "route53:ChangeResourceRecordSets", "*", {}),
    ("apply-shared", "cloudtrail:StopLogging", TRAIL, {}),
    ("apply-shared", "cloudtrail:DeleteTrail", TRAIL, {}),
    ("apply-shared", "s3:DeleteObject", f"{AUDIT}/AWSLogs/1.json.gz", {}),
    ("apply-shared", "s3:GetObject", f"{AUDIT}/AWSLogs/1.json.gz", {}),
    ("apply-shared", "budgets:ModifyBudget", f"arn:aws:budgets::{ACCOUNT}:budget/payroll", {}),
    ("apply-dev", "iam:CreatePolicyVersion", f"{POLICY}workload-boundary", {}),
    ("apply-prod", "ec2:TerminateInstances", INSTANCE, DEV),
    (
        "apply-prod",
        "secretsmanager:GetSecretValue",
        f"{SECRET}knowledgeweaver/dev/neo4j-AbCdEf",
        {},
    ),
    ("apply-shared", "iam:CreateRole", f"{ROLE}apply-test", {}),
    ("apply-shared", "iam:DeleteRolePermissionsBoundary", f"{ROLE}apply-dev", {}),
    ("apply-shared", "iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/x", {}),
    ("apply-shared", "ec2:RunInstances", INSTANCE, {}),
    ("apply-shared", "s3:PutObject", f"{STATE}/dev/knowledgeweaver/terraform.tfstate", {}),
    ("image", "ecr:BatchDeleteImage", REGISTRY, {}),
    ("image", "ecs:UpdateService", SERVICE, {}),
]


@dataclass(frozen=True)
class Role:
    """A role's own documents and its ceiling, as text."""

    policies: tuple[str, ...]
    boundary: str
    trust: str

    def may(self, action: str, resource: str, keys: Keys) -> bool:
        whole = {"aws:requestedregion": [REGION], **{name: [v] for name, v in keys.items()}}
        query = Query(action, resource, whole)
        return all(
            evaluate(documents, query) is Verdict.ALLOW
            for documents in (self.policies, [self.boundary])
        )


@pytest.fixture(scope="module")
def role(box: Sandbox, account: Stack) -> Callable[[str], Role]:
    iam = client("iam", box.aws_url)

    @cache
    def read(name: str) -> Role:
        full = f"knowledgeweaver-{name}"
        made = iam.get_role(RoleName=full)["Role"]
        names = iam.list_role_policies(RoleName=full)["PolicyNames"]
        arn = made["PermissionsBoundary"]["PermissionsBoundaryArn"]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        boundary = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]
        return Role(
            tuple(
                json.dumps(iam.get_role_policy(RoleName=full, PolicyName=n)["PolicyDocument"])
                for n in names
            ),
            json.dumps(boundary["Document"]),
            json.dumps(made["AssumeRolePolicyDocument"]),
        )

    return read


def label(value: Any) -> str | None:
    return value if isinstance(value, str) else None


@pytest.mark.parametrize(("name", "action", "resource", "keys"), ALLOWED, ids=label)
def test_a_role_may_do_its_work(
    role: Callable[[str], Role], name: str, action: str, resource: str, keys: Keys
) -> None:
    assert role(name).may(action, resource, keys)


@pytest.mark.parametrize(("name", "action", "resource", "keys"), DENIED, ids=label)
def test_a_role_may_do_nothing_else(
    role: Callable[[str], Role], name: str, action: str, resource: str, keys: Keys
) -> None:
    assert not role(name).may(action, resource, keys)


@pytest.mark.parametrize(
    "name", ["plan", "image", "apply-shared", "apply-dev", "apply-staging", "apply-prod"]
)
def test_the_documents_fit_into_iam(role: Callable[[str], Role], name: str) -> None:
    # "IAM and AWS STS quotas": white space does not count
    def size(text: str) -> int:
        return len(json.dumps(json.loads(text), separators=(",", ":")))

    found = role(name)
    assert sum(map(size, found.policies)) <= 10_240
    assert size(found.boundary) <= 6_144
    assert size(found.trust) <= 2_048


#: Names of calls that change nothing, in all of AWS's services.
READS = ("BatchGet", "Check", "Describe", "Get", "Head", "List", "Lookup", "Search", "View")
ANYTHING = [STATE, RECORDS, LEDGER, DOCUMENTS, SECRET, ROLE, POLICY, KEY, INSTANCE, SERVICE]


def test_of_all_calls_that_aws_has_a_plan_may_write_records_only(
    role: Callable[[str], Role],
) -> None:
    plan = role("plan")
    named = [s["Action"] for text in plan.policies for s in json.loads(text)["Statement"]]
    actions = {a for one in named for a in ([one] if isinstance(one, str) else one)}
    families = {action.partition(":")[0] for action in actions}
    assert "*" not in "".join(families)
    session = botocore.session.get_session()
    writes: set[str] = set()
    for service in session.get_available_services():
        model = session.get_service_model(service)
        prefix = model.metadata.get("signingName") or model.endpoint_prefix
        if {prefix, model.endpoint_prefix} & families:
            names = (name for name in model.operation_names if not name.startswith(READS))
            writes |= {f"{p}:{name}" for name in names for p in {prefix, model.endpoint_prefix}}
    assert len(writes) > 1000
    may = {
        (call, resource)
        for call in writes
        for resource in (*ANYTHING, REGISTRY, "*")
        if plan.may(call, resource, {**DEV, **RECORD_KEY, **WORKLOAD, **TO_TASKS})
    }
    assert may == {("s3:PutObject", RECORDS), ("kms:GenerateMac", KEY)}
