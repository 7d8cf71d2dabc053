"""What a plan says that a provider will read decides the unit, or the plan is refused."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.domain.file_arguments import Reading, unseen_reads
from tests.domain.plans import change
from tests.domain.test_inputs import DEV, SHELF, estate

FILES = {"shared/a.json": "{}", f"{SHELF}/site/a.html": "x", f"{SHELF}/README.md": "x",
         f"{SHELF}/x.tf": 'locals { a = "${path.module}/site/${var.x}" }\n'}  # fmt: skip


def told(
    value: Any, kind: str = "aws_s3_object", unknown: Any = None, allowed: str = ""
) -> list[str]:
    here = estate(FILES, {f"{SHELF}/l": "../../../shared"})
    reading = Reading(here.tree, SHELF, frozenset(here.inputs(DEV)), ("/co",), ("/w/modules",),
                      frozenset({allowed}))  # fmt: skip
    one = change(f"{kind}.o", "create", None, {"source": value}, unknown)
    one |= {"type": kind, "mode": "managed"}
    return [sentence for _, sentence, _ in unseen_reads({"resource_changes": [one]}, reading)]


@pytest.mark.parametrize("kind", ["aws_s3_object", "other_thing"])
@pytest.mark.parametrize(
    "value",
    ["../../../shared/a.json", "./../../../shared/a.json", "/co/shared/a.json", "l/a.json",
     "./site/../../../../shared/a.json", "../../modules/m/README.md", "README.md"],
)  # fmt: skip
def test_a_file_that_does_not_decide_the_unit_is_named(kind: str, value: str) -> None:
    [sentence] = told(value, kind)
    assert "which is not among what decides the unit" in sentence


@pytest.mark.parametrize("value", ["./site/a.html", f"/co/{SHELF}/site/a.html", "/w/modules/m/x"])
def test_what_decides_the_unit_may_be_read(value: str) -> None:
    assert told(value) == []


@pytest.mark.parametrize("value", ["/etc/passwd", "~/x", "../../../../x", "/w/modules/../x"])
def test_an_argument_that_names_a_file_names_none_outside(value: str) -> None:
    assert told(value) == ["By source it reads a file outside the repository."]
    assert told(value, allowed="aws_s3_object.source") == []


def test_nor_one_that_nobody_knows_before_the_apply() -> None:
    [sentence] = told(None, unknown={"source": True})
    assert "not known before the apply" in sentence
    assert told(None, "other_thing", {"source": True}) == []


@pytest.mark.parametrize(
    "value", ["", "site", "arn:aws:s3:::b", "/var/run/x", "a\nb", ["x", {}], 1]
)
def test_other_values_name_nothing(value: Any) -> None:
    assert told(value, "other_thing") == []
