"""What S3 writes into the queue, in the structure that its User Guide calls "event message"."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote_plus

from pydantic import BaseModel, Field, ValidationError


class BadEvent(Exception):
    """A message that is none of S3's, or about another bucket."""


@dataclass(frozen=True, slots=True)
class Upload:
    """An object that was created; ``size`` in bytes."""

    key: str
    size: int


class _Name(BaseModel):
    name: str


class _Object(BaseModel):
    key: str = Field(min_length=1)
    size: int = Field(default=0, ge=0)


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


def created(body: str, bucket: str) -> list[Upload]:
    """The objects of this bucket that a message says were created; none for S3's test message.

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
    return [
        # "The key name value is URL encoded"
        Upload(unquote_plus(record.s3.object.key), record.s3.object.size)
        for record in message.Records
        if record.eventName.startswith("ObjectCreated:")
    ]
