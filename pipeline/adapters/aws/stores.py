"""The record store and the ledger: buckets that are only ever added to.

Every write is a conditional put (``If-None-Match: *``; Amazon S3: "Conditional writes"), so two
writers of one key cannot both succeed and nothing is overwritten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from pipeline.adapters.aws.session import Aws, Names, code_of, told
from pipeline.domain import ledger
from pipeline.domain.model import UnitId
from pipeline.errors import failure
from pipeline.settings import ProjectConfig


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of JSON objects."""

    aws: Aws
    name: str

    def put_new(self, key: str, body: bytes) -> bool:
        """Write an object that is not there yet; False when it is there already."""
        from botocore.exceptions import ClientError

        with told(f"S3 PutObject {self.name}/{key}"):
            try:
                self.aws.s3.put_object(
                    Bucket=self.name,
                    Key=key,
                    Body=body,
                    ContentType="application/json",
                    IfNoneMatch="*",
                )
            except ClientError as error:
                if code_of(error) in ("PreconditionFailed", "ConditionalRequestConflict"):
                    return False
                raise
        return True

    def get(self, key: str) -> bytes | None:
        """The object's bytes, None when there is none."""
        from botocore.exceptions import ClientError

        with told(f"S3 GetObject {self.name}/{key}"):
            try:
                return self.aws.s3.get_object(Bucket=self.name, Key=key)["Body"].read()
            except ClientError as error:
                if code_of(error) in ("NoSuchKey", "404"):
                    return None
                raise

    def keys(self, prefix: str) -> list[str]:
        """All keys below a prefix, sorted. A bucket that does not exist holds nothing."""
        from botocore.exceptions import ClientError

        with told(f"S3 ListObjectsV2 {self.name}/{prefix}"):
            try:
                pages = self.aws.s3.get_paginator("list_objects_v2").paginate(
                    Bucket=self.name, Prefix=prefix
                )
                return sorted(item["Key"] for page in pages for item in page.get("Contents", []))
            except ClientError as error:
                if code_of(error) == "NoSuchBucket":
                    return []
                raise


@dataclass(frozen=True, slots=True)
class LedgerStore:
    """Reads and appends ledger entries; implements :class:`pipeline.domain.ledger.LedgerReader`."""

    bucket: Bucket

    def numbers(self, unit: UnitId) -> list[int]:
        """The numbers of all stored entries."""
        prefix = f"{unit.stack}/{unit.workspace}/"
        names = (key.removeprefix(prefix) for key in self.bucket.keys(prefix))
        return sorted(int(n[:8]) for n in names if n[:8].isdigit() and n[8:] == ".json")

    def read(self, unit: UnitId, number: int) -> bytes:
        """The stored bytes of one entry; raises ``ledger-damaged`` when it is not there."""
        key = f"{unit.stack}/{unit.workspace}/{number:08d}.json"
        found = self.bucket.get(key)
        if found is None:
            raise failure("ledger-damaged", "The entry is missing.", key)
        return found

    def append(self, chain: Sequence[ledger.Entry], entry: ledger.Entry) -> ledger.Entry:
        """Store the entry as the next of the chain; raises ``aws`` when another was faster."""
        entry = ledger.append(chain, entry)
        unit = UnitId.parse(entry.unit)
        key = f"{unit.stack}/{unit.workspace}/{entry.number:08d}.json"
        if not self.bucket.put_new(key, entry.canonical()):
            raise failure(
                "aws",
                f"Somebody else wrote entry {entry.number} of {unit} in the meantime.",
                key,
                "Run the command again; it continues from the newest entry.",
            )
        return entry


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
        with told("KMS GenerateMac"):
            answer = self.bucket.aws.kms.generate_mac(
                KeyId=self.key_alias,
                MacAlgorithm="HMAC_SHA_256",
                Message=f"plan-record:{record_id}".encode(),
            )
        return answer["Mac"]

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
    """Everything the pipeline keeps in an account; the account is asked for on first use."""

    def __init__(self, settings: ProjectConfig, aws: Aws | None = None) -> None:
        self.settings = settings
        self.aws = aws or Aws(settings.region)

    @cached_property
    def names(self) -> Names:
        return Names(self.settings.name, self.aws.account, self.aws.region)

    @cached_property
    def ledger(self) -> LedgerStore:
        return LedgerStore(Bucket(self.aws, self.names.ledger_bucket))

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
        return RecordStore(bucket, self.names.records_key, "env/{workspace}/{stack}/reviews/")


def ledger_reader(settings: ProjectConfig) -> LedgerStore:
    """The ledgers of the account that the credentials belong to."""
    return Stores(settings).ledger
