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
from pipeline.adapters.github_settings import ACTIONS_APP
from pipeline.adapters.github_types import Protection
from pipeline.errors import Failure
from pipeline.settings import ReviewConfig
from pipeline.usecases.repository import BRANCH, CHECKS
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
    yield from _guarded(root, environ)


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


def _guarded(root: Path, environ: Mapping[str, str]) -> Iterator[Check]:
    """Who reviews, and who could get past that."""
    from pipeline.adapters.github import GitHub
    from pipeline.usecases.estates import project, working_estate

    try:
        settings = project(root, root)
        github = GitHub.from_environment(environ, settings.repository)
        rules = github.protection(BRANCH)
        known = github.environment_names()
        estate = working_estate(root, settings.app)
    except Failure as error:
        yield Check("review", None, str(error))
        return
    configs = [stack.config for stack in estate.stacks.values()]
    places = {config.environment(name) for config in configs for name in config.workspaces}
    yield _review(settings.review, rules)
    yield _past_review(rules)
    yield _checks(rules)
    yield _environments(places, known)


def _review(review: ReviewConfig, rules: Protection) -> Check:
    if review.self_:
        return Check("review", True, "self = true: nobody else approves what is deployed")
    if rules.approvals < review.approvals or not rules.code_owners:
        says = (
            f"{BRANCH} takes a pull request with {rules.approvals} approvals, but a deploy asks "
            f"for {review.approvals}, and for a code owner's; run 'pipeline bootstrap'"
        )
        return Check("review", False, says)
    return Check("review", True, f"{rules.approvals} approval(s), a code owner's among them")


def _past_review(rules: Protection) -> Check:
    """Whoever may push a workflow to main decides what the roles run."""
    what = "past review"
    if rules.bypass is None:
        return Check(what, None, f"GitHub does not tell this token who may push to {BRANCH}")
    if rules.bypass:
        who = ", ".join(rules.bypass)
        says = (
            f"{who} may push workflows to {BRANCH} without a review, and so own its roles; "
            "run 'pipeline bootstrap', or let a ruleset prevent it"
        )
        return Check(what, False, says)
    return Check(what, True, f"nobody gets a workflow on {BRANCH} without a review")


def _checks(rules: Protection) -> Check:
    wrong = [f"{name} is not required" for name in CHECKS if name not in rules.checks]
    wrong += [
        f"any app may report {name}"
        for name in CHECKS
        if name in rules.checks and rules.checks[name] != ACTIONS_APP
    ]
    if not (rules.strict or rules.queue):
        wrong.append("a branch need not be up to date, so more will have to be reviewed again")
    if wrong:
        return Check("checks", False, f"{'; '.join(wrong)}; run 'pipeline bootstrap'")
    return Check("checks", True, f"{' and '.join(CHECKS)}, by GitHub's own app")


def _environments(places: set[str], known: set[str]) -> Check:
    if missing := sorted(places - known):
        says = f"{', '.join(missing)} would be made without any rule; run 'pipeline bootstrap'"
        return Check("environments", False, says)
    return Check("environments", True, ", ".join(sorted(places)))
