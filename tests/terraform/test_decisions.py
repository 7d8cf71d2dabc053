"""The figures in docs/decisions.md are those of the price table."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.terraform.stacks import ROOT

TEXT = (ROOT / "docs" / "decisions.md").read_text()
PRICES = tomllib.loads((ROOT / "pipeline/data/prices.toml").read_text())["price"]
HOURS = 730


def price(name: str) -> float:
    return float(PRICES[name]["usd"])


def task(cpu: float, gib: float, kind: str = "arm") -> float:
    """A month of a Fargate task."""
    return HOURS * (
        cpu * price(f"fargate_{kind}_vcpu_hour") + gib * price(f"fargate_{kind}_gb_hour")
    )


FIGURES = {
    "two tasks of the API": ("two are US$34.58", 2 * task(0.5, 1)),
    "one task of the API": ("1 GiB on ARM64 is US$17.29", task(0.5, 1)),
    "the same on x86": ("instead of US$21.61", task(0.5, 1, "x86")),
    "two instances for it": ("each would be US$30.95", 2 * HOURS * price("ec2.t4g.small")),
    "a task in dev": ("instead of US$8.65", task(0.25, 0.5)),
    "the same on Spot": ("Fargate Spot: US$2.59", task(0.25, 0.5, "spot_arm")),
    "Neo4j's instance": ("t3.medium (US$38.54)", HOURS * price("ec2.t3.medium")),
    "the same on ARM64": ("t4g.medium is US$30.95", HOURS * price("ec2.t4g.medium")),
    "its volume": ("20 GiB, US$1.92", 20 * price("ebs_gp3_gb")),
    "Neo4j on Fargate": ("would cost US$69.16", task(2, 4)),
    "NAT gateway": ("gateway (US$43.07", HOURS * price("nat_hour")),
    "its address": ("plus US$3.65", HOURS * price("ipv4_hour")),
    "NAT instance": ("forwards (US$3.87", HOURS * price("ec2.t4g.nano")),
    "an endpoint": ("eight at US$9.49", HOURS * price("endpoint_hour")),
    "eight endpoints": ("US$151.84 in two zones", 16 * HOURS * price("endpoint_hour")),
    "database": ("db.t4g.micro is US$18.25", HOURS * price("rds.db.t4g.micro")),
    "its disk": ("20 GiB US$2.76", 20 * price("rds_gp3_gb")),
    "values of secrets": ("are US$0.00003", 10 * 0.25 * price("lambda_arm_gb_second")),
    "rotation": ("costs US$0.0004", 60 * 0.5 * price("lambda_arm_gb_second")),
}


@pytest.mark.parametrize("what", FIGURES)
def test_a_figure_is_what_the_price_table_makes_it(what: str) -> None:
    words, value = FIGURES[what]
    assert words in TEXT
    [said] = re.findall(r"US\$([\d.]+\d)", words)
    assert float(said) == pytest.approx(value, abs=0.005 if value > 1 else 0.00005)


def test_every_decision_says_what_would_change_it() -> None:
    decisions = TEXT.split("\n## ")[1:]
    assert len(decisions) == 10
    for decision in decisions:
        parts = re.findall(r"^\*\*([^*]+)\.\*\*", decision, re.M)
        assert parts == ["Context", "Decision", "Consequences", "What would change our mind"]
