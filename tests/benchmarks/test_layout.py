"""The graph that the page's layout is measured with."""

from __future__ import annotations

from benchmarks.layout import recorded


def test_it_has_as_many_nodes_as_asked_for_and_every_edge_joins_two_of_them() -> None:
    graph = recorded(2000)
    nodes = {one["key"] for one in graph["names"]} | {one["id"] for one in graph["documents"]}
    assert len(nodes) == 2000
    assert len(graph["edges"]) > 2000
    assert all({edge["source"], edge["target"]} <= nodes for edge in graph["edges"])
