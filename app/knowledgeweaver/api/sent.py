"""Documents out of a request: JSON, a form with files, or the bytes as they are."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from fastapi import HTTPException, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from knowledgeweaver.api.shapes import NewDocument

#: The most files in one form.
FILES = 20


@dataclass(frozen=True, slots=True)
class Sent:
    """A document as it was sent."""

    name: str
    data: bytes
    media_type: str


async def sent(request: Request) -> list[Sent]:
    """The documents of a request; raises RequestValidationError, HTTPException 400, 415 or 422."""
    name = request.query_params.get("name")
    checked = None if name is None else checked_name(name)
    media_type = request.headers.get("content-type", "")
    kind = media_type.partition(";")[0].strip().lower()
    if kind == "application/json":
        return [_from_json(await request.body())]
    if kind == "multipart/form-data":
        return await _from_form(request)
    if kind in ("", "application/x-www-form-urlencoded"):
        raise HTTPException(415, "Send JSON, multipart/form-data, or bytes with their type.")
    data = await request.body()
    return [Sent(checked or f"upload-{hashlib.sha256(data).hexdigest()[:12]}", data, media_type)]


def checked_name(name: str) -> str:
    """The name of a document that is no JSON; raises HTTPException 422."""
    name = name.strip()
    if not 1 <= len(name) <= 500 or any("\ud800" <= sign <= "\udfff" for sign in name):
        raise HTTPException(422, "Say in ?name= what the document is called, in 1 to 500 letters.")
    return name


def _from_json(body: bytes) -> Sent:
    try:
        new = NewDocument.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError(
            [{"loc": ("body", *one["loc"]), "type": one["type"]} for one in error.errors()]
        ) from None
    return Sent(new.name, new.text.encode(), "text/plain; charset=utf-8")


async def _from_form(request: Request) -> list[Sent]:
    try:
        form = await request.form(max_files=FILES, max_fields=FILES)
    except (ValueError, KeyError):
        raise HTTPException(400, "The form cannot be read.") from None
    try:
        files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
        if not files:
            raise HTTPException(422, "There is no file in the form.")
        return [
            Sent(checked_name(file.filename or ""), await file.read(), file.content_type or "")
            for file in files
        ]
    finally:
        await form.close()
