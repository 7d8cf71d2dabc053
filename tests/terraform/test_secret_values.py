"""Values of secrets are made by the function of the module secrets, and Terraform reads none.

Real Terraform and the real function on the local AWS. That the whole estate is planned without
reading a value is in test_applied.py; that a database takes its password, in test_phoenix.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from sandbox.client import Sandbox
from sandbox.layout import ACCOUNT, REGION
from tests.terraform.rotating import CEILING
from tests.terraform.secret_values import NAMES, Valued
from tests.terraform.stacks import MODULES, client
from tests.terraform.test_roles import Role

SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:"
DATABASE = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:fresh-phoenix"
LOG = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/fresh"
MAY: list[tuple[str, str, dict[str, str]]] = [
    ("secretsmanager:DescribeSecret", f"{SECRET}fresh/api-key-AbCdEf", {}),
    ("secretsmanager:PutSecretValue", f"{SECRET}fresh/phoenix-AbCdEf", {}),
    ("secretsmanager:UpdateSecretVersionStage", f"{SECRET}fresh/api-key-AbCdEf", {}),
    ("logs:PutLogEvents", f"{LOG}/secrets:log-stream:x", {}),
]
MAY_NOT: list[tuple[str, str, dict[str, str]]] = [
    ("secretsmanager:GetSecretValue", f"{SECRET}fresh/api-key-AbCdEf", {}),
    ("secretsmanager:GetSecretValue", f"{SECRET}fresh/phoenix-AbCdEf", {}),
    ("secretsmanager:PutSecretValue", f"{SECRET}valued/api-key-AbCdEf", {}),
    ("secretsmanager:PutSecretValue", f"{SECRET}fresh/other-AbCdEf", {}),
    ("secretsmanager:DeleteSecret", f"{SECRET}fresh/api-key-AbCdEf", {}),
    ("secretsmanager:PutResourcePolicy", f"{SECRET}fresh/api-key-AbCdEf", {}),
    ("logs:PutLogEvents", f"{LOG}/api:log-stream:x", {}),
    ("rds:ModifyDBInstance", DATABASE, {}),
    ("ec2:CreateNetworkInterface", "*", {}),
    ("lambda:InvokeFunction", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:fresh-secrets", {}),
]
#: Types of the AWS provider that read values of secrets while they refresh, or keep them in the
#: state: as resources, data sources or ephemeral ones.
READERS = {
    "aws_iam_access_key",
    "aws_iam_user_login_profile",
    "aws_kms_secrets",
    "aws_secretsmanager_secret_version",
    "aws_ssm_parameter",
    "aws_ssm_parameters_by_path",
}


def test_nothing_of_the_estate_reads_a_value() -> None:
    found = {
        (kind, name, str(path.relative_to(MODULES.parent)))
        for path in MODULES.parent.rglob("*.tf")
        for kind, name in re.findall(r'^(resource|data|ephemeral) "(\w+)"', path.read_text(), re.M)
    }
    assert len(found) > 100
    assert [one for one in found if one[1] in READERS] == []
    # the resource keeps what the function says; the data source would ask it at every plan
    assert [one for one in found if one[:2] == ("data", "aws_lambda_invocation")] == []


@pytest.fixture(scope="module")
def made(box: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valued]:
    valued = Valued.make(box, tmp_path_factory.mktemp("valued"))
    yield valued
    valued.terraform("destroy", "-auto-approve")


@pytest.mark.slow
def test_each_secret_has_a_value_as_soon_as_the_apply_ends(made: Valued) -> None:
    assert len(made.value("fresh/api-key")) == 40
    assert json.loads(made.value("fresh/langfuse")) == {"public_key": "off", "secret_key": "off"}
    assert json.loads(made.value("fresh/neo4j"))["username"] == "neo4j"
    parts = {"admin_password", "admin_secret", "database_password", "secret"}
    assert set(json.loads(made.value("fresh/phoenix"))) == parts


@pytest.mark.slow
def test_a_deployment_from_before_keeps_its_values_and_is_planned_without_reading_one(
    made: Valued,
) -> None:
    assert {name: made.value(f"valued/{name}") for name in NAMES} == made.before
    assert ", 0 to destroy." in made.upgrade
    for label in ("api_key", "langfuse", "neo4j", "phoenix"):
        assert f"- module.m0.aws_secretsmanager_secret_version.{label}\n" in made.upgrade


@pytest.mark.slow
def test_whoever_may_read_no_value_plans_all_the_same(made: Valued) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        made.value("fresh/neo4j", by=made.keys)
    # exit code 2 would say that there is a difference
    made.terraform("plan", "-detailed-exitcode", "-lock=false", credentials=made.keys)


@pytest.mark.slow
def test_an_invocation_that_is_repeated_changes_nothing(made: Valued) -> None:
    before = made.values()
    again = [
        f"-replace=module.{module}.aws_lambda_invocation.{name.replace('-', '_')}"
        for module in ("m0", "m1")
        for name in NAMES
    ]
    made.terraform("apply", "-auto-approve", *again)
    assert made.values() == before


@pytest.mark.slow
def test_a_raised_generation_renews_its_secret_and_no_other(made: Valued) -> None:
    before, main = made.values(), made.folder / "main.tf"
    text = main.read_text()
    raised = text.replace("api_key_generation = 2", "api_key_generation = 3")
    main.write_text(raised.replace("phoenix_generation = 1", "phoenix_generation = 2"))
    made.terraform("apply", "-auto-approve")
    after = made.values()
    changed = {name for name, value in after.items() if value != before[name]}
    assert changed == {"valued/api-key", "fresh/phoenix"}
    main.write_text(text)  # taken back: what is current stays
    made.terraform("apply", "-auto-approve")
    assert made.values() == after


@pytest.mark.slow
def test_no_value_is_in_the_state_a_plan_or_a_log(made: Valued) -> None:
    made.terraform("plan", "-lock=false", "-out=tfplan", "-replace=module.m1.aws_iam_role.values")
    logs = client("logs", made.box.aws_url).filter_log_events(logGroupName="/fresh/secrets")
    told = "\n".join(event["message"] for event in logs["events"])
    assert "has a new value" in told
    written = [
        told,
        made.terraform("show", "-json", "tfplan"),
        (made.folder / "terraform.tfstate").read_text(),
    ]
    values = set(made.values().values()) | set(made.before.values())
    texts = {
        text
        for value in values
        for text in (json.loads(value).values() if value.startswith("{") else [value])
        if len(text) > 8
    }
    assert len(texts) > 8
    assert not any(text in whole for text in texts for whole in written)


@pytest.mark.slow
def test_the_functions_role_writes_its_secrets_and_reads_none(made: Valued) -> None:
    iam = client("iam", made.box.aws_url)
    found = iam.get_role_policy(RoleName="fresh-secrets", PolicyName="values")
    role = Role((json.dumps(found["PolicyDocument"]),), json.dumps(CEILING), "")
    assert [call for call in MAY if not role.may(*call)] == []
    assert [call for call in MAY_NOT if role.may(*call)] == []
