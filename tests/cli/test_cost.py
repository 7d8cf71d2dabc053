"""``pipeline cost`` on a plan: the difference, the month, the budget."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.results import PlanReport, write
from tests.scratch import ESTATE, Scratch

STACK = ESTATE["terraform/envs/web/stack.toml"]
USAGE = '[nat_gb]\nwhy = "calls of the model"\nlow = 10\ntypical = 100\n'
PLAN = {
    "resource_changes": [
        {
            "address": f"aws_{kind}.a",
            "type": f"aws_{kind}",
            "mode": "managed",
            # the gateway is there already, the bucket is new
            "change": {"before": before, "after": {}, "actions": ["no-op"]},
        }
        for kind, before in (("nat_gateway", {}), ("s3_bucket", None))
    ]
}


@pytest.fixture
def planned(tmp_path: Path) -> Path:
    """A checkout whose unit web/dev was planned."""
    scratch = Scratch(tmp_path)
    scratch.write({"terraform/envs/web/usage.toml": USAGE})
    work = tmp_path / ".pipeline"
    write(work, PlanReport(unit="web/dev"))
    (work / "private/web--dev").mkdir(parents=True)
    (work / "private/web--dev/plan.json").write_text(json.dumps(PLAN))
    return tmp_path


def test_the_month_shows_what_is_there_whether_the_plan_changes_it_or_not(
    planned: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run(["cost", "--monthly", "web/dev"], {}, planned) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    gateway = "NAT gateway aws_nat_gateway.a"
    assert f"{gateway} nat_hour (0.059 $ per hour) 43.07 43.07" in lines
    used = "10 to 100 GB through NAT gateways"
    assert f"{gateway} nat_gb (0.059 $ per GB) {used} 0.59 5.90" in lines
    assert "all 43.66 48.97" in lines
    unknown = "web/dev: no price is known for aws_s3_bucket.a; it is not in the sum."
    assert unknown in lines
    assert "web/dev 48.97 48.97 +0.00 none 1" in lines


def test_a_budget_that_is_exceeded_is_a_finding(
    planned: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = planned / "terraform/envs/web/stack.toml"
    stack.write_text(f"{STACK}\n[workspace.dev]\nmonthly_budget_usd = 45\n")
    assert main.run(["cost", "web/dev", "--json"], {}, planned) == 1
    told = json.loads(capsys.readouterr().out)["units"][0]
    assert (told["low"], told["after"], told["budget"]) == (43.66, 48.97, 45)
