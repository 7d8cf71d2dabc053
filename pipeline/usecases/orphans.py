"""Units that the ledger knows and the repository no longer has: found, explained, forgotten."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline.adapters.git import last_change
from pipeline.adapters.github import run_url
from pipeline.config_checks import place_of
from pipeline.domain import ledger
from pipeline.domain.ledger import Entry, Evidence, LedgerReader, Status
from pipeline.domain.model import UnitId
from pipeline.domain.units import ENVS, Estate
from pipeline.errors import Failure, Problem, failure
from pipeline.settings import ProjectConfig, RetiredConfig, StackConfig
from pipeline.usecases.announce import await_turn
from pipeline.usecases.estates import kept, renamed
from pipeline.usecases.site import Site


@dataclass(frozen=True, slots=True)
class Orphan:
    """A unit without files of which something may stand; ``damaged`` when nobody can tell."""

    unit: UnitId
    entry: Entry | None
    damaged: str = ""


def orphans(estate: Estate[StackConfig], reader: LedgerReader) -> list[Orphan]:
    """Every unit that has a ledger, is not in the estate and was neither destroyed nor forgotten.

    A renamed stack has its old name's ledger, so nothing of it is an orphan. An orphan is called by
    the name of its ledger, also where a unit of that name keeps another ledger.
    """
    names = kept(estate)
    stored = reader.unrenamed()
    left = [unit for unit in stored.units() if unit not in names]

    def one(unit: UnitId) -> Orphan:
        try:
            return Orphan(unit, ledger.head(stored, unit))
        except Failure as error:
            if error.reason != "ledger-damaged":
                raise
            return Orphan(unit, None, str(error))

    with ThreadPoolExecutor(max_workers=16) as pool:
        found = list(pool.map(one, left))
    return [orphan for orphan in found if orphan.damaged or ledger.standing(orphan.entry)]


def in_repository(site: Site, unit: UnitId) -> bool:
    """Whether the checkout has the unit's files."""
    stack = site.estate.stacks.get(unit.stack)
    return stack is not None and unit.workspace in stack.workspaces


def known_units(texts: Iterable[str], site: Site) -> list[UnitId]:
    """Unit names from a command line, of the repository or of the ledger.

    Raises ``unknown-unit`` for one that neither has, ``bad-config`` for a name that is two: the
    repository's, which keeps another state, and an orphan's.
    """
    found: list[UnitId] = []
    for text in texts:
        try:
            unit = UnitId.parse(text)
        except ValueError as error:
            raise failure("unknown-unit", f"{error}.") from error
        if not in_repository(site, unit):
            _on_the_ledger(site, unit)
        elif (shadow := shadowed(site.estate, site, unit)) is not None:
            raise Failure("bad-config", shadow)
        found.append(unit)
    return found


def shadowed(estate: Estate[StackConfig], site: Site, unit: UnitId) -> Problem | None:
    """What is wrong where a unit keeps an old name's state while its own name's still stands."""
    old = renamed(estate).get(unit)
    if old is None or not _stands(site.stores.ledger.unrenamed(), unit):
        return None
    return Problem(
        f"{unit} is two: the unit of the repository, which keeps the state and the ledger of "
        f"{old}, and one that was deployed under this name and still stands.",
        place_of(estate.tree, estate.stack(unit), "renamed_from"),
        "Take renamed_from out, or give the folder a name that was never deployed.",
    )


def _stands(reader: LedgerReader, unit: UnitId) -> bool:
    try:
        return ledger.standing(ledger.head(reader, unit))
    except Failure as error:
        if error.reason != "ledger-damaged":
            raise
        return True  # nobody can tell


def _on_the_ledger(site: Site, unit: UnitId) -> None:
    reader = site.stores.ledger
    for now in site.estate.units:
        if reader.stored_as(now) == unit:
            raise failure("unknown-unit", f"{unit} is called {now} now.")
    if not reader.numbers(unit):
        site.stack(unit)  # raises and names what there is


def nothing_there() -> Failure:
    """The failure of a command that looks at all units where there are none."""
    return failure(
        "bad-config",
        f"There is no stack in {ENVS} and no ledger of one, so nothing was looked at.",
        remedy=f'Write {ENVS}/<stack>/stack.toml with the line: workspaces = ["dev"]',
    )


def retired(settings: ProjectConfig, unit: UnitId) -> RetiredConfig | None:
    """What ``[[tool.pipeline.retired]]`` says of the unit."""
    return next((entry for entry in settings.retired if entry.unit == str(unit)), None)


def sentence(site: Site, orphan: Orphan) -> str:
    """What the orphan is and what to do about it, without a full stop."""
    unit, entry = orphan.unit, orphan.entry
    if entry is None:
        return orphan.damaged.rstrip(".")
    if in_repository(site, unit):
        return _beside(site, unit, entry)
    gone = last_change(site.root, f"{ENVS}/{unit.stack}/{unit.workspace}.tfvars")
    since = f" since commit {gone[:10]}" if gone else ""
    told = (
        f"it is an orphan: the ledger says {entry.status} (commit {entry.commit[:10]}), and its "
        f"files are gone{since}"
    )
    action = retired(site.settings, unit)
    if action is not None and action.action == "forget":
        return f"{told}; the next deploy forgets it: {action.why}"
    return (
        f"{told}; run `pipeline destroy {unit} --confirm {unit}`, or merge a "
        f'[[tool.pipeline.retired]] entry with unit = "{unit}", action = "forget" and a why'
    )


def _beside(site: Site, unit: UnitId, entry: Entry) -> str:
    """What to do about an orphan whose name a unit of the repository has, which keeps another."""
    stack = site.stack(unit)
    return (
        f"it is an orphan: the ledger says {entry.status} (commit {entry.commit[:10]}), and the "
        f"unit of this name keeps the state and the ledger of {site.renamed[unit]} "
        f"({place_of(site.estate.tree, stack, 'renamed_from')}); take renamed_from out, or give "
        f"{stack.folder} a name that was never deployed, then destroy or retire {unit}"
    )


def to_forget(site: Site) -> list[Orphan]:
    """The orphans that ``[[tool.pipeline.retired]]`` wants off the ledger."""
    if not any(entry.action == "forget" for entry in site.settings.retired):
        return []
    return [o for o in orphans(site.estate, site.stores.ledger) if forgotten_by(site, o.unit)]


def forgotten_by(site: Site, unit: UnitId) -> RetiredConfig | None:
    """The entry that wants the unit off the ledger, None unless its files are gone."""
    entry = retired(site.settings, unit)
    wanted = entry is not None and entry.action == "forget" and not in_repository(site, unit)
    return entry if wanted else None


def forget(site: Site, unit: UnitId, evidence: Evidence) -> Entry | None:
    """Take an orphan off the ledger and leave alone what runs; None when that was done before.

    ``evidence`` says who reviewed the change that retires it. Raises ``protected`` when nothing in
    ``[[tool.pipeline.retired]]`` says so or its files are there, and ``locked``.
    """
    entry = forgotten_by(site, unit)
    if entry is None:
        raise failure(
            "protected",
            f"Nothing says that {unit} is to be forgotten.",
            "pyproject.toml",
            f'Merge a [[tool.pipeline.retired]] entry with unit = "{unit}", action = "forget" and '
            "a why, together with the removal of its files.",
        )
    chain = await_turn(site, unit)
    if not chain or not ledger.standing(chain[-1]):
        return None
    return site.stores.ledger.append(
        chain,
        Entry(
            unit=str(unit),
            status=Status.FORGOTTEN,
            commit=site.commit,
            digest="",
            time=datetime.now(UTC),
            evidence=evidence,
            run_url=run_url(site.environ),
            reason=entry.why,
        ),
    )
