"""The stack of the account after its first apply: the log of everything, the guards of money."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import hcl2
import pytest

from sandbox.client import Sandbox
from sandbox.layout import ACCOUNT, REGION
from tests.terraform.stacks import ENVS, Stack, client

pytestmark = pytest.mark.slow
BUCKET = f"knowledgeweaver-audit-{ACCOUNT}-{REGION}"


def test_nothing_is_left_to_do(account: Stack) -> None:
    assert account.plan()["changes"] == {}


def test_what_must_not_be_lost_cannot_be_destroyed(account: Stack) -> None:
    refused = account.run("plan", "-destroy", "-var-file=shared.tfvars", fine=(1,)).stderr
    assert "Instance cannot be destroyed" in refused
    for address in (
        "module.audit.aws_s3_bucket.logs",
        'module.stores.aws_s3_bucket.this["ledger"]',
        'module.stores.aws_s3_bucket.this["records"]',
    ):
        assert f"Resource {address} has" in " ".join(refused.replace("│", " ").split())


def test_every_call_in_every_region_is_logged(account: Stack, box: Sandbox) -> None:
    trails: Any = client("cloudtrail", box.aws_url)
    trail = trails.get_trail(Name="knowledgeweaver")["Trail"]
    assert trail["IsMultiRegionTrail"]
    assert trail["IncludeGlobalServiceEvents"]
    assert trail["LogFileValidationEnabled"]
    assert trail["S3BucketName"] == BUCKET
    assert trails.get_trail_status(Name="knowledgeweaver")["IsLogging"]


def test_only_the_trail_writes_the_log_and_nobody_shortens_it(account: Stack, box: Sandbox) -> None:
    s3 = client("s3", box.aws_url)
    policy = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
    allowed = [item for item in policy["Statement"] if item["Effect"] == "Allow"]
    trail = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/knowledgeweaver"
    for statement in allowed:
        assert statement["Principal"] == {"Service": "cloudtrail.amazonaws.com"}
        assert statement["Condition"]["StringEquals"]["aws:SourceArn"] == trail
    lock = s3.get_object_lock_configuration(Bucket=BUCKET)["ObjectLockConfiguration"]
    assert lock["Rule"]["DefaultRetention"]["Mode"] == "GOVERNANCE"
    assert lock["Rule"]["DefaultRetention"]["Days"] == 365
    body = b'{"Records": []}'
    s3.put_object(Bucket=BUCKET, Key=f"AWSLogs/{ACCOUNT}/CloudTrail/a.json", Body=body)
    version = s3.list_object_versions(Bucket=BUCKET)["Versions"][0]
    with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
        s3.delete_object(Bucket=BUCKET, Key=version["Key"], VersionId=version["VersionId"])


def test_the_accounts_cost_is_watched(account: Stack, box: Sandbox) -> None:
    budgets = client("budgets", box.aws_url).describe_budgets(AccountId=ACCOUNT)["Budgets"]
    limits = {item["BudgetName"]: float(item["BudgetLimit"]["Amount"]) for item in budgets}
    assert limits == {
        "knowledgeweaver-account-monthly": 575,
        "knowledgeweaver-dev-daily": 5,
        "knowledgeweaver-dev-monthly": 120,
        "knowledgeweaver-staging-daily": 7,
        "knowledgeweaver-staging-monthly": 185,
        "knowledgeweaver-prod-daily": 10,
        "knowledgeweaver-prod-monthly": 260,
    }
    counted = {item["BudgetName"]: item.get("CostFilters") for item in budgets}
    assert counted["knowledgeweaver-dev-daily"] == {"TagKeyValue": ["user:Environment$dev"]}
    monitors = client("ce", box.aws_url).get_anomaly_monitors()["AnomalyMonitors"]
    watched = [monitor["MonitorSpecification"]["Tags"]["Values"] for monitor in monitors]
    assert watched == [["KnowledgeWeaver"]]


def test_what_aws_watches_is_what_the_pipeline_allows() -> None:
    limits = {
        (stack, workspace): settings["monthly_budget_usd"]
        for stack in ("account", "knowledgeweaver")
        for workspace, settings in tomllib.loads((ENVS / stack / "stack.toml").read_text())[
            "workspace"
        ].items()
    }
    given: dict[str, Any] = hcl2.loads((ENVS / "account/shared.tfvars").read_text())
    assert {name: budget["monthly_usd"] for name, budget in given["budgets"].items()} == {
        workspace: limit for (stack, workspace), limit in limits.items() if stack != "account"
    }
    assert given["cost"]["monthly_usd"] == sum(limits.values())
