"""Reads PDF and DOCX in a process of its own, with a limit on its time and its memory.

Their parsers are large, and a hostile file can make them loop or ask for gigabytes. Only the end
of a process takes all of that back, so one is started for each document; it knows no settings and
no credentials, gets the bytes on its standard input and writes the blocks as JSON.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

from knowledgeweaver.reading.blocks import Block, Heading, Page, Paragraph
from knowledgeweaver.reading.text import Unreadable

#: Limits of one document: processor seconds, seconds by the clock, bytes of address space.
CPU_SECONDS = 60
SECONDS = 120
MEMORY = 640 * 1024 * 1024

_ROOT = str(Path(__file__).resolve().parents[2])


def read_apart(kind: str, data: bytes, *, seconds: float = SECONDS) -> tuple[str, list[Block]]:
    """The title and the blocks of a document; ``kind`` is "pdf" or "docx".

    Raises Unreadable; too-large also where a limit of time or memory was reached.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__, kind],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            env=reading_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable("too-large", f"not read within {seconds:g} seconds") from error
    if done.returncode != 0:
        # Killed by the limit of the processor's time, or memory ran out in the parser's own code.
        raise Unreadable("too-large", "not read within the limits of time and memory")
    answer = json.loads(done.stdout)
    if reason := answer.get("reason"):
        raise Unreadable(reason, answer["message"])
    return answer["title"], [_block(*entry) for entry in answer["blocks"]]


def reading_environment() -> dict[str, str]:
    """All that the process knows of ours: where the code is."""
    return {"PYTHONPATH": _ROOT, "PATH": os.environ.get("PATH", "")}


def _block(level: int, text: str) -> Block:
    """-1 is a page's start, 0 a paragraph, 1 … 6 a heading."""
    if level < 0:
        return Page()
    return Heading(text, level) if level else Paragraph(text)


def _entry(block: Block) -> tuple[int, str]:
    match block:
        case Page():
            return -1, ""
        case Heading(title, level):
            return level, title
        case Paragraph(text):
            return 0, text


def limit() -> None:
    """Take from this process what a document may not use; some systems know no such limits."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(kind: str) -> None:
    """What the process does; every ending but a limit's is an answer on standard output."""
    limit()
    try:
        if kind == "pdf":
            from knowledgeweaver.reading.pdf import read_pdf as reader
        else:
            from knowledgeweaver.reading.word import read_docx as reader
        title, blocks = reader(sys.stdin.buffer.read())
        answer = {"title": title, "blocks": [_entry(block) for block in blocks]}
    except Unreadable as error:
        answer = {"reason": error.reason, "message": str(error)}
    except (MemoryError, RecursionError):
        answer = {"reason": "too-large", "message": "not read within the limits of memory"}
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()
    # Without the interpreter's own farewell: taking a large tree apart costs seconds.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
