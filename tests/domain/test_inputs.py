"""What decides a unit: what Terraform reads, wherever it lies and however it is named; no more."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from pipeline.config import load_estate
from pipeline.domain.model import UnitId
from pipeline.domain.tree import MemoryTree
from pipeline.domain.units import Estate, affected
from pipeline.errors import Failure
from pipeline.settings import StackConfig

SHELF = "terraform/envs/shelf"
DEV = UnitId("shelf", "dev")
BASE = {
    f"{SHELF}/stack.toml": 'workspaces = ["dev", "prod"]\n',
    f"{SHELF}/dev.tfvars": "",
    f"{SHELF}/prod.tfvars": "",
    f"{SHELF}/main.tf": 'module "m" { source = "../../modules/m" }\n',
    "terraform/modules/m/main.tf": "",
    "terraform/modules/m/README.md": "words",
}


def estate(files: Mapping[str, str], links: Mapping[str, str]) -> Estate[StackConfig]:
    texts = {**BASE, **files}
    return load_estate(MemoryTree({path: text.encode() for path, text in texts.items()}, links))


def affects(
    files: Mapping[str, str], path: str, links: Mapping[str, str] | None = None
) -> list[str]:
    """The units that a change of one file affects."""
    before = estate({**files, path: "before"}, links or {})
    after = estate({**files, path: "after"}, links or {})
    return [str(item.unit) for item in affected(before, after)]


BOTH = ["shelf/dev", "shelf/prod"]
SHARED = "shared/policy.json"
READS = {f"{SHELF}/x.tf": 'locals { p = file("${path.module}/policy.json") }\n'}


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ('file("${path.module}/a.txt")', f"{SHELF}/a.txt"),
        ('resource "aws_s3_object" "x" {\n  source = "../../../files/boot.sh"\n}', "files/boot.sh"),
        ('"files/${var.x}.sh"', f"{SHELF}/files/a.sh"),
        ('fileset("${path.module}/../..", "policies/*.json")', "terraform/policies/b.json"),
        ('fileset(path.module, "../../../files/*")', "files/c.txt"),
        ('fileset(path.module, "files/**")', f"{SHELF}/files/d/e.txt"),
        ('templatefile("t.tftpl", { x = file("../../../files/f") })', "files/f"),
        ('join("/", [path.module, "data", var.x])', f"{SHELF}/data/g"),
        ('join("/", [path.root, var.x])', f"{SHELF}/README.md"),
        ('format("${path.module}/../../../shared/%s.json", each.key)', "shared/a.json"),
        ('format("../../../shared/%s.json", "a")', "shared/a.json"),
        ('join("/", [path.module, "..", "..", "..", "shared", "a.json"])', "shared/a.json"),
        ('join("/", [path.module, "../../..", "shared", "${var.x}.json"])', "shared/a.json"),
        ('join("/", ["../../..", "shared", "a.json"])', "shared/a.json"),
        ('join("/", ["../../..", "shared", var.x])', "shared/a.json"),
        ("file(var.x)", f"{SHELF}/anything"),
        ('"${path.module}/${var.x}"', f"{SHELF}/anything"),
        ('file("caf\\u00e9.txt")', f"{SHELF}/café.txt"),
        ('file("README.md")', f"{SHELF}/README.md"),
        ('jsondecode(file("./tests/x.json"))', f"{SHELF}/tests/x.json"),
    ],
)
def test_a_file_counts_however_it_is_named(code: str, path: str) -> None:
    text = code if code.startswith("resource") else f"locals {{\n  a = {code}\n}}"
    assert affects({f"{SHELF}/x.tf": text}, path) == BOTH


@pytest.mark.parametrize(
    "path",
    [
        "terraform/modules/m/README.md",
        "terraform/modules/m/tests/contract.tftest.hcl",
        "terraform/modules/m/examples/basic/main.tf",
        f"{SHELF}/README.md",
        f"{SHELF}/docs/why.md",
        f"{SHELF}/.terraform-docs.yml",
        "files/other.sh",
        "terraform/other/z.json",
    ],
)
def test_a_file_that_nothing_reads_does_not(path: str) -> None:
    code = """
locals {
  a = fileset("${path.module}/../..", "policies/*.json")
  b = split("/", join(".", ["a", "b"]))
  c = basename("x.sh")
}
"""
    if path.endswith(".tf"):
        with_text = {**BASE, path: "locals {}\n"}
        before, after = estate(BASE, {}), estate(with_text, {})
        assert affected(before, after) == []
        return
    files = {f"{SHELF}/x.tf": code}
    assert affects(files, path) == []


def test_a_file_that_a_module_reads_counts_from_the_modules_folder_and_from_the_roots() -> None:
    code = {"terraform/modules/m/x.tf": 'locals { a = "conf/a.txt" }\n'}
    assert affects(code, "terraform/modules/m/conf/a.txt") == BOTH
    assert affects(code, f"{SHELF}/conf/a.txt") == BOTH
    assert affects(code, "terraform/conf/a.txt") == []


def test_what_a_template_reads_counts_and_what_that_reads() -> None:
    files = {
        f"{SHELF}/x.tf": 'locals { a = templatefile("../../../t/a.tftpl", {}) }\n',
        "t/a.tftpl": 'x ${file("../../../t/b.txt")} ${templatefile("../../../t/c.tftpl", {})}',
        "t/c.tftpl": '%{ for f in fileset("../../../t/d", "*") ~}${f}%{ endfor }',
    }
    files[f"{SHELF}/a.tf"] = 'locals { b = "../../../t/a.tftpl" }\n'
    for path in ("t/b.txt", "t/d/e.txt"):
        assert affects(files, path) == BOTH
    assert affects(files, "t/f.txt") == []


def test_a_text_in_a_tfvars_file_may_name_a_file_for_its_workspace() -> None:
    files = {
        f"{SHELF}/dev.tfvars": 'where = "../../../files/dev.json"\n',
        f"{SHELF}/prod.tfvars": 'where = "x"\n',
        f"{SHELF}/v.tf": 'variable "where" {}\n',
    }
    assert affects(files, "files/dev.json") == ["shelf/dev"]


@pytest.mark.parametrize(
    "links",
    [
        {f"{SHELF}/policy.json": f"../../../{SHARED}"},
        {f"{SHELF}/policy.json": "more.json", f"{SHELF}/more.json": f"../../../{SHARED}"},
        {"terraform/envs/shelf/d": "../../../shared", f"{SHELF}/policy.json": "d/policy.json"},
    ],
)
def test_a_link_is_followed(links: Mapping[str, str]) -> None:
    assert affects(READS, SHARED, links) == BOTH


def test_a_link_in_a_folder_that_counts_is_followed() -> None:
    code = {f"{SHELF}/x.tf": 'locals { a = fileset("${path.module}/d", "**") }\n'}
    assert affects(code, SHARED, {f"{SHELF}/d/x": f"../../../../{SHARED}"}) == BOTH
    assert affects(code, SHARED, {f"{SHELF}/d/x": "../../../../shared"}) == BOTH


def test_linked_configuration_and_modules_are_read_where_they_are() -> None:
    shared = {"shared/common.tf": 'variable "size" {}\n', "lib/m/main.tf": 'locals { a = "x" }\n'}
    sized = {f"{SHELF}/{name}.tfvars": "size = 1\n" for name in ("dev", "prod")}
    links = {
        f"{SHELF}/common.tf": "../../../shared/common.tf",
        "terraform/modules/l": "../../lib/m",
    }
    calls = {f"{SHELF}/l.tf": 'module "l" { source = "../../modules/l" }\n'}
    there = {**shared, **sized, **calls}
    before = estate(there, links)
    assert "size" in before.stacks["shelf"].source.variables
    for path, text in (("shared/common.tf", 'variable "size" { default = 1 }\n'),
                       ("lib/m/main.tf", 'locals { a = "y" }\n')):  # fmt: skip
        assert len(affected(before, estate({**there, path: text}, links))) == 2


@pytest.mark.parametrize(
    ("links", "path", "told"),
    [
        ({f"{SHELF}/policy.json": "../../../../policy.json"}, f"{SHELF}/policy.json", "out of"),
        ({f"{SHELF}/policy.json": "/etc/passwd"}, f"{SHELF}/policy.json", "out of"),
        ({f"{SHELF}/policy.json": "policy.json"}, f"{SHELF}/policy.json", "in a circle"),
        ({f"{SHELF}/policy.json": "../../../.git/config"}, f"{SHELF}/policy.json", "no part of"),
        ({f"{SHELF}/more.tf": "/tmp/x.tf"}, f"{SHELF}/more.tf", "out of"),
        ({f"{SHELF}/dev.tfvars": "/proc/self/environ"}, f"{SHELF}/dev.tfvars", "out of"),
        ({"terraform/modules/m": "/m"}, "terraform/modules/m", "out of"),
    ],
)
def test_a_link_that_cannot_be_followed_is_refused_by_name(
    links: Mapping[str, str], path: str, told: str
) -> None:
    files = {name: text for name, text in {**BASE, **READS}.items()
             if not any(name == link or name.startswith(f"{link}/") for link in links)}  # fmt: skip
    tree = MemoryTree({name: text.encode() for name, text in files.items()}, links)
    with pytest.raises(Failure) as error:
        load_estate(tree)
    found = {problem.where: problem.sentence for problem in error.value.problems}
    assert told in found[path]


def test_an_override_file_that_says_a_description_leaves_the_default() -> None:
    files = {
        f"{SHELF}/variables.tf": 'variable "size" { default = 1 }\nvariable "b" {}\n',
        f"{SHELF}/a_override.tf": 'variable "size" { description = "x" }\n',
        f"{SHELF}/override.tf": 'variable "b" { default = 2 }\n',
    }
    variables = estate(files, {}).stacks["shelf"].source.variables
    assert not variables["size"].required
    assert not variables["b"].required


def test_the_configuration_digest_is_the_unit_digest_without_the_image() -> None:
    toml = {f"{SHELF}/stack.toml": 'workspaces = ["dev"]\ntakes_image = true\n'}
    image = {**toml, f"{SHELF}/i.tf": 'variable "image" {}\n', f"{SHELF}/prod.tfvars": ""}
    del image[f"{SHELF}/prod.tfvars"]
    files = {k: v for k, v in BASE.items() if "prod" not in k} | image

    def at(text: str) -> Estate[StackConfig]:
        tree = {**files, "app/main.py": text}
        return load_estate(MemoryTree({path: data.encode() for path, data in tree.items()}))

    one, two = at("1"), at("2")
    assert one.digest(DEV) != two.digest(DEV)
    assert one.configuration(DEV) == two.configuration(DEV)
    assert one.image_tree != two.image_tree
    assert one.configuration(DEV) != one.digest(DEV)


def test_what_differs_at_every_plan_is_found_with_its_place() -> None:
    code = """
data "aws_caller_identity" "me" {}
locals {
  a = "x ${plantimestamp()}"
  b = data.aws_caller_identity.me.arn
  c = data.aws_caller_identity.me[0].user_id
  d = data.aws_caller_identity.me.account_id
  e = "plantimestamp()" # plantimestamp()
  f = timestamp()
}
"""
    found = estate({f"{SHELF}/x.tf": code}, {}).never_equal(DEV)
    assert found == [
        (f"{SHELF}/x.tf", 4, "plantimestamp()"),
        (f"{SHELF}/x.tf", 5, "data.aws_caller_identity's arn"),
        (f"{SHELF}/x.tf", 6, "data.aws_caller_identity's user_id"),
    ]


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ('data.aws_caller_identity.me["arn"]', True),
        ('data.aws_caller_identity.me["account_id"]', False),
        ('data.aws_caller_identity.me["a"].account_id', False),
        ("data.aws_caller_identity.me[*].arn", True),
        ("data.aws_caller_identity.me.*.user_id", True),
        ("data.aws_caller_identity.me.id", False),
        ("data.aws_caller_identity.me", True),
        ("jsonencode(data.aws_caller_identity.me)", True),
        ("data.aws_caller_identity.me[local.which]", True),
        ('"a ${data.aws_caller_identity.me[0].account_id}"', False),
        ("values(data.aws_caller_identity.me)", True),
    ],
)
def test_whoever_hands_on_the_caller_is_told_unless_it_is_the_account_alone(
    expression: str, told: bool
) -> None:
    code = f'data "aws_caller_identity" "me" {{}}\nlocals {{\n  me = {expression}\n}}\n'
    found = estate({f"{SHELF}/x.tf": code}, {}).never_equal(DEV)
    assert [(file, line) for file, line, _ in found] == ([(f"{SHELF}/x.tf", 3)] if told else [])


def test_what_only_waits_for_the_caller_is_equal() -> None:
    code = 'resource "terraform_data" "a" {\n  depends_on = [data.aws_caller_identity.me]\n}\n'
    assert estate({f"{SHELF}/x.tf": code}, {}).never_equal(DEV) == []


def test_a_template_that_says_when_it_was_planned_is_told_with_its_own_line() -> None:
    code = 'locals {\n  a = templatefile("${path.module}/x.tftpl", {})\n}\n'
    files = {f"{SHELF}/x.tf": code, f"{SHELF}/x.tftpl": "one\nat ${plantimestamp()}\n"}
    found = estate(files, {}).never_equal(DEV)
    assert found == [(f"{SHELF}/x.tftpl", 2, "plantimestamp()")]
