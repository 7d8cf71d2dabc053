"""Terraform's diagnostics as failures of ours: reason word, sentence, file:line, remedy.

The format is Terraform's "machine-readable UI" (diagnostic: severity, summary, detail, address,
range.filename, range.start.line). Only summary and detail are used, never the snippet's values,
and both go through secret detection.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipeline.domain.model import Warned
from pipeline.domain.secrets import known_from_environment, scrub
from pipeline.errors import Failure, Problem

#: Summaries that Terraform gives for values of variables (internal/backend/unparsed_value.go
#: and internal/terraform/eval_variable.go).
_VARIABLES = (
    "No value for required variable",
    "Value for undeclared variable",
    "Invalid value for variable",
    "Invalid value for input variable",
    "Invalid variable value",
)
_UNREACHABLE = re.compile(
    r"dial tcp|connection refused|no such host|i/o timeout|TLS handshake timeout|"
    r"could not connect|failed to query available provider"
)
_CREDENTIALS = re.compile(
    r"ExpiredToken|InvalidClientTokenId|No valid credential sources|UnrecognizedClientException|"
    r"security token included in the request is (?:invalid|expired)"
)
#: What Terraform 1.11 says of a resource that ``lifecycle.prevent_destroy`` keeps
#: (internal/terraform/node_resource_abstract_instance.go, checkPreventDestroy).
_PREVENTED = "Instance cannot be destroyed"
_PREVENTED_ADDRESS = re.compile(r"Resource (\S+) has lifecycle\.prevent_destroy set")

#: The plan's JSON has these with the address of their check.
_CHECK_FAILED = "Check block assertion failed"
#: What Terraform says where providers are checked by init alone (terraform_settings.py).
_OUR_OWN = "Provider development overrides are in effect"

#: What to do, by reason word; the most telling word first.
_REMEDY = {
    "prevented": "Leave as it is what would replace or remove it; or, to let it go, take "
    "prevent_destroy away, which is reviewed like any change.",
    "locked": "See who holds it with `pipeline unlock UNIT`.",
    "stale": "Run the command again; it plans anew.",
    "no-credentials": "Get fresh credentials and run the command again.",
    "unreachable": "Check the network and the endpoints, then run the command again.",
    "bad-tfvars": "Make the tfvars file and the variables of the stack agree.",
    "bad-hcl": "Correct the configuration; `terraform validate` shows the same.",
}
_LONGEST = 600


def reason_of(diagnostic: dict[str, Any], stage: str) -> str:
    """The reason word of one diagnostic; ``stage`` is the terraform command that gave it."""
    summary = str(diagnostic.get("summary", ""))
    detail = str(diagnostic.get("detail", ""))
    if summary.startswith(_VARIABLES):
        return "bad-tfvars"
    if summary == _PREVENTED:
        return "prevented"
    if "Error acquiring the state lock" in summary:
        return "locked"
    if summary == "Saved plan is stale":
        return "stale"
    if _CREDENTIALS.search(f"{summary} {detail}"):
        return "no-credentials"
    if _UNREACHABLE.search(f"{summary} {detail}"):
        return "unreachable"
    if stage == "init" and diagnostic.get("range"):
        return "bad-hcl"
    if diagnostic.get("range") and not diagnostic.get("address") and stage in ("plan", "validate"):
        return "bad-hcl"
    return "terraform"


def place(diagnostic: dict[str, Any], folder: Path, root: Path) -> str:
    """``file:line`` relative to the repository, else the resource address, else nothing."""
    found = diagnostic.get("range") or {}
    filename = found.get("filename")
    if not filename:
        return str(diagnostic.get("address") or "")
    path = os.path.relpath(os.path.normpath(folder / filename), root)
    return f"{path}:{found.get('start', {}).get('line', 0)}"


def as_failure(
    diagnostics: Iterable[dict[str, Any]], text: str, stage: str, folder: Path, root: Path
) -> Failure:
    """One failure for all errors of a run; the most telling reason word wins."""
    known = known_from_environment(os.environ)
    problems: list[Problem] = []
    reasons: list[str] = []
    for diagnostic in diagnostics:
        reason = reason_of(diagnostic, stage)
        if diagnostic.get("severity") != "error" and reason != "bad-tfvars":
            continue
        sentence = _sentence(diagnostic, reason)
        problem = Problem(
            scrub(sentence[:_LONGEST], known)[0],
            place(diagnostic, folder, root),
            _REMEDY.get(reason, ""),
        )
        if problem not in problems:
            problems.append(problem)
            reasons.append(reason)
    if not problems:
        tail = scrub(" ".join(text.split())[-_LONGEST:], known)[0]
        return Failure("terraform", Problem(f"terraform {stage} failed: {tail or 'no message'}"))
    return Failure(min(reasons, key=[*_REMEDY, "terraform"].index), *problems)


def _sentence(diagnostic: dict[str, Any], reason: str) -> str:
    summary = str(diagnostic.get("summary", "")).rstrip(".")
    detail = " ".join(str(diagnostic.get("detail", "")).split())
    if reason == "prevented":
        found = _PREVENTED_ADDRESS.search(detail)
        return (
            f"{found[1] if found else 'A resource'} is protected: its lifecycle says "
            "prevent_destroy, but this plan would destroy or replace it."
        )
    return f"{summary}: {detail}" if detail else f"{summary}."


def undeclared(diagnostics: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Warnings that are errors to us: a tfvars key that no variable takes is a mistake."""
    return [
        d
        for d in diagnostics
        if str(d.get("summary", "")).startswith("Value for undeclared variable")
    ]


def warnings(diagnostics: Iterable[dict[str, Any]], folder: Path, root: Path) -> list[Warned]:
    """What Terraform warns of, each once; failing ``check`` blocks are in the plan itself."""
    known = known_from_environment(os.environ)
    found = [
        Warned(place(d, folder, root), scrub(_sentence(d, "")[:_LONGEST], known)[0])
        for d in diagnostics
        if d.get("severity") == "warning" and d.get("summary") not in (_CHECK_FAILED, _OUR_OWN)
    ]
    return list(dict.fromkeys(found))
