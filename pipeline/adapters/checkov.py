"""checkov over all plans in one process of its own environment (see policies/runner.py).

Nothing is asked from anybody: the runner uses checkov's classes, not its command, and refuses to
open a connection.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.adapters.tools import locate
from pipeline.domain.nested import parse_json
from pipeline.errors import failure

#: It is a part of the tool; the checks are those of whoever judges.
_RUNNER = Path(__file__).parents[2] / "policies" / "runner.py"

#: Seconds for one run over all plans; a plan of 100 resources takes about 1.
TIMEOUT = 900


@dataclass(frozen=True, slots=True)
class Result:
    """One check on one resource; ``result`` is FAILED, PASSED (own checks only) or SKIPPED.

    ``points`` are attributes or blocks to show instead of the resource's first line.
    """

    rule: str
    result: str
    address: str
    message: str
    remedy: str
    points: tuple[str, ...]
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Scan:
    """What checkov says about one plan or folder."""

    name: str
    resources: int
    results: tuple[Result, ...]

    @property
    def failed(self) -> tuple[Result, ...]:
        return tuple(result for result in self.results if result.result == "FAILED")


def scan(
    policies: Path, plans: Mapping[str, Path] | None = None, hcl: Sequence[Path] = ()
) -> tuple[str, dict[str, Scan]]:
    """Check plans (name -> JSON file) and HCL folders with the checks of a ``policies`` folder.

    A repository without such a folder is judged by checkov's own checks.
    Returns checkov's version and the scans by name (folders by their path). Raises ``checkov``
    when it fails or leaves a scan out.
    """
    request = {
        "plans": [{"name": name, "file": str(file)} for name, file in (plans or {}).items()],
        "hcl": [str(folder) for folder in hcl],
        "checks": str(policies / "checks") if (policies / "checks").is_dir() else "",
    }
    document = _run([str(locate("checkov-python")), str(_RUNNER)], request)
    scans = {
        one["name"]: Scan(
            one["name"],
            one["resources"],
            tuple(Result(**r | {"points": tuple(r["points"])}) for r in one["results"]),
        )
        for one in document["scans"]
    }
    missing = {*(plans or {}), *map(str, hcl)} - scans.keys()
    if missing:
        raise failure("checkov", f"checkov left out {', '.join(sorted(missing))}.")
    return document["version"], scans


def _run(command: list[str], request: dict[str, Any]) -> dict[str, Any]:
    # A small environment: no tokens, no proxies, nothing that switches checkov's platform on.
    environ = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    try:
        done = subprocess.run(
            command,
            input=json.dumps(request),
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            env=environ,
        )
    except subprocess.TimeoutExpired:
        raise failure("checkov", f"checkov did not end within {TIMEOUT} s.") from None
    except OSError as error:
        raise failure(
            "checkov",
            f"checkov's environment does not start: {error.strerror}.",
            remedy="Run `make setup`.",
        ) from None
    try:
        document: dict[str, Any] = parse_json(done.stdout)
    except ValueError:
        document = {}
    if done.returncode != 0 or "scans" not in document:
        said = done.stderr.strip().splitlines()
        raise failure(
            "checkov",
            f"checkov failed ({done.returncode}): {said[-1] if said else 'silent'}",
            remedy="Run `make setup`; if that does not help, the plan's JSON is not readable.",
        )
    return document


def prior_document(plan: Mapping[str, Any]) -> dict[str, Any] | None:
    """The plan's prior state in the shape of a plan that changes nothing; None when there is none.

    What fails here already is deployed; see docs/policies.md, "New and existing findings".
    """
    values = (plan.get("prior_state") or {}).get("values") or {}
    return applied_document(plan, values) if values.get("root_module") else None


def applied_document(plan: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a state in the shape of a plan that changes nothing, with ``plan``'s text."""
    return {
        "format_version": plan.get("format_version", "1.2"),
        "terraform_version": plan.get("terraform_version", ""),
        "planned_values": {"root_module": values.get("root_module") or {}},
        "configuration": plan.get("configuration", {}),
        "resource_changes": [],
    }
