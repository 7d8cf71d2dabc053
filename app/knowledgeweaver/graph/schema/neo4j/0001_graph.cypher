// (:Source)-[:HAS]->(:Chunk)-[:NAMES]->(:Entity)-[:FACT]->(:Entity), (:Entity)-[:ALIKE]->(:Entity)
CREATE CONSTRAINT source_id IF NOT EXISTS FOR (s:Source) REQUIRE s.id IS UNIQUE;
CREATE INDEX source_name IF NOT EXISTS FOR (s:Source) ON (s.name);
CREATE CONSTRAINT pending_id IF NOT EXISTS FOR (p:Pending) REQUIRE p.id IS UNIQUE;
CREATE CONSTRAINT gone_id IF NOT EXISTS FOR (g:Gone) REQUIRE g.id IS UNIQUE;
CREATE CONSTRAINT chunk_ref IF NOT EXISTS FOR (c:Chunk) REQUIRE c.ref IS UNIQUE;
CREATE CONSTRAINT entity_key IF NOT EXISTS FOR (e:Entity) REQUIRE e.key IS UNIQUE;
CREATE CONSTRAINT word_text IF NOT EXISTS FOR (w:Word) REQUIRE w.text IS UNIQUE;
CREATE INDEX parted_alias IF NOT EXISTS FOR (p:Parted) ON (p.alias);
CREATE INDEX fact_chunk IF NOT EXISTS FOR ()-[f:FACT]-() ON (f.chunk);
CREATE FULLTEXT INDEX chunk_words IF NOT EXISTS FOR (c:Chunk) ON EACH [c.head, c.words] OPTIONS {indexConfig: {`fulltext.analyzer`: 'english'}};
CREATE FULLTEXT INDEX chunk_pairs IF NOT EXISTS FOR (c:Chunk) ON EACH [c.title, c.text] OPTIONS {indexConfig: {`fulltext.analyzer`: 'cjk'}};
CREATE FULLTEXT INDEX fact_words IF NOT EXISTS FOR ()-[f:FACT]-() ON EACH [f.words] OPTIONS {indexConfig: {`fulltext.analyzer`: 'english'}};
CALL db.awaitIndexes(60);
