"""What every graph store must do, whichever it is."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from knowledgeweaver.extract.cache import SqliteMemory
from knowledgeweaver.extract.port import Fact, Mention, Usage
from knowledgeweaver.graph.neo4j import Neo4jStore
from knowledgeweaver.graph.neo4j_memory import Neo4jMemory
from knowledgeweaver.graph.port import Begun, GraphStore, Stats
from knowledgeweaver.graph.sqlite import SqliteStore
from knowledgeweaver.model import Chunk, Source, State, Version, source_id

EMPTY = Stats(0, 0, 0, 0, 0)


def chunk(
    number: int, text: str, *names: str, facts: tuple[tuple[str, str, str], ...] = ()
) -> Chunk:
    mentions = tuple(Mention(n, text.index(n), text.index(n) + len(n)) for n in names)
    said = tuple(Fact(*fact, 0, len(text)) for fact in facts)
    return Chunk(number, text, 0, len(text), mentions=mentions, facts=said)


def source(name: str, digest: str = "1", **more: object) -> Source:
    fields = {"title": name, "digest": digest, "ticket": digest, **more}
    return Source(source_id(name), name, **fields)  # type: ignore[arg-type]


def put(store: GraphStore, name: str, *chunks: Chunk, digest: str = "1") -> Source:
    """A source whose content becomes these chunks."""
    made = source(name, digest)
    assert store.begin(made, b"") is Begun.GO_ON
    done = replace(made, state=State.DONE, chunks=len(chunks))
    assert store.replace(Version(done, chunks))
    return done


def put_rome_and_paris(store: GraphStore) -> None:
    rome = "Rome is the capital of Italy."
    put(store, "rome", chunk(1, rome, "Rome", "Italy", facts=(("Rome", "capital of", "Italy"),)))
    put(store, "paris", chunk(1, "Paris is the capital of France.", "Paris", "France"))


def found(store: GraphStore, *words: str) -> list[str]:
    """Names of the sources in which the words stand, best first."""
    scores: dict[int, float] = {}
    for holders in store.beginning(words, []).words:
        for ref, score in holders.items():
            scores[ref] = scores.get(ref, 0.0) + score
    order = sorted(scores, key=lambda ref: -scores[ref])
    return [passage.source for passage in store.passages(order)]


def test_an_empty_store_is_ready_and_knows_nothing(store: GraphStore) -> None:
    store.ready()
    assert store.stats() == EMPTY
    assert store.sources(10) == []
    assert found(store, "rome") == []
    assert store.neighbourhood([], ["rome"]).named == {}
    assert store.steps([]).named == {}
    assert store.source(source_id("rome")) is None
    assert store.remove(source_id("rome")) is False


def test_a_document_is_found_by_its_words_whatever_their_form(store: GraphStore) -> None:
    put(store, "zoo", chunk(1, "Two lions were sleeping in Zürich."))
    for word in ("LION", "sleeps", "zurich", "Zürich", "zoo"):
        assert found(store, word) == ["zoo"], word
    assert found(store, "tiger") == []


def test_a_word_in_the_title_weighs_more_than_one_in_the_text(store: GraphStore) -> None:
    put(store, "notes", chunk(1, "Something about lions and much else."))
    put(store, "lions", chunk(1, "Something about cats and very much else."))
    assert found(store, "lions") == ["lions", "notes"]


def test_scripts_without_spaces_are_found_by_pairs_of_characters(store: GraphStore) -> None:
    put(store, "日本", chunk(1, "東京は日本の首都です。"))
    put(store, "フランス", chunk(1, "パリはフランスの首都です。"))
    assert found(store, "東京") == ["日本"]
    assert sorted(found(store, "首都")) == ["フランス", "日本"]
    assert found(store, "大阪") == []


def test_signs_that_mean_something_to_a_query_language_do_no_harm(store: GraphStore) -> None:
    put_rome_and_paris(store)
    nasty = ['"', "a:b", "(rome", "rome*", "AND", "NOT", "\\", "rome~", "/x/", "'; DROP", "\0", ""]
    store.beginning(nasty, nasty)
    store.neighbourhood([1, -1], nasty)
    assert store.stats().sources == 2


def test_facts_are_found_by_their_words_and_lead_to_both_ends(store: GraphStore) -> None:
    put_rome_and_paris(store)
    [fact] = store.beginning(["capital", "italy"], []).facts
    assert (fact.subject, fact.object) == ("rome", "italy")
    assert fact.score > 0


def test_names_are_known_by_their_keys_with_how_many_chunks_name_them(store: GraphStore) -> None:
    put_rome_and_paris(store)
    put(store, "more", chunk(1, "Italy again.", "Italy"), chunk(2, "ITALY.", "ITALY"))
    known = store.beginning([], ["italy", "rome", "atlantis"])
    assert known.names == {"italy": 3, "rome": 1}
    assert known.chunks == 4


def test_a_neighbourhood_holds_what_shares_names(store: GraphStore) -> None:
    put_rome_and_paris(store)
    put(store, "naples", chunk(1, "Naples is in Italy.", "Naples", "Italy"))
    seeds = list(store.beginning(["rome"], []).words[0])
    near = store.neighbourhood(seeds, ["rome"])
    assert {p.source for p in store.passages(list(near.named))} == {"rome", "naples"}
    assert near.frequency["italy"] == 2
    assert ("rome", "italy") in near.facts
    assert "paris" not in near.frequency


def test_steps_lead_along_names_to_their_holders_and_titles(store: GraphStore) -> None:
    put_rome_and_paris(store)
    put(store, "Italy", chunk(1, "A country in Europe."))
    [seed] = store.beginning(["rome"], []).words[0]
    steps = store.steps([seed])
    assert sorted(steps.named[seed]) == ["italy", "rome"]
    assert steps.frequency == {"italy": 2, "rome": 1}
    assert {p.source for p in store.passages(list(steps.holders["italy"]))} == {"rome", "Italy"}
    [(titled, weight)] = steps.titles["italy"].items()
    assert store.passages([titled])[0].source == "Italy"
    assert weight == 1.0


def test_steps_go_to_titles_that_are_written_alike(store: GraphStore) -> None:
    put(store, "report", chunk(1, "Made by IBM in 1956.", "IBM"))
    put(store, "International Business Machines", chunk(1, "A company."))
    [seed] = store.beginning(["made"], []).words[0]
    [(titled, weight)] = store.steps([seed]).titles["ibm"].items()
    assert store.passages([titled])[0].title == "International Business Machines"
    assert 0 < weight < 1


def test_names_that_stand_nearly_everywhere_lead_nowhere(store: GraphStore) -> None:
    texts = [chunk(n, f"Earth, part {n}.", "Earth") for n in range(1, 62)]
    put(store, "many", *texts)
    [seed] = store.passages(list(store.beginning(["61"], []).words[0]))
    assert store.steps([seed.ref]).holders == {}
    assert len(store.neighbourhood([seed.ref], ["earth"]).named) <= 1


def test_passages_are_read_in_the_order_asked_for_with_their_places(store: GraphStore) -> None:
    one = replace(chunk(1, "Rome.", "Rome"), start=10, end=15, section="Cities / Old", page=3)
    put(store, "guide", one, chunk(2, "Paris.", "Paris"))
    refs = {word: next(iter(store.beginning([word], []).words[0])) for word in ("rome", "paris")}
    second, first = store.passages([refs["paris"], refs["rome"], 123456])
    assert (second.text, first.text) == ("Paris.", "Rome.")
    assert (first.start, first.end, first.section, first.page) == (10, 15, "Cities / Old", 3)
    assert set(first.names) == {"Rome", "guide"}
    assert [p.number for p in store.chunks(source_id("guide"), 2, 5)] == [2]


def test_new_content_replaces_exactly_what_the_source_said_before(store: GraphStore) -> None:
    put_rome_and_paris(store)
    put(store, "rome", chunk(1, "Rome lies on the Tiber.", "Rome", "Tiber"), digest="2")
    assert found(store, "capital") == ["paris"]
    assert store.beginning(["italy"], ["italy", "tiber"]).names == {"tiber": 1}
    assert store.beginning(["capital"], []).facts == ()
    assert store.stats().chunks == 2


def test_removing_a_source_takes_only_what_nobody_else_says(store: GraphStore) -> None:
    put_rome_and_paris(store)
    put(store, "naples", chunk(1, "Naples is in Italy.", "Naples", "Italy"))
    assert store.remove(source_id("rome")) is True
    assert store.remove(source_id("rome")) is False
    assert store.beginning([], ["rome", "italy"]).names == {"italy": 1}
    for name in ("paris", "naples"):
        store.remove(source_id(name))
    assert store.stats() == EMPTY


def test_the_same_content_again_is_nothing_to_do(store: GraphStore) -> None:
    done = put(store, "rome", chunk(1, "Rome.", "Rome"))
    again = replace(source("rome"), ticket="another")
    assert store.begin(again, b"") is Begun.SAME
    assert store.source(done.id) == replace(done, changed=store.source(done.id).changed)  # type: ignore[union-attr]
    assert store.begin(replace(again, extractor="better"), b"") is Begun.GO_ON


def test_while_a_version_is_worked_on_the_last_one_still_answers(store: GraphStore) -> None:
    put(store, "rome", chunk(1, "Rome.", "Rome"))
    store.begin(source("rome", "2"), b"new")
    assert found(store, "rome") == ["rome"]
    assert store.source(source_id("rome")).state is State.QUEUED  # type: ignore[union-attr]


def test_whoever_began_last_is_the_one_who_may_end(store: GraphStore) -> None:
    slow, quick = source("rome", "1"), source("rome", "2")
    store.begin(slow, b"")
    store.begin(quick, b"")
    done = replace(quick, state=State.DONE)
    assert store.replace(Version(done, (chunk(1, "Quick.", "Quick"),)))
    assert not store.replace(Version(replace(slow, state=State.DONE), (chunk(1, "Slow."),)))
    assert not store.note(replace(slow, state=State.FAILED))
    assert found(store, "quick", "slow") == ["rome"]
    assert store.source(done.id).digest == "2"  # type: ignore[union-attr]


def test_events_with_an_order_that_come_late_change_nothing(store: GraphStore) -> None:
    assert store.begin(source("rome", "2", sequence="B"), b"") is Begun.GO_ON
    assert store.begin(source("rome", "1", sequence="A"), b"") is Begun.LATE
    assert store.remove(source_id("rome"), "A") is False
    assert store.remove(source_id("rome"), "C") is True
    assert store.begin(source("rome", "2", sequence="B"), b"") is Begun.LATE
    assert store.source(source_id("rome")) is None
    assert store.begin(source("rome", "3", sequence="D"), b"") is Begun.GO_ON


def test_what_is_posted_or_deleted_is_later_than_all_events_before_it(store: GraphStore) -> None:
    def done(digest: str, sequence: str = "") -> None:
        begun = source("rome", digest, sequence=sequence)
        assert store.begin(begun, b"") is Begun.GO_ON
        assert store.replace(Version(replace(begun, state=State.DONE), (chunk(1, "Rome."),)))

    done("1", sequence="B")
    assert store.remove(source_id("rome"), "C") is True
    done("2")
    for late in ("B", "C"):  # the second time, or after its time
        assert store.remove(source_id("rome"), late) is False
        assert store.begin(source("rome", "1", sequence=late), b"") is Begun.LATE
    assert store.remove(source_id("rome"), "") is True
    assert store.begin(source("rome", "1", sequence="C"), b"") is Begun.LATE
    done("3", sequence="D")


def test_an_event_told_again_goes_on_only_with_what_it_began(store: GraphStore) -> None:
    begun = source("rome", "1", sequence="B")
    assert store.begin(begun, b"") is Begun.GO_ON
    assert store.begin(begun, b"") is Begun.GO_ON
    assert store.replace(Version(replace(begun, state=State.DONE), (chunk(1, "Rome."),)))
    assert store.begin(begun, b"") is Begun.SAME
    assert store.begin(source("rome", "2"), b"") is Begun.GO_ON
    assert store.note(replace(source("rome", "2"), state=State.FAILED, reason="empty"))
    assert store.begin(begun, b"") is Begun.LATE


def test_a_removal_that_comes_before_what_it_removes_still_holds(store: GraphStore) -> None:
    assert store.remove(source_id("rome"), "B") is False
    assert store.begin(source("rome", "1", sequence="A"), b"") is Begun.LATE
    assert store.sources(5) == []


def test_what_was_begun_and_not_ended_is_kept_to_go_on_with(store: GraphStore) -> None:
    begun = source("rome", changed=1000.0)
    store.begin(begun, b"\x00bytes")
    [pending] = store.unfinished(before=2000.0)
    assert pending.data == b"\x00bytes"
    assert pending.source == begun
    assert store.unfinished(before=1000.0) == []
    store.note(replace(begun, state=State.FAILED, reason="no-text", changed=1001.0))
    assert store.unfinished(before=2000.0) == []


def test_how_far_the_work_is_and_what_it_used_is_kept(store: GraphStore) -> None:
    begun = source("rome")
    store.begin(begun, b"")
    working = replace(
        *(begun,),
        state=State.EXTRACTING,
        chunks=9,
        extracted=4,
        skipped=1,
        entities=3,
        language="it",
        media_type="text/plain",
        extractor="offline",
        usage=Usage(10, 20, 0.5, 1.5),
        changed=12.5,
    )
    assert store.note(working)
    assert store.source(begun.id) == working


def test_sources_are_listed_by_name_page_by_page_and_by_state(store: GraphStore) -> None:
    for name in ("c", "a", "b"):
        put(store, name, chunk(1, "Words."))
    store.begin(source("d"), b"")
    assert [s.name for s in store.sources(2)] == ["a", "b"]
    assert [s.name for s in store.sources(2, after="b")] == ["c", "d"]
    assert [s.name for s in store.sources(9, state="queued")] == ["d"]


def test_merges_are_listed_with_their_reason_and_can_be_undone_for_good(store: GraphStore) -> None:
    put(store, "a", chunk(1, "IBM sold it.", "IBM"))
    put(store, "b", chunk(1, "International Business Machines.", "International Business Machines"))
    [merge] = [m for m in store.merges(10) if m.alias == "ibm"]
    assert (merge.into, merge.reason) == ("international business machines", "acronym")
    assert store.merges(10, after=(merge.alias, merge.into)) == []
    assert store.unmerge(merge.alias, merge.into) is True
    assert store.unmerge(merge.alias, merge.into) is False
    put(store, "b", chunk(1, "Nothing."), digest="2")
    put(store, "b", chunk(1, "International Business Machines.", "International Business Machines"),
        digest="3")  # fmt: skip
    assert store.merges(10) == []


def test_a_document_begun_by_many_at_once_is_done_by_one(store: GraphStore) -> None:
    store.ready()
    ended: list[bool] = []

    def work(number: int) -> None:
        mine = replace(source("rome"), ticket=str(number))
        store.begin(mine, b"")
        one = chunk(1, "Rome is in Italy.", "Rome", "Italy")
        ended.append(store.replace(Version(replace(mine, state=State.DONE), (one,))))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert any(ended)
    assert store.stats() == Stats(sources=1, chunks=1, entities=2, mentions=2, facts=0)


def test_documents_that_share_names_can_be_written_at_once(store: GraphStore) -> None:
    store.ready()
    names = ("Ada Lovelace", "Charles Babbage", "London")
    text = ", ".join(names)
    threads = [
        threading.Thread(target=put, args=(store, f"d{n}", chunk(1, text, *names)))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.beginning([], ["london"]).names == {"london": 8}


NAMES = st.sampled_from(["Ada", "Babbage", "Ada Lovelace", "IBM", "London"])
CONTENT = st.lists(st.lists(NAMES, max_size=3, unique=True), max_size=3)
CHANGES = st.lists(st.tuples(st.sampled_from("xyz"), CONTENT | st.none()), max_size=8)


@given(CHANGES)
@limits(max_examples=60)
def test_after_any_changes_the_graph_is_that_of_the_last_versions(
    changes: list[tuple[str, list[list[str]] | None]],
) -> None:
    lived, fresh = SqliteStore(), SqliteStore()
    last: dict[str, list[list[str]]] = {}

    def write(store: SqliteStore, name: str, content: list[list[str]], digest: str) -> None:
        chunks = [chunk(n, " ".join(names), *names) for n, names in enumerate(content, 1)]
        put(store, name, *chunks, digest=digest)

    for number, (name, content) in enumerate(changes):
        if content is None:
            lived.remove(source_id(name))
            last.pop(name, None)
        else:
            write(lived, name, content, str(number))
            last[name] = content
    for name, content in last.items():
        write(fresh, name, content, "1")
    assert lived.stats() == fresh.stats()
    keys = ["ada", "babbage", "ada lovelace", "ibm", "london", "x", "y", "z"]
    one, other = lived.beginning(["ada"], keys), fresh.beginning(["ada"], keys)
    assert one.names == other.names
    assert sorted(one.words[0].values()) == sorted(other.words[0].values())
    for name in "xyz":
        lived.remove(source_id(name))
    assert lived.stats() == EMPTY


def test_what_chunks_state_is_told_chunk_by_chunk_with_its_place(store: GraphStore) -> None:
    facts = (Fact("Ada", "met", "Babbage", 0, 15), Fact("Ada", "wrote to", "Babbage", 17, 30))
    put(store, "a", replace(chunk(1, "Ada met Babbage. Ada wrote to.", "Ada"), facts=facts))
    [passage] = store.chunks(source_id("a"), 1, 9)
    told = store.facts([passage.ref])
    assert [(t.ref, t.predicate, t.start, t.end) for t in told] == [
        (passage.ref, "met", 0, 15),
        (passage.ref, "wrote to", 17, 30),
    ]
    assert store.facts([]) == []


def test_models_remember_beside_the_graph_and_forget_chunk_by_chunk(store: GraphStore) -> None:
    memory = Neo4jMemory(store) if isinstance(store, Neo4jStore) else SqliteMemory()
    memory.put("a:1", "one")
    memory.put("a:1", "other")
    memory.put("ab:1", "two")
    memory.forget(["a"])
    assert (memory.get("a:1"), memory.get("ab:1")) == (None, "two")
    assert memory.reserve("2026-12-01", 3.0, 5.0)
    assert not memory.reserve("2026-12-01", 3.0, 5.0)
    memory.book("2026-12-01", -1.0)
    assert memory.spent("2026-12-01") == 2.0
    assert memory.spent("2026-12-02") == 0.0
    assert store.stats() == EMPTY


def test_what_was_taken_away_is_remembered_for_as_long_as_an_event_may_come_late(
    store: GraphStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def remove(name: str) -> None:
        put(store, name, chunk(1, "Rome is old."))
        store.remove(source_id(name), "B")

    now = time.time()
    remove("first")
    monkeypatch.setattr(time, "time", lambda: now + 29 * 86400)
    remove("second")
    assert store.begin(source("first", "1", sequence="A"), b"") is Begun.LATE
    monkeypatch.setattr(time, "time", lambda: now + 31 * 86400)
    remove("third")
    assert store.begin(source("second", "1", sequence="A"), b"") is Begun.LATE
    assert store.begin(source("first", "1", sequence="A"), b"") is Begun.GO_ON
