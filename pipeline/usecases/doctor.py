"""Is this machine, and this checkout, ready? Every answer names what to do next."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters import tools
from pipeline.adapters.child import child_environment
from pipeline.errors import Failure
from pipeline.usecases.setup import wanted

_CALL = re.compile(r"uses:\s*([\w.-]+/[\w.-]+)/\.github/workflows/[\w.-]+@")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at; ``ok`` None means it could not be checked, and why is in ``says``."""

    what: str
    ok: bool | None
    says: str


def examine(root: Path, environ: Mapping[str, str]) -> Iterator[Check]:
    """Look at the machine first, then at the checkout, then at what lies outside."""
    yield Check("python", sys.version_info >= (3, 11), sys.version.split()[0])
    yield _git()
    for name in wanted({"delivery"}):
        receipt = tools.read_receipt(name)
        missing = "not set up here; run 'make setup'"
        yield Check(name, receipt is not None, receipt.how if receipt else missing)
    yield _mirror()
    yield _configuration(root)
    yield _workflows(root, environ)
    yield _aws(root)
    yield _github(environ)
    yield _reverts(environ)


def _git() -> Check:
    try:
        run = subprocess.run(
            ["git", "--version"],
            capture_output=True,
            text=True,
            check=True,
            env=child_environment(os.environ),
        )
    except (OSError, subprocess.CalledProcessError):
        return Check("git", False, "not on PATH; install git")
    return Check("git", True, run.stdout.strip().removeprefix("git version "))


def _mirror() -> Check:
    try:
        mirror = tools.provider_mirror()
    except Failure as error:
        return Check("provider mirror", False, str(error))
    return Check("provider mirror", True, str(mirror or "none; providers are downloaded"))


def _configuration(root: Path) -> Check:
    from pipeline.usecases.estates import working_estate

    try:
        units = working_estate(root).units
    except Failure as error:
        return Check("configuration", False, str(error))
    return Check("configuration", True, f"{len(units)} units: {', '.join(map(str, units))}")


def _workflows(root: Path, environ: Mapping[str, str]) -> Check:
    """The jobs with credentials are called by the repository's full name; does it fit?"""
    from pipeline.usecases.estates import project

    try:
        repository = environ.get("GITHUB_REPOSITORY") or project(root, root).repository
    except Failure as error:
        return Check("workflow calls", None, str(error))
    others, places = set(), []
    for file in sorted((root / ".github" / "workflows").glob("*.yml")):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            match = _CALL.search(line)
            if match and match.group(1) != repository:
                others.add(match.group(1))
                places.append(f"{file.relative_to(root)}:{number}")
    if places:
        says = f"{', '.join(sorted(others))} is called, but this repository is {repository}"
        return Check("workflow calls", False, f"{says}; change {', '.join(places)}")
    return Check("workflow calls", True, repository)


def _aws(root: Path) -> Check:
    from pipeline.adapters.aws.session import Aws
    from pipeline.usecases.estates import project

    try:
        aws = Aws(project(root, root).region)
        return Check("aws", True, f"account {aws.account}, region {aws.region}")
    except Failure as error:
        return Check("aws", None if error.reason == "no-credentials" else False, str(error))


def _github(environ: Mapping[str, str]) -> Check:
    from pipeline.adapters.github import GitHub

    try:
        github = GitHub.from_environment(environ, environ.get("GITHUB_REPOSITORY", ""))
        repository, owner = github.repository_ids()
    except Failure as error:
        return Check("github", None if error.reason == "no-credentials" else False, str(error))
    return Check("github", True, f"{github.repository} has id {repository}, its owner {owner}")


def _reverts(environ: Mapping[str, str]) -> Check:
    from pipeline.adapters.github import GitHub

    try:
        github = GitHub.from_environment(environ, environ.get("GITHUB_REPOSITORY", ""))
        allowed = github.jobs_open_pulls()
    except Failure as error:
        return Check("reverts", None, str(error))
    if not allowed:
        says = "jobs may not open pull requests, so no revert can be; run 'pipeline bootstrap'"
        return Check("reverts", False, says)
    return Check("reverts", True, "a deploy may open one")
