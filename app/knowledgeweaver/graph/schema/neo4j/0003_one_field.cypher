// The title stands twice before the text, in one field: so BM25 weighs a word of the title by how
// rare it is in titles and texts together, as the other store does.
DROP INDEX chunk_words IF EXISTS;
MATCH (c:Chunk) WHERE c.head IS NOT NULL
 CALL { WITH c SET c.words = c.head + ' ' + c.head + ' ' + c.words REMOVE c.head } IN TRANSACTIONS OF 1000 ROWS;
CREATE FULLTEXT INDEX chunk_words IF NOT EXISTS FOR (c:Chunk) ON EACH [c.words] OPTIONS {indexConfig: {`fulltext.analyzer`: 'english'}};
CREATE INDEX gone_changed IF NOT EXISTS FOR (g:Gone) ON (g.changed);
CALL db.awaitIndexes(60);
