"""The calls that the pipeline's roles may make and may not: role, action, resource, keys."""

from __future__ import annotations

from sandbox.layout import ACCOUNT, REGION
from tests.terraform.stacks import STATE_BUCKET

STATE = f"arn:aws:s3:::{STATE_BUCKET}/env"
ELSE_STATE = f"arn:aws:s3:::{STATE_BUCKET}"
REVIEWS = f"{ELSE_STATE}/reviews"
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
    ("plan", "s3:GetObject", f"{ELSE_STATE}/knowledgeweaver/terraform.tfstate", {}),
    ("plan", "s3:PutObject", RECORDS, {}),
    ("plan", "kms:GenerateMac", KEY, RECORD_KEY),
    ("plan", "ec2:DescribeInstances", "*", {}),
    ("report", "s3:GetObject", RECORDS, {}),
    ("report", "s3:GetObject", f"{LEDGER}/dev/00000001.json", {}),
    ("report", "s3:ListBucket", f"arn:aws:s3:::knowledgeweaver-ledger-{ACCOUNT}-{REGION}", {}),
    ("report", "s3:ListBucket", f"arn:aws:s3:::knowledgeweaver-records-{ACCOUNT}-{REGION}", {}),
    ("report", "kms:GenerateMac", KEY, RECORD_KEY),
    ("read", "s3:GetObject", f"{STATE}/prod/knowledgeweaver/terraform.tfstate", {}),
    ("read", "s3:GetObject", f"{LEDGER}/dev/00000001.json", {}),
    ("read", "s3:GetObject", RECORDS, {}),
    ("read", "s3:GetObject", f"{REVIEWS}/dev/knowledgeweaver/r.json", {}),
    ("read", "s3:PutObject", f"{REVIEWS}/dev/knowledgeweaver/r.json", {}),
    ("read", "kms:GenerateMac", KEY, RECORD_KEY),
    ("read", "ecs:DescribeServices", SERVICE, {}),
    ("read", "ecr:DescribeImages", REGISTRY, {}),
    ("apply-dev", "s3:PutObject", f"{REVIEWS}/dev/knowledgeweaver/r.json", {}),
    ("apply-dev", "s3:GetObject", f"{REVIEWS}/dev/knowledgeweaver/r.json", {}),
    ("apply-dev", "s3:PutObject", f"{STATE}/dev/knowledgeweaver/ledger-head.json", {}),
    ("apply-dev", "s3:GetObject", f"{STATE}/shared/account/ledger-head.json", {}),
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
    ("apply-dev", "lambda:InvokeFunction", f"{FUNCTION}dev-secrets", {}),
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
    # against "*" alone, whatever it is about
    ("apply-prod", "cloudwatch:PutCompositeAlarm", f"{ALARM}service-unhealthy", {}),
    ("apply-prod", "sns:Unsubscribe", f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts:1", {}),
    ("apply-prod", "sns:SetSubscriptionAttributes", f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts:1", {}),
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
    *[
        (role, "ssm:GetParameter", f"arn:aws:ssm:{REGION}::parameter/aws/service/ami", {})
        for role in ("plan", "read", "apply-dev")
    ],
]
DENIED: list[tuple[str, str, str, Keys]] = [
    ("plan", "s3:PutObject", f"{STATE}/dev/knowledgeweaver/terraform.tfstate", {}),
    ("plan", "s3:PutObject", f"{STATE}/dev/knowledgeweaver/terraform.tfstate.tflock", {}),
    ("plan", "s3:PutObject", f"{LEDGER}/dev/00000001.json", {}),
    ("plan", "s3:PutObject", f"{REVIEWS}/dev/knowledgeweaver/r.json", {}),
    ("plan", "s3:GetObject", f"{REVIEWS}/dev/knowledgeweaver/r.json", {}),
    ("plan", "s3:GetObject", f"{LEDGER}/dev/00000001.json", {}),
    ("plan", "s3:GetObject", RECORDS, {}),
    ("plan", "s3:GetObject", f"{ELSE_STATE}/errored/env/dev/knowledgeweaver/1.tfstate", {}),
    ("plan", "s3:DeleteObject", RECORDS, {}),
    ("plan", "s3:GetObject", f"{DOCUMENTS}/letter.txt", {}),
    *[
        (role, call, f"{SECRET}knowledgeweaver/dev/neo4j-AbCdEf", {})
        for role in ("plan", "report", "read", "image")
        for call in ("secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue")
    ],
    ("plan", "secretsmanager:GetSecretValue", f"{SECRET}payroll-AbCdEf", {}),
    *[
        (role, "ssm:GetParameter", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/x", {})
        for role in ("plan", "read", "report", "apply-dev")
    ],
    ("report", "ssm:GetParameter", f"arn:aws:ssm:{REGION}::parameter/aws/service/ami", {}),
    ("plan", "lambda:GetFunction", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:payroll", {}),
    ("report", "s3:PutObject", RECORDS, {}),
    ("report", "s3:PutObject", f"{LEDGER}/dev/00000001.json", {}),
    ("report", "s3:GetObject", f"{STATE}/dev/knowledgeweaver/terraform.tfstate", {}),
    ("report", "ec2:DescribeInstances", "*", {}),
    ("read", "s3:PutObject", RECORDS, {}),
    ("read", "s3:PutObject", f"{LEDGER}/dev/00000001.json", {}),
    ("read", "s3:PutObject", f"{STATE}/dev/knowledgeweaver/terraform.tfstate", {}),
    ("read", "s3:PutObject", f"{STATE}/dev/knowledgeweaver/ledger-head.json", {}),
    ("read", "s3:DeleteObject", f"{REVIEWS}/dev/knowledgeweaver/r.json", {}),
    ("apply-dev", "s3:PutObject", f"{REVIEWS}/prod/knowledgeweaver/r.json", {}),
    ("apply-dev", "s3:DeleteObject", f"{REVIEWS}/dev/knowledgeweaver/r.json", {}),
    ("apply-dev", "s3:PutObject", f"{ELSE_STATE}/knowledgeweaver/terraform.tfstate", {}),
    ("apply-dev", "s3:PutObject", f"{STATE}/prod/knowledgeweaver/ledger-head.json", {}),
    ("plan", "secretsmanager:PutSecretValue", f"{SECRET}knowledgeweaver/dev/neo4j-AbCdEf", {}),
    ("plan", "kms:GenerateMac", KEY, OTHER_KEY),
    ("plan", "kms:Decrypt", KEY, RECORD_KEY),
    ("plan", "ec2:RunInstances", INSTANCE, DEV),
    ("plan", "ecs:UpdateService", SERVICE, DEV),
    ("plan", "iam:CreateRole", f"{ROLE}dev-task", WORKLOAD),
    ("plan", "iam:PassRole", f"{ROLE}dev-task", TO_TASKS),
    ("plan", "sts:AssumeRole", f"{ROLE}apply-dev", {}),
    ("plan", "lambda:InvokeFunction", f"{FUNCTION}dev-rotation", {}),
    ("plan", "lambda:InvokeFunction", f"{FUNCTION}dev-secrets", {}),
    ("apply-dev", "lambda:InvokeFunction", f"{FUNCTION}prod-secrets", {}),
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
