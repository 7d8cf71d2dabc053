-- Sources, their chunks, and what the chunks say. Numbers are SQLite's own row numbers.
CREATE TABLE source (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, title TEXT NOT NULL,
  state TEXT NOT NULL, reason TEXT NOT NULL, digest TEXT NOT NULL, sequence TEXT NOT NULL,
  ticket TEXT NOT NULL, media_type TEXT NOT NULL, language TEXT NOT NULL, extractor TEXT NOT NULL,
  chunks INTEGER NOT NULL, extracted INTEGER NOT NULL, skipped INTEGER NOT NULL,
  entities INTEGER NOT NULL, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
  usd REAL NOT NULL, seconds REAL NOT NULL, changed REAL NOT NULL);
CREATE INDEX source_name ON source (name);
CREATE INDEX source_state ON source (state, name);
-- What was begun and has not ended, so that a killed process can go on.
CREATE TABLE pending (source TEXT PRIMARY KEY, data BLOB NOT NULL);
-- Sources that were deleted by events which have an order: earlier events may still come.
CREATE TABLE gone (id TEXT PRIMARY KEY, sequence TEXT NOT NULL, changed REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE chunk (
  ref INTEGER PRIMARY KEY, source INTEGER NOT NULL REFERENCES source, number INTEGER NOT NULL,
  title TEXT NOT NULL, text TEXT NOT NULL, head TEXT NOT NULL, words TEXT NOT NULL,
  pairs TEXT NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL, section TEXT NOT NULL, page INTEGER, failed TEXT NOT NULL);
CREATE INDEX chunk_place ON chunk (source, number);
CREATE TABLE entity (
  number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL, kind TEXT NOT NULL,
  chunks INTEGER NOT NULL DEFAULT 0);
-- A chunk names an entity, by a mention, a fact or the title of its document.
CREATE TABLE naming (
  chunk INTEGER NOT NULL, entity INTEGER NOT NULL, title INTEGER NOT NULL,
  PRIMARY KEY (chunk, entity)) WITHOUT ROWID;
CREATE INDEX naming_entity ON naming (entity, chunk, title);
CREATE TABLE mention (
  chunk INTEGER NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL, entity INTEGER NOT NULL,
  name TEXT NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (chunk, start, stop, entity)) WITHOUT ROWID;
CREATE TABLE fact (
  number INTEGER PRIMARY KEY, chunk INTEGER NOT NULL, subject_entity INTEGER NOT NULL,
  object_entity INTEGER NOT NULL, subject TEXT NOT NULL, predicate TEXT NOT NULL,
  object TEXT NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL);
CREATE INDEX fact_chunk ON fact (chunk, subject_entity, object_entity);
-- Words of entities' keys: who is worth comparing with whom.
CREATE TABLE block (
  word TEXT NOT NULL, entity INTEGER NOT NULL, PRIMARY KEY (word, entity)) WITHOUT ROWID;
CREATE INDEX block_entity ON block (entity);
CREATE TABLE alike (
  alias INTEGER NOT NULL, into_entity INTEGER NOT NULL, reason TEXT NOT NULL, score REAL NOT NULL,
  PRIMARY KEY (alias, into_entity)) WITHOUT ROWID;
CREATE INDEX alike_into ON alike (into_entity);
-- Names that somebody parted; by key, since entities come and go.
CREATE TABLE parted (
  alias TEXT NOT NULL, into_key TEXT NOT NULL, PRIMARY KEY (alias, into_key)) WITHOUT ROWID;
-- FTS5 keeps no second copy of the text: it reads the tables, and triggers tell it of changes.
CREATE VIRTUAL TABLE chunk_text USING fts5(
  head, words, pairs, content='chunk', content_rowid='ref',
  tokenize='porter unicode61 remove_diacritics 2');
CREATE TRIGGER chunk_comes AFTER INSERT ON chunk BEGIN
  INSERT INTO chunk_text (rowid, head, words, pairs)
  VALUES (new.ref, new.head, new.words, new.pairs);
END;
CREATE TRIGGER chunk_goes AFTER DELETE ON chunk BEGIN
  INSERT INTO chunk_text (chunk_text, rowid, head, words, pairs)
  VALUES ('delete', old.ref, old.head, old.words, old.pairs);
END;
CREATE VIRTUAL TABLE fact_text USING fts5(
  subject, predicate, object, content='fact', content_rowid='number',
  tokenize='porter unicode61 remove_diacritics 2');
CREATE TRIGGER fact_comes AFTER INSERT ON fact BEGIN
  INSERT INTO fact_text (rowid, subject, predicate, object)
  VALUES (new.number, new.subject, new.predicate, new.object);
END;
CREATE TRIGGER fact_goes AFTER DELETE ON fact BEGIN
  INSERT INTO fact_text (fact_text, rowid, subject, predicate, object)
  VALUES ('delete', old.number, old.subject, old.predicate, old.object);
END;
