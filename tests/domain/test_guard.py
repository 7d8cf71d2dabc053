"""The guard judges text alone: every case is a file and the one sentence it must find."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from pipeline.domain.guard import Allowance, Rules, guard
from tests.domain.guard_files import AWS, LOCK, RULES, STACK, Files, files, problems, told


@pytest.mark.parametrize(
    "text",
    [
        'module "m" {\n  source = "git::https://example.com/ok/m.git"\n}',
        'module "m" { source = "git::https://example.com/ok?ref=v1" }',
        'terraform {\n  required_version = ">= 1"\n}',
        'terraform {\n  backend "s3" {\n    use_lockfile = true\n  }\n}',
        "# provisioner in a comment\nlocals { file = 1 }",
        'provider "aws" {\n  alias = "x"\n  region = var.r\n  max_retries = 2\n}',
        'provider "aws" {\n  default_tags {\n    tags = local.t\n  }\n}',
        'provider "aws" {\n  ignore_tags {\n    keys = ["a"]\n  }\n  s3_use_path_style = true\n}',
        "terraform {\n  required_providers {\n    aws = {\n      source  = \"hashicorp/aws\"\n"
        "      configuration_aliases = [aws.a, aws.b]\n      version = \"~> 5\"\n    }\n  }\n}",
        'terraform {\n  required_providers {\n    aws = "~> 5"\n  }\n}',
        'terraform {\n  required_providers {\n    aws = { "source" : "hashicorp/aws" }\n  }\n}',
        'data "aws_caller_identity" "x" {}\ndata "aws_iam_policy_document" "y" {}',
        'data "aws_ssm_parameter" "x" {\n  name = "/aws/service/ecs/ami"\n}',
        'ephemeral "aws_secretsmanager_random_password" "x" {}',
        'import {\n  to = module.m["a"].aws_s3_bucket.x[0]\n  id = "b"\n}',
        'import {\n  to = terraform_data.x\n  id = "b"\n}',
        "moved {\n  from = aws_a.x\n  to = aws_a.y\n}\nremoved {\n  from = aws_a.z\n}",
        'locals {\n  a = provider::aws::arn_parse(var.a).region\n  b = core::upper("x")\n}',
        'variable "v" {\n  type = object({ a = optional(list(string), ["f"]), b = set(any) })\n}',
        "locals { a = [for b in (var.c) : { d = b\n (b) = 1 } if (b > 1)] }",
    ],
)  # fmt: skip
def test_what_a_stack_may_do(text: str) -> None:
    assert problems(text) == []


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ('data "external" "e" {\n  program = ["id"]\n}', 1, "'external'"),
        ('data "http" "h" {\n  url = "https://example.com"\n}', 1, "'http'"),
        ('resource "aws_x" "y" {\n  provisioner "local-exec" {\n  }\n}', 2, "provisioner"),
        ('resource "aws_x" "y" {\n  provisioner "remote-exec" {\n  }\n}', 2, "provisioner"),
        ('resource "aws_x" "y" {\n  connection {\n  }\n}', 2, "connection"),
        ('removed {\n  from = aws_x.y\n  provisioner "local-exec" {\n  }\n}', 3, "provisioner"),
        ('check "c" {\n  data "external" "e" {\n  }\n}', 2, "'external'"),
        ('check "c" {\n  data http "h" {\n  }\n}', 2, "'http'"),
        ('data "terraform_remote_state" "s" {\n  backend = "http"\n}', 1, "remote_state"),
        (r'data "htt\u0070" "h" {}', 1, "'http'"),
        ('module "m" {\n  source = "./none"\n}', 1, "no folder with .tf files"),
        ('module "m" {\n  source = "evil/m/aws"\n}', 1, "not allowed"),
        ('module "m" {\n  source = "git::https://example.com/okay/m.git"\n}', 1, "not allowed"),
        ('module "m" {\n  source = "git::https://example.com/ok/../evil"\n}', 1, "not allowed"),
        ('module "m" {\n  source = "git::https://example.com/ok/%2e%2e/x"\n}', 1, "not allowed"),
        ('module "m" {\n  source = "../../../../m"\n}', 1, "outside the repository"),
        ('module "m" {\n  source = "../../../.git/m"\n}', 1, "outside the repository"),
        ('module "m" {\n  source = ("../m")\n}', 1, "not a plain string"),
        ('module "m" {\n}', 1, "not a plain string"),
        ('terraform {\n  backend "local" {}\n}', 2, "backend"),
        ('terraform {\n  backend "s3" {\n    endpoint = "x"\n  }\n}', 2, "from the pipeline"),
        ('terraform {\n  backend "s3" {\n    assume_role {\n    }\n  }\n}', 2, "from the pipeline"),
        ("terraform {\n  cloud {}\n}", 2, "backend"),
        ("terraform {\n  experiments = [x]\n}", 2, "'experiments'"),
        ('terraform {\n  provider_meta "aws" {\n  }\n}', 2, "'provider_meta'"),
        ("terraform {\n  encryption {\n  }\n}", 2, "'encryption'"),
        ('action "aws_lambda_invoke" "x" {\n}', 1, "'action'"),
        (
            'terraform {\n  required_providers {\n    x = { source = "evil/x" }\n  }\n}',
            3,
            "registry.terraform.io/evil/x",
        ),
        (
            'terraform {\n  required_providers {\n    aws = { (s) = "evil/x" }\n  }\n}',
            3,
            "not written out",
        ),
        (
            'terraform {\n  required_providers {\n    aws = merge({ source = "evil/x" })\n  }\n}',
            3,
            "not written out",
        ),
        ("locals {\n  a = provider::evil::run()\n}", 2, "provider::evil::run()"),
        ("locals {\n  a = shell(\"id\")\n}", 2, "shell()"),
        ('locals {\n  a = "never closed\n}', 2, "no valid HCL"),
    ],
)  # fmt: skip
def test_what_it_may_not_is_named_with_its_line(text: str, line: int, sentence: str) -> None:
    found = problems(text)
    assert len(found) == 1, found
    assert found[0].startswith(f"{STACK}/main.tf:{line}: ")
    assert sentence in found[0]


@pytest.mark.parametrize(
    "setting",
    """
    access_key custom_ca_bundle ec2_metadata_service_endpoint ec2_metadata_service_endpoint_mode
    http_proxy https_proxy no_proxy profile secret_key shared_config_files shared_credentials_files
    skip_region_validation sts_region token something_new
    """.split(),
)
def test_a_provider_may_not_choose_credentials_or_whom_it_speaks_to(setting: str) -> None:
    [found] = problems(f'provider "aws" {{\n  region = "x"\n  {setting} = ["x"]\n}}')
    assert found.startswith(f"{STACK}/main.tf:3: The provider setting {setting!r}")


@pytest.mark.parametrize(
    "block",
    [
        "endpoints",
        "assume_role",
        "assume_role_with_web_identity",
        'dynamic "endpoints"',
        'dynamic "default_tags"',
        'default_tags "x"',
    ],
)
def test_nor_by_a_nested_block(block: str) -> None:
    [found] = problems(f'provider "aws" {{\n  {block} {{\n    tags = {{}}\n  }}\n}}')
    assert found.startswith(f"{STACK}/main.tf:2: ")


def test_default_tags_hold_tags_alone() -> None:
    [found] = problems('provider "aws" {\n  default_tags {\n    tag = {}\n  }\n}')
    assert "'default_tags'" in found


def test_modules_are_judged_too_and_their_paths_are_their_own() -> None:
    found = problems(
        'module "m" { source = "../../modules/m" }',
        **{"terraform/modules/m/main.tf": 'data "http" "h" {}\nlocals { a = file("/x") }'},
    )
    assert [p.split(": ")[0] for p in found] == [
        "terraform/modules/m/main.tf:2",
        "terraform/modules/m/main.tf:1",
    ]


def test_a_module_that_is_a_link_is_judged_where_it_leads() -> None:
    there = files(
        'module "m" { source = "../../modules/link" }',
        **{"shared/m/main.tf": 'data "http" "h" {}\n'},
    )
    there.links["terraform/modules/link"] = "shared/m"
    assert told(guard(STACK, there, RULES))[0].startswith("shared/m/main.tf:1")
    there.links["terraform/modules/link"] = None
    assert "outside the repository" in told(guard(STACK, there, RULES))[0]


@pytest.mark.parametrize("name", ["main.tf", "dev.tfvars", ".terraform.lock.hcl"])
def test_a_file_that_is_a_link_out_of_the_repository_is_refused(name: str) -> None:
    there = files("", **{f"{STACK}/dev.tfvars": ""})
    there.links[f"{STACK}/{name}"] = None
    assert told(guard(STACK, there, RULES)) == [
        f"{STACK}/{name}: The file is a link out of the repository."
    ]


@pytest.mark.parametrize(
    "name",
    [
        "terraform.tfstate",
        "terraform.tfstate.d/dev/terraform.tfstate",
        "errored.tfstate",
        "Terraform.TFState.backup",
        "terraform.d/plugins/registry.terraform.io/hashicorp/aws/5.100.0/linux_amd64/it",
        ".tflint.d/plugins/tflint-ruleset-terraform",
        ".tflint.hcl",
        ".checkov.yaml",
        ".terraform.tfstate.lock.info",
        ".tflintrc",
    ],
)
@pytest.mark.parametrize("folder", [STACK, "m"])
def test_a_pull_request_brings_no_state_no_plugins_and_no_tools_settings(
    name: str, folder: str
) -> None:
    there = {f"{folder}/{name}": "{}", "m/main.tf": ""}
    [found] = problems('module "m" { source = "../../../m" }', **there)
    assert found.startswith(f"{folder}/{name.split('/')[0]}: ")


@pytest.mark.parametrize(
    "name",
    [
        ".gitignore",
        ".terraform/modules.json",
        "README.md",
        "x/.hidden",
        ".terraform-version",
        ".main.tf.swp",
        ".#main.tf",
        "._main.tf",
        ".nfs0000000012",
    ],
)
def test_what_no_tool_obeys_may_lie_there(name: str) -> None:
    assert problems("", **{f"{STACK}/{name}": ""}) == []


def test_an_override_file_may_leave_the_source_of_a_module_as_it_is() -> None:
    more = {f"{STACK}/main_override.tf": 'module "m" {\n  x = 1\n}\n', "m/a.tf": ""}
    assert problems('module "m" { source = "../../../m" }', **more) == []


def test_json_configuration_is_refused_because_nobody_reads_it() -> None:
    assert "JSON" in problems("", **{f"{STACK}/x.tf.json": "{}"})[0]


def test_the_lock_file_has_to_be_there_and_hold_every_platform() -> None:
    short = f'provider "{AWS}" {{\n  hashes = ["zh:{0:064x}"]\n}}\n'
    assert "linux_arm64" in problems("", lock=short)[0]
    other = LOCK.replace("hashicorp/aws", "evil/aws")
    assert "registry.terraform.io/evil/aws is not allowed" in problems("", lock=other)[0]
    without = Files({f"{STACK}/main.tf": ""})
    assert "missing" in str(guard(STACK, without, Rules()).problems[0])


def test_the_fingerprint_changes_with_the_module_calls_and_nothing_else() -> None:
    def fingerprint(text: str) -> str:
        return guard(STACK, files(text, **{"m/a.tf": ""}), Rules()).fingerprint

    one = 'module "a" {\n  source = "../../../m"\n  x = 1\n}'
    assert fingerprint(one) == fingerprint(one.replace("x = 1", "x = 2"))
    assert fingerprint(one) != fingerprint(one.replace('"a"', '"b"'))


SECRET = 'data "aws_secretsmanager_secret_version" "x" {\n  secret_id = "s"\n}\n'
TODAY = date(2026, 11, 30)


def allowing(**more: frozenset[str] | date | str) -> Rules:
    return replace(RULES, allowance=Allowance(**more), today=TODAY)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        (SECRET, allowing(data_sources=frozenset({"aws_secretsmanager_secret_version"}))),
        ('ephemeral "aws_eks_cluster_auth" "x" {}',
         allowing(data_sources=frozenset({"aws_eks_cluster_auth"}))),
        ('import {\n  to = aws_instance.x\n  id = "i"\n}',
         allowing(imports=frozenset({"aws_instance"}))),
        ('provider "aws" {\n  assume_role {\n    role_arn = "a"\n  }\n}',
         allowing(provider_arguments=frozenset({"assume_role"}))),
        ('locals { a = file("${path.module}/${var.b}") }', allowing(functions=frozenset({"file"}))),
    ],
)  # fmt: skip
def test_a_stack_may_be_allowed_more_until_a_day(text: str, rules: Rules) -> None:
    assert problems(text, rules=rules) == []
    assert "[guard] of terraform/envs/s/stack.toml" in problems(text)[0]
    ended = replace(rules.allowance, expires=date(2026, 11, 29), where=f"{STACK}/stack.toml:7")
    found = problems(text, rules=replace(rules, allowance=ended))
    assert len(found) == 2
    assert found[1].startswith(f"{STACK}/stack.toml:7: What [guard] allows ended on 2026-11-29.")


def test_what_reaches_outside_is_never_allowed_and_what_is_written_out_is_judged_as_ever() -> None:
    rules = allowing(data_sources=frozenset({"http"}), functions=frozenset({"file"}))
    assert len(problems('data "http" "h" {}', rules=rules)) == 1
    assert len(problems('locals { a = file("/proc/self/environ") }', rules=rules)) == 1


def test_an_ended_allowance_is_renewed_by_a_change_of_nothing_else() -> None:
    named = frozenset({"aws_secretsmanager_secret_version"})
    ended = allowing(data_sources=named, expires=date(2026, 11, 1))
    renewal = replace(ended.allowance, expires=date(2027, 11, 1))
    same, other = files(SECRET), files(SECRET.replace('"s"', '"t"'))
    assert told(guard(STACK, same, ended, files(SECRET), renewal)) == []
    assert len(told(guard(STACK, other, ended, files(SECRET), renewal))) == 2
    assert len(told(guard(STACK, same, ended, files(SECRET), ended.allowance))) == 2
    asks = SECRET.replace('"s"', 'file("${path.module}/name")')
    at = f"{STACK}/name"
    before, after = files(asks, **{at: "dev"}), files(asks, **{at: "prod"})
    assert told(guard(STACK, before, ended, before, renewal)) == []
    assert len(told(guard(STACK, after, ended, before, renewal))) == 2
    value = {f"{STACK}/dev.tfvars": 's = "prod"\n'}
    assert len(told(guard(STACK, files(SECRET, **value), ended, files(SECRET), renewal))) == 2
