"""The knowledge graph behind one port: documents, their chunks, and the entities they mention."""
