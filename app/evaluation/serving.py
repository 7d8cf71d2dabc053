"""What the server adds to its store's work: requests a second, tracing, memory, the first answer.

``python -m evaluation.serving FOLDER`` ingests the passages of a folder into SQLite, serves them,
asks the folder's questions, and prints one JSON object. The other side of the throughput is
``evaluation.bare``, that of the traces the same server without them. Sides take turns.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle, islice
from pathlib import Path

import httpx

from evaluation.retrieval import ingest, rows
from knowledgeweaver.graph.sqlite import SqliteStore

KEY = "a-key-that-is-long-enough"
#: Clients at a time, and the requests of all of them in a round.
CLIENTS, BURST = 4, 120
ROUNDS = 5
#: Requests of one client in a round where one request's time counts.
EACH = 60


@dataclass(frozen=True, slots=True)
class Served:
    """A running server: where it is, its process, and when that was started (monotonic)."""

    url: str
    process: subprocess.Popen[bytes]
    started: float

    def ask(self, client: httpx.Client, question: str) -> float:
        """Seconds until the answer to one question is there; raises HTTPStatusError."""
        began = time.perf_counter()
        client.post(f"{self.url}/ask", json={"question": question}).raise_for_status()
        return time.perf_counter() - began

    def megabytes(self) -> float:
        """What the process keeps in memory, in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        [resident] = [line for line in status.splitlines() if line.startswith("VmRSS:")]
        return int(resident.split()[1]) / 1024


class _Sink(BaseHTTPRequestHandler):
    """Takes every trace, as Phoenix would, and keeps none."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def sink() -> Iterator[str]:
    """The address of something that takes traces."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Sink)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(command: Sequence[str], port: int, environ: Mapping[str, str]) -> Iterator[Served]:
    """A server that listens, ended with the block; raises SystemExit where it ends by itself."""
    started = time.perf_counter()
    given = {"PATH": os.environ["PATH"], **environ}
    process = subprocess.Popen([sys.executable, "-m", *command], env=given)
    try:
        while True:
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            if process.poll() is not None:
                raise SystemExit(f"{' '.join(command)} ended before it listened.")
            time.sleep(0.005)
        yield Served(f"http://127.0.0.1:{port}", process, started)
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def ours(database: Path | str, traces: str = "") -> Iterator[Served]:
    """The application over a file; its log lines go nowhere, as its metrics with them."""
    port = free_port()
    environ = {
        "PORT": str(port),
        "KW_API_KEY": KEY,
        "KW_DATABASE": str(database),
        "KW_REQUESTS_PER_MINUTE": "1000000",
        "KW_LOG_LEVEL": "WARNING",
        "PHOENIX_COLLECTOR_ENDPOINT": traces,
    }
    with served(["knowledgeweaver"], port, environ) as found:
        yield found


@contextmanager
def other(database: Path) -> Iterator[Served]:
    """The bare route over the same file."""
    port = free_port()
    with served(["evaluation.bare", str(port), str(database)], port, {}) as found:
        yield found


def burst(side: Served, questions: Sequence[str], count: int = BURST) -> float:
    """Requests a second of several clients that ask at the same time."""
    share = count // CLIENTS

    def one(first: int) -> None:
        with httpx.Client(headers={"x-api-key": KEY}, timeout=60) as client:
            for question in islice(cycle(questions), first * share, (first + 1) * share):
                side.ask(client, question)

    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(one, range(CLIENTS)))
    return share * CLIENTS / (time.perf_counter() - began)


def throughput(database: Path, questions: Sequence[str]) -> dict[str, float]:
    """Requests a second of both sides; the share is the median of the rounds' shares."""
    with ours(database) as our, other(database) as bare:
        burst(our, questions), burst(bare, questions)
        pairs = [(burst(our, questions), burst(bare, questions)) for _ in range(ROUNDS)]
    shares = [a / b for a, b in pairs]
    return {
        "ours_per_second": round(statistics.median(a for a, _ in pairs), 1),
        "bare_per_second": round(statistics.median(b for _, b in pairs), 1),
        "share": round(statistics.median(shares), 3),
    }


def tracing(database: Path, questions: Sequence[str]) -> dict[str, float]:
    """Milliseconds a question with and without traces; the ratio of each round's medians."""
    with (
        sink() as address,
        ours(database, address) as on,
        ours(database) as off,
        httpx.Client(headers={"x-api-key": KEY}, timeout=60) as client,
    ):
        found = []
        for number in range(ROUNDS + 1):
            times: dict[str, list[float]] = {"on": [], "off": []}
            for question in islice(cycle(questions), number * EACH, (number + 1) * EACH):
                for name, side in (("on", on), ("off", off)):
                    times[name].append(1000 * side.ask(client, question))
            found.append([statistics.median(times[name]) for name in ("on", "off")])
    kept = found[1:]  # the first round warms both
    return {
        "on_ms": round(statistics.median(a for a, _ in kept), 1),
        "off_ms": round(statistics.median(b for _, b in kept), 1),
        "ratio": round(statistics.median(a / b for a, b in kept), 3),
    }


def memory(database: Path, questions: Sequence[str], most: int) -> dict[str, float]:
    """MiB after a tenth of the requests and after all of them, with traces on."""
    with sink() as address, ours(database, address) as our:
        burst(our, questions, most // 10)
        early = our.megabytes()
        burst(our, questions, most - most // 10)
        return {
            "requests": most,
            "early_mib": round(early, 1),
            "late_mib": round(our.megabytes(), 1),
            "grown_mib": round(our.megabytes() - early, 1),
        }


def first_answer() -> dict[str, float]:
    """Seconds from the start of the embedded application to an answer out of a document."""
    taken = []
    for _ in range(3):
        with (
            ours(":memory:") as our,
            httpx.Client(headers={"x-api-key": KEY}, timeout=60) as client,
        ):
            document = {"name": "engine", "text": "Ada Lovelace wrote about the Engine in 1843."}
            client.post(f"{our.url}/documents", json=document).raise_for_status()
            our.ask(client, "Who wrote about the Engine?")
            taken.append(time.perf_counter() - our.started)
    return {"seconds": round(statistics.median(taken), 2)}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--requests", type=int, default=10_000, help="those of the memory's row")
    chosen = parser.parse_args(arguments)
    questions = [row["question"] for row in rows(chosen.folder / "questions.jsonl")]
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "graph.db"
        store = SqliteStore(str(database))
        ingest(store, rows(chosen.folder / "passages.jsonl"), chosen.folder, "recorded")
        store.close()
        report = {
            "first": first_answer(),
            "throughput": throughput(database, questions),
            "tracing": tracing(database, questions),
            "memory": memory(database, questions, chosen.requests),
        }
    print(json.dumps(report))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
