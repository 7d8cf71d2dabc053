"""What an apply has made so far, kept beside the state: a killed Terraform loses up to 20 s of it.

Terraform stores its state every 20 seconds while it applies (internal/backend/local,
``hookState``). A machine that is gone in between leaves objects that no state knows. So each
object that is begun or done is written down at once, and the next apply compares the list with
the state and names what is missing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from pipeline.adapters.aws.state import StateFiles
from pipeline.adapters.terraform_process import JsonLine
from pipeline.domain.model import UnitId
from pipeline.domain.stored import live
from pipeline.errors import Failure
from pipeline.usecases.site import Site


@dataclass(frozen=True, slots=True)
class Lost:
    """An object that an apply made, or had begun to make, and that the state does not know.

    ``identity`` is the id that its provider gave it, "" where the apply was killed before that.
    """

    address: str
    identity: str

    @property
    def sentence(self) -> str:
        if not self.identity:
            return (
                f"{self.address} was being made when the last apply was killed, and the state does "
                "not know it. Look whether it is there; delete it, or import it: "
                f"terraform import '{self.address}' ID"
            )
        return (
            f"{self.address} was made ({self.identity}) by an apply that was killed, and the state "
            f"does not know it. Import it: terraform import '{self.address}' '{self.identity}', or "
            "delete it."
        )


class Journal:
    """Writes the list while an apply runs: each change at once, without holding Terraform up."""

    def __init__(self, files: StateFiles) -> None:
        self._files = files
        self._made: dict[str, str] = {}
        self._new = threading.Event()
        self._over = False
        self._thread = threading.Thread(target=self._write, daemon=True)

    def hear(self, line: JsonLine) -> None:
        """A line of Terraform's (its "Machine-Readable UI", operation messages)."""
        kind, hook = line.get("type"), line.get("hook", {})
        address = str(hook.get("resource", {}).get("addr", ""))
        if hook.get("action") != "create":
            return
        if kind == "apply_errored":
            self._made.pop(address, None)
        elif kind in ("apply_start", "apply_complete"):
            self._made[address] = str(hook.get("id_value", "")) if kind == "apply_complete" else ""
        self._new.set()

    def _write(self) -> None:
        while not self._over:
            self._new.wait()
            self._new.clear()
            if not self._over:
                with suppress(Failure):  # the apply matters more than its journal
                    self._files.keep_made(dict(self._made))

    @contextmanager
    def open(self) -> Iterator[None]:
        """Around an apply; where it ended well, its state is stored and the list goes."""
        self._thread.start()
        try:
            yield
        finally:
            self._over = True
            self._new.set()
            self._thread.join()
        with suppress(Failure):
            self._files.keep_made({})


def lost(site: Site, unit: UnitId) -> list[Lost]:
    """What the last apply made and the state does not know; nothing where it ended by itself."""
    files = site.state(unit)
    made = files.made()
    if not made:
        return []
    known = {one.address for one in live(files.read())}
    return [Lost(address, name) for address, name in sorted(made.items()) if address not in known]
