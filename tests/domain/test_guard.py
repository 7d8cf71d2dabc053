"""The guard judges text alone: every case is a file and the one sentence it must find."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from pipeline.domain.guard import Rules, guard

STACK = "terraform/envs/s"
AWS = "registry.terraform.io/hashicorp/aws"
HASHES = ", ".join(f'"zh:{n:064x}"' for n in range(4))
LOCK = f'provider "{AWS}" {{\n  version = "5.100.0"\n  hashes = [{HASHES}]\n}}\n'


@dataclass
class Files:
    """A repository in memory; ``links`` are paths that lead out of it."""

    texts: dict[str, str]
    links: set[str] = field(default_factory=set)

    def terraform_files(self, folder: str) -> Mapping[str, str]:
        return {
            path: text
            for path, text in self.texts.items()
            if posixpath.dirname(path) == folder and path.endswith((".tf", ".tf.json"))
        }

    def inside(self, path: str) -> bool:
        return not path.startswith(("/", "~", "..")) and path not in self.links

    def read(self, path: str) -> str | None:
        return self.texts.get(path)


def problems(text: str, lock: str = LOCK, **more: str) -> list[str]:
    files = Files({f"{STACK}/main.tf": text, f"{STACK}/.terraform.lock.hcl": lock, **more})
    verdict = guard(STACK, files, Rules(modules=("git::https://example.com/ok",)))
    return [str(problem) for problem in (*verdict.broken, *verdict.problems)]


@pytest.mark.parametrize(
    "text",
    [
        'locals { a = file("${path.module}/a.txt") }',
        'locals { a = templatefile("${path.root}/../../modules/x.tpl", { b = "c" }) }',
        'module "m" { source = "git::https://example.com/ok/m.git" }',
        'terraform {\n  backend "s3" { use_lockfile = true }\n}',
        "# provisioner in a comment\nlocals { file = 1 }",
    ],
)
def test_what_a_stack_may_do(text: str) -> None:
    assert problems(text) == []


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ('locals {\n  a = file("/proc/self/environ")\n}', 2, "outside the repository"),
        ('locals { a = "x${file("../../../../etc/passwd")}" }', 1, "outside the repository"),
        ('locals {\n  a = <<-E\n    ${filebase64("~/.aws/config")}\n  E\n}', 3, "outside"),
        ('variable "v" {}\nlocals { a = file(var.v) }', 2, "not written out"),
        ('locals { a = file("${path.module}/${each.key}") }', 1, "not written out"),
        (r'locals { a = file("\u002e\u002e/x") }', 1, "not written out"),
        ('locals { a = upper(file("/x")) }', 1, "outside the repository"),
        ('data "external" "e" {\n  program = ["id"]\n}', 1, "'external'"),
        ('data "http" "h" {\n  url = "https://example.com"\n}', 1, "'http'"),
        ('resource "aws_x" "y" {\n  provisioner "local-exec" {\n  }\n}', 2, "provisioner"),
        ('resource "aws_x" "y" {\n  provisioner "remote-exec" {\n  }\n}', 2, "provisioner"),
        ('resource "aws_x" "y" {\n  connection {\n  }\n}', 2, "connection"),
        ('check "c" {\n  data "external" "e" {\n  }\n}', 2, "'external'"),
        ('check "c" {\n  data http "h" {\n  }\n}', 2, "'http'"),
        ('data "terraform_remote_state" "s" {\n  backend = "http"\n}', 1, "remote_state"),
        (r'data "htt\u0070" "h" {}', 1, "has an escape"),
        (r'module "m" { source = "./\u002e\u002e/../modules/m" }', 1, "not a plain string"),
        ('module "m" {\n  source = "./none"\n}', 1, "no folder with .tf files"),
        ('module "m" {\n  source = "evil/m/aws"\n}', 1, "not allowed"),
        ('module "m" {\n  source = "../../../../m"\n}', 1, "outside the repository"),
        ('terraform {\n  backend "local" {}\n}', 2, "backend"),
        ("terraform {\n  cloud {}\n}", 2, "backend"),
        (
            'terraform {\n  required_providers {\n    x = { source = "evil/x" }\n  }\n}',
            3,
            "registry.terraform.io/evil/x",
        ),
        ('provider "aws" {\n  shared_config_files = ["x"]\n}', 2, "credentials"),
        ('locals {\n  a = "never closed\n}', 2, "no valid HCL"),
    ],
)
def test_what_it_may_not_is_named_with_its_line(text: str, line: int, told: str) -> None:
    found = problems(text)
    assert len(found) == 1, found
    assert found[0].startswith(f"{STACK}/main.tf:{line}: ")
    assert told in found[0]


def test_modules_are_judged_too_and_their_paths_are_their_own() -> None:
    found = problems(
        'module "m" { source = "../../modules/m" }',
        **{"terraform/modules/m/main.tf": 'data "http" "h" {}\nlocals { a = file("/x") }'},
    )
    assert [p.split(": ")[0] for p in found] == [
        "terraform/modules/m/main.tf:1",
        "terraform/modules/m/main.tf:2",
    ]


def test_a_link_that_leads_out_of_the_repository_is_no_file_of_it() -> None:
    text = 'locals { a = file("${path.module}/link") }'
    files = Files(
        {f"{STACK}/main.tf": text, f"{STACK}/.terraform.lock.hcl": LOCK}, {f"{STACK}/link"}
    )
    assert len(guard(STACK, files, Rules()).problems) == 1


def test_json_configuration_is_refused_because_nobody_reads_it() -> None:
    assert "JSON" in problems("", **{f"{STACK}/x.tf.json": "{}"})[0]


def test_the_lock_file_has_to_be_there_and_hold_every_platform() -> None:
    short = f'provider "{AWS}" {{\n  hashes = ["zh:{0:064x}"]\n}}\n'
    assert "linux_arm64" in problems("", lock=short)[0]
    other = LOCK.replace("hashicorp/aws", "evil/aws")
    assert "registry.terraform.io/evil/aws is not allowed" in problems("", lock=other)[0]
    files = Files({f"{STACK}/main.tf": ""})
    assert "missing" in str(guard(STACK, files, Rules()).problems[0])


def test_the_fingerprint_changes_with_the_module_calls_and_nothing_else() -> None:
    def fingerprint(text: str) -> str:
        files = Files({f"{STACK}/main.tf": text, "m/a.tf": ""})
        return guard(STACK, files, Rules()).fingerprint

    one = 'module "a" {\n  source = "../../../m"\n  x = 1\n}'
    assert fingerprint(one) == fingerprint(one.replace("x = 1", "x = 2"))
    assert fingerprint(one) != fingerprint(one.replace('"a"', '"b"'))
