"""Which passages bear on a question: full text, PageRank around its hits, then two steps by names.

The method and its weights were chosen on one half of a public set of questions and held on the
other; no weight is critical. Only the neighbourhood of the best hits is ever in memory.
"""

from knowledgeweaver.retrieve.search import Found, Ranking, retrieve

__all__ = ["Found", "Ranking", "retrieve"]
