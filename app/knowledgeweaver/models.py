"""The models that the settings name over a store: who reads chunks, who writes answers."""

from __future__ import annotations

from dataclasses import dataclass

from knowledgeweaver.answer.model import ModelAnswerer
from knowledgeweaver.extract.budget import Budget
from knowledgeweaver.extract.cache import SqliteMemory
from knowledgeweaver.extract.choose import choose
from knowledgeweaver.extract.modelled import ModelExtractor
from knowledgeweaver.extract.offline import Offline
from knowledgeweaver.extract.port import Extractor
from knowledgeweaver.graph.neo4j import Neo4jStore
from knowledgeweaver.graph.neo4j_memory import Neo4jMemory
from knowledgeweaver.graph.port import GraphStore
from knowledgeweaver.settings import Settings


@dataclass(frozen=True, slots=True)
class Models:
    """``answerer`` is None where answers are sentences of the documents."""

    extractor: Extractor
    answerer: ModelAnswerer | None
    budget: Budget
    memory: SqliteMemory | Neo4jMemory
    concurrency: int

    @property
    def workers(self) -> int:
        """Chunks of a document that are worth extracting at a time."""
        return self.concurrency if isinstance(self.extractor, ModelExtractor) else 1

    def close(self) -> None:
        """Close what they remember, where it is a file of its own."""
        if isinstance(self.memory, SqliteMemory):
            self.memory.close()


def open_models(settings: Settings, store: GraphStore) -> Models:
    """No call is made yet; a model that is away shows at its first call."""
    memory: SqliteMemory | Neo4jMemory
    if isinstance(store, Neo4jStore) and not settings.kw_model_memory:
        memory = Neo4jMemory(store)
    else:
        memory = SqliteMemory(settings.kw_model_memory or settings.kw_database)
    chosen = choose(settings, memory, memory)
    answerer = ModelAnswerer(chosen.answers, chosen.budget) if chosen.answers else None
    return Models(
        chosen.extractor or Offline(),
        answerer,
        chosen.budget,
        memory,
        settings.kw_model_concurrency,
    )
