"""What every graph store must do, whichever it is."""

from __future__ import annotations

import threading

from knowledgeweaver.graph.port import Chunk, Document, GraphStore

ROME = Document("rome", "Rome is the capital of Italy.")
PARIS = Document("paris", "Paris is the capital of France.")


def put(store: GraphStore, document: Document, *entities: str) -> bool:
    return store.put(document, [Chunk(1, document.text, entities)])


def test_an_empty_store_is_ready_and_finds_nothing(store: GraphStore) -> None:
    store.ready()
    assert store.search(["rome"], 5) == []
    assert store.mentioning(["Rome"], 5) == []


def test_a_document_is_found_by_a_word_in_it_whatever_the_case(store: GraphStore) -> None:
    assert put(store, ROME, "Rome", "Italy")
    assert [hit.document_name for hit in store.search(["ITALY"], 5)] == ["rome"]


def test_the_same_document_twice_is_stored_once(store: GraphStore) -> None:
    assert put(store, ROME, "Rome") is True
    assert put(store, ROME, "Rome") is False
    assert len(store.search(["rome"], 5)) == 1


def test_a_document_put_by_many_at_once_is_stored_once(store: GraphStore) -> None:
    store.ready()
    created: list[bool] = []
    threads = [threading.Thread(target=lambda: created.append(put(store, ROME))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(created) == [False] * 5 + [True]
    assert len(store.search(["rome"], 9)) == 1


def test_the_better_match_comes_first(store: GraphStore) -> None:
    put(store, ROME, "Rome")
    put(store, PARIS, "Paris")
    hits = store.search(["capital", "france"], 5)
    assert [hit.document_name for hit in hits] == ["paris", "rome"]
    assert hits[0].score > hits[1].score


def test_chunks_are_found_by_the_entities_they_mention(store: GraphStore) -> None:
    put(store, ROME, "Rome", "Italy")
    put(store, PARIS, "Paris", "Italy")
    assert {hit.document_name for hit in store.mentioning(["italy"], 5)} == {"rome", "paris"}
    assert [hit.document_name for hit in store.mentioning(["rome", "italy"], 1)] == ["rome"]


def test_a_document_without_any_entity_is_stored_too(store: GraphStore) -> None:
    assert put(store, ROME) is True
    assert store.search(["rome"], 5)[0].entities == ()


def test_signs_that_mean_something_to_a_query_language_do_no_harm(store: GraphStore) -> None:
    put(store, ROME, "Rome")
    for nasty in ['"', "a:b", "(rome", "rome*", "AND", "NOT", "\\", "rome~", "/x/", "'; DROP"]:
        store.search([nasty], 5)
    assert store.search(["rome"], 5)


def test_no_more_hits_than_asked_for(store: GraphStore) -> None:
    for number in range(5):
        put(store, Document(f"d{number}", "The same words in each."))
    assert len(store.search(["same"], 3)) == 3
