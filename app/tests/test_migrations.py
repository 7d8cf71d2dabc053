"""A store that an earlier version made is brought up to date, with all that it holds."""

from __future__ import annotations

import os

import pytest
from test_store_contract import chunk, put

from knowledgeweaver.graph import schema
from knowledgeweaver.graph.neo4j import Neo4jStore

NEO4J = os.environ.get("NEO4J_TEST_URI")


@pytest.mark.parametrize("store", ["neo4j"] if NEO4J else [], indirect=True)
def test_a_title_of_before_is_found_after_neo4js_third_migration(store: Neo4jStore) -> None:
    assert NEO4J
    put(store, "Vasa", chunk(1, "A ship that sank on her first voyage."))
    for statement in (
        "MATCH (c:Chunk) SET c.head = 'vasa', c.words = 'a ship that sank on her first voyage'",
        "DROP INDEX chunk_words",
        *(s for s in dict(schema.migrations("neo4j"))[1] if "INDEX chunk_words" in s),
        "MATCH (s:Schema) WHERE s.number > 2 DELETE s",
    ):
        store.link.run(statement)

    again = Neo4jStore(NEO4J, "neo4j", os.environ["NEO4J_TEST_PASSWORD"])
    again.ready()
    titled, said = again.beginning(["vasa", "voyage"], []).words
    [made] = again.read("MATCH (c:Chunk) RETURN properties(c) AS chunk")
    again.close()

    assert len(titled) == len(said) == 1
    assert max(titled.values()) > max(said.values())  # the title weighs more
    assert made["chunk"]["words"] == "vasa vasa a ship that sank on her first voyage"
    assert "head" not in made["chunk"]
