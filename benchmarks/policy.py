"""checkov over several units: one process of ours against its own command once a unit.

One real plan of fixtures of tests/policies serves as six units: those of the first rules, which
are about as many resources as a workspace of the estate has. All sides run the same checks
with the same treatment of unknown values, and the findings of checkov's own rules must be
identical. Ours are not compared: the process hands them the plan's configuration, so they see
what the command does not show them. The command can also take all plans in one call, which fewer
people do; that is measured beside it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measure import Row, in_turn
from pipeline.adapters import checkov
from pipeline.adapters.tools import locate
from tests.policies.planning import cases, own_rules, plan_fixtures

ROOT = Path(__file__).resolve().parents[1]
POLICIES = ROOT / "policies"
UNITS = 6
RULES = 10
ROUNDS = 2
OWN = "CKV_KWD_"

Findings = set[tuple[str, str, str]]


def one_process(plans: dict[str, Path]) -> Findings:
    """All plans by the pipeline's adapter."""
    _, scans = checkov.scan(POLICIES, plans)
    return {
        (name, r.rule, r.address)
        for name, scan in scans.items()
        for r in scan.failed
        if not r.rule.startswith(OWN)
    }


def command(plans: dict[str, Path]) -> Findings:
    """All plans by one call of the checkov command, as its documentation runs it in CI."""
    argv = [str(locate("checkov-python")), "-m", "checkov.main", "--framework", "terraform_plan"]
    argv += ["--external-checks-dir", str(POLICIES / "checks")]
    argv += ["--skip-download", "--quiet", "--compact", "-o", "json"]
    for plan in plans.values():
        argv += ["-f", str(plan)]
    environ = os.environ | {
        "EVAL_TF_PLAN_AFTER_UNKNOWN": "1",
        "PYTHONPATH": os.pathsep.join(map(str, (POLICIES, POLICIES / "checks"))),
    }
    done = subprocess.run(argv, capture_output=True, text=True, env=environ)
    report: dict[str, Any] = json.loads(done.stdout)
    units = {plan.parent.name: name for name, plan in plans.items()}
    return {
        (units[Path(r["file_abs_path"]).parent.name], r["check_id"], r["resource_address"])
        for r in report["results"]["failed_checks"]
        if not r["check_id"].startswith(OWN)
    }


def command_per_unit(plans: dict[str, Path]) -> Findings:
    """Each plan by a command of its own, as jobs do that know only their unit."""
    return set().union(*(command({name: plan}) for name, plan in plans.items()))


def unit_plans(folder: Path) -> dict[str, Path]:
    """One real plan of the fixtures, as the plans of several units."""
    (folder / "planning").mkdir()
    first = own_rules()[:RULES]
    plan = plan_fixtures(
        folder / "planning", [case for case in cases() if case.parent.name.upper() in first]
    )
    plans = {f"unit-{n}": folder / f"unit-{n}" / "plan.json" for n in range(UNITS)}
    for file in plans.values():
        file.parent.mkdir()
        shutil.copy(plan, file)
    return plans


def rows() -> list[Row]:
    """All sides in turn; raises RuntimeError when their findings differ in any round."""
    found: list[Findings] = []
    with tempfile.TemporaryDirectory() as folder:
        plans = unit_plans(Path(folder))
        ours, per_unit, one_call = in_turn(
            ROUNDS,
            lambda: found.append(one_process(plans)),
            lambda: found.append(command_per_unit(plans)),
            lambda: found.append(command(plans)),
        )
    if not found[0] or any(one != found[0] for one in found):
        raise RuntimeError(f"findings differ: {sorted(set().union(*found) - found[0])[:5]}")
    what = f"policies over {UNITS} units, {len(found[0])} findings, the same on both sides"
    mine = "the process of `pipeline check`"
    return [
        Row(what, mine, "`checkov` once a unit", ours, per_unit, 1 / 3),
        Row(what, mine, "`checkov` once with all plans", ours, one_call),
    ]
