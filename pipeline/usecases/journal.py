"""What an apply has made so far, kept beside the state: a killed Terraform loses up to 20 s of it.

Terraform stores its state every 20 seconds while it applies (internal/backend/local,
``hookState``). A machine that is gone in between leaves objects that no state knows. So each
object that is begun or done is written down at once, and the next apply or destroy compares the
list with the state and names what is missing, until the state knows it or somebody looked.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from pipeline.adapters.aws.state import Making, StateFiles
from pipeline.adapters.terraform_process import JsonLine
from pipeline.domain.model import UnitId
from pipeline.domain.stored import live
from pipeline.errors import Failure
from pipeline.render.markdown import plain
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
    """Writes the list while an apply runs: each change at once, without holding Terraform up.

    It begins with what an earlier apply lost, which is not forgotten by a further one. ``ended``
    says whether Terraform ended by itself and could store its state.
    """

    def __init__(self, files: StateFiles, ended: Callable[[Failure], bool]) -> None:
        self._files, self._ended = files, ended
        self._before: dict[str, str] = {}
        self._made: dict[str, Making] = {}
        self._new = threading.Event()
        self._over = False
        self._thread = threading.Thread(target=self._write, daemon=True)

    def hear(self, line: JsonLine) -> None:
        """A line of Terraform's (its "Machine-Readable UI", operation messages).

        What ended with an error may be there all the same, tainted.
        """
        kind, hook = line.get("type"), line.get("hook", {})
        address = str(hook.get("resource", {}).get("addr", ""))
        if hook.get("action") != "create" or kind not in ("apply_start", "apply_complete"):
            return
        named = kind == "apply_complete" and hook.get("id_key") == "id"
        identity = str(hook.get("id_value", "")) if named else ""
        self._made[address] = Making(identity, self._before.get(address, ""))
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
        """Around an apply. Where Terraform ended by itself and stored its state, what the state
        knows goes off the list."""
        self._before, known = _identities(self._files.read()), self._files.made()
        lost = {one.address for one in _missing(known, self._before)}
        self._made = {address: made for address, made in known.items() if address in lost}
        self._thread.start()
        try:
            yield
        except Failure as error:
            self._end()
            if self._ended(error):
                self._settle(lost)
            raise
        except BaseException:
            self._end()
            raise
        self._end()
        self._settle(lost)

    def _end(self) -> None:
        self._over = True
        self._new.set()
        self._thread.join()

    def _settle(self, lost: set[str]) -> None:
        """Keep of what was lost before what the state does not know even now."""
        with suppress(Failure):
            before = {address: one for address, one in self._made.items() if address in lost}
            known = _identities(self._files.read()) if before else {}
            still = {one.address for one in _missing(before, known)}
            self._files.keep_made({a: one for a, one in before.items() if a in still})


def tell_lost(site: Site, unit: UnitId) -> None:
    """Name what a killed apply made and the state does not know, with what to do about it."""
    for one in lost(site, unit):
        site.out.annotate("error", one.sentence, title=f"{unit}: not in the state")
        site.out.say(f"{unit}: {one.sentence}")
        site.out.summary(f"- {plain(one.sentence)}\n")


def lost(site: Site, unit: UnitId) -> list[Lost]:
    """What the last apply made and the state does not know; nothing where it ended by itself."""
    files = site.state(unit)
    made = files.made()
    return _missing(made, _identities(files.read())) if made else []


def _missing(made: Mapping[str, Making], known: Mapping[str, str]) -> list[Lost]:
    """What the state has not, or has another object for."""
    return [
        Lost(address, one.identity)
        for address, one in sorted(made.items())
        if address not in known or _another(one, known[address])
    ]


def _another(one: Making, there: str) -> bool:
    """Whether the object of the state is another than the one that was made.

    Of what was not done the id is not known: then it is the one that was there before.
    """
    if not there:
        return False  # an object without an id, which cannot be told apart
    return there != one.identity if one.identity else there == one.before


def _identities(state: Mapping[str, Any]) -> dict[str, str]:
    """The id of every live object of a stored state, by its address."""
    return {one.address: str(one.attributes.get("id") or "") for one in live(state)}
