"""What is wrong with a workflow file that a role trusts: could a branch make it run its own code?

Two sides are held against each other: the trust policies, out of the account stack's plan, and the
workflow files. A role that asks for the default branch's ref runs what that commit holds; any other
role may be asked for by any branch's workflow, so its files take no program but main's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.actions.workflow import JobSpec, WorkflowSpec, load

ISSUER = "token.actions.githubusercontent.com"
FOLDER = ".github/workflows/"
SETUP = "./.github/actions/setup"
#: Actions of others that a trusted job may use; each at a commit.
ACTIONS = {
    "actions/checkout",
    "actions/download-artifact",
    "actions/upload-artifact",
    "aws-actions/configure-aws-credentials",
}
#: Variables that commands read; none of them changes what a program does by itself.
VARIABLES = {"COMMIT", "CONFIRMATION", "GITHUB_TOKEN", "RECORD", "SHARD", "UNIT", "UNITS"}
#: Where GitHub lets the runner's image, or somebody's container, run a job's steps.
RUNNERS = {"ubuntu-24.04", "ubuntu-24.04-arm"}
#: Events that run main's workflows with more rights for somebody else's text.
TEMPTING = {"issue_comment", "issues", "pull_request_target", "workflow_run", "discussion_comment"}


@dataclass(frozen=True, slots=True)
class Trust:
    """One role: the files whose jobs get it, and whether their run has to be of ``main``."""

    role: str
    files: tuple[str, ...]
    of_main: bool
    subjects: tuple[str, ...]


def trusts(plan: Mapping[str, Any], repository: str) -> list[Trust]:
    """The roles that a plan of the account's stack lets GitHub's jobs assume."""
    found = []
    for change in plan["resource_changes"]:
        if change["type"] != "aws_iam_role" or ISSUER not in change["change"]["after"].get(
            "assume_role_policy", ""
        ):
            continue
        after = change["change"]["after"]
        for statement in json.loads(after["assume_role_policy"])["Statement"]:
            equal = statement["Condition"]["StringEquals"]
            files = equal[f"{ISSUER}:job_workflow_ref"]
            head, tail = f"{repository}/{FOLDER}", "@refs/heads/main"
            assert all(f.startswith(head) and f.endswith(tail) for f in files), files
            found.append(
                Trust(
                    after["name"],
                    tuple(f.removeprefix(head).removesuffix(tail) for f in files),
                    equal.get(f"{ISSUER}:ref") == "refs/heads/main",
                    tuple(statement["Condition"]["StringLike"][f"{ISSUER}:sub"]),
                )
            )
    return found


def problems(files: Mapping[str, str], roles: list[Trust]) -> list[str]:
    """Everything that lets a branch's code near a role; empty when nothing does."""
    specs = {name: load(FOLDER + name, text.encode()) for name, text in files.items()}
    trusted: dict[str, list[Trust]] = {}
    for role in roles:
        for name in role.files:
            trusted.setdefault(name, []).append(role)
    found = [f"{name}: trusted by {trusted[name][0].role}, and not there" for name in trusted
             if name not in specs]  # fmt: skip
    for name, spec in specs.items():
        of = trusted.get(name, [])
        told = _trusted(spec, of) if of else _other(spec, set(trusted))
        found += [f"{name}: {one}" for one in told]
    return found


def _other(spec: WorkflowSpec, trusted: set[str]) -> Iterator[str]:
    """A file that no role trusts: it holds no credential and lends none."""
    if wrong := TEMPTING & set(spec.on):
        yield f"runs on {sorted(wrong)}"
    if spec.raw.get("permissions") != {}:
        yield "grants something at the top"
    for job in spec.jobs.values():
        if job.get("secrets") is not None:
            yield f"{job.id} hands secrets on"
        if (job.get("permissions") or {}).get("id-token") != "write":
            continue
        called = re.fullmatch(rf"[\w.-]+/[\w.-]+/{re.escape(FOLDER)}([\w.-]+)@main", job.uses or "")
        if called is None or called[1] not in trusted:
            yield f"{job.id} may ask for a token and calls no trusted file at @main"


def _trusted(spec: WorkflowSpec, roles: list[Trust]) -> Iterator[str]:
    call = spec.on.get("workflow_call")
    if set(spec.on) != {"workflow_call"} or (call or {}).get("secrets"):
        yield "is more than a workflow to call, or takes secrets"
    for key in {"concurrency", "defaults", "env"} & set(spec.raw):
        yield f"has {key} at the top"
    if spec.raw.get("permissions") != {}:
        yield "grants something at the top"
    of_main = all(role.of_main for role in roles)
    for job in spec.jobs.values():
        yield from (f"{job.id}: {one}" for one in _job(job, roles, of_main))


def _job(job: JobSpec, roles: list[Trust], of_main: bool) -> Iterator[str]:
    if job.uses:
        yield "calls another workflow"
        return
    for key in {"concurrency", "container", "defaults", "env", "services"} & set(job.raw):
        yield f"has {key}"
    if job.get("runs-on") not in RUNNERS:
        yield f"runs on {job.get('runs-on')}"
    applies = any(role.role.rpartition("-")[0].endswith("apply") for role in roles)
    if applies and job.get("environment") != "${{ inputs.environment }}":
        yield "is in no environment"
    steps = job.get("steps") or []
    first = steps[0] if steps else {}
    if not _is(first, "actions/checkout") or (first.get("with") or {}).get("path") is not None:
        yield "does not begin with its tools"
    for number, step in enumerate(steps):
        yield from _step(step, number == 0, roles, of_main)


def _is(step: Mapping[str, Any], action: str) -> bool:
    return str(step.get("uses", "")).partition("@")[0] == action


def _step(step: Mapping[str, Any], first: bool, roles: list[Trust], of_main: bool) -> Iterator[str]:
    for key in {"shell", "working-directory"} & set(step):
        yield f"a step has {key}"
    if wrong := set(step.get("env") or {}) - VARIABLES:
        yield f"a step sets {sorted(wrong)}"
    given = step.get("with") or {}
    if "run" in step:
        yield from _command(str(step["run"]), of_main)
    elif _is(step, "actions/checkout"):
        yield from _checkout(given, first, of_main)
    elif step["uses"] == SETUP:
        asks = given.get("cache", "true") != "false"
        if set(given) - {"cache"} or (asks and not of_main):
            yield "asks a cache that other jobs of a branch can fill"
    elif _is(step, "aws-actions/configure-aws-credentials"):
        yield from _credentials(given, roles)
    elif _is(step, "actions/download-artifact") and (
        given.get("path") != "results" or "merge-multiple" in given
    ):
        yield "lets an artifact write where others are"
    used = str(step.get("uses", SETUP))
    name, _, ref = used.partition("@")
    pinned = name in ACTIONS and re.fullmatch(r"[0-9a-f]{40}", ref)
    if used != SETUP and not pinned:
        yield f"uses {used}"


def _command(command: str, of_main: bool) -> Iterator[str]:
    if not re.fullmatch(r"exec pipeline [a-z]+( [^\n;&|`<>()]*)?", command.strip()):
        yield f"runs {command!r}"
    if "${{" in command:
        yield f"puts text into {command!r}"
    if not of_main and " --root change " not in command:
        yield f"{command!r} judges something else than the change"


def _checkout(given: Mapping[str, Any], first: bool, of_main: bool) -> Iterator[str]:
    if set(given) - {"ref", "path", "fetch-depth", "persist-credentials"}:
        yield f"checks out with {sorted(given)}"
    if given.get("persist-credentials") is not False:
        yield "leaves a token in a checkout"
    if first:
        if given.get("ref") not in (["main", "${{ github.sha }}"] if of_main else ["main"]):
            yield f"takes its tools from {given.get('ref')}"
    elif given.get("path") != "change":
        yield "checks something out over its tools"


def _credentials(given: Mapping[str, Any], roles: list[Trust]) -> Iterator[str]:
    asked = str(given.get("role-to-assume", "")).rpartition(":role/")[2]
    pattern = re.escape(asked).replace(re.escape("${{ inputs.workspace }}"), r"[\w-]+")
    if not all(re.fullmatch(pattern, role.role) for role in roles):
        yield f"asks for the role {asked}"
