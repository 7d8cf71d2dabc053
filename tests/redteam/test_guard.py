"""Attacks on the guard: stories that it has to refuse, in files as a checkout has them.

What the guard says of texts is in tests/domain/test_guard*.py, whether it and Terraform see the
same as code in tests/domain/test_hcl_agrees.py, and what stands behind it in test_second_wall.py.
Here the bytes of files count: ends of lines, links, and where a file lies.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pipeline.adapters.checkout import Checkout
from pipeline.adapters.tools import locate
from pipeline.domain.guard import Rules, guard
from tests.domain.guard_files import LOCK, STACK

MODULE = "terraform/modules/m"
READS = 'file("/proc/self/environ")'


def told(root: Path, **files: str) -> list[str]:
    """What the guard says of a stack with these files (``__`` stands for a dot)."""
    for name, text in {".terraform.lock.hcl": LOCK, **files}.items():
        file = root / STACK / name.replace("__", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    verdict = guard(STACK, Checkout(root), Rules())
    return [str(problem) for problem in (*verdict.broken, *verdict.problems)]


#: A lone carriage return ends no line for Terraform: what comes after it is still the comment.
COMMENTED = (
    f"# \r/*\nlocals {{\n  a = {READS}\n}}\n# */\n",
    f"// \r/*\nlocals {{\n  a = {READS}\n}}\n// */\n",
    f"locals {{\n  b = 1 # \r/*\n  a = {READS}\n  # */\n}}\n",
    f"locals {{\n  b = <<E\n${{1 # \r/*\n}}\nE\n  a = {READS} # */\n}}\n",
)


@pytest.mark.parametrize("text", COMMENTED)
def test_a_lone_carriage_return_hides_no_code(tmp_path: Path, text: str) -> None:
    [found] = told(tmp_path, main__tf=text)
    assert "file() reads outside the repository" in found


@pytest.mark.parametrize("text", COMMENTED)
def test_and_terraform_runs_what_stands_there(tmp_path: Path, text: str) -> None:
    (tmp_path / "here").write_text("what was read")
    text = text.replace("/proc/self/environ", f"{tmp_path}/here")
    shown = text + 'output "a" {\n  value = local.a\n}\n'
    (tmp_path / "main.tf").write_bytes(shown.encode())
    run = [str(locate("terraform")), "plan", "-no-color"]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "what was read" in done.stdout


@pytest.mark.parametrize(
    "template",
    [
        f"${{ 1 # \r/*\n + length({READS}) # */ \n }}",
        f'%{{ for a in [1] }}%{{ for b in [{READS}] }}${{b}}%{{ endfor }}%{{ endfor }}',
        f'${{"%{{ if true }}${{{READS}}}%{{ endif }}"}}',
        f'${{[for path in [1] : {READS}][0]}}',
        f"${{upper(<<E\n${{{READS}}}\nE\n)}}",
        '${fileset("/proc", "{self,1}/environ")}',
        "$$$${file(\"x\")} $${a} ${filesha256(\"../../../../etc/passwd\")}",
    ],
)  # fmt: skip
def test_a_template_hides_no_read(tmp_path: Path, template: str) -> None:
    call = 'locals {\n  a = templatefile("${path.module}/t.tpl", {})\n}\n'
    [found] = told(tmp_path, main__tf=call, t__tpl=template)
    assert "t.tpl:" in found
    assert "reads outside the repository" in found


def test_only_a_variable_has_a_type_that_is_no_expression(tmp_path: Path) -> None:
    text = 'resource "terraform_data" "a" {\n  variable {\n    type = file("/etc/x")\n  }\n}\n'
    [found] = told(tmp_path, main__tf=text)
    assert "reads outside the repository" in found
    typed = 'variable "a" {\n  type = object({ b = optional(string, "c") })\n}\n'
    assert told(tmp_path, main__tf=typed) == []


def test_a_template_is_judged_through_the_links_that_lead_to_it(tmp_path: Path) -> None:
    call = 'locals {\n  a = templatefile("${path.module}/one/t.tpl", {})\n}\n'
    deep = tmp_path / "shared" / "deep"
    deep.mkdir(parents=True)
    (deep / "t.tpl").write_text(f"${{{READS}}}")
    (tmp_path / STACK).mkdir(parents=True)
    (tmp_path / STACK / "one").symlink_to("../../../shared/two")
    (tmp_path / "shared" / "two").symlink_to("deep")
    [found] = told(tmp_path, main__tf=call)
    assert found.startswith("shared/deep/t.tpl:1: ")


@pytest.mark.parametrize(
    "target", ["/proc/self", "../../../..", "../../../.git", "~", "loop", "../../../.Terraform"]
)
def test_no_link_leads_a_read_out(tmp_path: Path, target: str) -> None:
    (tmp_path / STACK).mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (tmp_path / STACK / "loop").symlink_to("loop")
    (tmp_path / STACK / "link").symlink_to(target)
    for call in (
        'file("${path.module}/link/environ")',
        'fileset("${path.module}/link", "*")',
        'fileset(path.module, "link/*")',
        'fileset(path.root, "{link,x}/*")',
        'templatefile("link/environ", {})',
    ):
        found = told(tmp_path, main__tf=f"locals {{\n  a = {call}\n}}\n")
        if target != "~":  # a folder of that name, of the repository like any other
            assert len(found) == 1, (call, found)
            assert "reads outside the repository" in found[0]


PROVIDER = 'provider "aws" {{\n  region = "x"\n{}\n}}\n'


@pytest.mark.parametrize(
    "block",
    [
        'endpoints { sts = "http://listener" }',
        '  dynamic "endpoints" {\n    for_each = [1]\n    content {\n      sts = "x"\n    }\n  }',
        '  dynamic "ignore_tags" {\n    for_each = [1]\n    content {\n    }\n  }',
        '  default_tags {\n    dynamic "tags" {\n      for_each = []\n      content {\n      }\n    }\n  }',  # noqa: E501
        '  assume_role {\n    role_arn = "a"\n  }',
        '  web_identity_token_file = "/proc/self/environ"',
        '  "endpoints" = []',
    ],
)
def test_no_provider_chooses_whom_it_speaks_to(tmp_path: Path, block: str) -> None:
    """Nor in an override file, nor in a module that is called twice removed."""
    text = PROVIDER.format(block)
    for name in ("main__tf", "a_override__tf", "override__tf"):
        assert told(tmp_path / name, **{name: text}) != []
    called = tmp_path / "called"
    for folder, source in (("m", "../n"), ("n", "")):
        file = called / "terraform/modules" / folder / "main.tf"
        file.parent.mkdir(parents=True)
        file.write_text(f'module "n" {{\n  source = "{source}"\n}}\n' if source else text)
    [found] = told(called, main__tf='module "m" {\n  source = "../../modules/m"\n}\n')
    assert found.startswith("terraform/modules/n/main.tf:")


@pytest.mark.parametrize(
    "expression",
    [
        '[file, "/x"]...',
        'try(file("/x")...)',
        'max([filebase64("/x")]...)',
        'merge({ (file("/x")) = 1 }...)',
        'file(concat(["/x"])...)',
        'templatefile(["/x", {}]...)',
        'templatefile("${path.module}/../../../../x", { a = 1 }...)',
    ],
)
def test_expanded_arguments_hide_no_path(tmp_path: Path, expression: str) -> None:
    found = told(tmp_path, main__tf=f"locals {{\n  a = length({expression})\n}}\n")
    if expression.startswith("[file"):
        assert found == []  # no call at all: Terraform refuses the name
    else:
        assert len(found) == 1
        assert "file" in found[0]


def test_what_terraform_reads_by_itself_is_no_link_out(tmp_path: Path) -> None:
    (tmp_path / STACK).mkdir(parents=True)
    for name in ("dev.tfvars", "x.auto.tfvars", "b_override.tf", "x.tf.json", "terraform.tfstate"):
        (tmp_path / STACK / name).symlink_to("/proc/self/environ")
        assert told(tmp_path) != [], name
        (tmp_path / STACK / name).unlink()
