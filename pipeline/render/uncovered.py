"""What nobody reviewed, for whoever decides about it: the plan, the code, and how to approve both.

Nothing that would be applied is hidden: what a comment cannot hold is in the page, and the comment
says so and links it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Literal
from urllib.parse import urlencode

from pipeline.render import words
from pipeline.render.changes import by_importance, importance, item, items
from pipeline.render.fit import COMMENT, Item, Section, fit
from pipeline.render.markdown import block, code, plain, plain_html
from pipeline.render.page import document
from pipeline.render.values import change_html
from pipeline.render.visible import CUT, Shown, visible, visible_line
from pipeline.results import ChangeReport, PlanReport, clean, prose

#: Lines of a landing's difference: as many as a comment may hold, and where there is less room.
_LINES = (200, 30)

_MISSING = "What else keeps it from being covered"

Workflow = Literal["deploy.yml", "destroy.yml"]


@dataclass(frozen=True, slots=True)
class Landed:
    """A step of the default branch that nobody approved.

    ``why`` says what it lacks; ``diff`` is what it changes in the unit's inputs and in the
    referee's files, as git writes it.
    """

    commit: str
    title: str
    author: str
    why: str
    diff: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Uncovered:
    """Everything that a review of it has to see.

    ``plan`` is the whole plan; ``reasons`` says by place (address, deposed) why a change is not
    covered, those without a reason were reviewed, and a reason without a change is told too;
    ``missing`` is what else keeps the plan from
    being covered, such as what was reviewed and is not planned; ``checks`` is what no review
    lifts; ``record`` the id to name; ``form`` the page of the dispatch, ``report`` the page where
    the whole text lies, "" where there is none.
    """

    unit: str
    plan: PlanReport
    reasons: Mapping[tuple[str, str], str]
    record: str
    workflow: Workflow = "deploy.yml"
    landings: tuple[Landed, ...] = ()
    missing: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    form: str = ""
    report: str = ""
    known: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def changes(self) -> list[ChangeReport]:
        """What nobody reviewed, the most important first."""
        return by_importance(c for c in self.plan.changes if _place(c) in self.reasons)


def _place(change: ChangeReport) -> tuple[str, str]:
    return change.address, change.deposed


@dataclass(frozen=True, slots=True)
class _Readable:
    """A case without its secrets.

    Each change has its reason with it, as it was before anything was taken out: nothing is looked
    up any more by a text that was scrubbed. ``others`` is what is applied too and was reviewed.
    """

    case: Uncovered
    changes: tuple[tuple[ChangeReport, str], ...]
    others: tuple[ChangeReport, ...]


def dispatch_form(server: str, repository: str, workflow: Workflow, **inputs: str) -> str:
    """The page at GitHub with the button "Run workflow".

    ``inputs`` fill the form in the local GitHub; GitHub's own page has no such parameters, and the
    text beside the link says what to type there.
    """
    query = f"?{urlencode(inputs)}" if inputs else ""
    return f"{server.rstrip('/')}/{repository}/actions/workflows/{workflow}{query}"


def comment(case: Uncovered, limit: int = COMMENT) -> str:
    """The text for the pull requests and the step summary: every change named, within ``limit``."""
    shown = _readable(case)
    case = shown.case
    more = f"see the [whole text]({case.report})." if case.report else "see uncovered.html."
    sections = [
        Section(
            0, f"### {plain(headline(case))}\n", tuple(_how(case, _link, code)), unit="sentences"
        ),
        *_listed(0, "#### What no review lifts", (plain(c) for c in case.checks), "findings"),
        *_landings(case),
        *_changes(shown, more),
        *_listed(
            1, "#### What else keeps it from being covered", map(plain, case.missing), "values"
        ),
        *_others(shown, more),
    ]
    return fit(sections, limit, more)


def headline(case: Uncovered) -> str:
    """What it is about, in one sentence."""
    if case.workflow == "destroy.yml":
        return f"{case.unit}: what a destroy would take away"
    told = []
    if case.changes:
        told.append(f"{len(case.changes)} of its changes")
    if case.landings:
        told.append(f"{len(case.landings)} of its landings")
    return f"{case.unit}: nobody reviewed {' and '.join(told) or 'this plan'}"


def _how(
    case: Uncovered, link: Callable[[str, str], str], value: Callable[[object], str]
) -> Iterator[str]:
    """What to do, in the markup of ``link`` (words, address) and ``value``."""
    yield "Nothing was applied."
    if case.checks:
        yield "A check fails, so no review can lift this: change the files and merge that."
        return
    form = link(f"the form of {case.workflow}", case.form) if case.form else value(case.workflow)
    done, also = "applies", ""
    if case.workflow == "destroy.yml":
        done, also = "destroys", f", and {value(case.unit)} once more as the confirmation"
    yield (
        f'To approve it, somebody who wrote none of it opens {form}, chooses "Run workflow", and '
        f"gives the unit {value(case.unit)} and the record {value(case.record)}{also}. "
        f"That {done} exactly what is shown here; left alone, everything stays as it is."
    )


def _link(text: str, url: str) -> str:
    return f"[{text}]({url})"


def _link_html(text: str, url: str) -> str:
    return f'<a href="{_t(url)}">{_t(text)}</a>'


def _code_html(value: object) -> str:
    return f"<code>{_t(value)}</code>"


def _listed(rank: int, head: str, lines: Iterable[str], unit: str) -> Iterator[Section]:
    shown = tuple(f"- {line}" for line in lines)
    if shown:
        yield Section(rank, f"{head}\n", shown, unit=unit)


def _landings(case: Uncovered) -> Iterator[Section]:
    if case.landings:
        head = f"#### Code that nobody approved ({len(case.landings)})\n"
        yield Section(1, head, tuple(map(_landing, case.landings)), unit="landings")


def _landing(landed: Landed) -> Item:
    name = code(landed.commit[:10])
    named = f"[{name}]({landed.url})" if landed.url else name
    said = f"- {named} {plain(landed.title)} by {code(landed.author)}: {plain(landed.why)}"
    if not landed.diff:
        return Item((said,))
    lines = [visible_line(line) for line in landed.diff.rstrip("\n").split("\n")]
    cuts = (f"{said}\n{block(_first(lines, most), 'diff', '  ')}" for most in _LINES)
    return Item(tuple(dict.fromkeys((*cuts, said))))


def _first(lines: Sequence[Shown], most: int) -> list[Shown]:
    left = len(lines) - most
    return [*lines[:most], *([Shown(f"{CUT} {left:,} more lines {CUT}")] if left > 0 else [])]


def _changes(shown: _Readable, more: str) -> Iterator[Section]:
    if shown.changes:
        head = f"#### {_changes_head(shown.case)} ({len(shown.changes)})\n"
        told = tuple(item(change, more, plain(why)) for change, why in shown.changes)
        yield Section(1, head, told, unit="changes")


def _changes_head(case: Uncovered) -> str:
    destroys = case.workflow == "destroy.yml"
    return "What is taken away" if destroys else "Changes that nobody reviewed"


def _others(shown: _Readable, more: str) -> Iterator[Section]:
    if shown.others:
        count = words.counts(PlanReport(unit=shown.case.unit, changes=list(shown.others)))
        head = f"<details><summary>Reviewed, and applied with it: {plain_html(count)}</summary>\n"
        yield Section(4, head, items(shown.others, more), "\n</details>", "changes")


def page(case: Uncovered) -> str:
    """The whole text as an HTML page: every value and every line of code."""
    readable = _readable(case)
    case = readable.case
    parts = [
        ("review", "How to review", "".join(
            f"<p>{line}</p>" for line in _how(case, _link_html, _code_html))),
        ("checks", "What no review lifts", _list(case.checks)),
        ("code", "Code that nobody approved", "".join(map(_landing_html, case.landings))),
        ("changes", _changes_head(case), "".join(
            change_html(change, why) for change, why in readable.changes)),
        ("missing", _MISSING, _list(case.missing)),
        ("others", "Reviewed, and applied with it", "".join(map(change_html, readable.others))),
    ]  # fmt: skip
    shown = [(name, head, body) for name, head, body in parts if body]
    return document(headline(case), "", shown, "Sensitive values are never shown.")


def _landing_html(landed: Landed) -> str:
    lines = landed.diff.rstrip("\n").split("\n") if landed.diff else []
    return (
        f"<h3><code>{_t(landed.commit[:10])}</code> {_t(landed.title)}</h3>"
        f"<p>By {_t(landed.author)}: {_t(landed.why)}</p>"
        f"<pre>{chr(10).join(map(_line, lines))}</pre>"
    )


def _line(line: str) -> str:
    text = escape(visible_line(line))
    element = {"+": "ins", "-": "del"}.get(line[:1], "")
    return f"<{element}>{text}</{element}>" if element else text


def _list(lines: Iterable[str]) -> str:
    shown = "".join(f"<li>{_t(line)}</li>" for line in lines)
    return f"<ul>{shown}</ul>" if shown else ""


def _t(value: object) -> str:
    return escape(visible(str(value)))


def _readable(case: Uncovered) -> _Readable:
    names = frozenset((case.unit, *(change.address for change in case.plan.changes)))

    def without(text: str) -> str:
        return prose(text, case.known, names)

    reasons = [case.reasons.get(_place(change)) for change in case.plan.changes]
    told = list(zip(clean(case.plan, case.known).changes, reasons, strict=True))
    unread = [(change, why) for change, why in told if why is not None]
    scrubbed = replace(
        case,
        landings=tuple(
            replace(x, title=without(x.title), diff=without(x.diff)) for x in case.landings
        ),
        checks=tuple(map(without, case.checks)),
        missing=tuple(map(without, (*case.missing, *_unplanned(case)))),
    )
    return _Readable(
        scrubbed,
        tuple(sorted(unread, key=lambda pair: importance(pair[0]))),
        tuple(by_importance(change for change, why in told if why is None)),
    )


def _unplanned(case: Uncovered) -> Iterator[str]:
    """Reasons whose change the plan does not show."""
    planned = set(map(_place, case.plan.changes))
    for place, why in case.reasons.items():
        if place not in planned:
            yield f"{' '.join(filter(None, place))}: {why}."
