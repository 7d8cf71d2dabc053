"""Names and relations out of a chunk of text; one port, several extractors behind it."""
