"""Everything the pipeline keeps in an account: the record store, the ledger, asked-for reviews."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from pipeline.adapters.aws.buckets import Bucket, mac
from pipeline.adapters.aws.ledger_store import LedgerStore
from pipeline.adapters.aws.session import Aws, Names
from pipeline.domain.model import UnitId
from pipeline.errors import failure
from pipeline.settings import ProjectConfig


@dataclass(frozen=True, slots=True)
class RecordStore:
    """Plan records by unit and id, and the key each one is hashed with."""

    bucket: Bucket
    key_alias: str
    folder: str = "{stack}/{workspace}/"

    def key(self, unit: UnitId, record_id: str) -> str:
        """The object that holds a record."""
        folder = self.folder.format(stack=unit.stack, workspace=unit.workspace)
        return f"{folder}{record_id}.json"

    def key_for(self, record_id: str) -> bytes:
        """The key of one record: an HMAC by KMS over its id (KMS API: GenerateMac)."""
        return mac(self.bucket.aws, self.key_alias, f"plan-record:{record_id}")

    def put(self, unit: UnitId, record_id: str, body: bytes) -> str:
        """Store a record under its id; returns the object's key."""
        key = self.key(unit, record_id)
        if not self.bucket.put_new(key, body):
            raise failure("record-damaged", "A record with this id exists already.", key)
        return key

    def get(self, unit: UnitId, record_id: str) -> bytes | None:
        """The stored bytes of a record."""
        return self.bucket.get(self.key(unit, record_id))

    def ids(self, unit: UnitId, prefix: str = "") -> list[str]:
        """Ids of the unit's records that begin with ``prefix``."""
        folder = self.folder.format(stack=unit.stack, workspace=unit.workspace)
        keys = self.bucket.keys(folder + prefix)
        return [key.removeprefix(folder).removesuffix(".json") for key in keys]


class Stores:
    """Everything the pipeline keeps in an account; the account is asked for on first use.

    ``renamed`` gives the units that keep the state and the ledger of an old name: new to old.
    """

    def __init__(
        self,
        settings: ProjectConfig,
        aws: Aws | None = None,
        renamed: Callable[[], Mapping[UnitId, UnitId]] = dict,
    ) -> None:
        self.settings = settings
        self.aws = aws or Aws(settings.region)
        self.renamed = renamed

    @cached_property
    def names(self) -> Names:
        return Names(self.settings.name, self.aws.account, self.aws.region)

    @cached_property
    def ledger(self) -> LedgerStore:
        return LedgerStore(
            Bucket(self.aws, self.names.ledger_bucket),
            Bucket(self.aws, self.names.state_bucket),
            self.names.records_key,
            self.renamed(),
        )

    @cached_property
    def records(self) -> RecordStore:
        return RecordStore(Bucket(self.aws, self.names.records_bucket), self.names.records_key)

    @cached_property
    def reviews(self) -> RecordStore:
        """Records that an apply asks a review for.

        They lie beside the state, where an apply role may write; into the record store only plan
        roles may put, so that no apply role can ever leave there what looks like a review.
        """
        bucket = Bucket(self.aws, self.names.state_bucket)
        return RecordStore(bucket, self.names.records_key, "reviews/{workspace}/{stack}/")
