"""checkov over several units: one process of ours against its own command once a unit.

``python -m benchmarks.policy PLAN.json …`` takes plans of real units; without arguments it plans
the fixtures of tests/policies once and uses that plan as six units. Both sides have the same
checks and the same treatment of unknown values; their findings must be identical. Prints one JSON
document with the ratio (times are of one machine and mean nothing alone).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from pipeline.adapters import checkov
from pipeline.adapters.tools import locate

ROOT = Path(__file__).resolve().parents[1]
POLICIES = ROOT / "policies"
UNITS = 6
ROUNDS = 3

Findings = set[tuple[str, str, str]]


def one_process(plans: dict[str, Path]) -> Findings:
    """All plans by the pipeline's adapter."""
    _, scans = checkov.scan(POLICIES, plans)
    return {(name, r.rule, r.address) for name, scan in scans.items() for r in scan.failed}


def command_per_unit(plans: dict[str, Path]) -> Findings:
    """Each plan by the checkov command, as its documentation runs it in CI."""
    found: Findings = set()
    python = locate("checkov-python")
    environ = os.environ | {
        "EVAL_TF_PLAN_AFTER_UNKNOWN": "1",
        "PYTHONPATH": os.pathsep.join(map(str, (POLICIES, POLICIES / "checks"))),
    }
    for name, plan in plans.items():
        command = [str(python), "-m", "checkov.main", "-f", str(plan), "--framework"]
        command += ["terraform_plan", "--external-checks-dir", str(POLICIES / "checks")]
        command += ["--skip-download", "--quiet", "--compact", "-o", "json"]
        done = subprocess.run(command, capture_output=True, text=True, env=environ)
        report: dict[str, Any] = json.loads(done.stdout)
        for record in report["results"]["failed_checks"]:
            found.add((name, record["check_id"], record["resource_address"]))
    return found


def measure(plans: dict[str, Path]) -> dict[str, Any]:
    """Both sides in turn, so that what else the machine does hits both; medians of the rounds."""
    times: dict[str, list[float]] = {"one process": [], "command per unit": []}
    ours: Findings = set()
    theirs: Findings = set()
    for _ in range(ROUNDS):
        started = time.perf_counter()
        ours = one_process(plans)
        middle = time.perf_counter()
        theirs = command_per_unit(plans)
        times["one process"].append(middle - started)
        times["command per unit"].append(time.perf_counter() - middle)
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    return {
        "units": len(plans),
        "findings": len(ours),
        "identical": ours == theirs,
        "seconds": {name: round(value, 2) for name, value in medians.items()},
        "ratio": round(medians["command per unit"] / medians["one process"], 2),
        "only_ours": sorted(ours - theirs)[:5],
        "only_theirs": sorted(theirs - ours)[:5],
    }


def fixture_plans(folder: Path) -> dict[str, Path]:
    """One real plan of the policy fixtures, as six units."""
    from tests.policies.planning import plan_fixtures

    plan = plan_fixtures(folder)
    return {f"unit-{number}": plan for number in range(UNITS)}


def main() -> int:
    """Exit 0 when the findings are identical and the ratio is at least 3."""
    with tempfile.TemporaryDirectory() as name:
        given = {Path(argument).parent.name: Path(argument) for argument in sys.argv[1:]}
        result = measure(given or fixture_plans(Path(name)))
    print(json.dumps(result, indent=1))
    return 0 if result["identical"] and result["ratio"] >= 3 else 1


if __name__ == "__main__":
    sys.exit(main())
