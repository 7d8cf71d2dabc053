"""The HCL reader: structure, strings, heredocs, and the line of what is wrong."""

from __future__ import annotations

import pytest

from pipeline.domain.hcl import HclError, parse
from pipeline.domain.sources import facts

FILE = b"""
# variable "not" {}
/* module "nor" {
} */
variable "image" { type = string }
variable "names" {
  default = { a = "}", "b" = "${file("${path.module}/../x/a.txt")}" }
}
module "vpc" {
  source = "../../modules/vpc"
  text   = <<-EOT
    } not the end ${templatefile("${path.root}/t/${var.name}.tftpl", { a = "}" })}
    $${file("never")}
  EOT
  rules  = [for r in var.rules : upper(r) if r != ""]
}
module "remote" { source = "terraform-aws-modules/vpc/aws" }
output "o" { value = filebase64("rel.bin") }
"""


def test_variables_modules_and_files_are_found() -> None:
    found = facts(FILE)
    assert found.error is None
    assert found.variables == {"image": (5, True), "names": (6, False)}
    assert [(m.path, m.line) for m in found.modules] == [("../../modules/vpc", 10)]
    assert [(r.base, r.path, r.line) for r in found.reads] == [
        ("module", "../x/a.txt", 7),
        ("root", "t", 12),
        ("root", "rel.bin", 18),
    ]
    assert dict(found.texts) == {"}": ("}",), "b": ("b",)}


def test_tfvars_keys_have_lines() -> None:
    assert facts(b'a = 1\nb = [\n  1,\n  2\n]\nc = "x"\n').keys == {"a": 1, "b": 2, "c": 6}


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ('a = 1\nb = "x\n', 2, "unclosed string"),
        ("a = [1,\n2\n", 1, 'the value of "a" is not closed'),
        ('x "y" {\n  a = 1\n', 1, 'block "x" is not closed'),
        ("a = 1\n}\n", 2, "expected an argument or a block"),
        ("a =\nb = 1\n", 1, '"a" has no value'),
        ("a = 1\na = 2\n", 2, '"a" is set twice, first on line 1'),
        ("a = <<X\nhello\n", 1, "unclosed heredoc"),
        ('a = "${b"\n', 1, "unclosed"),
        ("a\n", 1, 'after "a"'),
        ("a = (1]\n", 1, "unexpected ']'"),
        ("a = `\n", 1, "unexpected character"),
    ],
)
def test_broken_structure_is_told_with_its_line(text: str, line: int, sentence: str) -> None:
    with pytest.raises(HclError) as told:
        parse(text)
    assert told.value.line == line
    assert sentence in told.value.sentence


def test_bytes_that_are_no_text_are_told() -> None:
    assert facts(b"a = 1\nb = \xff\n").error == ("not UTF-8", 2)
