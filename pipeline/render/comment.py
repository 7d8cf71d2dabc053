"""The sticky comment of a pull request: verdict first, destruction in full, the rest folded.

It reads well aloud: every cell and every list item is words, colour and icons carry nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pipeline.render import words
from pipeline.render.changes import items
from pipeline.render.fit import COMMENT, Section, fit
from pipeline.render.markdown import code, plain, plain_html
from pipeline.results import FindingReport, Group, UnitResult, cleaned, grouped
from pipeline.results.verdict import Verdict

MARKER = "<!-- knowledgeweaver-delivery -->"


def comment(
    verdict: Verdict,
    results: Sequence[UnitResult],
    link: str = "",
    known: Iterable[str] = (),
    limit: int = COMMENT,
) -> str:
    """The comment's body, scrubbed of secrets, escaped, and then fitted into ``limit`` bytes.

    ``link`` is the page where the full HTML report is (the workflow run).
    """
    results = cleaned(results, known)
    more = f"see the [full report]({link})." if link else "see report.html of the run."
    sections = [
        Section(0, f"## {plain(verdict.sentence)}", tuple(_reasons(verdict)), "", "reasons"),
        *_notes(verdict),
        Section(0, *_table(results), unit="units"),
        *_destruction(results),
        *_errors(results),
        *_findings(results),
        *_warnings(results),
        *_drift(results),
        *_changes(results, more),
        *_costs(results),
        *_known(results),
        Section(0, _foot(results, link)),
    ]
    return f"{MARKER}\n{fit(sections, limit - len(MARKER) - 2, more)}\n"


def _reasons(verdict: Verdict) -> Iterator[str]:
    if len(verdict.reasons) > 1:
        yield ""
        yield from (f"- {plain(reason)}." for reason in verdict.reasons)


def _notes(verdict: Verdict) -> Iterator[Section]:
    if verdict.notes:
        told = tuple(f"- {plain(note)}" for note in verdict.notes)
        yield Section(0, "### To know beforehand\n", told, unit="notes")


def _table(results: Sequence[UnitResult]) -> tuple[str, tuple[str, ...]]:
    if not results:
        return "No unit was planned.", ()
    head = (
        "| unit | plan | lint | policy | US dollars a month (change) | record |\n"
        "|---|---|---|---|---|---|"
    )
    rows = (
        " | ".join(
            (
                f"| {code(r.unit, table=True)}",
                words.plan_word(r),
                words.lint_word(r, words.LINT),
                words.lint_word(r, words.POLICY),
                words.cost_word(r.cost),
                f"{words.record_word(r)} |",
            )
        )
        for r in results
    )
    return head, tuple(rows)


def _destruction(results: Sequence[UnitResult]) -> Iterator[Section]:
    lines = [
        f"- {code(change.address)} in {code(result.unit)} is **{words.PAST[change.action]}** "
        f"{words.why(change.reason)}".rstrip()
        for result in results
        for change in (result.plan.changes if result.plan else ())
        if change.destructive
    ]
    if lines:
        head = f"### What is destroyed or replaced ({len(lines)})\n"
        yield Section(0, head, tuple(lines), unit="destructive changes")


def _errors(results: Sequence[UnitResult]) -> Iterator[Section]:
    lines = [
        f"- {code(r.unit)}: {plain(p.sentence)}"
        + (f" At {code(p.where)}." if p.where else "")
        + (f" {plain(p.remedy)}" if p.remedy else "")
        for r in results
        if r.plan
        for p in r.plan.error
    ]
    if lines:
        yield Section(1, "### What could not be planned\n", tuple(lines), unit="problems")


def _findings(results: Sequence[UnitResult]) -> Iterator[Section]:
    failing = grouped(_all(results, failing=True))
    if failing:
        yield Section(
            1,
            f"### New findings ({len(failing)})\n",
            tuple(_finding(group) for group in failing),
            unit="findings",
        )


def _finding(group: Group) -> str:
    f = group.finding
    said = f"- {code(group.place)}: **{plain(f.rule)}** {plain(f.message.rstrip('.'))}."
    if group.addresses:
        said += f" It is {code(group.addresses[0])}"
        if len(group.addresses) > 1:
            said += f" and {len(group.addresses) - 1} more"
        said += "."
    if f.remedy:
        said += f" To do: {plain(f.remedy)}"
    return said


def _all(results: Sequence[UnitResult], failing: bool) -> list[FindingReport]:
    return [f for r in results if r.findings for f in r.findings.findings if f.failing is failing]


def _warnings(results: Sequence[UnitResult]) -> Iterator[Section]:
    lines = [
        f"- {code(r.unit)}{f' {code(w.address)}' if w.address else ''}: {plain(w.sentence)}"
        for r in results
        if r.plan
        for w in r.plan.warnings
    ]
    if lines:
        yield Section(1, f"### Warnings ({len(lines)})\n", tuple(lines), unit="warnings")


def _changes(results: Sequence[UnitResult], more: str) -> Iterator[Section]:
    for result in results:
        if result.plan and result.plan.changes:
            head = (
                f"<details><summary>What {plain_html(result.unit)} would do: "
                f"{words.counts(result.plan)}</summary>\n"
            )
            yield Section(3, head, items(result.plan.changes, more), "\n</details>", "changes")


def _costs(results: Sequence[UnitResult]) -> Iterator[Section]:
    lines = []
    for result in results:
        cost = result.cost
        for line in cost.lines if cost else ():
            if line.before is None or line.after is None:
                continue
            if abs(line.after - line.before) >= 0.005:
                note = f" ({plain(line.assumption)})" if line.assumption else ""
                lines.append(
                    f"- {code(result.unit)} {code(line.address)}: {plain(line.what)}{note}: "
                    f"{words.money(line.before)} becomes {words.money(line.after)}"
                )
        lines += [
            f"- {code(result.unit)} {code(address)}: no price is known, so it is not in the sum"
            for address in (cost.unpriced if cost else ())
        ]
    if lines:
        dated = next((r.cost.prices_dated for r in results if r.cost), "")
        yield Section(
            4,
            f"<details><summary>What it costs a month (prices of {dated})</summary>\n",
            tuple(lines),
            "\n</details>",
            "lines",
        )


def _drift(results: Sequence[UnitResult]) -> Iterator[Section]:
    lines = [
        f"- {code(r.unit)} {code(change.address)} was {words.PAST[change.action]} outside "
        "Terraform; this puts it back"
        for r in results
        if r.plan
        for change in r.plan.drift
    ]
    if lines:
        head = "<details><summary>What was changed outside Terraform and is put back</summary>\n"
        yield Section(2, head, tuple(lines), "\n</details>", "objects")


def _known(results: Sequence[UnitResult]) -> Iterator[Section]:
    known = grouped(_all(results, failing=False))
    lines = []
    for group in known:
        state = (
            f"excepted: {plain(group.finding.excepted)}"
            if group.finding.excepted
            else "a notice"
            if group.finding.new
            else "already there before this pull request"
        )
        lines.append(
            f"- {code(group.place)}: {plain(group.finding.rule)} "
            f"{plain(group.finding.message.rstrip('.'))}; {state}"
        )
    if lines:
        head = f"<details><summary>Known findings ({len(lines)}), not failing</summary>\n"
        yield Section(5, head, tuple(lines), "\n</details>", "findings")


def _foot(results: Sequence[UnitResult], link: str) -> str:
    notes = dict.fromkeys(
        tool.note for r in results if r.findings for tool in r.findings.tools if tool.note
    )
    said = " ".join(plain(note) for note in notes)
    report = (
        f"[The full report]({link}) is an artifact of the run."
        if link
        else "The full report is report.html of the run."
    )
    return f"{report} Sensitive values are never shown. {said}".rstrip()
