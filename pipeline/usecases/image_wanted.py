"""Is the image of a commit's ``app/`` to be built: is it missing, and was its code reviewed?"""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.domain import ledger
from pipeline.domain.model import UnitId
from pipeline.domain.units import Estate
from pipeline.settings import StackConfig
from pipeline.usecases.basis import dispatch_of, landed
from pipeline.usecases.image import image_is_missing
from pipeline.usecases.site import Site


def image_wanted(
    site: Site, estate: Estate[StackConfig], units: Iterable[UnitId], commit: str, record: str = ""
) -> bool:
    """Whether a job has to build the image of ``commit`` for one of these units.

    Code that nobody reviewed is not built: its unit waits for a review anyway. ``record`` is the
    id of the record that this run, a dispatch, names; a dispatch that does not count raises
    ``not-covered``. Without a token of GitHub nobody can be asked who reviewed.
    """
    taking = [unit for unit in units if estate.stack(unit).config.takes_image]
    tree = estate.tree.hash(site.settings.app)
    if not taking or tree is None or not image_is_missing(site, tree):
        return False
    if site.github_or_none is None:
        return True
    return any(_reviewed(site, unit, commit, record) for unit in taking)


def _reviewed(site: Site, unit: UnitId, commit: str, record: str) -> bool:
    chain = ledger.read_chain(site.stores.ledger, unit)
    found, _ = landed(site, unit, chain, commit)
    if record:
        dispatch_of(site, found)
        return True
    return all(landing.reviewed for landing in found)
