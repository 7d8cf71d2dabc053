"""Where the files of a unit are: in the checkout, or, of an orphan, in the commit last applied."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from pipeline.adapters.git import worktree
from pipeline.domain import ledger
from pipeline.domain.model import UnitId
from pipeline.errors import Failure, failure
from pipeline.usecases.orphans import in_repository
from pipeline.usecases.site import Site


@contextmanager
def located(site: Site, unit: UnitId) -> Iterator[tuple[Site, UnitId]]:
    """A site that has the unit's files, and the unit's name there.

    Of an orphan it is a worktree of the commit that was last applied, which is gone afterwards; the
    settings stay those of the checkout. Raises ``unknown-unit``, and ``usage`` when the checkout
    does not have that commit.
    """
    if in_repository(site, unit):
        yield site, unit
        return
    last = ledger.last_applied(ledger.read_chain(site.stores.ledger.unrenamed(), unit))
    if last is None:
        raise failure("unknown-unit", f"There is no unit {unit}, and nothing of it was applied.")
    with _checkout(site, unit, last.commit) as there:
        for name in there.estate.units:
            if there.stores.ledger.stored_as(name) == unit:
                yield there, name
                return
        raise failure("unknown-unit", f"Commit {last.commit[:10]} has no files of {unit}.")


@contextmanager
def _checkout(site: Site, unit: UnitId, commit: str) -> Iterator[Site]:
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(worktree(site.root, commit))
        except Failure as error:
            raise failure(
                "usage",
                f"The files of {unit} are gone, and the checkout has no commit {commit[:10]}, of "
                "which it was last applied.",
                remedy=f"Fetch it (git fetch origin {commit}), then run the command again.",
            ) from error
        settings = {"settings": site.settings}
        yield Site(folder, folder, site.work, site.out, site.environ, settings)
