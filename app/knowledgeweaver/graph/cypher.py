"""Every statement that Neo4j is sent. Values travel as parameters; nothing is put together."""

from __future__ import annotations

from typing import LiteralString

SCHEMA_NUMBER: LiteralString = "OPTIONAL MATCH (s:Schema) RETURN coalesce(max(s.number), 0) AS n"
SCHEMA_DONE: LiteralString = "MERGE (s:Schema {number: $number})"

# Each property is asked for by name: what goes while it is read may have lost some of them, and
# only what was asked for is missed.
_SOURCE: LiteralString = (
    "s {.id, .name, .title, .state, .reason, .digest, .sequence, .ticket, .media_type, .language, "
    ".extractor, .chunks, .extracted, .skipped, .entities, .input_tokens, .output_tokens, .usd, "
    ".seconds, .changed} AS source"
)
_CHUNK: LiteralString = """
  c {.ref, .number, .title, .text, .start, .stop, .section, page: coalesce(c.page, 0)} AS chunk,
  s.id AS id, s.name AS name, COLLECT { MATCH (c)-[:NAMES]->(e) RETURN e.name } AS names
"""

# ---------- sources
SOURCE: LiteralString = "MATCH (s:Source {id: $id}) RETURN " + _SOURCE
# The first SET takes the lock, so that what is read after it is nobody else's to change.
LOCKED: LiteralString = (
    "MERGE (s:Source {id: $id}) ON CREATE SET s.made = true SET s.locked = true "
    "WITH s, coalesce(s.made, false) AS made REMOVE s.made, s.locked "
    "RETURN CASE WHEN made THEN null ELSE properties(s) END AS source, "
    "COLLECT { MATCH (g:Gone {id: $id}) RETURN g.sequence } AS gone"
)
# The lock, and where the ticket is valid the new state; whether there are chunks to take away.
SAVE: LiteralString = (
    "MATCH (s:Source {id: $id}) SET s.locked = true REMOVE s.locked "
    "WITH s, s.sequence AS last WHERE s.ticket = $row.ticket "
    "SET s = $row SET s.sequence = CASE WHEN $row.sequence = '' THEN last ELSE $row.sequence END "
    "WITH s OPTIONAL MATCH (p:Pending {id: $id}) WHERE $ended DELETE p "
    "RETURN EXISTS { (s)-[:HAS]->() } AS filled"
)
FORGET: LiteralString = "MATCH (s:Source {id: $id}) DETACH DELETE s"
SEQUENCE: LiteralString = "MATCH (s:Source {id: $id}) SET s.sequence = $sequence"
BEGIN: LiteralString = (
    "MATCH (s:Source {id: $id}) SET s = $row MERGE (p:Pending {id: $id}) SET p.data = $data "
    "WITH p OPTIONAL MATCH (g:Gone {id: $id}) DELETE g"
)
ENDED: LiteralString = "MATCH (p:Pending {id: $id}) DELETE p"
BURY: LiteralString = (
    "MERGE (g:Gone {id: $id}) SET g.sequence = $sequence, g.changed = $now "
    "WITH g MATCH (o:Gone) WHERE o.changed < $old DELETE o"
)
PENDING: LiteralString = (
    "MATCH (p:Pending {id: $id}) MATCH (s:Source {id: p.id}) RETURN p.data AS data, " + _SOURCE
)
UNFINISHED: LiteralString = (
    "MATCH (p:Pending) MATCH (s:Source {id: p.id}) WHERE s.changed < $before "
    "RETURN p.data AS data, " + _SOURCE + " ORDER BY s.changed, s.id LIMIT $limit"
)
SOURCES: LiteralString = (
    "MATCH (s:Source) WHERE s.name > $after AND ($state = '' OR s.state = $state) "
    "RETURN " + _SOURCE + " ORDER BY s.name LIMIT $limit"
)

# ---------- what a version says
ERASE: LiteralString = """
MATCH (s:Source {id: $id})-[:HAS]->(c:Chunk)
OPTIONAL MATCH ()-[f:FACT {chunk: c.ref}]->()
DELETE f
WITH DISTINCT c
OPTIONAL MATCH (c)-[:NAMES]->(e:Entity)
WITH c, collect(e.key) AS keys
DETACH DELETE c
WITH keys UNWIND keys AS key
RETURN collect(DISTINCT key) AS keys
"""
ORPHANS: LiteralString = """
UNWIND $keys AS key
MATCH (e:Entity {key: key}) WHERE NOT EXISTS { (e)<-[:NAMES]-() }
OPTIONAL MATCH (e)-[:IN]->(w:Word)
WITH e, collect(w) AS words
DETACH DELETE e
WITH words UNWIND words AS w
WITH DISTINCT w WHERE NOT EXISTS { (w)<-[:IN]-() }
DELETE w
"""
MEMBERS: LiteralString = """
UNWIND $rows AS row
OPTIONAL MATCH (e:Entity {key: row.key})
WITH row WHERE e IS NULL
CALL {
  WITH row UNWIND row.blocks AS word
  CALL { WITH word MATCH (:Word {text: word})<-[:IN]-(m:Entity) RETURN m.key AS key LIMIT $most }
  WITH word, collect(key) AS keys
  RETURN collect([word, keys]) AS members
}
RETURN row.key AS key, members
"""
ENTITIES: LiteralString = """
UNWIND $entities AS row
MERGE (e:Entity {key: row.key}) ON CREATE SET e.name = row.name, e.kind = row.kind
WITH e, row
UNWIND row.blocks AS word
MERGE (w:Word {text: word})
MERGE (e)-[:IN]->(w)
"""
LINKS: LiteralString = """
UNWIND $links AS row
MATCH (a:Entity {key: row.alias}) MATCH (b:Entity {key: row.into})
WHERE NOT EXISTS { (p:Parted {alias: row.alias}) WHERE p.into = row.into }
MERGE (a)-[l:ALIKE]->(b) ON CREATE SET l.reason = row.reason, l.score = row.score
"""
CHUNKS: LiteralString = """
MATCH (s:Source {id: $id})
UNWIND $chunks AS row
CREATE (s)-[:HAS]->(c:Chunk) SET c = row.chunk
WITH c, row
CALL {
  WITH c, row UNWIND row.names AS name
  MATCH (e:Entity {key: name.key})
  CREATE (c)-[n:NAMES]->(e) SET n = name.at
}
CALL {
  WITH row UNWIND row.facts AS fact
  MATCH (a:Entity {key: fact.subject}) MATCH (b:Entity {key: fact.object})
  CREATE (a)-[f:FACT]->(b) SET f = fact.said
}
"""

# ---------- questions
BEGINNING: LiteralString = """
CALL {
  UNWIND $words AS row
  CALL {
    WITH row
    CALL db.index.fulltext.queryNodes(row.index, row.query, {limit: $most}) YIELD node, score
    RETURN collect([node.ref, score]) AS found
  }
  RETURN collect(found) AS words
}
CALL {
  UNWIND $facts AS query
  CALL db.index.fulltext.queryRelationships('fact_words', query, {limit: $best})
  YIELD relationship AS f, score
  RETURN collect([startNode(f).key, endNode(f).key, score]) AS facts
}
CALL {
  MATCH (e:Entity) WHERE e.key IN $keys
  RETURN collect([e.key, count { (e)<-[:NAMES]-() }]) AS names
}
CALL { MATCH (c:Chunk) RETURN count(c) AS chunks }
RETURN words, facts, names, chunks
"""
NEIGHBOURHOOD: LiteralString = """
CALL {
  UNWIND $chunks AS ref MATCH (:Chunk {ref: ref})-[:NAMES]->(e:Entity) RETURN e
  UNION
  MATCH (e:Entity) WHERE e.key IN $names RETURN e
}
WITH DISTINCT e, count { (e)<-[:NAMES]-() } AS held WHERE held <= $common
ORDER BY held, e.key
MATCH (e)<-[:NAMES]-(c:Chunk)
WITH DISTINCT c LIMIT $most
WITH collect(c) AS near
CALL {
  WITH near UNWIND near AS c RETURN c
  UNION
  UNWIND $chunks AS ref MATCH (c:Chunk {ref: ref}) RETURN c
}
MATCH (c)-[:NAMES]->(e:Entity)
WITH e, collect(c.ref) AS refs WHERE size(refs) > 1 OR e.key IN $names
WITH e, refs, count { (e)<-[:NAMES]-() } AS held ORDER BY held, e.key LIMIT $most
CALL {
  WITH e, refs, held
  MATCH (e)-[f:FACT]-(o:Entity)
  WHERE held <= $common AND f.chunk IN refs AND count { (o)<-[:NAMES]-() } > 1
    AND (startNode(f) = e OR count { (o)<-[:NAMES]-() } > $common)
  RETURN collect(o.key) AS facts
}
CALL { WITH e MATCH (e)-[l:ALIKE]->(o:Entity) RETURN collect([o.key, l.score]) AS alike }
RETURN e.key AS key, held, refs, facts, alike
"""
STEPS: LiteralString = """
UNWIND $chunks AS ref
MATCH (:Chunk {ref: ref})-[:NAMES]->(e:Entity)
WITH e, collect(ref) AS mine, count { (e)<-[:NAMES]-() } AS held WHERE held <= $common
CALL {
  WITH e MATCH (e)<-[n:NAMES]-(c:Chunk)
  RETURN collect(c.ref) AS holders, [x IN collect([c.ref, n.title]) WHERE x[1] | x[0]] AS titled
}
CALL {
  WITH e
  MATCH (e)-[l:ALIKE]-(o:Entity) WHERE count { (o)<-[:NAMES]-() } <= $common
  MATCH (o)<-[n:NAMES]-(c:Chunk) WHERE n.title
  RETURN collect([c.ref, l.score]) AS alike
}
RETURN e.key AS key, held, mine, holders, titled, alike
"""
PASSAGES: LiteralString = (
    """
UNWIND $refs AS ref
MATCH (s:Source)-[:HAS]->(c:Chunk {ref: ref})
RETURN"""
    + _CHUNK
)
CHUNKS_OF: LiteralString = (
    """
MATCH (s:Source {id: $id})-[:HAS]->(c:Chunk) WHERE c.number >= $first
WITH s, c ORDER BY c.number LIMIT $limit
RETURN"""
    + _CHUNK
)

# ---------- merges and counts
MERGES: LiteralString = """
MATCH (a:Entity)-[l:ALIKE]->(b:Entity)
WHERE l.reason <> 'near' AND (a.key > $alias OR (a.key = $alias AND b.key > $into))
RETURN a.key AS alias, b.key AS into, l.reason AS reason, l.score AS score
ORDER BY alias, into LIMIT $limit
"""
UNMERGE: LiteralString = """
MATCH (:Entity {key: $alias})-[l:ALIKE]->(:Entity {key: $into}) WHERE l.reason <> 'near'
DELETE l
WITH count(*) AS parted WHERE parted > 0
MERGE (p:Parted {alias: $alias, into: $into})
RETURN parted
"""
FACTS: LiteralString = """
UNWIND $refs AS ref
MATCH ()-[f:FACT {chunk: ref}]->()
RETURN f.chunk, f.subject, f.predicate, f.object, f.start, f.stop
ORDER BY f.chunk, f.start, f.subject, f.object
"""

STATS: LiteralString = """
CALL { MATCH (s:Source) RETURN count(s) AS sources }
CALL { MATCH (c:Chunk) RETURN count(c) AS chunks }
CALL { MATCH (e:Entity) RETURN count(e) AS entities }
CALL { MATCH ()-[n:NAMES]->() RETURN coalesce(sum(size(n.starts)), 0) AS mentions }
CALL { MATCH ()-[f:FACT]->() RETURN count(f) AS facts }
RETURN sources, chunks, entities, mentions, facts
"""
