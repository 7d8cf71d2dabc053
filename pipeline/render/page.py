"""The HTML report: one file without scripts or assets, light and dark, phone and desktop."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib.resources import files

from pipeline.render import words
from pipeline.render.changes import by_importance
from pipeline.render.graph import svg
from pipeline.render.values import change_html
from pipeline.render.visible import visible
from pipeline.results import CostReport, Group, UnitResult, cleaned, grouped
from pipeline.results.verdict import Verdict

#: An address, a path or a value, escaped.
_CODE = re.compile(r"(?<=<code>)[^<]+(?=</code>)")


def page(
    verdict: Verdict,
    results: Sequence[UnitResult],
    title: str,
    link: str = "",
    known: Iterable[str] = (),
) -> str:
    """The whole page, its values scrubbed of secrets. ``link`` is the workflow run."""
    results = cleaned(results, known)
    sections = [
        ("units", "Units", _units(results)),
        ("findings", "Findings", _findings(results)),
        ("changes", "Changes", _changes(results)),
        ("graph", "Resource graph", _graphs(results)),
        ("cost", "Cost", _costs(results)),
    ]
    run = f'<a href="{_t(link)}">The workflow run</a>. ' if link else ""
    foot = f"{run}Sensitive values are never shown.{_notes(results)}"
    return document(title, _verdict(verdict), sections, foot)


def document(title: str, head: str, sections: Sequence[tuple[str, str, str]], foot: str) -> str:
    """A page of sections (name, heading, body); everything but the title is HTML already."""
    css = (files("pipeline") / "render" / "report.css").read_text(encoding="utf-8")
    links = "".join(f'<li><a href="#{name}">{heading}</a></li>' for name, heading, _ in sections)
    parts = "".join(
        f'<section aria-labelledby="{name}"><h2 id="{name}">{heading}</h2>{body}</section>'
        for name, heading, body in sections
    )
    return _breakable(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_t(title)}</title><style>{css}</style></head><body>"
        f"<header><h1>{_t(title)}</h1>{head}"
        f'<nav aria-label="Sections"><ul>{links}</ul></nav></header><main>{parts}</main>'
        f"<footer>{foot}</footer></body></html>\n"
    )


def _breakable(page: str) -> str:
    """Let addresses break between their words."""
    return _CODE.sub(lambda found: re.sub(r"([._/])", r"\1<wbr>", found[0]), page)


def _t(value: object) -> str:
    """Text from elsewhere: every character of it visible, none of it markup."""
    return escape(visible(str(value)))


def _verdict(verdict: Verdict) -> str:
    kind = "" if verdict.green else " red"
    rest = "".join(f"<li>{_t(r)}.</li>" for r in verdict.reasons)
    rest = f"<ul>{rest}</ul>" if len(verdict.reasons) > 1 else ""
    notes = "".join(f"<p>{_t(note)}</p>" for note in verdict.notes)
    return f'<div class="verdict{kind}" role="status">{_t(verdict.sentence)}{rest}</div>{notes}'


def _units(results: Sequence[UnitResult]) -> str:
    names = ("unit", "plan", "lint", "policy", "cost a month", "record")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    rows = []
    for r in results:
        cells = (
            f"<code>{_t(r.unit)}</code>",
            _t(words.plan_word(r)),
            _judged(words.lint_word(r, words.LINT)),
            _judged(words.lint_word(r, words.POLICY)),
            f'<span class="{_over(r.cost)}">{_t(words.cost_word(r.cost))}</span>',
            _judged(words.record_word(r)),
        )
        rows.append(
            "<tr>"
            + "".join(f'<td data-name="{n}">{c}</td>' for n, c in zip(names, cells, strict=True))
            + "</tr>"
        )
    if not rows:
        return "<p>No unit was planned.</p>"
    return (
        f'<div class="scroll"><table class="units"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _judged(said: str) -> str:
    kind = "good" if said.startswith(("fine", "written")) else "bad"
    return f'<span class="{kind}">{_t(said)}</span>'


def _over(cost: CostReport | None) -> str:
    return "bad" if cost is None or cost.error or cost.over_budget else ""


def _findings(results: Sequence[UnitResult]) -> str:
    everything = [f for r in results if r.findings for f in r.findings.findings]
    new = grouped(f for f in everything if f.failing)
    rest = grouped(f for f in everything if not f.failing)
    body = "<p>Nothing new was found.</p>"
    if new:
        body = f'<ul class="findings">{"".join(map(_finding, new))}</ul>'
    if rest:
        items = "".join(map(_finding, rest))
        body += (
            f"<details><summary>{len(rest)} known, excepted or for information</summary>"
            f'<div><ul class="findings">{items}</ul></div></details>'
        )
    return body


def _finding(group: Group) -> str:
    f = group.finding
    state, kind = ("new", "bad") if f.failing else ("already there", "soft")
    if f.excepted:
        state, kind = "excepted", "soft"
    elif f.new and not f.failing:
        state = "for information"
    where = "".join(f"<p><code>{_t(address)}</code></p>" for address in group.addresses[:8])
    if len(group.addresses) > 8:
        where += f"<p>and {len(group.addresses) - 8} more</p>"
    return (
        f'<li><span class="tag {kind}">{state}</span> <strong>{_t(f.rule)}</strong> '
        f"<code>{_t(group.place)}</code><p>{_t(f.message)}</p>{where}"
        + (f"<p>To do: {_t(f.remedy)}</p>" if f.remedy and not f.excepted else "")
        + (f'<p class="soft">Excepted: {_t(f.excepted)}</p>' if f.excepted else "")
        + f'<p class="soft">{_t(", ".join(group.units))}</p></li>'
    )


def _changes(results: Sequence[UnitResult]) -> str:
    parts = []
    for r in results:
        plan = r.plan
        if plan is None or not (plan.changes or plan.error or plan.drift or plan.warnings):
            continue
        problems = "".join(
            f'<p class="bad">{_t(p.sentence)} <code>{_t(p.where)}</code> {_t(p.remedy)}</p>'
            for p in plan.error
        )
        warnings = "".join(
            f'<p class="warn">Warning: {_t(w.sentence)} <code>{_t(w.address)}</code></p>'
            for w in plan.warnings
        )
        drift = "".join(
            f"<p>Changed outside Terraform: <code>{_t(c.address)}</code></p>" for c in plan.drift
        )
        changes = "".join(map(change_html, by_importance(plan.changes)))
        head = f"<h3>{_t(r.unit)}: {_t(words.plan_word(r))}</h3>"
        parts.append(f"{head}{problems}{warnings}{drift}{changes}")
    return "".join(parts) or "<p>Nothing changes.</p>"


def _graphs(results: Sequence[UnitResult]) -> str:
    parts = [f"<h3>{_t(r.unit)}</h3>{svg(r.graph)}" for r in results if r.graph and r.graph.nodes]
    note = (
        '<p class="soft">A box is a module of the stack; a line leads from what makes something '
        "to what is given it. Blue borders are touched, red ones destroyed, replaced or with "
        "findings.</p>"
    )
    return (note + "".join(parts)) if parts else "<p>No unit has a plan.</p>"


def _costs(results: Sequence[UnitResult]) -> str:
    return "".join(_cost(r.cost) for r in results if r.cost) or "<p>No cost is known.</p>"


def _cost(cost: CostReport) -> str:
    budget = "" if cost.budget is None else f"; the budget is {words.money(cost.budget)}"
    sums: dict[str, list[float]] = {}
    for line in cost.lines:
        both = sums.setdefault(line.address, [0.0, 0.0])
        both[0] += line.before or 0
        both[1] += line.after or 0
    top = max((max(both) for both in sums.values()), default=0) or 1
    shown = [(a, b) for a, b in sorted(sums.items(), key=lambda i: -max(i[1])) if max(b) >= 0.005]
    bars = "".join(_bar(address, both, top) for address, both in shown)
    missing = "".join(f"<li><code>{_t(a)}</code></li>" for a in cost.unpriced)
    free = ", ".join(f"{count} {kind}" for kind, count in sorted(cost.free.items()))
    return (
        f"<h3>{_t(cost.unit)}: {words.money(cost.before)} becomes "
        f"{words.money(cost.after)} a month{budget}</h3>"
        f'<ul class="bars">{bars}</ul>'
        + (f"<p>No price is known for these; they are not in the sum:</p><ul>{missing}</ul>"
           if missing else "")
        + "<details><summary>How this is counted</summary><div>"
        + "".join(_sources(cost))
        + (f"<p>Free: {_t(free)}.</p>" if free else "")
        + f"<p>Prices of {_t(cost.prices_dated)}.</p></div></details>"
    )  # fmt: skip


def _bar(address: str, both: list[float], top: float) -> str:
    before, after = (max(0.0, value / top * 100) for value in both)
    return (
        f'<li><code>{_t(address)}</code><span class="track" aria-hidden="true">'
        f'<i class="was" style="width:{before:.1f}%"></i><i style="width:{after:.1f}%"></i></span>'
        f'<span class="number">{words.money(both[0])} → {words.money(both[1])}</span></li>'
    )


def _sources(cost: CostReport) -> Iterator[str]:
    seen: dict[str, str] = {}
    for line in cost.lines:
        if line.source:
            seen.setdefault(line.what, line.source)
    for what, source in sorted(seen.items()):
        yield f'<p>{_t(what)} <span class="soft">{_t(source)}</span></p>'


def _notes(results: Sequence[UnitResult]) -> str:
    tools = [tool for r in results if r.findings for tool in r.findings.tools]
    said = dict.fromkeys(f"{t.name} {t.version}." for t in tools)
    said |= dict.fromkeys(t.note for t in tools if t.note)
    return "".join(f" {_t(note)}" for note in said)
