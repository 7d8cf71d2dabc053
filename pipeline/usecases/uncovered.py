"""What nobody reviewed: a record of just that plan, and its text for whoever decides."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipeline.domain.model import Finding
from pipeline.domain.record import Purpose
from pipeline.errors import Failure
from pipeline.render.markdown import code, plain
from pipeline.results import ChangeReport, plan_report
from pipeline.usecases.basis import Basis, Judged
from pipeline.usecases.landings import BRANCH
from pipeline.usecases.plan import Planned
from pipeline.usecases.record import Proposed, Sealed, write_record
from pipeline.usecases.site import Site


@dataclass(frozen=True, slots=True)
class Uncovered:
    """The id of the record to review, what it holds, and the whole text."""

    record: str
    shown: tuple[ChangeReport, ...]
    text: str


def ask(
    site: Site, basis: Basis, planned: Planned, judged: Judged, failing: tuple[Finding, ...]
) -> Uncovered:
    """Record the fresh plan for a review by dispatch, and render what nobody reviewed.

    ``failing`` are findings of the policies: a review does not lift them, so the record's verdict
    is "fail" then and the text says so.
    """
    plan = planned.plan
    assert plan is not None  # noqa: S101 - make_plan raises instead
    proposed = Proposed(Purpose.REVIEW, site.commit, site.commit, base_ref=BRANCH)
    sealed = Sealed(
        reasons=tuple(f"{f.rule} at {f.address or f.file}: {f.message}" for f in failing),
        findings=tuple(sorted(basis.expected)),
        landings=tuple(landing.commit for landing in basis.unreviewed),
    )
    record = write_record(site, site.stores.reviews, plan, proposed, sealed)
    changes = tuple(
        replace(j.change, leaves=j.uncovered or j.change.leaves) for j in judged.coverage.uncovered
    )
    shown = plan_report(replace(plan, changes=changes, drift=()), "", planned.secrets).changes
    text = markdown(site, basis, judged, tuple(shown), record.id, sealed.reasons)
    return Uncovered(record.id, tuple(shown), text)


def tell(site: Site, basis: Basis, found: Uncovered) -> None:
    """Put the text where it is looked for; what cannot be written fails nothing."""
    _say(site, basis, "uncovered", found.text)


def tell_late(site: Site, basis: Basis, found: tuple[Finding, ...]) -> None:
    """Tell whoever merged it what the policies found only after the apply."""
    lines = [f"### {basis.unit}: found only when the apply had made it known", ""]
    for finding in found:
        place = f"{finding.file}:{finding.line}" if finding.file else finding.address
        lines.append(f"- {code(place)}: **{finding.rule}** {plain(finding.message)}")
        lines.append(f"  {plain(finding.remedy)}")
        site.out.annotate("error", finding.message, finding.file, finding.line, finding.rule)
    _say(site, basis, "late", "\n".join(lines))


def _say(site: Site, basis: Basis, about: str, text: str) -> None:
    site.out.summary(text)
    if site.github_or_none is None:
        return
    marker = f"<!-- delivery:{about} {basis.unit} -->\n"
    for number in dict.fromkeys(x.pull for x in basis.landings if x.pull is not None):
        try:
            site.github.sticky_comment(number, marker, marker + text)
        except Failure as error:
            site.out.annotate("warning", f"The comment on #{number} could not be written: {error}")


def markdown(
    site: Site,
    basis: Basis,
    judged: Judged,
    shown: tuple[ChangeReport, ...],
    record: str,
    failing: tuple[str, ...],
) -> str:
    """The uncovered changes for a summary and a comment."""
    reasons = {j.change.address: j.reason for j in judged.coverage.uncovered}
    lines = [f"### {basis.unit}: nobody reviewed {len(shown)} of its changes", ""]
    lines += [f"- {landing.missing}" for landing in basis.unreviewed]
    lines += [f"- {basis.unknown}"] if basis.unknown else []
    lines += [f"- {plain(sentence)}" for sentence in judged.coverage.mismatches]
    lines += [
        f"- Record {code(x.record)} does not count: {plain(x.why)}."
        for x in judged.decision.rejected
    ]
    lines += [f"- {missing.address}: {missing.what}" for missing in judged.coverage.missing]
    for change in shown:
        lines.append(f"- **{change.action}** `{change.address}`: {reasons.get(change.address, '')}")
        lines += [f"  - `{x.path}`: `{x.before!r}` → `{x.after!r}`" for x in change.leaves[:40]]
    lines += [f"- {reason}" for reason in failing]
    if failing:
        last = "No review lifts what the policies found: mend it, or except it, by a pull request."
    else:
        last = f"Plan record `{record}`"
    return "\n".join([*lines, "", last])
