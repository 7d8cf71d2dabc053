"""What nests too deeply is refused by name, wherever it is read, and never ends the process."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config import load_estate, load_project
from pipeline.domain.exact import loads
from pipeline.domain.guard import Rules, guard
from pipeline.domain.hcl import HclError, parse, template
from pipeline.domain.links import observed
from pipeline.domain.nested import DEPTH, deep, parse_json, parse_toml
from pipeline.domain.plan import parse_plan
from pipeline.domain.referee import referee_digest
from pipeline.domain.secrets import known_from_plan
from pipeline.domain.tree import MemoryTree
from pipeline.errors import Failure
from tests.domain.guard_files import STACK, files, told
from tests.domain.plans import UNIT
from tests.domain.test_inputs import BASE, BOTH, SHELF, affects

LEVELS = (450, 1200, 20_000)


def interpolated(levels: int) -> str:
    return "locals {\n x = " + '"${' * levels + "1" + '}"' * levels + "\n}\n"


def heredocs(levels: int) -> str:
    return "locals {\n x = " + "<<E\n${" * levels + "1" + "}\nE\n" * levels + "\n}\n"


def blocks(levels: int) -> str:
    return "a {\n" * levels + "}\n" * levels


def listed(levels: int) -> str:
    return "[" * levels + "]" * levels


HCL = [interpolated, heredocs, blocks]


@pytest.mark.parametrize("levels", LEVELS)
@pytest.mark.parametrize("made", HCL)
def test_a_configuration_says_where(made: Callable[[int], str], levels: int) -> None:
    with pytest.raises(HclError, match="nested too deeply") as error:
        parse(made(levels))
    assert error.value.line >= 2
    [found] = told(guard(STACK, files(made(levels)), Rules()))
    assert "main.tf" in found
    with pytest.raises(Failure) as told_of:
        load_estate(MemoryTree({**{k: v.encode() for k, v in BASE.items()},
                                f"{SHELF}/x.tf": made(levels).encode()}))  # fmt: skip
    assert told_of.value.exit_code == 2
    assert told_of.value.problems[0].where.startswith(f"{SHELF}/x.tf:")


@pytest.mark.parametrize("made", HCL)
def test_what_people_write_is_far_from_it(made: Callable[[int], str]) -> None:
    for expression in parse(made(90)).expressions():
        assert expression
    assert affects({f"{SHELF}/x.tf": made(90), f"{SHELF}/y": ""}, f"{SHELF}/y") == []


def test_a_template_says_so_too() -> None:
    text = "${" + '"${' * 450 + "1" + '}"' * 450 + "}"
    with pytest.raises(HclError, match="nested too deeply"):
        template(text)
    call = 'locals {\n  a = templatefile("${path.module}/t.tftpl", {})\n}\n'
    [found] = told(guard(STACK, files(call, **{f"{STACK}/t.tftpl": text}), Rules()))
    assert found.startswith(f"{STACK}/t.tftpl:1: ")


@pytest.mark.parametrize("levels", LEVELS)
@pytest.mark.parametrize("text", ["x = {}\n", "x = [[1], {}]\n"])
def test_a_settings_file_is_named(levels: int, text: str) -> None:
    table = text.format(listed(levels)).encode()
    own = b'workspaces = ["dev", "prod"]\n'
    base = {path: data.encode() for path, data in BASE.items()}
    with pytest.raises(Failure) as error:
        load_estate(MemoryTree({**base, f"{SHELF}/stack.toml": own + table}))
    assert error.value.exit_code == 2
    assert error.value.problems[0].where.startswith(f"{SHELF}/stack.toml:")
    project = MemoryTree({"pyproject.toml": b'[tool.pipeline]\nname = "x"\n' + table})
    with pytest.raises(Failure) as error:
        load_project(project)
    assert error.value.problems[0].where.startswith("pyproject.toml:")
    assert referee_digest(project)


def test_dots_nest_too() -> None:
    text = "[tool.pipeline]\n" + ".".join("a" * 2000) + " = 1\n"
    assert referee_digest(MemoryTree({"pyproject.toml": text.encode()}))
    with pytest.raises(tomllib.TOMLDecodeError, match="nested too deeply"):
        parse_toml(text)


@pytest.mark.parametrize("levels", LEVELS)
def test_a_plan_is_refused_and_not_walked(levels: int) -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        loads(document(listed(levels)))
    with pytest.raises(ValueError, match="nested too deeply"):
        parse_json(document(listed(levels)))


def document(value: str) -> str:
    change = f'{{"actions": ["create"], "before": null, "after": {{"password": {value}}}}}'
    return (
        '{"resource_changes": [{"address": "a.x", "type": "a", "name": "x", "mode": "managed", '
        f'"change": {change}}}]}}'
    )


def test_a_plan_as_deep_as_may_be_is_walked_by_all() -> None:
    plan = loads(document(listed(DEPTH - 5)))
    assert parse_plan(plan, UNIT).changes
    known_from_plan(plan)


@pytest.mark.parametrize("levels", LEVELS)
def test_a_text_that_holds_a_deep_document_stays_a_text(levels: int) -> None:
    plan = loads(document(json.dumps(listed(levels))))
    assert parse_plan(plan, UNIT).changes
    assert listed(levels) in known_from_plan(plan)


def chain(count: int) -> Mapping[str, str]:
    """Templates of which each reads the next one; the last reads a file."""
    made = {f"{STACK}/t{n}": f'${{templatefile("t{n + 1}", {{}})}}' for n in range(count)}
    return {**made, f"{STACK}/t{count}": '${file("/proc/self/environ")}'}


def test_templates_may_read_each_other_without_end() -> None:
    call = 'locals {\n  a = templatefile("t0", {})\n}\n'
    [found] = told(guard(STACK, files(call, **chain(1500)), Rules()))
    assert found.startswith(f"{STACK}/t1500:1: ")
    moved = {path.replace(STACK, SHELF): text for path, text in chain(1500).items()}
    moved[f"{SHELF}/t1500"] = '${file("../../../shared/a")}'
    assert affects({**moved, f"{SHELF}/x.tf": call}, "shared/a") == BOTH


def test_links_may_lead_to_folders_of_links_without_end() -> None:
    links = {f"d{n}/next": f"../d{n + 1}" for n in range(1500)}
    found = observed(MemoryTree({"d1500/a": b"x"}, links), "d0")
    assert found["d1500"] != "absent"


NAMES = st.text("ab")


@given(st.recursive(st.none(), lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner)))
def test_the_depth_is_that_of_the_brackets(value: object) -> None:
    text = json.dumps(value)
    assert parse_json(text) == value
    opened, deepest = 0, 0
    for sign in text:
        opened += (sign in "[{") - (sign in "]}")
        deepest = max(deepest, opened)
    for _ in range(DEPTH - deepest):
        value = [value]
    assert not deep(value)
    assert deep([value])
