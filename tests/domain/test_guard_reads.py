"""No file outside the repository is read, however the call is written: every trick is a case."""

from __future__ import annotations

import pytest

from pipeline.domain.guard import guard
from tests.domain.guard_files import RULES, STACK, files, problems, told

OUT, COMPUTED = "reads outside the repository", "is not written out"
TEMPLATE = f"{STACK}/t.tftpl"


@pytest.mark.parametrize(
    "text",
    [
        'file("${path.module}/a.txt")',
        'file("${ path.module }/a.txt")',
        'file("${~path.root~}/a.txt")',
        'file("a.txt")',
        'file(("../../a.txt"))',
        'templatefile("${path.root}/../../modules/x.tpl", { b = "c" })',
        'filebase64(\n  "${path.cwd}/a.bin"\n  ,\n)',
        'fileset(path.module, "*.json")',
        'fileset("${path.module}/../..", "policies/**/*.{json,yaml}")',
        'fileset(path.root, "[ab]?.txt")',
        'fileexists("caf\\u00e9.txt")',
        'file("\\u002e\\u002e/x")',
        '"file(\\"/etc/passwd\\")"',
        '"$${file("',
        "file",
        "[for path in var.x : path]",
        '{ doc = file("${path.module}/x.json"), arns = [for path in ["a"] : "arn:${path}/*"] }',
        'templatefile("${path.module}/t", { p = [for path in ["a"] : { b = path }] })',
        '[for path in fileset("${path.module}/d", "*") : upper(path)]',
        '{\n  for k, path in true ? fileset(path.root, "*") : [] : k => path\n}',
        '[[for path in var.x : path], file("${path.module}/x")]',
        '"%{ for path in fileset(path.module, "*") }${path}%{ endfor }"',
        '[for file in ["a"] : {\n    n = file\n    (file) = 1\n  }]',
        '{\n  a = file # c\n\n  ("b") = 1\n}',
        'local.file("x") == null ? 1 : local["file"]',
    ],
)
def test_files_of_the_repository_are_read(text: str) -> None:
    assert problems(f"locals {{\n  a = {text}\n}}") == []


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ('file("/proc/self/environ")', 2, OUT),
        ('"x${file("../../../../etc/passwd")}"', 2, OUT),
        ('<<-E\n    ${filebase64("~/.aws/config")}\n  E\n', 3, OUT),
        ('upper(file("/x"))', 2, OUT),
        ('core::file("/x")', 2, OUT),
        ('core :: file /* c */ ("/x")', 2, OUT),
        ('"${file\n("/proc/self/environ")}"', 2, OUT),
        ('"${file # (\n("/proc/self/environ")}"', 2, OUT),
        ('<<E\n${file\n\n("/proc/self/environ")}\nE\n', 3, OUT),
        ('<<E\n%{ if file("/proc/self/environ") == "" ~}\n%{ endif }\nE\n', 3, OUT),
        ('<<E\n\u00a0E\u00a0\n  b = file("/x")\n  c = <<E\nE\n', 4, OUT),
        ('[for x in [1] : {\n  (file("/x")) = x }]', 3, OUT),
        ('{ for k in [1] : k => file\n("/x") }', 2, OUT),
        ('{\n # c\n for k in [1] :\n "b" => file\n\n("/x") }', 5, OUT),
        ('{ a = [{ b = (file\n("/x")) }] }', 2, OUT),
        ('(file\n("/x"))', 2, OUT),
        ('max(1, 2, [{ b = "${"${file("/x")}"}" }]...)', 2, OUT),
        ('file("/\\u0070roc/self/environ")', 2, OUT),
        ('file("${path.module}/../../../../x")', 2, OUT),
        ('file("../../../.git/config")', 2, OUT),
        ('fileset("/proc", "*")', 2, OUT),
        ('fileset(path.module, "../../../../*")', 2, OUT),
        ("file(var.v)", 2, COMPUTED),
        ('file("${path.module}/${each.key}")', 2, COMPUTED),
        ('file("${path.root}./../x")', 2, COMPUTED),
        ('file("${path.module}x")', 2, COMPUTED),
        ('file(join("/", ["", "proc"]))', 2, COMPUTED),
        ('file(["/x"]...)', 2, COMPUTED),
        ('file("/x"...)', 2, COMPUTED),
        ("file(<<E\n/proc/self/environ\nE\n)", 2, COMPUTED),
        ('file(true ? "/x" : "y")', 2, COMPUTED),
        ('file("a" == "b" ? "/x" : "y")', 2, COMPUTED),
        ('templatefile(var.t, {})', 2, COMPUTED),
        ('fileset(path.module, var.p)', 2, COMPUTED),
        ('fileset(path.module, "a*/../../../../../*")', 2, COMPUTED),
        ('fileset(path.module, "{../../../..,x}/*")', 2, OUT),
        ('fileset(path.module, "x/{.,y}{.,z}/../../../../*")', 2, OUT),
        ('fileset(path.module, "a\\\\.\\\\./*")', 2, COMPUTED),
        ('[for path in [{ module = "/proc" }] : file("${path.module}/x")]', 2, COMPUTED),
        ('[for path in true ? [1] : [2] : file(path.module)]', 2, COMPUTED),
        ('[for x in [1] : x if [for x, path in [] : file("${path.root}/x")] != []]', 2, COMPUTED),
        ('[for path in [] : { a = [for x in [1] : "${"${file(path.cwd)}"}"] }]', 2, COMPUTED),
        ('"%{ for path in var.v }${endfor}${file("${path.cwd}/x")}%{ endfor }"', 2, COMPUTED),
        ('{\n  for k,\n  path in var.x : k => "${file("${path.root}/x")}" }', 4, COMPUTED),
        ('<<E\n%{ for path in x }${file("${path.cwd}/x")}%{ endfor }\nE\n', 3, COMPUTED),
        ('templatefile("t.tftpl", { a = file("/x") })', 2, OUT),
    ],
)  # fmt: skip
def test_nothing_else_is(text: str, line: int, sentence: str) -> None:
    found = problems(f"locals {{\n  a = {text}\n}}")
    assert len(found) == 1, found
    assert found[0].startswith(f"{STACK}/main.tf:{line}: ")
    assert sentence in found[0]


@pytest.mark.parametrize("function", ["filesha256", "filemd5", "filebase64sha512", "templatefile"])
def test_every_function_that_reads_is_judged_wherever_it_stands(function: str) -> None:
    for frame in ('variable "v" {{\n  default = {0}\n}}', 'output "o" {{ value = [{0}] }}',
                  'resource "a" "b" {{\n  c {{\n    d = "${{{0}}}"\n  }}\n}}',
                  'check "c" {{\n  assert {{\n    condition = {0} != ""\n  }}\n}}'):  # fmt: skip
        assert len(problems(frame.format(f'{function}("/x", {{}})'))) == 1


def test_a_link_that_leads_out_of_the_repository_is_no_file_of_it() -> None:
    there = files('locals { a = file("${path.module}/link") }')
    there.links[f"{STACK}/link"] = None
    assert OUT in told(guard(STACK, there, RULES))[0]


CALL = 'locals { a = templatefile("${path.module}/t.tftpl", {}) }'


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ('a\n${file("/proc/self/environ")}', 2, OUT),
        ('a\n\n%{ for x in fileset("/proc", "*") ~}${x}%{ endfor }', 3, OUT),
        ('%{ if x }${~ file\n("/x") ~}%{ endif }', 1, OUT),
        ('${file("${path.module}/x")}', 1, COMPUTED),  # a variable of the template's own
        ("${file(name)}", 1, COMPUTED),
        ('${templatefile("../../../../x", {})}', 1, OUT),
        ("${shell()}", 1, "shell()"),
        ("${", 1, "no valid template"),
    ],
)
def test_a_template_is_judged_as_the_configuration_is(text: str, line: int, sentence: str) -> None:
    [found] = problems(CALL, **{TEMPLATE: text})
    assert found.startswith(f"{TEMPLATE}:{line}: ")
    assert sentence in found


def test_a_template_may_read_files_beside_the_root_module_and_hold_what_looks_like_code() -> None:
    text = '# file("/x")\n$${file("/x")} %%{ if } "${file("x.txt")} }} \\'
    assert problems(CALL, **{TEMPLATE: text}) == []


def test_a_template_of_a_template_is_judged_and_a_circle_ends() -> None:
    other = "terraform/envs/s/u.tftpl"
    more = {TEMPLATE: '${templatefile("u.tftpl", {})}',
            other: '${templatefile("t.tftpl", {})}${file("/x")}'}  # fmt: skip
    [found] = problems(CALL, **more)
    assert found.startswith(f"{other}:1")


def test_a_configuration_that_is_also_a_template_is_judged_as_both() -> None:
    text = 'locals {\n  # ${file("/proc/self/environ")}\n  a = templatefile("main.tf", {})\n}'
    [found] = problems(text)
    assert found.startswith(f"{STACK}/main.tf:2: ")
