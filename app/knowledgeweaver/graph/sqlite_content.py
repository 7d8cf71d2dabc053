"""Writing and taking away what a version says, in SQLite, inside the caller's transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from knowledgeweaver.graph import names
from knowledgeweaver.graph.folding import bigrams, folded
from knowledgeweaver.model import Chunk, Version
from knowledgeweaver.resolve import BLOCK, Link, blocks, key, links

_CHUNK = (
    "INSERT INTO chunk (source, number, title, text, head, words, pairs, start, stop, section, "
    "page, failed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_FACT = (
    "INSERT INTO fact (chunk, subject_entity, object_entity, subject, predicate, object, start, "
    "stop) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


def write(db: sqlite3.Connection, source: int, version: Version) -> None:
    """Insert the chunks of a version and all they say; ``source`` is its source's row."""
    entities = _entities(db, names.of_version(version))
    titled = names.of_title(version.source.title)
    for chunk in version.chunks:
        ref = _chunk(db, source, version.source.title, chunk)
        keys = titled | names.of_chunk(chunk)
        rows = [(ref, entities[one], one in titled) for one in sorted(keys)]
        db.executemany("INSERT INTO naming VALUES (?, ?, ?)", rows)
        db.executemany(
            "UPDATE entity SET chunks = chunks + 1 WHERE number = ?", [row[1:2] for row in rows]
        )
        db.executemany(
            "INSERT OR IGNORE INTO mention VALUES (?, ?, ?, ?, ?, ?)",
            [
                (ref, m.start, m.end, entities[one], m.name, m.kind)
                for m in chunk.mentions
                if (one := key(m.name))
            ],
        )
        db.executemany(
            _FACT,
            [
                (ref, entities[a], entities[b], f.subject, f.predicate, f.object, f.start, f.end)
                for f in chunk.facts
                if (a := key(f.subject)) and (b := key(f.object))
            ],
        )


def _chunk(db: sqlite3.Connection, source: int, title: str, chunk: Chunk) -> int:
    pairs = " ".join(bigrams(f"{title}\n{chunk.text}"))
    written = (title, chunk.text, folded(title), folded(chunk.text), pairs)
    place = (chunk.start, chunk.end, chunk.section, chunk.page, chunk.failed)
    done = db.execute(_CHUNK, (source, chunk.number, *written, *place))
    return int(done.lastrowid or 0)


def _entities(db: sqlite3.Connection, wanted: dict[str, names.Named]) -> dict[str, int]:
    """The rows of these entities by key; new ones are inserted and linked with those alike."""
    sql = "SELECT key, number FROM entity WHERE key IN (SELECT value FROM json_each(?))"
    found: dict[str, int] = dict(db.execute(sql, (json.dumps(list(wanted)),)))
    new = [one for one in wanted if one not in found]
    members = _members(db, {block for one in new for block in blocks(one)})
    for one in new:
        row = db.execute(
            "INSERT INTO entity (key, name, kind) VALUES (?, ?, ?)",
            (one, wanted[one].name, wanted[one].kind),
        )
        found[one] = int(row.lastrowid or 0)
    db.executemany(
        "INSERT INTO block VALUES (?, ?)", [(b, found[one]) for one in new for b in blocks(one)]
    )
    _link(db, links(new, members))
    return found


def _members(db: sqlite3.Connection, wanted: Iterable[str]) -> dict[str, list[str]]:
    """The keys in each block, one more than fit at most."""
    sql = (
        "SELECT e.key FROM block b JOIN entity e ON e.number = b.entity WHERE b.word = ? "
        "ORDER BY b.entity LIMIT ?"
    )
    return {word: [row[0] for row in db.execute(sql, (word, BLOCK + 1))] for word in sorted(wanted)}


def _link(db: sqlite3.Connection, made: list[Link]) -> None:
    """Write links whose ends are there, but none that somebody has parted."""
    db.executemany(
        "INSERT OR IGNORE INTO alike SELECT a.number, b.number, ?, ? FROM entity a, entity b "
        "WHERE a.key = ? AND b.key = ? AND NOT EXISTS "
        "(SELECT 1 FROM parted p WHERE p.alias = a.key AND p.into_key = b.key)",
        [(link.reason, link.score, link.alias, link.into) for link in made],
    )


def erase(db: sqlite3.Connection, source: int, keep: frozenset[str] = frozenset()) -> None:
    """Take away the chunks of a source and all that only they said, but no entity of ``keep``."""
    refs = [row[0] for row in db.execute("SELECT ref FROM chunk WHERE source = ?", (source,))]
    if not refs:
        return
    chosen = (json.dumps(refs),)
    lost: dict[int, int] = dict(
        db.execute(
            "SELECT entity, count(*) FROM naming "
            "WHERE chunk IN (SELECT value FROM json_each(?)) GROUP BY entity",
            chosen,
        )
    )
    for table, column in (
        ("chunk", "ref"),
        ("naming", "chunk"),
        ("mention", "chunk"),
        ("fact", "chunk"),
    ):
        db.execute(
            f"DELETE FROM {table} WHERE {column} "  # noqa: S608 - constants
            "IN (SELECT value FROM json_each(?))",
            chosen,
        )
    db.executemany(
        "UPDATE entity SET chunks = chunks - ? WHERE number = ?",
        [(times, entity) for entity, times in lost.items()],
    )
    rows = db.execute(
        "SELECT number, key FROM entity "
        "WHERE chunks <= 0 AND number IN (SELECT value FROM json_each(?))",
        (json.dumps(list(lost)),),
    )
    orphans = [(number,) for number, one in rows.fetchall() if one not in keep]
    for sql in (
        "DELETE FROM entity WHERE number = ?",
        "DELETE FROM block WHERE entity = ?",
        "DELETE FROM alike WHERE alias = ?",
        "DELETE FROM alike WHERE into_entity = ?",
    ):
        db.executemany(sql, orphans)
