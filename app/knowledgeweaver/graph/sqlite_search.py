"""What retrieval asks, in SQLite's words. Lists travel as JSON, so no statement is put together."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from knowledgeweaver.graph.port import (
    COMMON,
    NEIGHBOURS,
    PER_WORD,
    Beginning,
    FactHit,
    Neighbourhood,
    Passage,
    Steps,
    Told,
)

_WORD = (
    "SELECT rowid, -bm25(chunk_text, 2.0, 1.0, 1.0) AS score FROM chunk_text "
    "WHERE chunk_text MATCH ? ORDER BY score DESC LIMIT ?"
)
_FACTS = (
    "SELECT s.key, o.key, -bm25(fact_text) AS score FROM fact_text "
    "JOIN fact f ON f.number = fact_text.rowid JOIN entity s ON s.number = f.subject_entity "
    "JOIN entity o ON o.number = f.object_entity WHERE fact_text MATCH ? "
    "ORDER BY score DESC, f.number LIMIT ?"
)
_PASSAGE = (
    "SELECT c.ref, s.id, s.name, c.title, c.number, c.text, c.start, c.stop, c.section, c.page, "
    "(SELECT json_group_array(e.name) FROM naming n JOIN entity e ON e.number = n.entity "
    "WHERE n.chunk = c.ref) FROM chunk c JOIN source s ON s.number = c.source WHERE "
)


def beginning(
    db: sqlite3.Connection, words: Sequence[str], keys: Sequence[str], facts: int
) -> Beginning:
    """Every word on its own: BM25 adds up over words, so retrieval can weigh any of them again."""
    found = tuple(dict(db.execute(_WORD, (_quoted([word]), PER_WORD))) for word in words)
    hits = db.execute(_FACTS, (_quoted(words), facts)).fetchall() if words else []
    sql = "SELECT key, chunks FROM entity WHERE key IN (SELECT value FROM json_each(?))"
    [total] = db.execute("SELECT count(*) FROM chunk").fetchone()
    return Beginning(
        words=found,
        facts=tuple(FactHit(*hit) for hit in hits),
        names=dict(db.execute(sql, (json.dumps(list(keys)),))),
        chunks=total,
    )


def _quoted(words: Iterable[str]) -> str:
    """Words as FTS5's strings, of which any may be there; no sign in them is an operator."""
    return " OR ".join('"' + word.replace('"', '""').replace("\0", "") + '"' for word in words)


def neighbourhood(
    db: sqlite3.Connection, chunks: Sequence[int], names: Sequence[str]
) -> Neighbourhood:
    """Breadth first: seeds, their names, the chunks that share those, and their names."""
    named = _naming(db, chunks)
    sql = "SELECT number FROM entity WHERE key IN (SELECT value FROM json_each(?))"
    given = {row[0] for row in db.execute(sql, (json.dumps(list(names)),))}
    first = given.union(*named.values())
    frequency = _frequency(db, first)
    walked = sorted((n for n in first if frequency[n][1] <= COMMON), key=lambda n: frequency[n][1])
    near = db.execute(
        "SELECT DISTINCT n.chunk FROM json_each(?) w JOIN naming n ON n.entity = w.value LIMIT ?",
        (json.dumps(walked), NEIGHBOURS // 2),
    )
    named |= _naming(db, [row[0] for row in near])
    held = Counter(entity for entities in named.values() for entity in entities)
    # A name that only one of these chunks holds leads nowhere in here.
    shared = [entity for entity, times in held.items() if times > 1]
    chosen = given.union(sorted(shared, key=lambda e: held[e])[: NEIGHBOURS // 2])
    frequency = {e: f for e, f in frequency.items() if e in chosen} | _frequency(
        db, chosen - frequency.keys()
    )
    facts = db.execute(
        "SELECT subject_entity, object_entity FROM fact "
        "WHERE chunk IN (SELECT value FROM json_each(?))",
        (json.dumps(list(named)),),
    )
    alike = db.execute(
        "SELECT alias, into_entity, score FROM alike "
        "WHERE alias IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(chosen)),),
    )
    key = {number: key for number, (key, _) in frequency.items()}
    return Neighbourhood(
        named={chunk: [key[e] for e in entities if e in key] for chunk, entities in named.items()},
        facts=[(key[a], key[b]) for a, b in facts if a in key and b in key],
        alike=[(key[a], key[b], score) for a, b, score in alike if a in key and b in key],
        frequency=dict(frequency.values()),
    )


def _naming(db: sqlite3.Connection, chunks: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {chunk: [] for chunk in chunks}
    sql = "SELECT chunk, entity FROM naming WHERE chunk IN (SELECT value FROM json_each(?))"
    for chunk, entity in db.execute(sql, (json.dumps(list(chunks)),)):
        found[chunk].append(entity)
    return {chunk: entities for chunk, entities in found.items() if entities}


def _frequency(db: sqlite3.Connection, entities: Iterable[int]) -> dict[int, tuple[str, int]]:
    sql = "SELECT number, key, chunks FROM entity WHERE number IN (SELECT value FROM json_each(?))"
    rows = db.execute(sql, (json.dumps(sorted(entities)),))
    return {number: (key, chunks) for number, key, chunks in rows}


def steps(db: sqlite3.Connection, chunks: Sequence[int]) -> Steps:
    """Names of the chunks, who else holds them, and whose titles they are."""
    named = _naming(db, chunks)
    frequency = _frequency(db, {entity for entities in named.values() for entity in entities})
    rare = {number for number, (_, count) in frequency.items() if count <= COMMON}
    holders: defaultdict[str, list[int]] = defaultdict(list)
    titles: defaultdict[str, dict[int, float]] = defaultdict(dict)
    sql = "SELECT entity, chunk, title FROM naming WHERE entity IN (SELECT value FROM json_each(?))"
    for entity, chunk, title in db.execute(sql, (json.dumps(sorted(rare)),)):
        holders[frequency[entity][0]].append(chunk)
        if title:
            titles[frequency[entity][0]][chunk] = 1.0
    for entity, chunk, score in _titled_alike(db, rare):
        found = titles[frequency[entity][0]]
        found[chunk] = max(found.get(chunk, 0.0), score)
    return Steps(
        named={
            chunk: [frequency[e][0] for e in entities if e in rare]
            for chunk, entities in named.items()
        },
        frequency={key: count for key, count in frequency.values() if count <= COMMON},
        holders=holders,
        titles=titles,
    )


def _titled_alike(
    db: sqlite3.Connection, entities: Iterable[int]
) -> Iterator[tuple[int, int, float]]:
    """Chunks whose title is alike to one of these names, at most COMMON for each link."""
    chosen = json.dumps(sorted(entities))
    for mine, other in (("alias", "into_entity"), ("into_entity", "alias")):
        yield from db.execute(
            f"SELECT a.{mine}, n.chunk, a.score FROM alike a "  # noqa: S608 - constants
            f"JOIN entity e ON e.number = a.{other} AND e.chunks <= {COMMON} "
            f"JOIN naming n ON n.entity = a.{other} AND n.title "
            f"WHERE a.{mine} IN (SELECT value FROM json_each(?))",
            (chosen,),
        )


def passages(db: sqlite3.Connection, refs: Sequence[int]) -> list[Passage]:
    sql = f"{_PASSAGE} c.ref IN (SELECT value FROM json_each(?))"  # noqa: S608 - constants
    rows = db.execute(sql, (json.dumps(list(refs)),))
    found = {row[0]: _passage(row) for row in rows}
    return [found[ref] for ref in refs if ref in found]


def chunks(db: sqlite3.Connection, id: str, first: int, limit: int) -> list[Passage]:
    sql = f"{_PASSAGE} s.id = ? AND c.number >= ? ORDER BY c.number LIMIT ?"
    return [_passage(row) for row in db.execute(sql, (id, first, limit))]


def facts(db: sqlite3.Connection, refs: Sequence[int]) -> list[Told]:
    rows = db.execute(
        "SELECT chunk, subject, predicate, object, start, stop FROM fact "
        "WHERE chunk IN (SELECT value FROM json_each(?)) ORDER BY chunk, start, subject, object",
        (json.dumps(list(refs)),),
    )
    return [Told(*row) for row in rows]


def _passage(row: Sequence[Any]) -> Passage:
    fields: list[Any] = [*row[:-1], tuple(json.loads(row[-1]))]
    return Passage(*fields)
