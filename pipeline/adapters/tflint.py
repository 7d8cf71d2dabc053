"""The tflint wrapper: the pinned binary, one run a stack, typed findings, cached by content.

tflint's exit codes (its README, "Exit Statuses"): 0 no issues, 1 error, 2 issues found. Only the
JSON of 0 and 2 is a result; 1 is a failure of the tool and never "no findings".
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.adapters.child import child_environment
from pipeline.adapters.tools import cache_dir, locate, lock
from pipeline.domain.model import Finding, Severity
from pipeline.domain.nested import parse_json
from pipeline.errors import Failure, Problem, failure

_SEVERITY = {"error": Severity.ERROR, "warning": Severity.WARNING, "info": Severity.NOTICE}

_PLUGINS = "TFLINT_PLUGIN_DIR"

#: Seconds after which a run counts as hung; a stack takes about 0.2.
TIMEOUT = 120


@dataclass(frozen=True, slots=True)
class LintRun:
    """The result for one stack. ``note`` says what was not looked at."""

    findings: tuple[Finding, ...]
    version: str
    seconds: float
    cached: bool
    note: str = ""


def lint(root: Path, stack: str, config: Path, inputs: Iterable[str]) -> LintRun:
    """Lint one stack (folder relative to ``root``) with the referee's config.

    ``inputs`` are the files that the result depends on, relative to ``root``: the stack's and
    its local modules'. Raises ``tflint`` when the tool fails, with file:line where it tells.
    """
    binary = locate("tflint")
    version = str(lock()["tflint"]["version"])
    key = _key(root, stack, config, version, inputs)
    file = cache_dir() / "tflint" / f"{key}.json"
    started = time.monotonic()
    note = _absent_rulesets(config)
    if (found := _from_cache(file)) is not None:
        return LintRun(found, version, time.monotonic() - started, cached=True, note=note)
    document = _run(binary, root, stack, config)
    findings = tuple(_finding(issue, root) for issue in document["issues"])
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_suffix(f".{os.getpid()}")
    temporary.write_text(json.dumps([asdict(finding) for finding in findings]))
    temporary.replace(file)
    return LintRun(findings, version, time.monotonic() - started, cached=False, note=note)


def _run(binary: Path, root: Path, stack: str, config: Path) -> dict[str, Any]:
    command = [
        str(binary),
        f"--chdir={root / stack}",
        f"--config={config.resolve()}",
        "--format=json",
        "--no-color",
    ]
    try:
        done = subprocess.run(
            command,
            cwd=root,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            env={_PLUGINS: _plugins()} | child_environment(os.environ, _PLUGINS),
        )
    except subprocess.TimeoutExpired:
        raise failure("tflint", f"tflint did not end within {TIMEOUT} s.", where=stack) from None
    try:
        document: dict[str, Any] = parse_json(done.stdout)
    except ValueError:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise failure(
            "tflint",
            f"tflint ended with {done.returncode} and no result: {said[0] if said else 'silent'}",
            where=stack,
            remedy="Run `pipeline doctor`; `make setup` installs the locked tflint again.",
        ) from None
    if done.returncode not in (0, 2) or document.get("errors"):
        raise Failure("tflint", *(_problem(e, root, stack) for e in document.get("errors", [{}])))
    return document


def _plugins() -> str:
    """Where tflint keeps a user's plugins. It is named, since tflint would run those of the folder
    that it lints before them (tflint: "Configuring Plugins", "Plugin directory")."""
    return str(Path.home() / ".tflint.d" / "plugins")


def _problem(error: dict[str, Any], root: Path, stack: str) -> Problem:
    place = error.get("range") or {}
    where = _file(place.get("filename", ""), root)
    line = (place.get("start") or {}).get("line", 0)
    message = " ".join(str(error.get("message", "tflint failed without a message")).split())
    message = message.replace(f"{root}/", "")
    return Problem(
        f"tflint cannot lint the stack: {message.rstrip('.')}.",
        f"{where}:{line}" if where and line else where or stack,
        "Correct the file; `terraform validate` says more.",
    )


def _finding(issue: dict[str, Any], root: Path) -> Finding:
    rule, place = issue["rule"], issue["range"]
    return Finding(
        tool="tflint",
        rule=rule["name"],
        severity=_SEVERITY.get(rule["severity"], Severity.WARNING),
        message=issue["message"],
        file=_file(place["filename"], root),
        line=place["start"]["line"],
        remedy=f"See {rule['link']}" if rule.get("link") else "",
    )


def _file(name: str, root: Path) -> str:
    """tflint names files relative to the folder it was started in, which is the root."""
    if not name:
        return ""
    full = Path(os.path.normpath(root / name))
    return full.relative_to(root).as_posix() if full.is_relative_to(root) else name


def _absent_rulesets(config: Path) -> str:
    """Say so when a ruleset is wanted but not installed (only the one named terraform is built in).

    Without the plugin tflint would end with an error; the config names the AWS ruleset only where
    its plugin folder is there.
    """
    if 'plugin "aws"' in config.read_text(encoding="utf-8"):
        return ""
    return "The ruleset aws is not configured; only the built-in ruleset terraform ran."


def _key(root: Path, stack: str, config: Path, version: str, inputs: Iterable[str]) -> str:
    digest = hashlib.sha256(f"1\0{version}\0{stack}\0".encode())
    digest.update(config.read_bytes())
    for name in sorted(set(inputs)):
        digest.update(f"\0{name}\0".encode())
        file = root / name
        digest.update(hashlib.sha256(file.read_bytes() if file.is_file() else b"").digest())
    return digest.hexdigest()[:32]


def _from_cache(file: Path) -> tuple[Finding, ...] | None:
    try:
        raw = parse_json(file.read_text())
        return tuple(Finding(**{**one, "severity": Severity(one["severity"])}) for one in raw)
    except (OSError, ValueError, TypeError):
        return None  # a damaged entry is written again
