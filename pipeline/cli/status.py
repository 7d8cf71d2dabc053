"""``pipeline status``: what is deployed where."""

from __future__ import annotations

from pipeline.cli.context import Here
from pipeline.errors import Exit


def run(here: Here) -> Exit:
    """Show every unit's last ledger entry and whether it is pending."""
    from pipeline.domain.ledger import document
    from pipeline.usecases.site import site_of
    from pipeline.usecases.status import status

    found = status(site_of(here))
    rows = [
        (
            str(s.unit),
            "damaged" if s.damaged else s.entry.status if s.entry else "never deployed",
            s.entry.commit[:10] if s.entry else "",
            f"{s.entry.time:%Y-%m-%d %H:%M}" if s.entry else "",
            s.orphan or s.pending or s.damaged or s.open or "as the repository says",
        )
        for s in found
    ]
    here.out.table("", ["unit", "state", "commit", "since (UTC)", "pending"], rows)
    here.out.emit(
        {
            "units": [
                {
                    "unit": str(s.unit),
                    "entry": document(s.entry) if s.entry else None,
                    "pending": s.pending,
                    "damaged": s.damaged,
                    "orphan": s.orphan,
                    "open": s.open,
                }
                for s in found
            ]
        }
    )
    return Exit.OK
