"""Configuration: every mistake is told at once, with file and line."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from pipeline.config import find_line, load_estate, load_project
from pipeline.domain.quantities import Assumed
from pipeline.domain.tree import MemoryTree
from pipeline.errors import Failure
from tests.scratch import ESTATE, PROJECT

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
        load_project(tree({"pyproject.toml": f'{PROJECT}nmae = "b"\n'}))
    assert [str(p) for p in error.value.problems] == ["pyproject.toml:6: Unknown key 'nmae'."]


@pytest.mark.parametrize("text", [None, "", "[tool]\nx = 1\n", "[tool.other]\n", "tool = 1\n"])
def test_without_settings_no_name_is_guessed_and_the_lines_to_write_are_told(
    text: str | None,
) -> None:
    with pytest.raises(Failure) as error:
        load_project(tree({"pyproject.toml": text}))
    [problem] = error.value.problems
    assert (error.value.reason, problem.where) == ("bad-config", "pyproject.toml")
    for line in ("[tool.pipeline]", "name =", "repository =", "region =", "ecr_repository ="):
        assert line in problem.remedy


@pytest.mark.parametrize("key", ["name", "repository", "region", "ecr_repository"])
def test_each_setting_that_names_something_of_ours_has_to_be_there(key: str) -> None:
    lines = [line for line in PROJECT.splitlines() if not line.startswith(f"{key} ")]
    with pytest.raises(Failure) as error:
        load_project(tree({"pyproject.toml": "\n".join(lines)}))
    assert [str(p) for p in error.value.problems] == [
        f"pyproject.toml:1: '{key}' is missing. Write {key} = … there."
    ]


NET = "terraform/envs/team/net"
BACKEND = 'terraform {\n  backend "s3" {}\n}\n'


@pytest.mark.parametrize("app", ["app/", "./app", ".", "", "/app", "app//x", "../x", "a/../b"])
def test_the_applications_folder_is_named_as_git_names_it(app: str) -> None:
    with pytest.raises(Failure, match="app"):
        load_project(tree({"pyproject.toml": f'{PROJECT}app = "{app}"\n'}))


def test_a_number_of_thousands_of_digits_is_refused_like_other_broken_toml() -> None:
    with pytest.raises(Failure) as told:
        load_project(tree({"pyproject.toml": f"{PROJECT}x = {'9' * 5000}\n"}))
    assert told.value.exit_code == 2


@pytest.mark.parametrize(
    ("path", "text", "where"),
    [
        (f"{NET}/main.tf", BACKEND, f"{NET}/main.tf:2"),
        (f"{NET}/main.tf", '\nprovider "aws" {}\n', f"{NET}/main.tf:2"),
        (f"{NET}/stack.toml", TOML, f"{NET}/stack.toml"),
        (f"{NET}/dev.tfvars", "x = 1\n", f"{NET}/dev.tfvars"),
        (f"{WEB}/more/stack.toml", TOML, f"{WEB}/more/stack.toml"),
        ("bootstrap/main.tf", BACKEND, "bootstrap/main.tf:2"),
        ("main.tf", 'terraform {\n  cloud {}\n}\n', "main.tf:2"),
        ("infra/live/stack.toml", TOML, "infra/live/stack.toml"),
        (f"{WEB}/dev.tfvars.json", "{}", f"{WEB}/dev.tfvars.json"),
        (f"{NET}/main.tf.json", "{}", f"{NET}/main.tf.json"),
        ("live/a.tf.json", '{"terraform": [{"backend": {"s3": {}}}]}', "live/a.tf.json"),
        ("live/a.tf.json", '{"provider": {"aws": {}}}', "live/a.tf.json"),
    ],
)  # fmt: skip
def test_terraform_that_no_unit_looks_at_is_named(path: str, text: str, where: str) -> None:
    with pytest.raises(Failure) as error:
        load_estate(tree({path: text}))
    [problem] = error.value.problems
    assert (error.value.reason, problem.where) == ("bad-config", where)
    assert problem.remedy


def test_what_others_apply_shows_or_calls_is_no_stack_that_was_forgotten() -> None:
    changes = {
        "bootstrap/main.tf": BACKEND,
        "pyproject.toml": f'{PROJECT}unmanaged = ["bootstrap"]\n',
        "terraform/modules/net/examples/basic/main.tf": BACKEND,
        "terraform/modules/unused/main.tf": 'variable "x" {}\n',
        f"{WEB}/own/main.tf": 'provider "aws" {}\n',
        f"{WEB}/more.tf": 'module "own" { source = "./own" }\n',
        "terraform/envs/_shared/main.tf": "",
        f"{WEB}/shared.tf": 'module "shared" { source = "../_shared" }\n',
    }
    assert set(load_estate(tree(changes)).stacks) == {"base", "web"}


def test_a_stack_that_is_a_link_is_not_looked_at_and_says_so() -> None:
    files = {path: text.encode() for path, text in ESTATE.items()}
    links = {"terraform/envs/linked": "web", "terraform/envs/w.tf": "/x"}
    with pytest.raises(Failure) as error:
        load_estate(MemoryTree(files, links))
    assert [p.where for p in error.value.problems] == sorted(links)


def test_a_link_out_of_the_image_is_refused_because_its_build_would_not_find_it() -> None:
    files = {path: text.encode() for path, text in ESTATE.items()}
    for target in ("../docs/readme.md", "/etc/passwd", "proto.txt"):
        with pytest.raises(Failure) as error:
            load_estate(MemoryTree(files, {"app/proto.txt": target}))
        [problem] = error.value.problems
        assert problem.where == "app/proto.txt"
    assert load_estate(MemoryTree(files, {"app/proto.txt": "main.py"})).image_tree


@pytest.mark.parametrize("old", ["base", "ancient"])
def test_an_old_name_belongs_to_one_stack_and_to_none_that_is_there(old: str) -> None:
    line = f'renamed_from = "{old}"\n'
    changes = {f"{WEB}/stack.toml": line + TOML}
    if old == "ancient":
        assert load_estate(tree(changes)).stacks["web"].config.renamed_from == old
        base = "terraform/envs/base/stack.toml"
        changes[base] = line + ESTATE[base]
    reason, problems = told(changes)
    assert reason == "bad-config"
    assert len(problems) == 1
    assert f"{old!r}" in problems[0]


def test_a_key_inside_a_value_is_not_looked_for() -> None:
    changes = {
        f"{WEB}/dev.tfvars": "size = 1\nnet = {\n  nowhere = { deeper = 1 }\n}\n",
        f"{WEB}/net.tf": 'variable "net" {\n  type    = any\n  default = null\n}\n',
    }
    assert load_estate(tree(changes)).units


def test_lines_of_nested_keys_are_found() -> None:
    text = "[a]\nx = 1\n[a.b]\n# c = 0\nc = 1\n[[d]]\ne.f = 2\n"
    assert [find_line(text, keys) for keys in (("a", "b", "c"), ("d", "0", "e", "f"), ("z",))] == [
        5,
        7,
        1,
    ]


@pytest.mark.parametrize(
    "stacks",
    [{"app": ["eu--prod"], "app--eu": ["prod"]}, {"app": ["eu-prod"], "app-eu": ["prod"]}],
)
def test_units_whose_files_would_have_one_name_are_refused(stacks: dict[str, list[str]]) -> None:
    changes = {}
    for name, workspaces in stacks.items():
        folder = f"terraform/envs/{name}"
        changes[f"{folder}/stack.toml"] = f'workspaces = ["{workspaces[0]}"]\n'
        changes[f"{folder}/main.tf"] = ""
        changes[f"{folder}/{workspaces[0]}.tfvars"] = ""
    reason, problems = told(changes)
    assert (reason, len(problems)) == ("bad-config", 1)
    assert "differ in nothing but dashes" in problems[0]
    assert "/stack.toml:1: " in problems[0]


def test_a_workspace_that_is_listed_twice_is_refused_with_its_line() -> None:
    changes = {f"{WEB}/stack.toml": TOML.replace('"dev"', '"dev", "dev"')}
    reason, problems = told(changes)
    assert (reason, len(problems)) == ("bad-config", 1)
    assert problems[0].startswith(f"{WEB}/stack.toml:")
    assert "'dev' is listed twice" in problems[0]


@pytest.mark.parametrize(
    ("path", "remedy"),
    [
        ("terraform/envs/net/dev.tfvars", "Write terraform/envs/net/stack.toml"),
        ("terraform/envs/main.tf", "git mv terraform/envs/*.tf terraform/envs/NAME/`"),
        ("main.tf", "git mv *.tf terraform/envs/NAME/`"),
        ("infra/web/main.tf", "git mv infra/web terraform/envs/NAME`"),
        ("infra/prod/main.tf", "git mv infra/prod terraform/envs/prod`"),
    ],
)
def test_what_is_advised_for_a_stack_that_nobody_looks_at_can_be_done(
    path: str, remedy: str
) -> None:
    with pytest.raises(Failure) as error:
        load_estate(tree({path: BACKEND if path.endswith(".tf") else "x = 1\n"}))
    [problem] = error.value.problems
    assert remedy in problem.remedy


def test_what_is_retired_is_a_unit() -> None:
    text = f'{PROJECT}[[tool.pipeline.retired]]\nunit = "nonsense"\naction = "forget"\nwhy = "x"\n'
    with pytest.raises(Failure) as error:
        load_project(tree({"pyproject.toml": text}))
    assert error.value.problems[0].where == "pyproject.toml:7"


def project(lines: str) -> list[str]:
    """What is wrong with these lines after the others of [tool.pipeline]."""
    text = f"{PROJECT}{lines}\n"
    with pytest.raises(Failure) as error:
        load_project(MemoryTree({"pyproject.toml": text.encode()}))
    assert error.value.reason == "bad-config"
    return [f"{problem.where}: {problem.sentence}" for problem in error.value.problems]


@pytest.mark.parametrize(
    "line",
    [
        'environment = "prod\\nrole=admin"', 'environment = " prod"', 'environment = ""',
        'environment = "../prod"', "monthly_budget_usd = inf", "monthly_budget_usd = nan",
        "monthly_budget_usd = -1", 'monthly_budget_usd = "100"', 'protected = "no"',
        "protected = 1",
    ],
)  # fmt: skip
def test_a_workspaces_settings_are_what_they_look_like(line: str) -> None:
    reason, [problem] = told({f"{WEB}/stack.toml": f"{TOML}\n[workspace.dev]\n{line}\n"})
    assert reason == "bad-config"
    assert f"workspace.dev.{line.partition(' ')[0]}" in problem


@pytest.mark.parametrize(
    "line",
    [
        'renamed_from = "../x"', 'renamed_from = ""', 'renamed_from = "a b"', 'takes_image = "yes"',
        'description = "two\\nlines"',
    ],
)  # fmt: skip
def test_a_stacks_settings_are_what_they_look_like(line: str) -> None:
    reason, problems = told({f"{WEB}/stack.toml": f'{line}\nworkspaces = ["dev", "prod"]\n'})
    assert (reason, len(problems)) == ("bad-config", 1)
    assert problems[0].startswith(f"{WEB}/stack.toml:1: {line.partition(' ')[0]}")


@pytest.mark.parametrize(
    "lines",
    [
        '[tool.pipeline.review]\nself = "yes"', "[tool.pipeline.review]\nself = 1",
        "[tool.pipeline.review]\napprovals = true", '[tool.pipeline.review]\napprovals = "2"',
        "[tool.pipeline.review]\napprovals = 1.0", "[tool.pipeline.review]\napprovals = 0",
        'platform = "linux/arm64 --push"', 'app = "../app"', 'app = "app\\n"',
        '[[tool.pipeline.retired]]\nunit = "web/.."\naction = "forget"\nwhy = "old"',
        '[[tool.pipeline.tests]]\nname = "a"\ncommand = ["true"]',
        '[[tool.pipeline.tests]]\nname = "a"\nnightly = true\npaths = ["app/"]\ncommand = ["true"]',
        '[[tool.pipeline.tests]]\nname = "a b"\npaths = ["app/"]\ncommand = ["true"]',
    ],
)  # fmt: skip
def test_a_projects_settings_are_what_they_look_like(lines: str) -> None:
    assert len(project(lines)) == 1


def test_a_unit_that_was_given_up_is_told_about_once() -> None:
    entry = '[[tool.pipeline.retired]]\nunit = "web/old"\naction = "{}"\nwhy = "old"\n'
    [problem] = project(entry.format("forget") + entry.format("unprotect"))
    assert "two [[retired]] are about web/old" in problem


def test_settings_behind_a_link_are_not_read_and_a_byte_order_mark_is_no_matter() -> None:
    files = {path: text.encode() for path, text in ESTATE.items()}
    files["pyproject.toml"] = b"\xef\xbb\xbf" + files["pyproject.toml"]
    assert load_project(MemoryTree(files)).name == "kw"
    del files[f"{WEB}/stack.toml"]
    with pytest.raises(Failure) as error:
        load_estate(MemoryTree(files, {f"{WEB}/stack.toml": "../base/stack.toml"}))
    assert f"{WEB}/stack.toml is a symbolic link" in str(error.value.problems[0].sentence)
