"""A pull request may read no secret that main does not read already: a table of blocks."""

from __future__ import annotations

import pytest

from pipeline.domain.guard import Rules, guard
from tests.domain.test_guard import LOCK, STACK, Files

MODULE = "terraform/modules/m/main.tf"
CALL = 'module "m" { source = "../../modules/m" }\n'
VERSION = 'data "aws_secretsmanager_secret_version" "x" {\n  secret_id = "kw/dev/neo4j"\n}\n'


def files(main: str, **more: str) -> Files:
    return Files({f"{STACK}/main.tf": main, f"{STACK}/.terraform.lock.hcl": LOCK, **more})


def problems(head: Files, base: Files | None) -> list[str]:
    verdict = guard(STACK, head, Rules(), base)
    return [str(problem) for problem in (*verdict.broken, *verdict.problems)]


REFUSED = {
    "the value of a secret": (VERSION, 'data "aws_secretsmanager_secret_version"'),
    "for a moment only": (
        'ephemeral "aws_secretsmanager_secret_version" "x" { secret_id = "s" }',
        'ephemeral "aws_secretsmanager_secret_version"',
    ),
    "a parameter": ('data "aws_ssm_parameter" "x" { name = "/kw/key" }', "aws_ssm_parameter"),
    "a parameter in the clear": (
        'data "aws_ssm_parameter" "x" {\n  name = "/kw/key"\n  with_decryption = true\n}',
        "aws_ssm_parameter",
    ),
    "a parameter in the clear, perhaps": (
        'data "aws_ssm_parameter" "x" {\n  name = "/kw/key"\n  with_decryption = var.clear\n}',
        "aws_ssm_parameter",
    ),
    "many parameters": (
        'data "aws_ssm_parameters_by_path" "x" { path = "/kw" }',
        "aws_ssm_parameters_by_path",
    ),
    "a parameter for a moment": (
        'ephemeral "aws_ssm_parameter" "x" { arn = "a" }',
        'ephemeral "aws_ssm_parameter"',
    ),
    "not quite AWS's own": (
        'data "aws_ssm_parameter" "x" { name = "${"/aws/service/"}../kw/key" }',
        "aws_ssm_parameter",
    ),
    "a ciphertext": ('data "aws_kms_secrets" "x" {}', "aws_kms_secrets"),
    "another unit's state": (
        'data "aws_s3_object" "x" {\n  bucket = "state"\n  key = "env/prod/x"\n}',
        "aws_s3_object",
    ),
    "a login to the registry": (
        'data "aws_ecr_authorization_token" "x" {}',
        "aws_ecr_authorization_token",
    ),
    "an answer of a function": ('data "aws_lambda_invocation" "x" {}', "aws_lambda_invocation"),
    "an import of a value": (
        'import {\n  to = aws_secretsmanager_secret_version.x\n  id = "s|v"\n}',
        "import of aws_secretsmanager_secret_version",
    ),
    "an import of another secret": (
        'import {\n  to = module.m.aws_secretsmanager_secret.x["a"]\n  id = "s"\n}',
        "import of aws_secretsmanager_secret",
    ),
    "an import of a parameter": (
        'import {\n  to = aws_ssm_parameter.x\n  id = "/kw/key"\n}',
        "import of aws_ssm_parameter",
    ),
    "within a check": (f'check "c" {{\n{VERSION}}}', 'data "aws_secretsmanager_secret_version"'),
    "without quotes": (
        "data aws_secretsmanager_secret_version x {}",
        'data "aws_secretsmanager_secret_version"',
    ),
}

FINE = {
    "a generated password": 'ephemeral "aws_secretsmanager_random_password" "x" {}',
    "a secret's description": 'data "aws_secretsmanager_secret" "x" { name = "kw/dev/neo4j" }',
    "writing a secret": 'resource "aws_secretsmanager_secret_version" "x" { secret_id = "s" }',
    "an encrypted parameter": (
        'data "aws_ssm_parameter" "x" {\n  name = "/kw/key"\n  with_decryption = false\n}'
    ),
    "a parameter of AWS": 'data "aws_ssm_parameter" "x" { name = "/aws/service/ecs/ami" }',
    "importing a bucket": 'import {\n  to = aws_s3_bucket.x\n  id = "b"\n}',
}


@pytest.mark.parametrize(("block", "told"), REFUSED.values(), ids=REFUSED)
def test_a_pull_request_may_not_bring(block: str, told: str) -> None:
    head, base = files(block), files("")
    [found] = problems(head, base)
    assert found.startswith(f"{STACK}/main.tf:")
    assert told in found
    assert "main has no such block" in found
    assert problems(head, None) == []  # on main itself its owners decide


@pytest.mark.parametrize("block", FINE.values(), ids=FINE)
def test_a_pull_request_may_bring(block: str) -> None:
    assert problems(files(block), files("")) == []


def test_what_main_has_may_stay_also_in_another_file_or_layout() -> None:
    base = files(f"# ours\n{VERSION}")
    assert problems(files(VERSION), base) == []
    assert problems(files("", **{f"{STACK}/other.tf": VERSION.replace("  ", "\t")}), base) == []
    in_module = files(CALL, **{MODULE: VERSION})
    assert problems(in_module, in_module) == []


@pytest.mark.parametrize(
    "block",
    [
        VERSION.replace("dev", "prod"),
        VERSION.replace('"x"', '"y"'),
        VERSION.replace("}", "  provider = aws.other\n}"),
        f"{VERSION}{VERSION.replace('dev', 'prod')}",
        VERSION.replace("data", "ephemeral"),
    ],
)
def test_what_main_has_may_not_read_something_else(block: str) -> None:
    assert len(problems(files(block), files(VERSION))) == 1


def test_a_block_of_main_may_not_stand_in_another_module() -> None:
    head = files(CALL, **{MODULE: VERSION})
    [found] = problems(head, files(VERSION + CALL, **{MODULE: ""}))
    assert found.startswith(f"{MODULE}:1")


@pytest.mark.parametrize("reference", ["var.s", "local.s", "module.m.s", "data.aws_x.s.id"])
def test_which_secret_a_block_of_main_reads_cannot_be_changed_elsewhere(reference: str) -> None:
    block = VERSION.replace('"kw/dev/neo4j"', reference)
    [found] = problems(files(block), files(block))
    assert "does not say in itself which secret it reads" in found
    owned = VERSION.replace('"kw/dev/neo4j"', "aws_secretsmanager_secret.neo4j.id")
    assert problems(files(owned), files(owned)) == []
