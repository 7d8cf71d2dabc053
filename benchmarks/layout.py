"""How long the page takes to lay out and draw a graph: ``python -m benchmarks layout``.

The graph is one that the benchmark's recorded extractions make: passages, the names in them and
what joins them, up to so many nodes. The page's own code draws it in headless Chromium, served by
the real application; the clock runs from the call to the first picture.
"""

from __future__ import annotations

import argparse
import json
import statistics
from pathlib import Path
from typing import Any

from tests.application import KEY, application
from tests.browser import chromium, opened

DATA = Path(__file__).parent / "data" / "musique50"
#: Seconds in which 2,000 nodes have to be there, the first time that anything is drawn.
WITHIN = 2.0
#: Draws once, and gives the seconds until the picture is there.
_DRAW = """async (graph) => {
  document.getElementById("graph-part").hidden = false;
  const { draw, library } = await import(`${location.href}web/graph.js`);
  await library(); // the page has it by the time that an answer is there
  const started = performance.now();
  const picture = await draw(document.getElementById("graph"), graph, new Set());
  await new Promise((done) => picture.one("render", done));
  return (performance.now() - started) / 1000;
}"""


def main(arguments: list[str]) -> int:
    """0 when the bar is kept, 1 when it is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks layout", description=__doc__)
    parser.add_argument("--nodes", type=int, default=2000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--picture", type=Path, help="where to keep a picture of it")
    given = parser.parse_args(arguments)
    graph = recorded(given.nodes)
    first, later = measured(graph, given.times, given.picture)
    print(f"{given.nodes} nodes, {len(graph['edges'])} edges")
    print(f"first picture: {first:.2f} s (bar: {WITHIN} s)")
    print(f"every other one: {statistics.median(later):.2f} s, the median of {len(later)}")
    return 0 if first <= WITHIN else 1


def recorded(most: int) -> dict[str, list[dict[str, Any]]]:
    """As many nodes of the recorded graph, in the form of GET /graph."""
    names: dict[str, dict[str, Any]] = {}
    documents: list[dict[str, Any]] = []
    edges: list[dict[str, Any]] = []
    for line in (DATA / "extraction.jsonl").read_text().splitlines():
        if len(names) + len(documents) >= most:
            break
        found = json.loads(line)
        document = f"passage {found['id']}"
        documents.append({"id": document, "name": document, "title": "", "chunk": 1})
        for name in found["entities"][: most - len(names) - len(documents)]:
            key = name.casefold()
            names.setdefault(key, {"key": key, "name": name, "chunks": 1})
            edges.append({"source": key, "target": document, "kind": "in"})
        for triple in found["triples"]:
            if len(triple) != 3:  # what a model wrote down wrong
                continue
            subject, _, object = triple
            ends = {"source": subject.casefold(), "target": object.casefold()}
            if names.keys() >= set(ends.values()):
                edges.append({**ends, "kind": "fact"})
    return {"names": list(names.values()), "documents": documents, "edges": edges}


def measured(
    graph: dict[str, list[dict[str, Any]]], times: int, picture: Path | None
) -> tuple[float, list[float]]:
    """Seconds of the first drawing in a fresh page, and of as many after it."""
    with application() as url, chromium() as browser:
        page = opened(browser, viewport={"width": 1280, "height": 900}).new_page()
        page.goto(url)
        page.get_by_label("The key of this service").fill(KEY)
        page.get_by_role("button", name="Open", exact=True).click()
        page.get_by_text("No documents yet.").wait_for()
        first, *later = [page.evaluate(_DRAW, graph) for _ in range(times + 1)]
        if picture is not None:
            page.locator("#graph-part").screenshot(path=picture)
        return first, later
