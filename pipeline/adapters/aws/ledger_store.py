"""The ledger's bucket: entries by unit and number; and the head of each chain beside the state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from pipeline.adapters.aws.buckets import Bucket, mac
from pipeline.domain import ledger
from pipeline.domain import ledger_formats as formats
from pipeline.domain.model import UnitId
from pipeline.errors import failure

_HEAD = "ledger-head.json"


@dataclass(frozen=True, slots=True)
class LedgerStore:
    """Reads and appends ledger entries; implements :class:`pipeline.domain.ledger.LedgerReader`.

    ``beside`` is the state bucket, ``renamed`` the units that keep an old name: new to old. Any
    other unit is called by the name under which its ledger is kept.
    """

    bucket: Bucket
    beside: Bucket
    key_alias: str
    renamed: Mapping[UnitId, UnitId] = field(default_factory=dict)
    _keys: dict[UnitId, bytes] = field(default_factory=dict)

    def stored_as(self, unit: UnitId) -> UnitId:
        """The name under which the unit's ledger is kept: of a renamed stack the old one."""
        return self.renamed.get(unit, unit)

    def unrenamed(self) -> LedgerStore:
        """The same ledgers, called by the names under which they are kept."""
        return replace(self, renamed={})

    def units(self) -> list[UnitId]:
        """Every unit that has a ledger, by the names under which they are kept.

        Also those of which only the head beside the state is left: their entries were taken away.
        """
        stacks = self.bucket.folders("")
        with ThreadPoolExecutor(max_workers=16) as pool:
            found = pool.map(lambda stack: self.bucket.folders(f"{stack}/"), stacks)
        units = {UnitId(s, w) for s, names in zip(stacks, found, strict=True) for w in names}
        for key in self.beside.keys("env/"):
            parts = key.split("/")
            if len(parts) == 4 and parts[3] == _HEAD:
                units.add(UnitId(parts[2], parts[1]))
        return sorted(units)

    def numbers(self, unit: UnitId) -> list[int]:
        """The numbers of all stored entries."""
        prefix = f"{self.stored_as(unit)}/"
        names = (key.removeprefix(prefix) for key in self.bucket.keys(prefix))
        return sorted(int(n[:8]) for n in names if n[:8].isdigit() and n[8:] == ".json")

    def read(self, unit: UnitId, number: int) -> bytes:
        """The stored bytes of one entry; raises ``ledger-damaged`` when it is not there."""
        key = self._key(unit, number)
        found = self.bucket.get(key)
        if found is None:
            raise failure("ledger-damaged", "The entry is missing.", key)
        return found

    def key(self, unit: UnitId) -> bytes:
        """The key that seals the unit's entries, made by KMS over the unit's name."""
        name = self.stored_as(unit)
        if name not in self._keys:
            self._keys[name] = mac(self.bucket.aws, self.key_alias, f"ledger:{name}")
        return self._keys[name]

    def anchor(self, unit: UnitId) -> bytes | None:
        """The stored bytes of the head that is kept beside the state, None without one."""
        return self.beside.get(self._head(unit))

    def append(self, chain: Sequence[ledger.Entry], entry: ledger.Entry) -> ledger.Entry:
        """Store the entry as the next of the chain; raises ``stale`` when another was faster.

        The head beside the state is brought up to the chain before and after, so that it is one
        entry behind at most, whenever this is killed.
        """
        unit = UnitId.parse(entry.unit)
        name = self.stored_as(unit)
        if chain:
            self._raise_head(unit, chain[-1])
        entry, body = ledger.append(chain, replace(entry, unit=str(name)), self.key(unit))
        key = self._key(unit, entry.number)
        if not self.bucket.put_new(key, body):
            raise failure(
                "stale",
                f"Somebody else wrote entry {entry.number} of {unit} in the meantime.",
                key,
                "Run the command again; it continues from the newest entry.",
            )
        self._raise_head(unit, entry)
        return entry

    def _raise_head(self, unit: UnitId, entry: ledger.Entry) -> None:
        """Write the head unless a later entry's stands there already."""
        body = formats.write_anchor(entry, self.key(unit))
        while True:
            found = self.beside.look(self._head(unit))
            stands = ledger.read_head(self, unit, found.body if found else None)
            if stands is not None and stands.number >= entry.number:
                return
            if self.beside.put_if(self._head(unit), body, found.etag if found else None):
                return

    def _key(self, unit: UnitId, number: int) -> str:
        return f"{self.stored_as(unit)}/{number:08d}.json"

    def _head(self, unit: UnitId) -> str:
        name = self.stored_as(unit)
        return f"env/{name.workspace}/{name.stack}/{_HEAD}"
