"""Prompts, read from files whose names carry their version, and texts put into them as data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from knowledgeweaver.extract.provider import Call, Form
from knowledgeweaver.extract.schema import schema

EXTRACT = "extract-1"
ANSWER = "answer-1"


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt's text. ``version`` changes with its file and with its form, however small."""

    text: str
    version: str
    form: Form | None = None


@cache
def prompt(name: str) -> Prompt:
    """The prompt of a file in prompts/, as "extract-1"."""
    text = (files("knowledgeweaver.extract") / "prompts" / f"{name}.md").read_text("utf-8")
    form = None
    if name.startswith("extract-"):
        form = Form("note_down", "The names and facts of the passage.", schema())
    whole = text + json.dumps(form.schema if form else None, sort_keys=True)
    return Prompt(text, f"{name}.{digest(whole)[:8]}", form)


def extraction_call(
    text: str, *, title: str, language: str, max_tokens: int, complaint: str = ""
) -> Call:
    """What a model is asked about a chunk; ``complaint`` says what was wrong with its first try."""
    used = prompt(EXTRACT)
    about = json.dumps({"title": title, "language": language or "unknown"}, ensure_ascii=False)
    user = f"Document: {about}\n\n{_between_marks([text])}"
    if complaint:
        user += (
            "\n\nYour first answer did not fit the form, so it was thrown away. Fill in the whole "
            f"form again, and mind this:\n{complaint}"
        )
    return Call("extract", used.version, used.text, user, max_tokens, used.form)


def answer_call(question: str, passages: Sequence[str], *, max_tokens: int) -> Call:
    """What a model is asked to answer from passages, which are numbered from 1."""
    used = prompt(ANSWER)
    user = f"{_between_marks(passages, numbered=True)}\n\nQuestion: {question}"
    return Call("answer", used.version, used.text, user, max_tokens)


def _between_marks(texts: Sequence[str], *, numbered: bool = False) -> str:
    """Texts between marks that none of them can hold.

    The marks carry a hash of the texts: whoever writes a document would have to write its own hash
    into it to end the passage early and speak as if from outside.
    """
    mark = digest("\0".join(texts))[:16]
    parts = []
    for number, text in enumerate(texts, 1):
        name = f" {number}" if numbered else ""
        parts.append(f"<passage{name} {mark}>\n{text}\n</passage {mark}>")
    return "\n".join(parts)


def digest(text: str) -> str:
    """SHA-256 of a text in hexadecimal digits; half characters are allowed."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
