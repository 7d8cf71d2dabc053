"""All fixtures in one real plan: one Terraform run and one checkov process for the whole folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters import checkov
from tests.policies.planning import HERE, POLICIES, cases, module, plan_fixtures

__all__ = ["HERE", "POLICIES", "Checked", "cases", "module"]


@dataclass(frozen=True)
class Checked:
    """The plan's JSON, its file, and what checkov says of plan and HCL by (rule, address).

    ``words`` has a failed result of each rule on the plan.
    On HCL that is each rule on its own folder, because fixtures of different rules share names.
    """

    document: dict[str, Any]
    file: Path
    on_plan: dict[tuple[str, str], str]
    on_hcl: dict[tuple[str, str], str]
    words: dict[str, checkov.Result]


@pytest.fixture(scope="session")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    file = plan_fixtures(tmp_path_factory.mktemp("policies"))
    folders = sorted({case.parent for case in cases()})
    _, scans = checkov.scan(POLICIES, {"fixtures": file}, folders)
    return Checked(
        json.loads(file.read_text()),
        file,
        _results(scans["fixtures"]),
        {
            (rule, address): result
            for folder in folders
            for (rule, address), result in _results(scans[str(folder)]).items()
            if rule.lower() == folder.name
        },
        {result.rule: result for result in scans["fixtures"].failed},
    )


def _results(scan: checkov.Scan) -> dict[tuple[str, str], str]:
    return {(result.rule, result.address): result.result for result in scan.results}
