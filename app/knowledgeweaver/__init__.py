"""KnowledgeWeaver: documents become a knowledge graph, questions are answered from it."""

__version__ = "0.1.0"
