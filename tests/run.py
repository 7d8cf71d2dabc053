"""Everything that has to hold, one command after the other; what `make test` runs.

Each command is printed with its time. All of them run even when one fails, so that one look shows
everything that is wrong.
"""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters.environments import kept
from pipeline.adapters.tools import locate

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv" / "bin"
UV = ROOT / ".tools" / "uv" / "bin" / "uv"
#: Lines of a failed check that are shown once more at the end.
LAST = 15
#: What takes minutes comes first, so that all processes end together.
LONGEST = [
    "tests/e2e/test_story.py",
    "tests/terraform/test_applied.py",
    "tests/terraform/test_phoenix.py",
    "tests/terraform/test_recovery.py",
    "tests/terraform/test_rotation.py",
    "tests/policies/test_mutations.py",
    "tests/sandbox/aws/test_aws_server.py",
    "tests/terraform/test_graph_store.py",
    "tests/terraform/test_user_data.py",
    "tests/sandbox/ecs/test_ecs_services.py",
    "tests/sandbox/github/test_pages.py",
    "tests/terraform/test_workspaces.py",
    "tests/usecases/test_lock.py",
    "tests/domain/test_coverage.py",
    "tests/usecases/test_planted_secrets.py",
    "tests/terraform/test_validations.py",
    "tests/terraform/test_alerts.py",
    "tests/sandbox/neo4j/test_neo4j_instances.py",
    "tests/usecases/test_drift.py",
    "tests/usecases/test_destroy.py",
]


def static() -> list[tuple[str, list[str]]]:
    """Checks that start nothing."""
    workflows = [str(path) for path in sorted((ROOT / ".github/workflows").glob("*.yml"))]
    folders = (".github", "sandbox", "terraform")
    scripts = sorted(str(path) for folder in folders for path in (ROOT / folder).rglob("*.sh"))
    return [
        ("ruff", [f"{BIN}/ruff", "check", "."]),
        ("ruff format", [f"{BIN}/ruff", "format", "--check", "--quiet", "."]),
        ("mypy", [f"{BIN}/mypy"]),
        ("terraform fmt", [str(locate("terraform")), "fmt", "-check", "-recursive", "terraform"]),
        # actionlint 1.7.12 does not know GitHub's `queue` yet
        (
            "actionlint",
            [
                str(locate("actionlint")),
                "-ignore",
                'unexpected key "queue" for "concurrency" section',
                *workflows,
            ],
        ),
        (
            "shellcheck",
            [f"{BIN}/shellcheck", "-x", "-P", "SCRIPTDIR", "bin/pipeline", ".ci/run", *scripts],
        ),
        ("zizmor", [f"{BIN}/zizmor", "--offline", "--quiet", ".github"]),
    ]


def application() -> list[tuple[str, list[str]]]:
    """The application in its own environment."""
    uv = [str(UV), "run", "--quiet", "--frozen", "--directory", "app"]
    return [
        ("mypy (app)", [*uv, "mypy"]),
        ("pytest (app)", [*uv, "pytest", "-q", "-p", "no:cacheprovider"]),
    ]


def suite(arguments: list[str]) -> list[tuple[str, list[str]]]:
    """The pipeline, the sandbox, the estate and the stories.

    Tests that share what is slow to set up stay in one process (tests/conftest.py). There are
    twice as many as a small machine has processors: Terraform's provider mostly waits.
    """
    spread = ["-n", "4", "--dist", "loadfile", "--no-loadscope-reorder"]
    every = {str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("test_*.py")}
    # by file, since pytest drops a path that lies in another one, and their order with it
    files = [*LONGEST, *sorted(every - {*LONGEST})]
    return [("pytest", [f"{BIN}/python", "-m", "pytest", *spread, *(arguments or files)])]


@dataclass(frozen=True, slots=True)
class Result:
    """Whether a check passed, and the last lines of what it said where that was kept."""

    ok: bool
    end: str = ""


def run(title: str, command: list[str], environ: dict[str, str], *, later: bool = False) -> Result:
    """Run one command. ``later`` shows what it says when it has ended."""
    header = f"\n== {title}: {shlex.join(command).replace(f'{ROOT}/', '')[:300]}"
    if not later:
        print(header, flush=True)
    start = time.monotonic()
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if later else None,
        stderr=subprocess.STDOUT if later else None,
        text=True,
        check=False,
    )
    word = "ok" if done.returncode == 0 else f"FAILED (exit code {done.returncode})"
    said = f"{header}\n{done.stdout}" if later else ""
    print(f"{said}-- {title}: {word}, {time.monotonic() - start:.1f} s", flush=True)
    return Result(done.returncode == 0, "\n".join((done.stdout or "").splitlines()[-LAST:]))


def wait_for(port: int, seconds: float = 60.0) -> None:
    """Return as soon as the port takes a connection; OSError when it never does."""
    end = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


@contextmanager
def real_neo4j() -> Iterator[dict[str, str]]:
    """The variables by which the application's own tests find an empty, real Neo4j."""
    from sandbox.neo4j.server import Neo4jServer
    from sandbox.ports import free_port

    port = free_port()
    with tempfile.TemporaryDirectory(prefix="neo4j-") as folder:
        server = Neo4jServer(Path(folder), port, "only-for-tests")
        server.start()
        try:
            wait_for(port)
            uri = f"bolt://127.0.0.1:{port}"
            yield {"NEO4J_TEST_URI": uri, "NEO4J_TEST_PASSWORD": "only-for-tests"}
        finally:
            server.stop()


def all_static(environ: dict[str, str], *, later: bool = False) -> dict[str, Result]:
    return {title: run(title, command, environ, later=later) for title, command in static()}


def all_application(environ: dict[str, str]) -> dict[str, Result]:
    with real_neo4j() as found:
        own = found | kept(ROOT / "app" / "uv.lock")
        return {
            title: run(title, command, environ | own, later=True)
            for title, command in application()
        }


def main(arguments: list[str]) -> int:
    """Run the suites; 1 when anything failed."""
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    start = time.monotonic()
    if arguments == ["--static"]:
        results = all_static(environ)
    elif arguments == ["--fast"]:
        results = all_static(environ)
        for title, command in suite(["-m", "not slow", "tests"]):
            results[title] = run(title, command, environ)
    else:
        # side by side, since each keeps less than one processor busy
        with ThreadPoolExecutor() as pool:
            files = pool.submit(all_static, environ, later=True)
            app = pool.submit(all_application, environ)
            results = files.result() | app.result()
        for title, command in suite(arguments):
            results[title] = run(title, command, environ)
    failed = [title for title, result in results.items() if not result.ok]
    for title in failed:
        if end := results[title].end:  # which is far above by now
            print(f"\n== {title} failed; its last lines:\n{end}")
    print(f"\n{len(results)} checks in {time.monotonic() - start:.0f} s", end="; ")
    print(f"failed: {', '.join(failed)}" if failed else "all passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
