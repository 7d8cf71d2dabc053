"""``pipeline check``: lint and policy."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.cli.context import Here
from pipeline.errors import Exit


def run(
    here: Here,
    units: Annotated[list[str], typer.Argument(help="Units that were planned: stack/workspace.")],
) -> Exit:
    """Lint and policy over planned units; exit 1 when there are new findings."""
    from datetime import UTC, datetime

    from pipeline.cli.units import parse_units
    from pipeline.usecases.check import check_units
    from pipeline.usecases.checkouts import Checkouts
    from pipeline.usecases.estates import project
    from pipeline.usecases.labels import permission

    at = Checkouts(here.root, here.referee, here.work)
    with here.out.step(f"Linting and checking {len(units)} unit(s)"):
        repository = project(here.referee, here.root).repository
        allowed = permission(here.environ, here.referee, repository)
        reports = check_units(at, parse_units(units), allowed, datetime.now(UTC).date())
    failing = 0
    for report in reports:
        for finding in report.findings:
            place = f"{finding.file}:{finding.line}" if finding.file else finding.address
            if not finding.failing:
                continue
            failing += 1
            subject = f" ({finding.address})" if finding.address else ""
            here.out.say(f"{place}: {finding.rule}: {finding.message}{subject} {finding.remedy}")
            here.out.annotate(
                "error",
                f"{finding.message}{subject} {finding.remedy}",
                finding.file,
                finding.line,
                finding.rule,
            )
        listed = sum(not finding.failing for finding in report.findings)
        new = sum(finding.failing for finding in report.findings)
        state = "not planned, so policy could not run" if report.error else f"{new} new finding(s)"
        here.out.say(f"{report.unit}: {state}, {listed} excepted or already there.")
    here.out.emit({"units": [report.model_dump(mode="json") for report in reports]})
    broken = any(report.error for report in reports)
    return Exit.FOUND if failing or broken else Exit.OK
