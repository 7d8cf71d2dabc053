"""What nobody reviewed: a record of just that plan, and its text for whoever decides."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.adapters.git import git
from pipeline.adapters.github import run_url
from pipeline.domain.model import Finding, Plan
from pipeline.domain.perpetual import differs_at_every_plan
from pipeline.domain.record import Purpose
from pipeline.domain.referee import REFEREE_PATHS
from pipeline.domain.review import Landing
from pipeline.errors import Failure
from pipeline.render import uncovered as text_of
from pipeline.render.fit import COMMENT, Item, Section, fit
from pipeline.render.markdown import code, plain
from pipeline.results import ChangeReport, plan_report
from pipeline.usecases.basis import Basis, Expected, Judged
from pipeline.usecases.estates import commit_estate
from pipeline.usecases.landings import BRANCH
from pipeline.usecases.plan import Planned, never_equal
from pipeline.usecases.record import Proposed, Sealed, write_record
from pipeline.usecases.site import Site


@dataclass(frozen=True, slots=True)
class Asked:
    """The id of the record to review, what nobody reviewed of the plan, and the text."""

    record: str
    shown: tuple[ChangeReport, ...]
    text: str


def ask(
    site: Site,
    basis: Basis,
    planned: Planned,
    judged: Judged,
    failing: tuple[Finding, ...],
    expected: Expected,
) -> Asked:
    """Record the fresh plan for a review by dispatch, and render what nobody reviewed.

    ``failing`` are findings of the policies: a review does not lift them, so the record's verdict
    is "fail" then and the text says so. ``expected`` are those that were reviewed. The whole text
    lies in the public folder, as a page.
    """
    plan = planned.plan
    assert plan is not None  # noqa: S101 - make_plan raises instead
    checks = (
        *(f"{f.rule} at {f.address or f.file}: {f.message}" for f in failing),
        *_never_the_same(site, plan, judged),
    )
    sealed = Sealed(
        reasons=checks,
        findings=tuple(sorted(expected)),
        # those that an earlier dispatch stood for, too: this record decides alone
        landings=tuple(landing.commit for landing in basis.landings if not landing.reviewed),
    )
    proposed = Proposed(Purpose.REVIEW, site.commit, site.commit, base_ref=BRANCH)
    record = write_record(site, site.stores.reviews, plan, proposed, sealed)
    case = text_of.Uncovered(
        unit=str(basis.unit),
        plan=plan_report(plan, "", planned.secrets),
        reasons={j.change.place: j.reason for j in judged.coverage.uncovered},
        record=record.id,
        landings=_all_landed(site, basis),
        missing=_missing(basis, judged, never_equal(site, basis.unit)),
        checks=checks,
        form=_form(site, basis, record.id),
        report=run_url(site.environ),
        known=planned.secrets,
    )
    page = site.work / "public" / f"{basis.unit.slug}.uncovered.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(text_of.page(case), encoding="utf-8")
    marker = len(_marker(basis, "uncovered"))
    return Asked(record.id, tuple(case.changes), text_of.comment(case, COMMENT - marker))


def _never_the_same(site: Site, plan: Plan, judged: Judged) -> list[str]:
    """Values that no review can cover, because each plan makes them anew."""
    decided = judged.decision.reviewed
    if decided is None:
        return []
    image = site.image() if site.stack(plan.unit).config.takes_image else ""
    return [
        f"{one.address}: {one.path} has another value at every plan, so no review of it can ever "
        "be equal. Use a value that stays."
        for one in differs_at_every_plan(plan, decided, image)
    ]


def _missing(basis: Basis, judged: Judged, never: list[str]) -> tuple[str, ...]:
    """Everything else that keeps the plan from being covered, in words."""
    return (
        *([basis.unknown] if basis.unknown and not basis.dispatch else []),
        *judged.coverage.mismatches,
        *(f"{name} differs at every plan." for name in never),
        *(f"Record {x.record} does not count: {x.why}." for x in judged.decision.rejected),
        *(f"{missing.address}: {missing.what}" for missing in judged.coverage.missing),
    )


def _all_landed(site: Site, basis: Basis) -> tuple[text_of.Landed, ...]:
    """What nobody reviewed; one landing's commit is often what the next one landed on."""
    landings = basis.unreviewed
    commits = {commit for x in landings for commit in (x.before, x.commit) if commit}
    inputs = {commit: _inputs(site, basis, commit) for commit in commits}
    return tuple(_landed(site, basis, one, inputs) for one in landings)


def _landed(
    site: Site, basis: Basis, landing: Landing, known: Mapping[str, set[str]]
) -> text_of.Landed:
    """A landing with its difference of the unit's inputs and the referee's files: of what they
    were before it, with it, and now, so that what it took away is shown as well. ``known`` are
    the inputs of each commit."""
    found = (known.get(commit, set()) for commit in (landing.before, landing.commit))
    inputs = {*site.estate.inputs(basis.unit)}.union(*found)
    paths = [f":(top,literal){path}" for path in sorted(inputs)]
    # the first commit of a repository has nothing before it: git's empty tree takes its place
    before = landing.before or git(site.root, "hash-object", "-t", "tree", os.devnull).decode()
    diff = git(
        site.root, "diff", "--no-color", "--no-ext-diff", "--no-textconv", "--text",
        before.strip(), landing.commit, "--", *paths, *REFEREE_PATHS,
    ).decode(errors="replace")  # fmt: skip
    title = (
        landing.title
        or git(site.root, "show", "-s", "--format=%s", landing.commit)
        .decode(errors="replace")
        .strip()
    )
    author = landing.author or ", ".join(sorted(landing.makers)) or "somebody"
    return text_of.Landed(
        landing.commit, title, author, landing.missing, diff=diff, url=landing.url
    )


def _inputs(site: Site, basis: Basis, commit: str) -> set[str]:
    """The unit's inputs at a commit; everything of Terraform where that commit cannot be read."""
    try:
        return {*commit_estate(site.root, commit, site.settings.app).inputs(basis.unit)}
    except Failure:
        return {"terraform"}


def _form(site: Site, basis: Basis, record: str) -> str:
    github = site.github_or_none
    if github is None:
        return ""
    return text_of.dispatch_form(
        github.server, github.repository, "deploy.yml", unit=str(basis.unit), record=record
    )


def tell(site: Site, basis: Basis, asked: Asked) -> None:
    """Put the text where it is looked for; what cannot be written fails nothing."""
    _say(site, basis, "uncovered", asked.text)


def tell_late(site: Site, basis: Basis, found: tuple[Finding, ...]) -> None:
    """Tell whoever merged it what the policies found only after the apply."""
    for finding in found:
        site.out.annotate("error", finding.message, finding.file, finding.line, finding.rule)
    head = f"### {plain(basis.unit)}: found only when the apply had made it known\n"
    section = Section(0, head, tuple(map(_late, found)), unit="findings")
    url = run_url(site.environ)
    more = f"see the [log of the run]({url})." if url else "see the log of the run."
    limit = COMMENT - len(_marker(basis, "late"))
    _say(site, basis, "late", fit([section], limit, more))


def _late(finding: Finding) -> Item:
    place = f"{finding.file}:{finding.line}" if finding.file else finding.address
    said = f"- {code(place)}: **{finding.rule}** {plain(finding.message)}"
    return Item((f"{said}\n  {plain(finding.remedy)}", said) if finding.remedy else (said,))


def _marker(basis: Basis, about: str) -> str:
    return f"<!-- delivery:{about} {basis.unit} -->\n"


def _say(site: Site, basis: Basis, about: str, text: str) -> None:
    site.out.summary(text)
    if site.github_or_none is None:
        return
    marker = _marker(basis, about)
    for number in dict.fromkeys(x.pull for x in basis.landings if x.pull is not None):
        try:
            site.github.sticky_comment(number, marker, marker + text)
        except Failure as error:
            site.out.annotate("warning", f"The comment on #{number} could not be written: {error}")
