"""From a document's bytes to the graph: the one way in, whoever brings it.

Begun, read, extracted, stored: each step is noted in the store, and what was begun is kept there
until it has ended, so a killed process goes on where another one, or the same one, finds it. Only
the last step changes what questions find, all at once. The same content again is nothing to do.
"""

from __future__ import annotations

import codecs
import hashlib
import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from opentelemetry.context import Context

from knowledgeweaver.extract.modelled import ModelExtractor, for_document
from knowledgeweaver.extract.port import Extraction, ExtractionFailed, Extractor, Usage
from knowledgeweaver.graph import names
from knowledgeweaver.graph.port import Begun, GraphStore, Pending
from knowledgeweaver.model import Chunk, Source, State, Version, source_id
from knowledgeweaver.reading import MAX_BYTES, Text, Unreadable, charset_of, read
from knowledgeweaver.telemetry.documents import tell
from knowledgeweaver.telemetry.traces import carry, span_ingest, span_query, span_step
from knowledgeweaver.text.chunks import Piece, pieces

#: Characters that are kept of a media type: its charset stands near its beginning.
LONGEST_TYPE = 255
#: Seconds between two notes of how far a document has come.
NOTE_EVERY = 1.0

log = logging.getLogger("uvicorn.error")  # the server's own, so that it reaches CloudWatch


class Stopped(Exception):
    """The process is about to end; what was begun is kept, and somebody goes on with it."""


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of a document.

    ``created`` is false when nothing had to be done: the same content was there, or a later one.
    """

    source: Source
    created: bool


class Ingest:
    """Brings documents into a store. Every method raises StoreUnavailable.

    ``workers`` chunks of a document are extracted at a time; larger ones than ``max_bytes`` fail.
    """

    def __init__(
        self,
        store: GraphStore,
        extractor: Extractor,
        workers: int = 1,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self.store = store
        self._max_bytes = max_bytes
        self._extractor, self._workers = extractor, workers
        self._stopping = threading.Event()

    def add(
        self,
        name: str,
        data: bytes,
        media_type: str = "",
        sequence: str = "",
        parent: Context | None = None,
    ) -> Ingested:
        """Bring in a document, or its new version, whole or not at all; return when it is done.

        ``parent`` is the trace that it belongs to, where that is not the current one.
        """
        begun, source = self.begin(name, data, media_type, sequence)
        if begun is not Begun.GO_ON:
            return Ingested(source, False)
        return self.work(Pending(source, data), parent)

    def begin(
        self, name: str, data: bytes, media_type: str = "", sequence: str = ""
    ) -> tuple[Begun, Source]:
        """Note that there is a version to read, which ``work`` or ``resume`` then does.

        What a run of the same version has spent that was broken off counts for this one, too.
        """
        digest = _digest(data, media_type)
        left = self.store.pending(source_id(name))
        again = left is not None and left.source.digest == digest
        source = Source(
            id=source_id(name),
            name=name,
            title=name,
            digest=digest,
            sequence=sequence,
            ticket=uuid.uuid4().hex,
            media_type=media_type[:LONGEST_TYPE],
            extractor=self._extractor.name,
            usage=left.source.usage if left and again else Usage(),
            changed=time.time(),
        )
        begun = self.store.begin(source, data)
        if begun is Begun.GO_ON and left and not again:
            self._forget(self._read_in(left) - self._read_in(Pending(source, data)))
        return begun, (source if begun is Begun.GO_ON else self.store.source(source.id) or source)

    def remove(self, name: str, sequence: str = "") -> bool:
        """Take away a source and all that only it said; False when there was nothing to do."""
        return self.remove_id(source_id(name), sequence)

    def remove_id(self, id: str, sequence: str = "") -> bool:
        """The same by the source's id. What a model said about its text is forgotten, too."""
        texts = self._texts(id)
        removed = self.store.remove(id, sequence)
        if removed:
            self._forget(texts)
        return removed

    def estimate(self, name: str, data: bytes, media_type: str = "") -> Usage:
        """What reading a document would about take and cost; raises Unreadable."""
        text = read(data, name, media_type)
        if not isinstance(self._extractor, ModelExtractor):
            return Usage()
        texts = [piece.text for piece in pieces(text)]
        return self._extractor.estimate(texts, title=text.title, language=text.language)

    def resume(self, before: float) -> int:
        """Go on with what nobody has been at work on since ``before``; how many there were."""
        done, more = 0, True
        while more:
            more = False
            for pending in self.store.unfinished(before):
                mine = replace(pending.source, ticket=uuid.uuid4().hex, changed=time.time())
                if self.store.begin(mine, pending.data) is Begun.GO_ON:
                    self.work(Pending(mine, pending.data))
                    done, more = done + 1, True
        return done

    def stop(self) -> None:
        """Let the work in hand end with Stopped at its next chunk."""
        self._stopping.set()

    def work(self, pending: Pending, parent: Context | None = None) -> Ingested:
        """Read, extract and store what was begun; raises Stopped. ``parent`` is a trace."""
        source, began = pending.source, time.perf_counter()
        with span_ingest(source.name, parent=parent, bytes=len(pending.data)) as span:
            version = self._version(source, pending.data)
            done = Ingested(source, False) if version is None else self._ended(version)
            if version is None or not done.created:
                # Somebody brought a later version, or took the source away, in the meantime.
                self._forget(self._read_in(pending) - self._texts(source.id))
                done = Ingested(self.store.source(source.id) or source, False)
                span.note(overtaken=True)
                return done
            tell(version, span, time.perf_counter() - began)
        return done

    def _version(self, source: Source, data: bytes) -> Version | None:
        """What is in the bytes; None where the ticket became void on the way."""
        try:
            if len(data) > self._max_bytes:
                raise Unreadable("too-large", f"more than {self._max_bytes} bytes")
            with span_step("read"):
                text = read(data, source.name, source.media_type)
        except Unreadable as why:
            log.warning("document %r cannot be read: %s: %s", source.name, why.reason, why)
            failed = replace(source, state=State.FAILED, reason=why.reason, changed=time.time())
            return Version(failed, ())
        parts = pieces(text)
        # A run that was broken off has noted what it spent: that counts, too.
        extractor, allowance = for_document(self._extractor, source.usage)
        source = replace(
            source,
            title=text.title,
            state=State.EXTRACTING,
            media_type=text.media_type,
            language=text.language,
            chunks=len(parts),
        )
        chunks: list[Chunk] = []
        usage, noted = source.usage, time.monotonic()
        for piece, found in self._extracted(extractor, parts, text):
            chunks.append(_chunk(len(chunks) + 1, piece, found))
            if allowance is not None:
                usage = allowance.usage  # with the calls that failed
            elif isinstance(found, Extraction):
                usage += found.usage
            if time.monotonic() > noted + NOTE_EVERY:
                noted = time.monotonic()
                so_far = replace(source, extracted=len(chunks), usage=usage, changed=time.time())
                if not self.store.note(so_far):
                    return None
        return Version(_done(source, chunks, usage), tuple(chunks))

    def _extracted(
        self, extractor: Extractor, parts: Sequence[Piece], text: Text
    ) -> Iterator[tuple[Piece, Extraction | str]]:
        """Every piece in order with what was found in it, or why nothing was.

        After the first piece for which there is no money, no other one is asked for.
        """
        broke = threading.Event()

        def one(piece: Piece) -> Extraction | str:
            if broke.is_set():
                return "over-budget"
            try:
                return extractor.extract(piece.text, title=text.title, language=text.language)
            except ExtractionFailed as why:
                if why.reason == "over-budget":
                    broke.set()
                return why.reason

        if self._workers == 1:
            for piece in parts:
                self._go_on()
                yield piece, one(piece)
            return
        with ThreadPoolExecutor(self._workers, "extract") as pool:
            ahead: deque[tuple[Piece, Future[Extraction | str]]] = deque()
            for piece in parts:
                self._go_on()
                ahead.append((piece, pool.submit(carry(one), piece)))
                if len(ahead) >= 2 * self._workers:
                    first, future = ahead.popleft()
                    yield first, future.result()
            for first, future in ahead:
                yield first, future.result()

    def _go_on(self) -> None:
        if self._stopping.is_set():
            raise Stopped

    def _ended(self, version: Version) -> Ingested:
        source = version.source
        before = self._texts(source.id)
        with span_query("replace", store=self.store.kind, chunks=len(version.chunks)):
            done = self.store.replace(version)
        if done:
            self._forget(before - {chunk.text for chunk in version.chunks})
        return Ingested(source, done)

    def _texts(self, id: str) -> set[str]:
        """The chunks of a source, where a model is asked about them: those that the graph holds,
        and those of a version that has not ended.
        """
        if not isinstance(self._extractor, ModelExtractor):
            return set()
        found: list[str] = []
        while page := self.store.chunks(id, len(found) + 1, 500):
            found += [passage.text for passage in page]
        left = self.store.pending(id)
        return set(found) | (self._read_in(left) if left else set())

    def _read_in(self, pending: Pending) -> set[str]:
        """The chunks of a version that has not ended, where a model is asked about them."""
        if not isinstance(self._extractor, ModelExtractor) or len(pending.data) > self._max_bytes:
            return set()
        try:
            text = read(pending.data, pending.source.name, pending.source.media_type)
        except Unreadable:
            return set()
        return {piece.text for piece in pieces(text)}

    def _forget(self, texts: set[str]) -> None:
        if isinstance(self._extractor, ModelExtractor) and texts:
            self._extractor.forget(texts)


def _digest(data: bytes, media_type: str) -> str:
    """What tells one version from another: the bytes, and how they are to be read."""
    said = charset_of(media_type)
    try:
        said = codecs.lookup(said).name if said else ""
    except LookupError:
        said = ""  # reading does not know it either
    # without a word UTF-8 is tried first, so saying it says nothing more
    more = b"" if said in ("", "utf-8", "ascii") else b"\0" + said.encode()
    return hashlib.sha256(data + more).hexdigest()


def _chunk(number: int, piece: Piece, found: Extraction | str) -> Chunk:
    chunk = Chunk(number, piece.text, piece.start, piece.end, piece.section, piece.page)
    if isinstance(found, str):
        return replace(chunk, failed=found)
    return replace(chunk, mentions=found.mentions, facts=found.facts)


def _done(source: Source, chunks: Sequence[Chunk], usage: Usage) -> Source:
    """How a version ends: its text can be searched whatever became of the extraction."""
    reasons = [chunk.failed for chunk in chunks if chunk.failed]
    state, reason = State.DONE, ""
    if "over-budget" in reasons:
        state, reason = State.OVER_BUDGET, "over-budget"
    elif reasons and len(reasons) == len(chunks):
        state, reason = State.FAILED, reasons[0]
    return replace(
        source,
        state=state,
        reason=reason,
        extracted=len(chunks),
        skipped=len(reasons),
        entities=names.count(chunks),
        usage=usage,
        changed=time.time(),
    )
