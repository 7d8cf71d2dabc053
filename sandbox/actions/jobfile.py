"""The one-job workflow file a runner gets: what the service knows is folded in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.actions.contexts import RUNNER_ONLY
from sandbox.actions.expr import Scope, Value, fold_text, parse, to_string
from sandbox.actions.expr.evaluate import checks_status
from sandbox.actions.expr.partial import Known
from sandbox.actions.expr.template import pieces
from sandbox.actions.state import Instance

LABEL = "sandbox"  # the only label the runner knows; every job runs on the host

#: What GitHub runs for no shell and for ``bash`` (Workflow syntax: jobs.<job_id>.steps[*].shell).
#: act drops what a failed step said last when its reader is slower than the step's end, so a
#: failure waits for it. The end of act's terminal would hang up on what a step left running; at
#: GitHub there is no terminal.
WAITS = "|| { code=$?; sleep 1; exit $code; }"
_WAITING = 'bash -c \'trap "" HUP; bash {flags} "$0" || {{ code=$?; sleep 1; exit $code; }}\' {{0}}'
_SHELLS = {
    "": _WAITING.format(flags="-e"),
    "bash": _WAITING.format(flags="--noprofile --norc -eo pipefail"),
}


def fold_tree(value: Any, known: Known) -> Any:
    """Fold every string of a YAML value."""
    if isinstance(value, str):
        return fold_text(value, known)
    if isinstance(value, list):
        return [fold_tree(item, known) for item in value]
    if isinstance(value, Mapping):
        return {key: fold_tree(item, known) for key, item in value.items()}
    return value


def fold_if(value: Any, known: Known) -> str:
    """Fold a step's ``if``; a status check folding drops must not bring ``success()`` back."""
    text = to_string(value)
    parts = list(pieces(text))
    if len(parts) > 1:
        return fold_text(text, known)
    bare = parts[0][1]
    folded = fold_text(bare, known, bare=True)
    if checks_status(parse(bare)) and not checks_status(parse(folded)):
        folded = f"always() && {folded}"
    return f"${{{{ {folded} }}}}"


def step_name(step: Mapping[str, Any]) -> str:
    """What GitHub calls a step that has no name, and the name of one that has."""
    if step.get("name"):
        return str(step["name"])
    what = step.get("uses") or str(step.get("run") or "").strip().split("\n")[0]
    return f"Run {what}"


def build(instance: Instance, scope: Scope, event: str) -> dict[str, Any]:
    """The workflow file for one job. Valid as JSON, and so as YAML."""
    spec, workflow = instance.node.spec, instance.node.level.spec.raw
    known = Known(scope.contexts, RUNNER_ONLY)
    steps = []
    for step in spec.get("steps"):
        folded = {key: fold_tree(part, known) for key, part in step.items() if key != "if"}
        if "if" in step:
            folded["if"] = fold_if(step["if"], known)
        if "run" in folded:
            shell = str(folded.get("shell") or _default_shell(workflow, spec.get("defaults")))
            folded["shell"] = _SHELLS.get(shell, shell)
        steps.append(folded)
    job: dict[str, Any] = {"runs-on": LABEL, "steps": steps}
    for key in ("env", "defaults"):
        if spec.get(key):
            job[key] = fold_tree(spec.get(key), known)
    file: dict[str, Any] = {"name": instance.node.level.run.workflow, "on": event}
    for key in ("env", "defaults"):
        if workflow.get(key):
            file[key] = fold_tree(workflow[key], known)
    file["jobs"] = {spec.id: job}
    return file


def _default_shell(workflow: Mapping[str, Any], job_defaults: Any) -> str:
    """The shell of a step that names none: the job's default, else the workflow's."""
    for defaults in (job_defaults, workflow.get("defaults")):
        if shell := ((defaults or {}).get("run") or {}).get("shell"):
            return str(shell)
    return ""


def environment(github: Mapping[str, Value]) -> dict[str, str]:
    """The ``GITHUB_*`` variables of a job. Source: "Variables reference", "Default variables"."""
    skipped = {"event", "secret_source", "repositoryUrl"}
    env = {
        f"GITHUB_{name.upper()}": to_string(value)
        for name, value in github.items()
        if name not in skipped
    }
    return env | {"SHA_REF": to_string(github["sha"])}  # act reads the commit from here


def dotenv(values: Mapping[str, str]) -> str:
    """Variables in the format act's ``--env-file`` and ``--secret-file`` read."""
    lines = []
    for name, value in values.items():
        if "'" in value or "\n" in value or "\\" in value:
            escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
            escaped = escaped.replace("\n", "\\n").replace("\r", "\\r")
            lines.append(f'{name}="{escaped}"\n')
        else:
            lines.append(f"{name}='{value}'\n")
    return "".join(lines)
