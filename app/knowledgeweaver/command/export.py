"""The whole graph in formats that other programs read: GraphML, JSON-LD, Cypher.

It is written piece by piece, so that it may be larger than memory; only the keys of the entities
that were written are kept.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from knowledgeweaver.command import Mistake
from knowledgeweaver.graph.port import GraphStore
from knowledgeweaver.model import Source
from knowledgeweaver.resolve import key

PAGE = 200
#: What XML 1.0 cannot hold.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Node:
    """A thing in the graph. ``id`` is unique among all."""

    id: str
    label: str
    facts: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Edge:
    """How two of them hang together."""

    source: str
    target: str
    label: str
    facts: Mapping[str, str | int]


Part = Node | Edge


def export(store: GraphStore, format: str, path: str | None = None) -> None:
    """Write the graph; raises Mistake, StoreUnavailable."""
    lines = {"graphml": _graphml, "jsonld": _jsonld, "cypher": _cypher}[format](parts(store))
    if path is None:
        sys.stdout.writelines(lines)
        return
    try:
        with Path(path).open("w", encoding="utf-8") as file:
            file.writelines(lines)
    except OSError as error:
        raise Mistake(f"{path}: {error.strerror}") from None


def parts(store: GraphStore) -> Iterator[Part]:
    """Every node before its edges."""
    written: set[str] = set()
    after = ""
    while page := store.sources(PAGE, after):
        after = page[-1].name
        for source in page:
            yield from _document(store, source, written)
    last = ("", "")
    while merges := store.merges(PAGE, last):
        last = (merges[-1].alias, merges[-1].into)
        for merge in merges:
            for one in (merge.alias, merge.into):
                yield from _entity(one, written)
            yield Edge(f"e:{merge.alias}", f"e:{merge.into}", "ALIKE", {"reason": merge.reason})


def _document(store: GraphStore, source: Source, written: set[str]) -> Iterator[Part]:
    about = {"name": source.name, "title": source.title, "state": source.state.value}
    yield Node(source.id, "Document", {**about})
    first = 1
    while chunks := store.chunks(source.id, first, PAGE):
        first = chunks[-1].number + 1
        ids = {chunk.ref: f"{source.id}#{chunk.number}" for chunk in chunks}
        for chunk in chunks:
            page = {} if chunk.page is None else {"page": chunk.page}
            place = {"start": chunk.start, "end": chunk.end, **page}
            text = {"text": chunk.text, "section": chunk.section}
            yield Node(ids[chunk.ref], "Passage", {**text, **place})
            yield Edge(source.id, ids[chunk.ref], "HAS", {})
            for name in chunk.names:
                yield from _entity(name, written)
                yield Edge(ids[chunk.ref], _id(name), "NAMES", {})
        for fact in store.facts(list(ids)):
            yield from _entity(fact.subject, written)
            yield from _entity(fact.object, written)
            said = {"predicate": fact.predicate, "passage": ids[fact.ref]}
            yield Edge(_id(fact.subject), _id(fact.object), "FACT", {**said})


def _id(name: str) -> str:
    return f"e:{key(name)}"


def _entity(name: str, written: set[str]) -> Iterator[Node]:
    if (id := _id(name)) not in written:
        written.add(id)
        yield Node(id, "Entity", {"name": name})


def _graphml(parts: Iterator[Part]) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    whole = {"start", "end", "page"}
    names = "name title state text section start end page predicate passage reason label"
    for name in names.split():
        kind = "int" if name in whole else "string"
        yield f'<key id="{name}" for="all" attr.name="{name}" attr.type="{kind}"/>\n'
    yield '<graph edgedefault="directed">\n'
    for part in parts:
        facts = "".join(
            f'<data key="{name}">{escape(_xml(str(value)))}</data>'
            for name, value in {"label": part.label, **part.facts}.items()
        )
        if isinstance(part, Node):
            yield f"<node id={quoteattr(_xml(part.id))}>{facts}</node>\n"
        else:
            ends = f"source={quoteattr(_xml(part.source))} target={quoteattr(_xml(part.target))}"
            yield f"<edge {ends}>{facts}</edge>\n"
    yield "</graph>\n</graphml>\n"


def _xml(text: str) -> str:
    return _NO_XML.sub("�", text)


def _jsonld(parts: Iterator[Part]) -> Iterator[str]:
    """Things and their relations as RDF: a fact is a statement with its passage as the source."""
    context = {
        "@vocab": "https://schema.org/",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "kw": "urn:knowledgeweaver:",
    }
    kinds = {"Document": "DigitalDocument", "Passage": "CreativeWork", "Entity": "Thing"}
    links = {"HAS": "hasPart", "NAMES": "mentions", "ALIKE": "sameAs"}
    yield f'{{"@context": {json.dumps(context)}, "@graph": [\n'
    for number, part in enumerate(parts):
        shown: dict[str, object]
        if isinstance(part, Node):
            shown = {"@id": _urn(part.id), "@type": kinds[part.label], **part.facts}
        elif part.label == "FACT":
            shown = {
                "@type": "rdf:Statement",
                "rdf:subject": {"@id": _urn(part.source)},
                "rdf:predicate": part.facts["predicate"],
                "rdf:object": {"@id": _urn(part.target)},
                "isPartOf": {"@id": _urn(str(part.facts["passage"]))},
            }
        else:
            shown = {"@id": _urn(part.source), links[part.label]: {"@id": _urn(part.target)}}
        yield (",\n" if number else "") + json.dumps(shown, ensure_ascii=False)
    yield "\n]}\n"


def _urn(id: str) -> str:
    return f"kw:{quote(id, safe='')}"


def _cypher(parts: Iterator[Part]) -> Iterator[str]:
    """Statements for an empty database, as cypher-shell runs them."""
    for label in ("Document", "Passage", "Entity"):
        yield f"CREATE CONSTRAINT IF NOT EXISTS FOR (n:{label}) REQUIRE n.id IS UNIQUE;\n"
    yield "CREATE INDEX node_id IF NOT EXISTS FOR (n:Exported) ON (n.id);\n"
    for part in parts:
        facts = ", ".join(f"{name}: {json.dumps(value)}" for name, value in part.facts.items())
        if isinstance(part, Node):
            between = ", " if facts else ""
            id = json.dumps(part.id)
            yield f"CREATE (:Exported:{part.label} {{id: {id}{between}{facts}}});\n"
        else:
            ends = f"{{id: {json.dumps(part.source)}}}", f"{{id: {json.dumps(part.target)}}}"
            yield f"MATCH (a:Exported {ends[0]}), (b:Exported {ends[1]}) "
            yield f"CREATE (a)-[:{part.label} {{{facts}}}]->(b);\n"
