"""The command ``knowledgeweaver``: serve, and the same work without a server."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from knowledgeweaver import __version__
from knowledgeweaver.graph.port import StoreUnavailable
from knowledgeweaver.settings import Settings, SettingsError, table

#: Exit codes beside 0: nothing found or something failed, and a wrong command or environment.
FAILED, WRONG = 1, 2


class Mistake(Exception):
    """The user's, told in one line."""


def main(words: Sequence[str], env: Mapping[str, str] | None = None) -> int:
    """Run a command; its exit code."""
    given = dict(os.environ if env is None else env)
    asked = _parser().parse_args(words)
    try:
        if asked.command in (None, "serve"):
            return _serve(given if asked.command is None else _with_file(given))
        if asked.command == "key":
            return _key(asked)
        if asked.command == "settings":
            print(table(), end="")
            return 0
        return _work(asked, Settings.read(_with_file(given), serving=False))
    except (SettingsError, Mistake) as error:
        print(f"knowledgeweaver: {error}", file=sys.stderr)
        return WRONG
    except StoreUnavailable as error:
        print(f"knowledgeweaver: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("knowledgeweaver: stopped; what was begun goes on with the next one", file=sys.stderr)
        return 130
    except BrokenPipeError:  # whoever read us has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _serve(env: Mapping[str, str]) -> int:
    settings = Settings.read(env)
    from knowledgeweaver.serve import run

    run(settings)
    return 0


def _work(asked: argparse.Namespace, settings: Settings) -> int:
    logging.basicConfig(level="ERROR", format="knowledgeweaver: %(message)s", stream=sys.stderr)
    if asked.command == "doctor":
        from knowledgeweaver.command import doctor

        return doctor.run(settings, call=asked.call)
    from knowledgeweaver.command import local

    return local.run(asked, settings)


def _with_file(env: Mapping[str, str]) -> dict[str, str]:
    """The environment, with a database in the user's own folder where none is named."""
    if env.get("NEO4J_URI") or env.get("KW_DATABASE"):
        return dict(env)
    home = Path(env.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    folder = home / "knowledgeweaver"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Mistake(f"KW_DATABASE must be set: {folder}: {error.strerror}") from None
    return {**env, "KW_DATABASE": str(folder / "graph.db")}


def _key(asked: argparse.Namespace) -> int:
    from knowledgeweaver.keys import new_key

    until = None
    if asked.days is not None:
        until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=asked.days)
    drawn, kept = new_key(asked.name, asked.scope or ["read", "write"], until)
    print(f"The key, which is shown only now: {drawn}")
    print(f"For the list in KW_API_KEYS: {kept.model_dump_json(exclude_none=True)}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="knowledgeweaver",
        description="Documents in, a knowledge graph, answers with sources. Settings come from the"
        " environment; without NEO4J_URI and KW_DATABASE the graph is a file in your own folder.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    def command(name: str, help: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=help, description=help)

    command("serve", "start the server (also without a command, as the image does)")
    ingest = command("ingest", "read files, folders or s3://bucket/prefix into the graph")
    ingest.add_argument("paths", nargs="+", metavar="PATH")
    ingest.add_argument("--estimate", action="store_true", help="only say what it would cost")
    ask = command("ask", "answer a question, with sources")
    ask.add_argument("question")
    ask.add_argument("--json", action="store_true")
    documents = command("documents", "list the documents and how far each is")
    documents.add_argument("--json", action="store_true")
    delete = command("delete", "take documents away, with all that only they said")
    delete.add_argument("names", nargs="+", metavar="NAME")
    export = command("export", "write the whole graph")
    export.add_argument("format", choices=["graphml", "jsonld", "cypher"])
    export.add_argument("--output", metavar="FILE", help="instead of standard output")
    stats = command("stats", "count everything, and what models cost today")
    stats.add_argument("--json", action="store_true")
    doctor = command("doctor", "check that all the environment names is there")
    doctor.add_argument("--call", action="store_true", help="also make one small call of the model")
    key = command("key", "draw a key, and what KW_API_KEYS keeps of it")
    key.add_argument("name")
    key.add_argument("--scope", action="append", choices=["read", "write"])
    key.add_argument("--days", type=int, help="how long it is valid")
    command("settings", "print the table of all settings")
    return parser
