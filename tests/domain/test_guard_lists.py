"""What hands on secrets, settings, contents or answers is on no list of the guard: a table."""

from __future__ import annotations

import pytest

from tests.domain.guard_files import STACK, problems


@pytest.mark.parametrize(
    "kind",
    """
    aws_api_gateway_api_key aws_appconfig_configuration_profile aws_cloudformation_stack
    aws_cloudfront_function aws_codeartifact_authorization_token aws_cognito_user_pool_client
    aws_connect_lambda_function_association aws_dynamodb_table_item aws_ecr_authorization_token
    aws_ecrpublic_authorization_token aws_ecs_task_definition aws_eks_cluster_auth
    aws_iam_access_keys aws_instance aws_ip_ranges aws_kms_secret aws_kms_secrets
    aws_lambda_function aws_lambda_invocation aws_launch_configuration aws_launch_template
    aws_mq_broker aws_redshift_cluster_credentials aws_s3_bucket_object aws_s3_object
    aws_s3_objects aws_secretsmanager_random_password aws_secretsmanager_secret_version
    aws_ssm_document aws_transfer_server aws_vpn_connection archive_file local_file tls_certificate
    new_thing
    """.split(),
)
def test_a_data_source_that_hands_on_more_than_a_description(kind: str) -> None:
    [found] = problems(f'\ndata "{kind}" "x" {{}}\n')
    assert found.startswith(f"{STACK}/main.tf:2: The data source {kind!r}")
    assert "[guard]" in found


@pytest.mark.parametrize(
    "text",
    [
        'data "aws_ssm_parameter" "x" {\n  name = "/kw/key"\n}',
        'data "aws_ssm_parameter" "x" {\n  name = "/kw/key"\n  with_decryption = false\n}',
        'data "aws_ssm_parameter" "x" {\n  name = "${"/aws/service/"}../kw/key"\n}',
        'data "aws_ssm_parameter" "x" {\n  name = var.name\n}',
        'data "aws_ssm_parameter" "x" {}',
        'data "aws_ssm_parameters_by_path" "x" {\n  path = "/kw"\n}',
        'check "c" {\n  data aws_instance x {\n  }\n}',
    ],
)
def test_a_parameter_that_is_not_aws_s_own(text: str) -> None:
    assert len(problems(text)) == 1


@pytest.mark.parametrize(
    "kind", ["aws_secretsmanager_secret_version", "aws_ssm_parameter", "aws_kms_secrets", "x_y"]
)
def test_an_ephemeral_resource_that_reads_a_secret(kind: str) -> None:
    [found] = problems(f'ephemeral "{kind}" "x" {{}}')
    assert f"{kind!r} reads a secret" in found


@pytest.mark.parametrize(
    "to",
    [
        "aws_iam_access_key.x",
        "aws_instance.x[0]",
        'module.m["a"].aws_lambda_function.x',
        "module.m.module.n[0].aws_secretsmanager_secret_version.x",
        'aws_ssm_parameter.x["a.aws_vpc.b"]',
        "aws_s3_object.x",
        "aws_launch_template.x",
    ],
)
def test_an_import_of_what_holds_more(to: str) -> None:
    [found] = problems(f'import {{\n  to = {to}\n  id = "x"\n}}')
    assert "An import of aws_" in found


def test_an_import_that_does_not_say_of_what() -> None:
    for to in ("var.x", "(aws_vpc).x", "module.m[each.key]"):
        assert len(problems(f'import {{\n  to = {to}\n  id = "x"\n}}')) == 1
    assert len(problems('import {\n  id = "x"\n}')) == 1
