"""Documents on their way in, whatever happens to them there."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pytest
from inbox import wait

from knowledgeweaver.extract.offline import Offline
from knowledgeweaver.extract.port import Extraction, ExtractionFailed, Mention, Usage
from knowledgeweaver.graph.port import GraphStore
from knowledgeweaver.graph.sqlite import SqliteStore
from knowledgeweaver.ingest import Ingest, Stopped
from knowledgeweaver.model import State, source_id
from knowledgeweaver.work import Later

APP = Path(__file__).resolve().parents[1]
LONG = "\n\n".join(
    f"Paragraph {n} is about Ada Lovelace. " + "Words follow. " * 60 for n in range(6)
)


class Picky:
    """An extractor that fails at chosen chunks, for a reason, and costs something at the others."""

    name = "picky"

    def __init__(self, reason: str, *words: str) -> None:
        self.reason, self.words, self.asked = reason, words, 0

    def extract(self, text: str, *, title: str, language: str) -> Extraction:
        self.asked += 1
        if any(word in text for word in self.words):
            raise ExtractionFailed(self.reason)
        at = text.find("Ada Lovelace")
        return Extraction((Mention("Ada Lovelace", at, at + 12),), (), Usage(10, 5, 0.01, 0.1))


def test_a_document_is_read_once_and_its_new_version_replaces_it(store: GraphStore) -> None:
    ingest = Ingest(store, Offline())
    first = ingest.add("price.txt", b"It costs 10 dollars.")
    assert first.created
    assert not ingest.add("price.txt", b"It costs 10 dollars.").created
    assert ingest.add("price.txt", b"It costs 25 dollars.").created
    [passage] = store.chunks(source_id("price.txt"), 1, 9)
    assert passage.text == "It costs 25 dollars."


def test_positions_of_a_passage_are_those_in_the_documents_text(store: GraphStore) -> None:
    Ingest(store, Offline()).add("long.txt", LONG.encode())
    passages = store.chunks(source_id("long.txt"), 1, 99)
    assert len(passages) > 3
    assert all(LONG[p.start : p.end] == p.text for p in passages)


def test_what_cannot_be_read_is_a_failed_document_that_says_nothing(store: GraphStore) -> None:
    ingest = Ingest(store, Offline(), max_bytes=100)
    ingest.add("a.txt", b"Rome is in Italy.")
    for data, reason in ((b"", "empty"), (b"x" * 101, "too-large"), (b"\x89PNG\r\n\x1a\n", None)):
        done = ingest.add("a.txt", data)
        assert done.source.state is State.FAILED
        assert done.source.reason == (reason or done.source.reason) != ""
        assert store.stats().chunks == store.stats().entities == 0


@pytest.mark.parametrize("workers", [1, 3])
def test_a_chunk_that_cannot_be_extracted_is_marked_and_the_rest_goes_on(workers: int) -> None:
    store = SqliteStore()
    done = Ingest(store, Picky("malformed", "Paragraph 2"), workers).add("a.txt", LONG.encode())
    assert (done.source.state, done.source.skipped) == (State.DONE, 1)
    assert done.source.extracted == done.source.chunks > 3
    assert done.source.usage.input_tokens == 10 * (done.source.chunks - 1)
    assert store.beginning(["2"], []).words[0]  # its text is found all the same


def test_without_money_no_further_chunk_is_asked_for_and_the_document_says_so() -> None:
    store, extractor = SqliteStore(), Picky("over-budget", "Paragraph 2")
    done = Ingest(store, extractor).add("a.txt", LONG.encode())
    assert done.source.state is State.OVER_BUDGET
    assert extractor.asked < done.source.chunks
    assert store.stats().chunks == done.source.chunks


def test_a_document_of_which_nothing_was_extracted_failed() -> None:
    done = Ingest(SqliteStore(), Picky("unavailable", " ")).add("a.txt", LONG.encode())
    assert (done.source.state, done.source.reason) == (State.FAILED, "unavailable")


def test_a_later_version_that_came_in_the_meantime_stays(store: GraphStore) -> None:
    class Slow(Picky):
        def extract(self, text: str, *, title: str, language: str) -> Extraction:
            Ingest(store, Offline()).add("a.txt", b"The later words.")
            return super().extract(text, title=title, language=language)

    done = Ingest(store, Slow("malformed")).add("a.txt", b"The earlier words.")
    assert not done.created
    assert [p.text for p in store.chunks(source_id("a.txt"), 1, 9)] == ["The later words."]


def test_stopping_leaves_what_was_begun_to_somebody_who_goes_on(store: GraphStore) -> None:
    stopped = Ingest(store, Offline())
    stopped.stop()
    with pytest.raises(Stopped):
        stopped.add("a.txt", b"Rome is in Italy.")
    assert store.stats().chunks == 0
    assert Ingest(store, Offline()).resume(time.time() + 1) == 1
    assert store.source(source_id("a.txt")).state is State.DONE  # type: ignore[union-attr]
    assert Ingest(store, Offline()).resume(time.time() + 1) == 0


def test_a_process_that_begins_goes_on_with_what_the_last_one_left() -> None:
    store = SqliteStore()
    Ingest(store, Offline()).begin("a.txt", b"Rome is in Italy.")
    later = Later(Ingest(store, Offline()))
    later.start()
    wait(lambda: store.source(source_id("a.txt")).state is State.DONE)  # type: ignore[union-attr]
    later.stop(60)


#: Ingests forty documents into a file, from the beginning, whatever is there.
_PROGRAM = """
import sys, time
from knowledgeweaver.extract.offline import Offline
from knowledgeweaver.graph.sqlite import SqliteStore
from knowledgeweaver.ingest import Ingest
ingest = Ingest(SqliteStore(sys.argv[1]), Offline())
print("go", flush=True)
ingest.resume(time.time())
for n in range(40):
    text = f"Ada Lovelace met Person {n} of the Royal Society {n % 7} in Town {n % 5}."
    ingest.add(f"d{n}.txt", text.encode())
"""


def _dump(path: Path) -> list[object]:
    store = SqliteStore(str(path))
    keys = ["ada lovelace", "royal society 3", "town 2", "person 7"]
    found = store.beginning(["ada", "royal"], keys)
    names = [p.names for s in store.sources(99) for p in store.chunks(s.id, 1, 9)]
    scores = [sorted(round(v, 9) for v in word.values()) for word in found.words]
    result = [store.stats(), found.names, scores, store.merges(99), list(map(sorted, names))]
    store.close()
    return result


def test_killed_at_any_moment_the_graph_ends_up_the_same(tmp_path: Path) -> None:
    def run(path: Path, kill_after: float | None) -> None:
        process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, str(path)], cwd=APP, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
        if kill_after is not None:
            time.sleep(kill_after)
            process.send_signal(signal.SIGKILL)
        process.wait(60)
        process.stdout.close()

    run(tmp_path / "whole.db", None)
    moments = random.Random(16)  # noqa: S311 - no secret
    for _ in range(5):
        run(tmp_path / "killed.db", moments.uniform(0, 0.1))
    run(tmp_path / "killed.db", None)
    assert _dump(tmp_path / "killed.db") == _dump(tmp_path / "whole.db")


def test_whoever_resumes_goes_on_with_all_that_was_left(store: GraphStore) -> None:
    ingest = Ingest(store, Offline())
    for number in range(103):  # more than the store gives at a time
        ingest.begin(f"{number}.txt", b"Rome is in Italy.")
    assert Ingest(store, Offline()).resume(time.time() + 1) == 103
    assert store.unfinished(time.time() + 1) == []


def test_an_event_that_is_told_twice_is_no_reason_to_read_a_failed_version_again(
    store: GraphStore,
) -> None:
    ingest = Ingest(store, Picky("throttled", "Rome"))
    assert ingest.add("a.txt", b"Rome is in Italy.", sequence="B").source.state is State.FAILED
    assert not ingest.add("a.txt", b"Rome is in Italy.", sequence="B").created
    assert ingest.add("a.txt", b"Rome is in Italy.", sequence="C").created
    assert ingest.add("a.txt", b"Rome is in Italy.").created  # somebody asked for it


def test_documents_that_wait_are_not_kept_in_memory(tmp_path: Path) -> None:
    store = SqliteStore(str(tmp_path / "graph.db"))
    ingest = Ingest(store, Offline())
    later = Later(ingest)
    tracemalloc.start()
    try:
        for number in range(20):
            later.give(ingest.begin(f"{number}.txt", b"Rome is in Italy. " * 50_000)[1])
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 2_000_000  # of 18 megabytes
    small = ingest.begin("small.txt", b"Rome is in Italy.")[1]
    for source in store.sources(99):
        if source.name != small.name:
            store.remove(source.id)
    later.give(small)
    later.start()
    wait(lambda: store.source(small.id).state is State.DONE)  # type: ignore[union-attr]
    later.stop(60)
    store.close()


def test_the_same_bytes_in_another_encoding_are_another_version(store: GraphStore) -> None:
    ingest = Ingest(store, Offline())
    data = "Москва стоит на реке.".encode("cp1251")
    ingest.add("a.txt", data, "text/plain; charset=iso-8859-1")
    assert ingest.add("a.txt", data, "text/plain; charset=windows-1251").created
    [passage] = store.chunks(source_id("a.txt"), 1, 9)
    assert passage.text == "Москва стоит на реке."
    assert not ingest.add("a.txt", data, "text/plain; charset=cp1251").created  # its other name
    assert ingest.add("b.txt", b"Plain words.").created
    assert not ingest.add("b.txt", b"Plain words.", "text/plain; charset=utf-8").created
