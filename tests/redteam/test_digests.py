"""Attacks on the digest: a change that Terraform sees and nobody plans.

What counts and what does not is told by tests/domain/test_inputs.py; here are the ways to name a
file that a reader of the text could overlook. The guard lets each of them pass.
"""

from __future__ import annotations

import pytest

from pipeline.domain.guard import Rules, guard
from tests.domain.guard_files import STACK, files, told
from tests.domain.test_inputs import BOTH, SHELF, affects

SHARED = "shared/a.json"


@pytest.mark.parametrize(
    ("expression", "path"),
    [
        ('fileset(path.module, "{../../../shared,own}/*.json")', SHARED),
        ('fileset(path.module, ".{.,x}/../../shared/*.json")', SHARED),
        ('fileset(path.module, "{a,{b,../../../sha{red,pe}}}/**")', "shared/deep/a.json"),
        ('fileset(path.module, "../../../sha{red,x}/*.json")', SHARED),
        ('fileset(path.module, "../../../shared/{a,b}/*.json")', "shared/a/x.json"),
        ('fileset(path.module, "../../../[s]hared/*.json")', SHARED),
        ('fileset("${path.root}/../../..", "shared/*.json")', SHARED),
        ('fileset("../../../shared", "**")', "shared/new/a.json"),
        ('fileexists("${path.module}/../../../shared/a.json")', SHARED),
        ('abspath("../../../shared/a.json")', SHARED),
        ('"${path.module}/../../../${"shared"}/a.json"', SHARED),
        ('[for f in ["../../../shared/a.json"] : f]', SHARED),
        ('{ "../../../shared/a.json" = 1 }', SHARED),
        ('try(file("${path.cwd}/../../../shared/a.json"), "")', SHARED),
        ('core::file("../../../shared/a.json")', SHARED),
        ('<<-E\n    ${file("${path.module}/../../../shared/a.json")}\n  E\n', SHARED),
        ('"%{ if fileexists("../../../shared/a.json") }x%{ endif }"', SHARED),
        ('file(\n  # ")\n  "../../../shared/a.json"\n)', SHARED),
    ],
)
def test_what_is_read_counts_whatever_the_spelling(expression: str, path: str) -> None:
    text = f"locals {{\n  a = {expression}\n}}\n"
    assert told(guard(STACK, files(text), Rules())) == []
    assert affects({f"{SHELF}/x.tf": text}, path) == BOTH


@pytest.mark.parametrize(
    "text",
    [
        'resource "a" "b" {\n  dynamic "c" {\n    for_each = fileset("../../../shared", "*")\n'
        "    content {\n    }\n  }\n}\n",
        'variable "v" {\n  default = "../../../shared/a.json"\n}\n',
        'output "o" {\n  value = file("../../../shared/a.json")\n}\n',
        'check "c" {\n  assert {\n    condition = fileexists("../../../shared/a.json")\n'
        '    error_message = "x"\n  }\n}\n',
        'moved {\n  from = a.b\n  to = a.c\n}\nlocals {\n  a = file("../../../shared/a.json")\n}\n',
    ],
)
def test_wherever_it_stands(text: str) -> None:
    assert affects({f"{SHELF}/x.tf": text}, SHARED) == BOTH


@pytest.mark.parametrize(
    "links",
    [
        {f"{SHELF}/d": "../../../shared"},
        {f"{SHELF}/d": "e", f"{SHELF}/e": "f", f"{SHELF}/f": "../../../shared"},
        {f"{SHELF}/d": "../../../link/shared", "link": "."},
        {f"{SHELF}/d/a.json": f"../../../../{SHARED}"},
        {f"{SHELF}/d": "../../../other", "other": "shared"},
    ],
)
def test_links_in_chains_and_over_folders_are_followed(links: dict[str, str]) -> None:
    for expression in ('file("d/a.json")', 'fileset(path.module, "d/*")', '"${path.module}/d"'):
        text = f"locals {{\n  a = {expression}\n}}\n"
        assert affects({f"{SHELF}/x.tf": text}, SHARED, links) == BOTH, expression
