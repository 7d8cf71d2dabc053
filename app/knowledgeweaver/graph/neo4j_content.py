"""Writing and taking away what a version says, in Neo4j, inside the caller's transaction."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import Any

from knowledgeweaver.graph import cypher, names
from knowledgeweaver.graph.folding import folded
from knowledgeweaver.model import Chunk, Version
from knowledgeweaver.resolve import BLOCK, blocks, key, links


def reference(source: str, number: int) -> int:
    """How a chunk is called: 62 bits of a hash, so that no counter has to be shared."""
    digest = hashlib.sha256(f"{source}/{number}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 2


def write(transaction: Any, version: Version) -> None:
    """Create the chunks of a version and all they say; its source is there."""
    wanted = names.of_version(version)
    asked = [{"key": one, "blocks": blocks(one)} for one in wanted]
    found = {
        record["key"]: dict(record["members"])
        for record in transaction.run(cypher.MEMBERS, rows=asked, most=BLOCK + 1)
    }
    new = [one for one in wanted if one in found]
    members = {word: keys for of_one in found.values() for word, keys in of_one.items()}
    # sorted, so that two transactions that make the same entities wait and do not deadlock
    entities = [
        {"key": o, "name": wanted[o].name, "kind": wanted[o].kind, "blocks": blocks(o)}
        for o in sorted(new)
    ]
    made = [
        {"alias": link.alias, "into": link.into, "reason": link.reason, "score": link.score}
        for link in links(new, members)
    ]
    chunks = [_chunk(version, chunk) for chunk in version.chunks]
    for statement, values in (
        (cypher.ENTITIES, {"entities": entities}),
        (cypher.LINKS, {"links": made}),
        (cypher.CHUNKS, {"chunks": chunks, "id": version.source.id}),
    ):
        if next(iter(values.values())):
            transaction.run(statement, values).consume()


def erase(transaction: Any, id: str) -> list[str]:
    """Take away the chunks of a source; the keys of the entities that they named."""
    keys: list[str] = transaction.run(cypher.ERASE, id=id).single()["keys"]
    return keys


def orphans(transaction: Any, keys: list[str]) -> None:
    """Take away those of the entities that no chunk names any more."""
    if keys:
        transaction.run(cypher.ORPHANS, keys=sorted(keys)).consume()


def _chunk(version: Version, chunk: Chunk) -> dict[str, object]:
    title = version.source.title
    titled = names.of_title(title)
    mentioned = defaultdict(list)
    for mention in chunk.mentions:
        mentioned[key(mention.name)].append(mention)
    return {
        "chunk": {
            "ref": reference(version.source.id, chunk.number),
            "number": chunk.number,
            "title": title,
            "text": chunk.text,
            "words": folded(f"{title} {title} {chunk.text}"),
            "start": chunk.start,
            "stop": chunk.end,
            "section": chunk.section,
            "page": chunk.page,
            "failed": chunk.failed,
        },
        "names": [
            {
                "key": one,
                "at": {
                    "title": one in titled,
                    "starts": [mention.start for mention in mentioned[one]],
                    "stops": [mention.end for mention in mentioned[one]],
                    "spelled": [mention.name for mention in mentioned[one]],
                    "kinds": [mention.kind for mention in mentioned[one]],
                },
            }
            for one in sorted(titled | names.of_chunk(chunk))
        ],
        "facts": _facts(version, chunk),
    }


def _facts(version: Version, chunk: Chunk) -> list[dict[str, object]]:
    return [
        {
            "subject": key(fact.subject),
            "object": key(fact.object),
            "said": {
                "chunk": reference(version.source.id, chunk.number),
                "words": folded(f"{fact.subject} {fact.predicate} {fact.object}"),
                "subject": fact.subject,
                "predicate": fact.predicate,
                "object": fact.object,
                "start": fact.start,
                "stop": fact.end,
            },
        }
        for fact in chunk.facts
        if key(fact.subject) and key(fact.object)
    ]
