"""No branch gets its own code near a role: trust policies and workflow files, held together."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.client import Sandbox
from sandbox.layout import REGION
from tests.terraform.stacks import STATE_BUCKET, Stack, client
from tests.workflows.trust import Trust, problems, trusts

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
FILES = {path.name: path.read_text() for path in (ROOT / ".github/workflows").glob("*.yml")}
REPOSITORY = "knowledgeweaver/delivery"


@pytest.fixture(scope="module")
def roles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Trust]]:
    """Who trusts what, as a first plan of the account's stack says it."""
    with Sandbox.start(tmp_path_factory.mktemp("box")) as box:
        place = {"LocationConstraint": REGION}
        made = client("s3", box.aws_url)
        made.create_bucket(Bucket=STATE_BUCKET, CreateBucketConfiguration=place)
        stack = Stack("account", "shared", box.aws_url, tmp_path_factory.mktemp("account"))
        stack.init()
        yield trusts(json.loads(json.dumps(stack.plan())), REPOSITORY)


def test_every_role_is_for_one_purpose(roles: list[Trust]) -> None:
    found = {role.role.removeprefix("knowledgeweaver-"): role for role in roles}
    applies = {f"apply-{name}" for name in ("shared", "dev", "staging", "prod")}
    assert set(found) == {"plan", "report", "read", "image"} | applies
    assert {name for name, role in found.items() if not role.of_main} == {"plan", "report"}
    for name in applies:
        assert [s.rpartition(":")[2] for s in found[name].subjects] == [name.partition("-")[2]]
    files = [(name, file) for name, role in found.items() for file in role.files]
    owners = {file: {name.partition("-")[0] for name, f in files if f == file} for _, file in files}
    assert all(len(names) == 1 for names in owners.values()), "a file has one purpose"


def test_no_branch_can_make_a_trusted_file_run_its_own_code(roles: list[Trust]) -> None:
    assert problems(FILES, roles) == []


MAIN, SHA = "          ref: main\n", "          ref: ${{ github.sha }}\n"
CHANGE = "          path: change\n"
CHECKOUT = "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8"
#: Each would let somebody in: file, what is taken away, what comes instead, what is told.
MUTATIONS = {
    "the tools of a plan from the caller": ("unit-plan.yml", MAIN, SHA, "takes its tools"),
    "the tools of a report from the caller": ("unit-report.yml", MAIN, SHA, "takes its tools"),
    "the tools from a pull request's head": (
        "unit-pending.yml", SHA, "          ref: ${{ github.head_ref }}\n", "takes its tools"),
    "the tools from an input": (
        "unit-deploy.yml", SHA, "          ref: ${{ inputs.commit }}\n", "takes its tools"),
    "the tools from another repository": (
        "unit-drift.yml", SHA, SHA + "          repository: evil/delivery\n", "checks out with"),
    "no tools of its own": (
        "unit-plan.yml", f"{MAIN}          persist-credentials: false\n",
        f"{MAIN}{CHANGE}          persist-credentials: false\n", "begin with its tools"),
    "the change over the tools": (
        "unit-plan.yml", CHANGE, "          path: .\n", "over its tools"),
    "the change in the tools' folder": ("unit-report.yml", CHANGE, "", "over its tools"),
    "the setup of the change": (
        "unit-plan.yml", "uses: ./.github/actions/setup", "uses: ./change/.github/actions/setup",
        "uses ./change"),
    "an action of the caller": (
        "unit-report.yml", "uses: ./.github/actions/setup", "uses: ./.github/actions/mine",
        "uses ./.github/actions/mine"),
    "an action at a tag": ("unit-drift.yml", CHECKOUT, "actions/checkout@v5", "uses actions/"),
    "a container": (
        "unit-plan.yml", "    runs-on: ubuntu-24.04\n",
        "    runs-on: ubuntu-24.04\n    container: evil/image\n", "has container"),
    "a runner of the caller": (
        "unit-plan.yml", "runs-on: ubuntu-24.04", "runs-on: ${{ inputs.shard }}", "runs on"),
    "a cache in a pull request": (
        "unit-plan.yml", 'cache: "false"', 'cache: "true"', "asks a cache"),
    "a cache in the report": ("unit-report.yml", '        with:\n          cache: "false" # a pull '
        "request's own jobs could have put other programs there\n", "", "asks a cache"),
    "a program out of the change": (
        "unit-plan.yml", "run: exec pipeline plan", "run: exec change/bin/pipeline plan", "runs"),
    "a second program": (
        "unit-plan.yml", 'plan --root change -- "$UNITS"', 'plan --root change; sh x', "runs"),
    "another folder": (
        "unit-plan.yml", "        run: exec pipeline plan",
        "        working-directory: change\n        run: exec pipeline plan", "working-directory"),
    "another shell": (
        "unit-report.yml", "        run: exec pipeline report",
        "        shell: change/sh {0}\n        run: exec pipeline report", "has shell"),
    "a path in the environment": (
        "unit-plan.yml", "          SHARD: ", "          PYTHONPATH: change\n          SHARD: ",
        "sets ['PYTHONPATH']"),
    "an environment for all steps": (
        "unit-report.yml", "permissions: {}\n", "permissions: {}\nenv: {PATH: change}\n",
        "has env"),
    "text in a command": (
        "unit-plan.yml", '--shard="$SHARD"', "--shard=${{ inputs.shard }}", "puts text"),
    "the judge judged by itself": (
        "unit-plan.yml", "exec pipeline check --root change", "exec pipeline check", "else than"),
    "artifacts over the tools": (
        "unit-report.yml", "          path: results #", "          path: . #", "lets an artifact"),
    "artifacts over each other": (
        "unit-report.yml", "          pattern: results-*\n",
        "          pattern: results-*\n          merge-multiple: true\n", "lets an artifact"),
    "another event": (
        "unit-drift.yml", "on:\n  workflow_call:\n", "on:\n  workflow_call:\n  push:\n",
        "more than a workflow to call"),
    "a group that a branch can name": (
        "unit-deploy.yml", "    timeout-minutes: 120\n",
        "    timeout-minutes: 120\n    concurrency: unit\n", "has concurrency"),
    "an apply outside its environment": (
        "unit-destroy.yml", "    environment: ${{ inputs.environment }}\n", "", "no environment"),
    "another purpose's role": (
        "unit-report.yml", "role/knowledgeweaver-report", "role/knowledgeweaver-plan",
        "asks for the role"),
    "a token left behind": (
        "image.yml", "persist-credentials: false", "persist-credentials: true", "leaves a token"),
    "secrets handed on": (
        "pull-request.yml", "    needs: [affected, plan]\n",
        "    needs: [affected, plan]\n    secrets: inherit\n", "hands secrets on"),
    "a token for the pull request's own job": (
        "pull-request.yml", "  tests:\n    runs-on: ubuntu-24.04\n    timeout-minutes: 30\n"
        "    permissions:\n", "  tests:\n    runs-on: ubuntu-24.04\n    timeout-minutes: 30\n"
        "    permissions:\n      id-token: write\n", "may ask for a token"),
    "a trusted file out of the branch": (
        "pull-request.yml", "uses: knowledgeweaver/delivery/.github/workflows/unit-report.yml@main",
        "uses: ./.github/workflows/unit-report.yml", "calls no trusted file"),
    "main's rights for a stranger's text": (
        "drift.yml", "  workflow_dispatch:\n", "  pull_request_target:\n", "runs on ['pull_req"),
}  # fmt: skip


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_way_in_is_told(roles: list[Trust], name: str) -> None:
    file, old, new, told = MUTATIONS[name]
    assert old in FILES[file], "the mutation changes nothing"
    found = problems({**FILES, file: FILES[file].replace(old, new, 1)}, roles)
    assert any(one.startswith(f"{file}: ") and told in one for one in found), found


def test_a_role_that_no_longer_asks_for_main_is_told(roles: list[Trust]) -> None:
    for wrong in [role for role in roles if role.of_main]:
        others = [role for role in roles if role != wrong]
        found = problems(FILES, [*others, replace(wrong, of_main=False)])
        assert {one.partition(":")[0] for one in found} == set(wrong.files), wrong.role


def test_a_role_that_trusts_one_more_file_is_told(roles: list[Trust]) -> None:
    for file in ("pull-request.yml", "nowhere.yml", "unit-plan.yml"):
        reader = next(role for role in roles if role.role.endswith("-read"))
        others = [role for role in roles if role != reader]
        wider = replace(reader, files=(*reader.files, file))
        assert any(one.startswith(file) for one in problems(FILES, [*others, wider])), file
