"""What S3 writes into the queue, in the structure that its User Guide calls "event message"."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote_plus

from pydantic import BaseModel, Field, ValidationError

#: Longer than any sequencer, which has some twenty digits.
_DIGITS = 64


class BadEvent(Exception):
    """A message that is none of S3's, or about another bucket."""


@dataclass(frozen=True, slots=True)
class Change:
    """An object that was created or removed, and only the bucket says which.

    ``sequence`` orders the changes of one object: of two the later one compares greater. It is
    empty where S3 gave none.
    """

    key: str
    sequence: str


class _Name(BaseModel):
    name: str


class _Object(BaseModel):
    key: str = Field(min_length=1)
    sequencer: str = Field(default="", max_length=64)


class _S3(BaseModel):
    bucket: _Name
    object: _Object


class _Record(BaseModel):
    eventName: str
    s3: _S3


class _Message(BaseModel):
    """Either records, or the test that S3 sends once when a notification is set up."""

    Event: str = ""
    Records: list[_Record] | None = None


def changes(body: str, bucket: str) -> list[Change]:
    """What a message says was created in this bucket or removed; nothing for S3's test message.

    Raises BadEvent.
    """
    try:
        message = _Message.model_validate_json(body)
    except ValidationError as error:
        raise BadEvent(f"not an event of S3: {error.error_count()} errors in it") from None
    if message.Records is None:
        if message.Event != "s3:TestEvent":
            raise BadEvent("neither records nor S3's test")
        return []
    if strangers := {r.s3.bucket.name for r in message.Records} - {bucket}:
        raise BadEvent(f"about another bucket: {', '.join(sorted(strangers))}")
    found = []
    for record in message.Records:
        if record.eventName.startswith(("ObjectCreated:", "ObjectRemoved:")):
            # "The key name value is URL encoded"
            key = unquote_plus(record.s3.object.key)
            sequence = _comparable(record.s3.object.sequencer)
            found.append(Change(key, sequence))
    return found


def _comparable(sequencer: str) -> str:
    """Hexadecimal digits that compare as text.

    "right pad the shorter value with zeros, and then do a lexicographical comparison"
    """
    return sequencer.upper().ljust(_DIGITS, "0") if sequencer else ""
