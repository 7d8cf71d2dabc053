"""Renames and removals: no ledger under which something stands gets out of everybody's sight."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config import load_estate
from pipeline.domain.ledger import Status, head, read_chain, standing
from pipeline.domain.model import UnitId
from pipeline.domain.tree import MemoryTree
from pipeline.domain.units import Estate
from pipeline.errors import Failure
from pipeline.output import Output
from pipeline.settings import ProjectConfig, RetiredConfig, StackConfig
from pipeline.usecases.estates import Compared, kept, renamed
from pipeline.usecases.orphans import known_units, orphans, sentence
from pipeline.usecases.removed import Removed, removed
from pipeline.usecases.site import Site
from tests.ledgers import MemoryLedger, entry

PROJECT = ProjectConfig(name="n", repository="o/r", region="r", ecr_repository="e")
RACK, SHELF, BOX = (UnitId(name, "dev") for name in ("rack", "shelf", "box"))


def estate(**stacks: str) -> Estate[StackConfig]:
    """Stacks with one workspace, each with the old name that it keeps, or "" for none."""
    files = {}
    for name, old in stacks.items():
        line = f'renamed_from = "{old}"\n' if old else ""
        folder = f"terraform/envs/{name}"
        files[f"{folder}/stack.toml"] = f'workspaces = ["dev"]\n{line}'.encode()
        files[f"{folder}/main.tf"] = b'terraform {\n  backend "s3" {}\n}\n'
        files[f"{folder}/dev.tfvars"] = b""
    return load_estate(MemoryTree(files))


def ledgers(*deployed: UnitId) -> MemoryLedger:
    made = MemoryLedger()
    for unit in deployed:
        made.append([], entry(unit))
    return made


def site_of(after: Estate[StackConfig], made: MemoryLedger) -> Site:
    """The site of a checkout whose files are ``after``."""
    reader = MemoryLedger(renamed(after))
    reader.stored, reader.anchors = made.stored, made.anchors
    known = {"estate": after, "stores": SimpleNamespace(ledger=reader), "settings": PROJECT}
    here = Path(__file__).parents[2]
    return Site(here, here, here, Output(), {}, known)


def told(
    before: Estate[StackConfig],
    after: Estate[StackConfig],
    *deployed: UnitId,
    retired: Iterable[RetiredConfig] = (),
) -> list[Removed]:
    return removed(site_of(after, ledgers(*deployed)), Compared(before, after, []), retired)


def test_removing_a_renamed_stack_asks_for_the_ledger_that_it_keeps() -> None:
    [item] = told(estate(rack="shelf", base=""), estate(base=""), SHELF)
    assert item.reason.startswith(
        "rack/dev (its state and ledger are kept as shelf/dev) is removed"
    )
    assert "retire shelf/dev in [tool.pipeline]" in item.reason

    entry = RetiredConfig(unit="shelf/dev", action="forget", why="sold")
    [item] = told(estate(rack="shelf", base=""), estate(base=""), SHELF, retired=[entry])
    assert (item.reason, "Why: sold." in item.note) == ("", True)


def test_a_second_rename_has_to_name_the_first_name() -> None:
    [item] = told(estate(rack="shelf"), estate(box="rack"), SHELF)
    assert 'write renamed_from = "shelf" at terraform/envs/box/stack.toml:2' in item.reason
    [item] = told(estate(rack="shelf"), estate(box="shelf"), SHELF)
    assert item == Removed(SHELF, note="rack/dev goes on under its stack's new name, as box/dev.")


def test_taking_renamed_from_out_is_red_while_the_old_names_ledger_stands() -> None:
    [item] = told(estate(rack="shelf"), estate(rack=""), SHELF)
    assert "shelf/dev, which is still deployed" in item.reason
    assert 'renamed_from = "shelf" at terraform/envs/rack/stack.toml:1' in item.reason
    assert told(estate(rack="shelf"), estate(rack="")) == [Removed(SHELF)]


def test_a_deployed_stack_cannot_take_the_state_of_another() -> None:
    [item] = told(estate(rack=""), estate(rack="shelf"), SHELF, RACK)
    assert "nothing would reach rack/dev any more" in item.reason
    assert "take renamed_from out again at terraform/envs/rack/stack.toml:2" in item.reason


def test_a_new_stack_cannot_keep_an_old_state_under_the_name_of_an_orphan() -> None:
    reasons = [r.reason for r in told(estate(shelf=""), estate(rack="shelf"), SHELF, RACK)]
    assert any(r.startswith("terraform/envs/rack/stack.toml:2: rack/dev is two") for r in reasons)


def test_an_orphan_that_has_the_name_of_a_renamed_unit_is_told_apart() -> None:
    site = site_of(estate(rack="shelf"), ledgers(SHELF, RACK))
    [orphan] = orphans(site.estate, site.stores.ledger)
    assert (orphan.unit, orphan.entry and orphan.entry.unit) == (RACK, "rack/dev")
    assert "keeps the state and the ledger of shelf/dev" in sentence(site, orphan)
    with pytest.raises(Failure) as caught:
        known_units(["rack/dev"], site)
    [problem] = caught.value.problems
    assert (caught.value.reason, problem.where) == (
        "bad-config",
        "terraform/envs/rack/stack.toml:2",
    )


def test_a_workspace_that_a_renamed_stack_no_longer_has_is_called_by_its_own_name() -> None:
    gone = UnitId("rack", "prod")
    site = site_of(estate(rack="shelf"), ledgers(SHELF, gone))
    assert known_units([str(gone)], site) == [gone]
    assert site.stores.ledger.stored_as(gone) == gone


def test_behind_a_base_that_cannot_be_read_every_orphan_is_red() -> None:
    after = estate(rack="")
    compared = Compared(estate(), after, [], "terraform/envs/shelf/stack.toml:1: no TOML")
    found = removed(site_of(after, ledgers(SHELF, RACK)), compared, [])
    assert [item.unit for item in found if item.reason] == [SHELF]
    assert "shelf/dev is removed from the repository but still deployed" in found[0].reason


# -- whatever happens ------------------------------------------------------------------------------

NAMES = ("shelf", "rack", "box", "bin")
ESTATES = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(("", *NAMES, "typo")))
STATUSES = st.sampled_from([None, *Status])


def readable(stacks: dict[str, str]) -> Estate[StackConfig] | None:
    try:
        return estate(**stacks)
    except Failure:  # refused, so never merged
        return None


@settings(max_examples=100, deadline=None)
@given(st.lists(ESTATES, min_size=2, max_size=5), st.data())
def test_every_standing_ledger_has_a_unit_or_is_told_of(
    history: list[dict[str, str]], data: st.DataObject
) -> None:
    """Whatever is renamed and removed: on the pull request that does it, and ever after."""
    made = MemoryLedger()
    states = [found for stacks in history if (found := readable(stacks)) is not None]
    for before, after in pairwise(states):
        for stored in kept(before):
            status = data.draw(STATUSES)
            if status is not None:
                made.append(read_chain(made, stored), entry(stored, status))
        stands = {u for u in made.units() if standing(head(made, u))}
        site = site_of(after, made)
        lost = {u for u in stands if u in kept(before) and u not in kept(after)}
        for told_of in (Compared(before, after, []), Compared(estate(), after, [], "broken")):
            red = {item.unit for item in removed(site, told_of, ()) if item.reason}
            assert lost <= red
        left = {orphan.unit for orphan in orphans(after, site.stores.ledger)}
        assert stands == left | (stands & set(kept(after)))
        for unit in after.units:
            if unit in stands and renamed(after).get(unit, unit) != unit:
                with pytest.raises(Failure, match="is two"):
                    known_units([str(unit)], site)
            else:
                assert known_units([str(unit)], site) == [unit]
