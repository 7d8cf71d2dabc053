"""The deployed store: Neo4j. What the graph looks like stands in schema/neo4j."""

from __future__ import annotations

import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, LiteralString, TypeVar

from neo4j import Record

from knowledgeweaver.extract.port import Usage
from knowledgeweaver.graph import cypher, neo4j_content, schema
from knowledgeweaver.graph.folding import bigrams, folded
from knowledgeweaver.graph.login import Login, Versions
from knowledgeweaver.graph.neo4j_link import Neo4jLink
from knowledgeweaver.graph.port import (
    COMMON,
    NEIGHBOURS,
    PER_WORD,
    REMEMBERED,
    Beginning,
    Begun,
    FactHit,
    Neighbourhood,
    Passage,
    Pending,
    Stats,
    Steps,
    Told,
    late,
    late_removal,
    same,
)
from knowledgeweaver.model import ENDED, Merge, Source, State, Version

T = TypeVar("T")

_IN_QUOTES = re.compile(r'(["\\])')


class Neo4jStore:
    """A driver with a small pool; the schema is made on first contact, and only then.

    ``versions`` reads the secret again when the password was rotated.
    """

    kind = "neo4j"

    def __init__(
        self, uri: str, username: str, password: str, versions: Versions | None = None
    ) -> None:
        self.link = Neo4jLink(uri, Login(username, password, versions))
        self._schema = threading.Lock()
        self._schema_made = False

    def ready(self) -> None:
        self.link.probe()
        self._make_schema()

    def begin(self, source: Source, data: bytes) -> Begun:
        def work(transaction: Any) -> Begun:
            known, last = _locked(transaction, source.id)
            if late(source, known, last):
                if known is None:
                    transaction.run(cypher.FORGET, id=source.id).consume()
                return Begun.LATE
            if known and same(known, source):
                newest = max(source.sequence, known.sequence)
                transaction.run(cypher.SEQUENCE, id=source.id, sequence=newest).consume()
                return Begun.SAME
            # what was posted is later than all events before it
            row = _row(replace(source, sequence=source.sequence or last), known)
            transaction.run(cypher.BEGIN, id=source.id, row=row, data=data).consume()
            return Begun.GO_ON

        return self.write(work)

    def note(self, source: Source) -> bool:
        return self.write(
            lambda transaction: _save(transaction, source, source.state in ENDED) is not None
        )

    def replace(self, version: Version) -> bool:
        def work(transaction: Any) -> bool:
            filled = _save(transaction, version.source, True)
            if filled is None:
                return False
            before = neo4j_content.erase(transaction, version.source.id) if filled else []
            neo4j_content.write(transaction, version)
            neo4j_content.orphans(transaction, before)
            return True

        return self.write(work)

    def remove(self, id: str, sequence: str = "") -> bool:
        def work(transaction: Any) -> bool:
            known, last = _locked(transaction, id)
            too_late = late_removal(sequence, last)
            if not too_late and (sequence or last):
                now = int(1000 * time.time())
                times = {"now": now, "old": now - int(1000 * REMEMBERED)}
                transaction.run(cypher.BURY, id=id, sequence=sequence or last, **times).consume()
            if known is None:
                transaction.run(cypher.FORGET, id=id).consume()
            if too_late or known is None:
                return False
            neo4j_content.orphans(transaction, neo4j_content.erase(transaction, id))
            transaction.run(cypher.ENDED, id=id).consume()
            transaction.run(cypher.FORGET, id=id).consume()
            return True

        return self.write(work)

    def pending(self, id: str) -> Pending | None:
        records = self.read(cypher.PENDING, id=id)
        return _pending(records[0]) if records else None

    def unfinished(self, before: float, limit: int = 100) -> list[Pending]:
        records = self.read(cypher.UNFINISHED, before=before, limit=limit)
        return [_pending(record) for record in records]

    def source(self, id: str) -> Source | None:
        records = self.read(cypher.SOURCE, id=id)
        return _source(records[0]["source"]) if records else None

    def sources(self, limit: int, after: str = "", state: str = "") -> list[Source]:
        records = self.read(cypher.SOURCES, limit=limit, after=after, state=state)
        return [_source(r["source"]) for r in records]

    def beginning(self, words: Sequence[str], keys: Sequence[str], facts: int = 10) -> Beginning:
        [found] = self.read(
            cypher.BEGINNING,
            words=[_word(word) for word in words],
            facts=[" OR ".join(_quoted(folded(word)) for word in words)] if words else [],
            keys=list(keys),
            most=PER_WORD,
            best=facts,
        )
        return Beginning(
            words=tuple(dict(holders) for holders in found["words"]),
            facts=tuple(FactHit(*fact) for fact in found["facts"]),
            names=dict(found["names"]),
            chunks=found["chunks"],
        )

    def neighbourhood(self, chunks: Sequence[int], names: Sequence[str]) -> Neighbourhood:
        values = {"chunks": list(chunks), "names": list(names)}
        records = self.read(cypher.NEIGHBOURHOOD, **values, common=COMMON, most=NEIGHBOURS // 2)
        named: defaultdict[int, list[str]] = defaultdict(list)
        frequency: dict[str, int] = {}
        facts: list[tuple[str, str]] = []
        alike: list[tuple[str, str, float]] = []
        for key, held, refs, related, similar in records:
            frequency[key] = held
            for ref in refs:
                named[ref].append(key)
            facts += [(key, other) for other in related]
            alike += [(key, other, score) for other, score in similar]
        return Neighbourhood(
            named=named,
            facts=[(a, b) for a, b in facts if b in frequency],
            alike=[(a, b, score) for a, b, score in alike if b in frequency],
            frequency=frequency,
        )

    def steps(self, chunks: Sequence[int]) -> Steps:
        named: defaultdict[int, list[str]] = defaultdict(list)
        frequency: dict[str, int] = {}
        holding: dict[str, Sequence[int]] = {}
        titles: dict[str, Mapping[int, float]] = {}
        records = self.read(cypher.STEPS, chunks=list(chunks), common=COMMON)
        for key, held, mine, holders, titled, alike in records:
            for ref in mine:
                named[ref].append(key)
            frequency[key], holding[key] = held, holders
            best: dict[int, float] = {}
            for ref, score in (*alike, *((ref, 1.0) for ref in titled)):
                best[ref] = max(best.get(ref, 0.0), score)
            titles[key] = best
        return Steps(named=named, frequency=frequency, holders=holding, titles=titles)

    def passages(self, refs: Sequence[int]) -> list[Passage]:
        return _passages(self.read(cypher.PASSAGES, refs=list(refs)))

    def chunks(self, id: str, first: int, limit: int) -> list[Passage]:
        return _passages(self.read(cypher.CHUNKS_OF, id=id, first=first, limit=limit))

    def facts(self, refs: Sequence[int]) -> list[Told]:
        return [Told(*record.values()) for record in self.read(cypher.FACTS, refs=list(refs))]

    def merges(self, limit: int, after: tuple[str, str] = ("", "")) -> list[Merge]:
        records = self.read(cypher.MERGES, alias=after[0], into=after[1], limit=limit)
        return [Merge(*record.values()) for record in records]

    def unmerge(self, alias: str, into: str) -> bool:
        return self.write(
            lambda transaction: (
                transaction.run(cypher.UNMERGE, alias=alias, into=into).single() is not None
            )
        )

    def stats(self) -> Stats:
        [record] = self.read(cypher.STATS)
        return Stats(*record.values())

    def close(self) -> None:
        self.link.driver.close()

    def read(self, statement: LiteralString, /, **values: object) -> list[Record]:
        """One statement that only reads, after the schema was made."""
        self._make_schema()
        return self.link.read(statement, **values)

    def write(self, work: Callable[[Any], T]) -> T:
        """A transaction, after the schema was made."""
        self._make_schema()
        return self.link.write(work)

    def _make_schema(self) -> None:
        """Apply what is missing; each statement may be repeated, so tasks need not take turns."""
        if self._schema_made:
            return
        with self._schema:
            if not self._schema_made:
                [done] = self.link.read(cypher.SCHEMA_NUMBER)
                for number, statements in schema.migrations("neo4j"):
                    if number > done["n"]:
                        for statement in statements:
                            self.link.run(statement)
                        self.link.run(cypher.SCHEMA_DONE, number=number)
                self._schema_made = True


def _word(word: str) -> dict[str, str]:
    """The index and the Lucene query for one word; a pair of ideographs has its own index."""
    if bigrams(word):
        return {"index": "chunk_pairs", "query": f"title:{_quoted(word)}^2 OR text:{_quoted(word)}"}
    return {"index": "chunk_words", "query": _quoted(folded(word))}


def _quoted(term: str) -> str:
    """A Lucene phrase: in quotes no sign and no word (AND, OR, NOT) is an operator."""
    return '"' + _IN_QUOTES.sub(r"\\\1", term) + '"'


def _locked(transaction: Any, id: str) -> tuple[Source | None, str]:
    """The source, made where missing, and the last order known of it.

    Nobody else changes it until the transaction ends.
    """
    found = transaction.run(cypher.LOCKED, id=id).single()
    known = _source(found["source"]) if found["source"] else None
    return known, max([*found["gone"], known.sequence if known else ""])


def _save(transaction: Any, source: Source, ended: bool) -> bool | None:
    """Write a source; whether it has chunks, None where its ticket is void."""
    row = _row(source, None)
    found = transaction.run(cypher.SAVE, id=source.id, row=row, ended=ended).single()
    return None if found is None else bool(found["filled"])


def _row(source: Source, known: Source | None) -> dict[str, object]:
    """The properties of a source; an order that was known is not forgotten."""
    values = {name: getattr(source, name) for name in Source.__slots__}
    usage: Usage = values.pop("usage")
    values |= {name: getattr(usage, name) for name in Usage.__slots__}
    values["state"] = source.state.value
    values["sequence"] = source.sequence or (known.sequence if known else "")
    values["changed"] = source.changed or time.time()
    return values


def _pending(record: Record) -> Pending:
    return Pending(_source(record["source"]), bytes(record["data"]))


def _source(row: Mapping[str, Any]) -> Source:
    values = dict(row)
    usage = Usage(**{name: values.pop(name) for name in Usage.__slots__})
    return Source(**{**values, "state": State(values["state"])}, usage=usage)


def _passages(records: Iterable[Record]) -> list[Passage]:
    found = []
    for record in records:
        c = record["chunk"]
        head = (c["ref"], record["id"], record["name"], c["title"])
        place = (c["number"], c["text"], c["start"], c["stop"], c["section"])
        found.append(Passage(*head, *place, c["page"] or None, tuple(record["names"])))
    return found
