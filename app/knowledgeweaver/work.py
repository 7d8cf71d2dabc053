"""Work beside the requests: documents that are read later, and those that a killed task left."""

from __future__ import annotations

import logging
import queue
import threading
import time

from opentelemetry.context import Context

from knowledgeweaver.graph.port import GraphStore, StoreUnavailable
from knowledgeweaver.ingest import Ingest, Stopped
from knowledgeweaver.model import Source
from knowledgeweaver.telemetry.traces import arrived, outgoing

#: Seconds without a note after which a shared store's document is taken from whoever had it.
ABANDONED = 600.0
#: Seconds between two looks for such documents.
LOOK = 60.0

log = logging.getLogger("uvicorn.error")  # the server's own, so that it reaches CloudWatch


class Later:
    """A thread that ingests what is given to it, and what was begun and never ended."""

    def __init__(self, ingest: Ingest) -> None:
        self._ingest = ingest
        self._waiting: queue.SimpleQueue[tuple[Source, Context | None]] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="later", daemon=True)

    def give(self, source: Source) -> None:
        """Return at once; the document is in the store already, which keeps its bytes.

        The work belongs to the trace of whoever gives it.
        """
        self._waiting.put((source, arrived(outgoing())))

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float) -> None:
        self._stopping.set()
        self._ingest.stop()
        self._thread.join(seconds)

    def _run(self) -> None:
        # Nobody else writes into an embedded store: what is unfinished now is an earlier life's.
        before, look = _alone(self._ingest.store), 0.0
        while not self._stopping.is_set():
            try:
                if time.monotonic() >= look:
                    self._ingest.resume(before or time.time() - ABANDONED)
                    before, look = 0.0, time.monotonic() + LOOK
                source, parent = self._waiting.get(timeout=0.2)
                pending = self._ingest.store.pending(source.id)
                if pending is not None and pending.source.ticket == source.ticket:
                    self._ingest.work(pending, parent)
            except queue.Empty:
                continue
            except Stopped:
                return
            except StoreUnavailable as error:
                log.warning("documents have to wait: %s", error)
                look = time.monotonic() + LOOK
            except Exception:  # a fault of ours must not end the thread
                log.exception("a document could not be ingested")


def _alone(store: GraphStore) -> float:
    return time.time() if store.kind == "sqlite" else 0.0
