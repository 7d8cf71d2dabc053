"""Servers on this machine that speak Bedrock's Converse and OpenAI's chat completions.

A test puts down the answers beforehand, good and hostile ones; each request takes the next, the
last one stays. What was asked is kept.
"""

from __future__ import annotations

import json
import struct
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server does with a request: waits, answers, or hangs up in the middle."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0
    wait_inside: float = 0.0  # between the first half of the body and the second
    cut: bool = False  # hang up after half of the body


@dataclass(slots=True)
class ModelServer:
    """A running server. ``at_once`` is how many requests it held at the same time at most."""

    url: str
    answers: list[Answer] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    at_once: int = 0
    running: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def will(self, *answers: Answer) -> None:
        """Answer like this from now on."""
        self.answers = list(answers)

    def next(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def serving() -> Iterator[ModelServer]:
    """A server on the loopback, as long as the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["content-length"]))
            with made.lock:
                made.asked.append(json.loads(data) if data[:1] == b"{" else {})
                made.paths.append(self.path)
                made.headers.append({k.lower(): v for k, v in self.headers.items()})
                answer = made.next()
                made.running += 1
                made.at_once = max(made.at_once, made.running)
            try:
                time.sleep(answer.wait)
                self.reply(answer)
            except OSError:
                pass  # the client gave up waiting
            finally:
                with made.lock:
                    made.running -= 1

        def reply(self, answer: Answer) -> None:
            self.send_response(answer.status)
            self.send_header("content-length", str(len(answer.body)))
            for name, value in {"content-type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            half = len(answer.body) // 2
            self.wfile.write(answer.body[:half])
            self.wfile.flush()
            if answer.cut:
                self.close_connection = True
                return
            time.sleep(answer.wait_inside)
            self.wfile.write(answer.body[half:])

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made = ModelServer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()


# --- Converse ---


def converse(content: list[dict[str, Any]], stop: str = "tool_use", **more: Any) -> Answer:
    """An answer of Converse with these parts."""
    body = {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": stop,
        "usage": {"inputTokens": 1000, "outputTokens": 200, "totalTokens": 1200},
        "metrics": {"latencyMs": 5},
    }
    return Answer(json.dumps(body).encode(), **more)


def tool(filled: object, name: str = "note_down") -> list[dict[str, Any]]:
    return [{"toolUse": {"toolUseId": "t-1", "name": name, "input": filled}}]


def aws_error(kind: str, status: int, message: str = "Not now") -> Answer:
    return Answer(json.dumps({"message": message}).encode(), status, {"x-amzn-ErrorType": kind})


def converse_stream(parts: list[str], stop: str = "end_turn", **more: Any) -> Answer:
    """A streamed answer, in AWS's binary event stream."""
    events: list[tuple[str, dict[str, Any]]] = [("messageStart", {"role": "assistant"})]
    events += [
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": part}}) for part in parts
    ]
    events += [
        ("messageStop", {"stopReason": stop}),
        ("metadata", {"usage": {"inputTokens": 500, "outputTokens": 50, "totalTokens": 550}}),
    ]
    body = b"".join(_frame(kind, payload) for kind, payload in events)
    return Answer(body, headers={"content-type": "application/vnd.amazon.eventstream"}, **more)


def broken_stream(parts: list[str], kind: str) -> Answer:
    """A streamed answer that ends with an exception of the service."""
    body = b"".join(
        _frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": part}})
        for part in parts
    )
    body += _frame(kind, {"message": "Not now"}, error=True)
    return Answer(body, headers={"content-type": "application/vnd.amazon.eventstream"})


def _frame(kind: str, payload: dict[str, Any], *, error: bool = False) -> bytes:
    data = json.dumps(payload).encode()
    names = {
        ":exception-type" if error else ":event-type": kind,
        ":content-type": "application/json",
        ":message-type": "exception" if error else "event",
    }
    headers = b"".join(
        bytes([len(name)])
        + name.encode()
        + b"\x07"
        + struct.pack(">H", len(value))
        + value.encode()
        for name, value in names.items()
    )
    prelude = struct.pack(">II", 16 + len(headers) + len(data), len(headers))
    prelude += struct.pack(">I", zlib.crc32(prelude))
    frame = prelude + headers + data
    return frame + struct.pack(">I", zlib.crc32(frame))


# --- OpenAI's chat completions ---


def completion(text: str | None, finish: str = "stop", **more: Any) -> Answer:
    """An answer of chat completions."""
    body = {
        "choices": [
            {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}
        ],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200},
    }
    return Answer(json.dumps(body).encode(), **more)


def completion_stream(parts: list[str], finish: str = "stop", **more: Any) -> Answer:
    """A streamed answer, as server-sent events; usage comes last, without a choice."""
    events: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": {"content": part}, "finish_reason": None}]}
        for part in parts
    ]
    events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    events.append({"choices": [], "usage": {"prompt_tokens": 500, "completion_tokens": 50}})
    lines = [f"data: {json.dumps(event)}\n\n" for event in events] + ["data: [DONE]\n\n"]
    return Answer("".join(lines).encode(), headers={"content-type": "text/event-stream"}, **more)
