"""``pipeline doctor``."""

from __future__ import annotations

from pipeline.cli.context import Here
from pipeline.errors import Exit

MARKS = {True: "ok", False: "WRONG", None: "not checked"}


def run(here: Here) -> Exit:
    """Check tools, configuration, credentials and endpoints; 2 when something is wrong."""
    from pipeline.usecases.doctor import examine

    checks = list(examine(here.root, here.environ))
    here.out.table("", ["what", "", "says"], [[c.what, MARKS[c.ok], c.says] for c in checks])
    here.out.emit({"checks": [{"what": c.what, "ok": c.ok, "says": c.says} for c in checks]})
    return Exit.USAGE if any(c.ok is False for c in checks) else Exit.OK
