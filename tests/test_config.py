"""Configuration: every mistake is told at once, with file and line."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from pipeline.config import find_line, load_estate, load_project
from pipeline.domain.quantities import Assumed
from pipeline.domain.tree import MemoryTree
from pipeline.errors import Failure
from tests.scratch import ESTATE

WEB = "terraform/envs/web"


def tree(changes: Mapping[str, str | None] | None = None) -> MemoryTree:
    files = {**ESTATE, **(changes or {})}
    return MemoryTree({path: text.encode() for path, text in files.items() if text is not None})


def told(changes: Mapping[str, str | None]) -> tuple[str, list[str]]:
    with pytest.raises(Failure) as error:
        load_estate(tree(changes))
    return error.value.reason, [f"{p.where}: {p.sentence}" for p in error.value.problems]


TOML = ESTATE[f"{WEB}/stack.toml"]


def test_a_sound_estate_is_read() -> None:
    stack = load_estate(tree()).stacks["web"]
    assert stack.workspaces == ("dev", "prod")
    assert (stack.config.environment("prod"), stack.config.protected("prod")) == ("prod", True)
    assert (stack.config.protected("dev"), stack.config.budget("dev")) == (False, None)


@pytest.mark.parametrize(
    ("file", "text", "reason", "problem"),
    [
        ("stack.toml", TOML + "colour = 1\n", "bad-config",
         f"{WEB}/stack.toml:7: Unknown key 'workspace.prod.colour'."),
        ("stack.toml", "workspaces = []\n", "bad-config",
         f"{WEB}/stack.toml:1: workspaces: List should have at least 1 item"),
        ("stack.toml", 'description = "x"\n', "bad-config",
         f"{WEB}/stack.toml:1: 'workspaces' is missing."),
        ("stack.toml", 'a = 1\nworkspaces = ["dev"\n', "bad-config", f"{WEB}/stack.toml:"),
        ("stack.toml", TOML.replace("workspace.prod", "workspace.qa"), "bad-config",
         f"{WEB}/stack.toml:5: [workspace.qa] is about an unknown workspace."),
        ("stack.toml", TOML.replace('"base"', '"bass"'), "bad-config",
         f"{WEB}/stack.toml:2: depends_on names an unknown stack 'bass'."),
        ("stack.toml", None, "bad-config", f"{WEB}: stack.toml is missing."),
        ("stack.toml", TOML.replace('"dev"', '"De v", "dev"'), "bad-config",
         f"{WEB}/stack.toml:1: 'De v' is no workspace name"),
        ("dev.tfvars", "", "bad-tfvars",
         f"{WEB}/variables.tf:2: {WEB}/dev.tfvars does not set 'size', which has no default."),
        ("dev.tfvars", "size = 1\n\nsiez = 2\n", "bad-tfvars",
         f"{WEB}/dev.tfvars:3: There is no variable 'siez' in this stack."),
        ("dev.tfvars", 'size = 1\nimage = "x"\n', "bad-tfvars",
         f"{WEB}/dev.tfvars:2: 'image' is set by the pipeline (takes_image)."),
        ("qa.tfvars", "size = 1\n", "bad-tfvars",
         f"{WEB}/qa.tfvars: 'qa' is no workspace of this stack."),
        ("x.auto.tfvars", "size = 1\n", "bad-tfvars",
         f"{WEB}/x.auto.tfvars: x.auto.tfvars would be loaded for every workspace."),
        ("dev.tfvars", "size = [\n", "bad-hcl", f"{WEB}/dev.tfvars:1: the value of \"size\" is"),
        ("more.tf", 'a {\n  b = "x\n}\n', "bad-hcl", f"{WEB}/more.tf:2: unclosed string."),
        ("more.tf", 'module "m" {\n  source = "../../modules/none"\n}\n', "bad-hcl",
         f"{WEB}/more.tf:2: There is no module terraform/modules/none."),
        ("more.tf", 'locals { a = file("../../../../etc/passwd") }\n', "bad-hcl",
         f"{WEB}/more.tf:1: '../../../../etc/passwd' leads out of the repository."),
        ("usage.toml", '[nat_gbs]\nwhy = "x"\n', "bad-config",
         f"{WEB}/usage.toml:1: No price reads 'nat_gbs'."),
        ("usage.toml", "[nat_gb]\nlow = 1\ntypical = 2\n", "bad-config",
         f"{WEB}/usage.toml:1: 'why' is missing."),
        ("usage.toml", '[nat_gb]\nwhy = "x"\nlow = 3\ntypical = 2\n', "bad-config",
         f"{WEB}/usage.toml:1: nat_gb: low = 3 is more than typical = 2."),
        ("usage.toml",
         '[nat_gb]\nwhy = "x"\nlow = 1\ntypical = 2\nworkspace.qa = {low = 0, typical = 0}\n',
         "bad-config", f"{WEB}/usage.toml:1: [nat_gb] is about an unknown workspace 'qa'."),
        ("stack.toml", TOML + "[usage]\nnat_gb = 1\n", "bad-config",
         f"{WEB}/stack.toml:7: Unknown key 'usage'."),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(
    file: str, text: str | None, reason: str, problem: str
) -> None:
    found, problems = told({f"{WEB}/{file}": text})
    assert found == reason
    assert any(line.startswith(problem) for line in problems), problems


def test_a_workspace_may_be_assumed_to_use_less_than_the_others() -> None:
    usage = """
[nat_gb]
why = "calls of the model"
low = 1
typical = 20
workspace.dev = { low = 0, typical = 2 }
"""
    config = load_estate(tree({f"{WEB}/usage.toml": usage})).stacks["web"].config
    assert config.assumed("dev") == {"nat_gb": Assumed(0, 2)}
    assert config.assumed("prod") == {"nat_gb": Assumed(1, 20)}


def test_a_circle_is_told_with_all_its_stacks() -> None:
    circle = 'workspaces = ["shared"]\n\ndepends_on = ["web"]\n'
    reason, problems = told({"terraform/envs/base/stack.toml": circle})
    assert reason == "bad-config"
    assert len(problems) == 1
    assert "depends_on goes in a circle" in problems[0]
    assert "web → base" in problems[0]


def test_all_mistakes_are_told_at_once() -> None:
    _, problems = told(
        {
            f"{WEB}/stack.toml": TOML + "colour = 1\n",
            f"{WEB}/more.tf": "a {\n",
            "terraform/envs/base/stack.toml": "workspaces = 1\n",
            "terraform/envs/base/shared.tfvars": "x = 1\n",
        }
    )
    assert len(problems) == 3


def test_a_stack_that_takes_the_image_declares_it() -> None:
    reason, problems = told({f"{WEB}/variables.tf": 'variable "size" {}\n'})
    assert (reason, problems) == (
        "bad-tfvars",
        [f'{WEB}/stack.toml: takes_image needs a variable "image".'],
    )


def test_project_settings_have_defaults_and_no_unknown_keys() -> None:
    project = load_project(tree())
    assert (project.name, project.app, project.tests[0].name) == ("kw", "app", "app")
    with pytest.raises(Failure) as error:
        load_project(tree({"pyproject.toml": '[tool.pipeline]\nname = "a"\nnmae = "b"\n'}))
    assert [str(p) for p in error.value.problems] == ["pyproject.toml:3: Unknown key 'nmae'."]


def test_lines_of_nested_keys_are_found() -> None:
    text = "[a]\nx = 1\n[a.b]\n# c = 0\nc = 1\n[[d]]\ne.f = 2\n"
    assert [find_line(text, keys) for keys in (("a", "b", "c"), ("d", "0", "e", "f"), ("z",))] == [
        5,
        7,
        1,
    ]
