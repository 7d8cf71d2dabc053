"""What travels over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from knowledgeweaver.answer import Answer, Citation
from knowledgeweaver.answer.model import Sentence
from knowledgeweaver.graph.port import Passage, Stats, Told
from knowledgeweaver.ingest import Ingested
from knowledgeweaver.model import Merge, Source, State


def _whole(text: str) -> str:
    """Refuse half a surrogate pair, which is no character and which no store takes."""
    if not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError("not Unicode")
    return text


_ENGINE = "The Analytical Engine was designed by Charles Babbage."
_ANSWER: JsonDict = {
    "citations": [
        {
            "document_id": "0123456789abcdef0123456789abcdef",
            "document": "engines.txt",
            "title": "engines",
            "chunk": 1,
            "section": "",
            "page": None,
            "start": 0,
            "end": 54,
            "text": _ENGINE,
            "sentence": _ENGINE,
            "sentence_start": 0,
            "sentence_end": 54,
            "score": 1.5,
            "names": ["Analytical Engine", "Charles Babbage"],
        }
    ],
    "entities": ["Analytical Engine", "Charles Babbage"],
    "facts": [
        {
            "subject": "The Analytical Engine",
            "predicate": "was designed by",
            "object": "Charles Babbage",
            "source": 1,
        }
    ],
    "support": 1.0,
    "answer": _ENGINE,
    "sentences": [{"text": _ENGINE, "sources": [1]}],
    "reason": "",
    "store": "sqlite",
    "extractor": "offline",
    "model": "",
    "input_tokens": 0,
    "output_tokens": 0,
    "usd": 0.0,
    "trace_id": "0af7651916cd43dd8448eb211c80319c",
}

Words = Annotated[str, AfterValidator(_whole)]
Name = Annotated[Words, Field(min_length=1, max_length=500)]
#: The name of a document that is there: also a key of S3 or the path of a file, which are longer.
KnownName = Annotated[Words, Field(min_length=1, max_length=4096)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class NewDocument(_Body):
    """A document to read."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"name": "engines.txt", "text": _ENGINE}}
    )

    name: Name
    text: Words = Field(min_length=1)


class Question(_Body):
    """A question in plain words."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"question": "Who designed the Analytical Engine?"}}
    )

    question: Words = Field(min_length=1, max_length=2000)


class Document(BaseModel):
    """A document, and how far it has come. ``changed`` is in seconds since 1970."""

    id: str
    name: str
    title: str
    state: State
    reason: str
    media_type: str
    language: str
    extractor: str
    chunks: int
    extracted: int
    skipped: int
    entities: int
    input_tokens: int
    output_tokens: int
    usd: float
    changed: float

    @classmethod
    def of(cls, source: Source) -> Document:
        u = source.usage
        values = {name: getattr(source, name) for name in cls.model_fields if hasattr(source, name)}
        return cls(**values, input_tokens=u.input_tokens, output_tokens=u.output_tokens, usd=u.usd)


class Stored(Document):
    """What became of a document. ``created`` is false when there was nothing to do."""

    created: bool

    @classmethod
    def after(cls, done: Ingested) -> Stored:
        return cls(**Document.of(done.source).model_dump(), created=done.created)


class Documents(BaseModel):
    """A page of them; ``after`` is where the next one begins, null after the last."""

    documents: list[Document]
    after: str | None


class Place(BaseModel):
    """A passage. ``start`` and ``end`` are characters in the document's text."""

    document_id: str
    document: str
    title: str
    chunk: int
    section: str
    page: int | None
    start: int
    end: int
    text: str
    names: list[str]

    @classmethod
    def of(cls, passage: Passage) -> Place:
        return cls(
            document_id=passage.source_id,
            document=passage.source,
            title=passage.title,
            chunk=passage.number,
            section=passage.section,
            page=passage.page,
            start=passage.start,
            end=passage.end,
            text=passage.text,
            names=list(passage.names),
        )


class Cited(Place):
    """A passage and its sentence that bears most on the question, with the sentence's place."""

    sentence: str
    sentence_start: int
    sentence_end: int
    score: float

    @classmethod
    def by(cls, citation: Citation) -> Cited:
        return cls(
            **Place.of(citation.passage).model_dump(),
            sentence=citation.sentence,
            sentence_start=citation.start,
            sentence_end=citation.end,
            score=round(citation.score, 4),
        )


class Places(BaseModel):
    """Passages of one document in order."""

    passages: list[Place]


class Related(BaseModel):
    """A relation that a cited passage states; ``source`` is the citation's number, from 1."""

    subject: str
    predicate: str
    object: str
    source: int


class Sources(BaseModel):
    """What an answer stands on, best first.

    ``support`` is the share of the question that the documents hold, ``facts`` are the relations
    that the cited passages state.
    """

    citations: list[Cited]
    entities: list[str]
    facts: list[Related]
    support: float

    @classmethod
    def of(cls, answer: Answer, facts: Sequence[Told]) -> Sources:
        numbers = {one.passage.ref: number for number, one in enumerate(answer.citations, 1)}
        return cls(
            citations=[Cited.by(citation) for citation in answer.citations],
            entities=list(answer.entities),
            facts=[
                Related(
                    subject=fact.subject,
                    predicate=fact.predicate,
                    object=fact.object,
                    source=numbers[fact.ref],
                )
                for fact in facts
            ],
            support=round(answer.support, 4),
        )


class Said(BaseModel):
    """A sentence of an answer; ``sources`` are numbers of citations, from 1."""

    text: str
    sources: list[int]

    @classmethod
    def of(cls, sentence: Sentence) -> Said:
        return cls(text=sentence.text, sources=list(sentence.cites))


class Answered(Sources):
    """The answer with its sources; ``answer`` is null when there is none, and ``reason`` says why:
    not-in-documents, or why the model gave none (over-budget, throttled, unavailable, refused,
    truncated, malformed), whose passages are cited all the same.

    ``extractor`` is who found the names and relations that led there, ``offline`` for rules without
    a model; ``model`` is who wrote the sentences, empty where they are the documents' own.
    ``trace_id`` is the request's trace in Phoenix and Langfuse.
    """

    model_config = ConfigDict(json_schema_extra={"example": _ANSWER})

    answer: str | None
    sentences: list[Said]
    reason: str
    store: str
    extractor: str
    model: str
    input_tokens: int
    output_tokens: int
    usd: float
    trace_id: str


class Merged(BaseModel):
    """Two names taken for one thing."""

    alias: str
    into: str
    reason: str
    score: float

    @classmethod
    def of(cls, merge: Merge) -> Merged:
        return cls(alias=merge.alias, into=merge.into, reason=merge.reason, score=merge.score)


class Merges(BaseModel):
    """Names taken for one thing, in the order of alias and into."""

    merges: list[Merged]


class Counted(BaseModel):
    """How much of everything there is, and what models cost today (UTC) of what they may."""

    sources: int
    chunks: int
    entities: int
    mentions: int
    facts: int
    usd_today: float
    usd_a_day: float

    @classmethod
    def of(cls, stats: Stats, today: float, day: float) -> Counted:
        return cls(
            sources=stats.sources,
            chunks=stats.chunks,
            entities=stats.entities,
            mentions=stats.mentions,
            facts=stats.facts,
            usd_today=round(today, 6),
            usd_a_day=day,
        )
