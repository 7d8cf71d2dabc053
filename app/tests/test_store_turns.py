"""A store that is read while documents come and go tells of each whole, or not at all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from test_store_contract import chunk, put

from knowledgeweaver.graph.port import GraphStore
from knowledgeweaver.model import source_id

TEXT = "Rome is the capital of Italy."
SECONDS = 4.0


def sources(store: GraphStore) -> None:
    assert {one.title for one in store.sources(10)} <= {"city"}
    one = store.source(source_id("city"))
    assert one is None or one.title == "city"


def unfinished(store: GraphStore) -> None:
    assert {one.data for one in store.unfinished(time.time() + 9)} <= {b""}


def passages(store: GraphStore) -> None:
    of_words = store.beginning(["rome"], ["rome"]).words
    refs = [ref for holders in of_words for ref in holders]
    found = [*store.passages(refs), *store.chunks(source_id("city"), 1, 10)]
    assert {one.text for one in found} <= {TEXT}


def facts(store: GraphStore) -> None:
    refs = [one.ref for one in store.chunks(source_id("city"), 1, 10)]
    assert {one.subject for one in store.facts(refs)} <= {"Rome"}
    store.neighbourhood(refs, ["rome"])
    store.steps(refs)
    store.stats()


@pytest.mark.slow
def test_what_goes_while_it_is_read_is_whole_or_not_there(store: GraphStore) -> None:
    said = (("Rome", "capital of", "Italy"),)
    chunks = [chunk(n, TEXT, "Rome", "Italy", facts=said) for n in range(1, 6)]
    over = threading.Event()
    errors: list[Exception] = []

    def read(look: Callable[[GraphStore], None]) -> None:
        try:
            while not over.is_set():
                look(store)
        except Exception as error:
            errors.append(error)

    looks = (sources, unfinished, passages, facts)
    readers = [threading.Thread(target=read, args=(look,)) for look in looks]
    for reader in readers:
        reader.start()
    end = time.monotonic() + SECONDS
    try:
        while time.monotonic() < end and not errors:
            put(store, "city", *chunks)
            assert store.remove(source_id("city"))
    finally:
        over.set()
        for reader in readers:
            reader.join()
    assert errors == []
