"""Bad input is refused with a sentence that names the variable and shows a right value."""

from __future__ import annotations

import json
import re
import subprocess
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.tools import locate
from sandbox.client import Sandbox
from tests.terraform.provider import staying_provider
from tests.terraform.stacks import ADMIN, ENVS, MODULES, Credentials, image, terraform_env
from tests.terraform.wrong_values import CASES

pytestmark = pytest.mark.slow


def example(module: str) -> dict[str, str]:
    """The right inputs of a module by name, as HCL: those of its README's example."""
    if module == "envs/knowledgeweaver":
        return {
            "environment": '"prod"',
            "image": f'"{image()}"',
            "tls": '{ certificate_arn = "x" }',
        }
    if module == "envs/account":
        return {
            "alert_email": '"oncall@example.com"',
            "cost": "{ monthly_usd = 430 }",
            "github": '{ repository = "acme/delivery", repository_id = 1, owner_id = 1 }',
        }
    text = (MODULES.parent / module / "README.md").read_text()
    block = text.split("```hcl\n")[1].split("```")[0]
    inputs = re.findall(r"^  (\w+) += (.*?)(?=^  \w|^})", block, re.M | re.S)
    return {name: value.strip() for name, value in inputs if name != "source"}


def root(folder: Path, parts: list[tuple[str, dict[str, str]]]) -> list[int]:
    """Write a root module that calls modules with inputs; the line on which each call starts."""
    (folder / "terraform").symlink_to(MODULES.parent)
    lock = (ENVS / "account" / ".terraform.lock.hcl").read_text()
    (folder / ".terraform.lock.hcl").write_text(lock)
    text = 'provider "aws" {\n  region = "ap-southeast-2"\n}\n'
    starts = []
    for number, (module, inputs) in enumerate(parts):
        starts.append(text.count("\n") + 1)
        lines = [f"  {name} = {value}" for name, value in inputs.items()]
        source = f'  source = "./terraform/{module}"'
        text += "\n".join([f'module "m{number}" {{', source, *lines, "}", ""])
    (folder / "main.tf").write_text(text)
    terraform(folder, "init")
    return starts


def terraform(
    folder: Path,
    *arguments: str,
    workspace: str = "default",
    url: str = "",
    fine: tuple[int, ...] = (0,),
    credentials: Credentials = ADMIN,
) -> str:
    """What ``terraform ARGUMENTS`` prints in a scratch folder; ``url`` is the AWS it may ask.

    All runs of a ``terraform test`` talk to one process of the provider.
    """
    data = folder / "data"
    environ = {**terraform_env(data, workspace), **credentials, "AWS_ENDPOINT_URL": url}
    staying = staying_provider(data, environ) if arguments[0] == "test" else nullcontext({})
    with staying as provider:
        done = subprocess.run(
            [str(locate("terraform")), *arguments, "-no-color"],
            cwd=folder,
            env=environ | provider,
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )
    assert done.returncode in fine, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def refused(folder: Path, cases: list[int]) -> dict[int, list[str]]:
    """Plan some cases at once; what was said about each."""
    calls = [(CASES[n][0], example(CASES[n][0]) | {CASES[n][1]: CASES[n][2]}) for n in cases]
    starts = root(folder, calls)
    mock = 'mock_provider "aws" {}\n\nrun "plan" {\n  command = plan\n}\n'
    (folder / "all.tftest.hcl").write_text(mock)
    said: dict[int, list[str]] = {n: [] for n in cases}
    printed = terraform(folder, "test", "-json", workspace="prod", fine=(1,))
    for line in map(json.loads, printed.splitlines()):
        diagnostic: dict[str, Any] = line.get("diagnostic", {})
        where = diagnostic.get("range", {})
        if where.get("filename") == "main.tf" and diagnostic["severity"] == "error":
            place = max(i for i, start in enumerate(starts) if start <= where["start"]["line"])
            said[cases[place]].append(diagnostic["detail"])
    return said


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> dict[int, list[str]]:
    """What Terraform says about each case."""
    said = refused(tmp_path_factory.mktemp("bad"), list(range(len(CASES))))
    # A rule that looks at a second variable is not asked once anything else has failed.
    silent = [n for n, messages in said.items() if not messages]
    return said | refused(tmp_path_factory.mktemp("silent"), silent)


@pytest.mark.parametrize("case", range(len(CASES)), ids=lambda n: f"{CASES[n][1]} {CASES[n][2]}")
def test_a_wrong_value_is_refused_with_a_right_one(
    refusals: dict[int, list[str]], case: int
) -> None:
    _, name, _, words = CASES[case]
    fitting = [message for message in refusals[case] if words in message]
    assert fitting, refusals[case]
    assert name in fitting[0] or words.startswith("nat_ami")
    assert "for example" in fitting[0]


def test_every_example_of_a_readme_can_be_planned(tmp_path: Path, box: Sandbox) -> None:
    modules = sorted(f"modules/{path.name}" for path in MODULES.iterdir())
    root(tmp_path, [(module, example(module)) for module in modules])
    # a real provider: mocked ones know no ephemeral resources, which the secrets come from
    planned = terraform(tmp_path, "plan", url=box.aws_url)
    for number in range(len(modules)):
        assert f"# module.m{number}." in planned
