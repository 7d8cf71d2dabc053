"""Taking a checkout over: its commit becomes the main branch, with the rules a real one has."""

from __future__ import annotations

import subprocess
from pathlib import Path

from sandbox.github.host import environment_of
from sandbox.github.hub import Hub
from sandbox.github.model import ACTIONS_APP_ID, DEFAULT_BRANCH, now
from sandbox.github.records import Protection, RequiredCheck
from sandbox.github.workflows import workflows


class SeedError(Exception):
    """The checkout cannot be taken over."""


def seed(hub: Hub, path: Path, ref: str, protect: bool) -> str:
    """Make a local checkout's commit the main branch; workflows do not run for it."""
    found = subprocess.run(
        ["git", "-C", str(path), "rev-parse", "--verify", "--end-of-options", f"{ref}^{{commit}}"],
        capture_output=True,
        text=True,
    )
    if found.returncode != 0:
        raise SeedError(f"{path} has no commit {ref}")
    sha = found.stdout.strip()
    hub.repo.git("fetch", "--quiet", "--no-tags", str(path), sha)
    with hub.lock:
        main = f"refs/heads/{DEFAULT_BRANCH}"
        hub.repo.update_ref(main, sha)
        hub.state.refs[main] = sha
        hub.state.pushed_at = now()
        if protect:
            _protect(hub)
    hub.touch()
    return sha


def _check_name(hub: Hub) -> str:
    """What the job ``delivery`` of pull requests reports as: "<job>", "<job> / <called job>"."""
    files = dict(workflows(hub))
    job = files.get(".github/workflows/pull-request.yml", {}).get("jobs", {}).get("delivery", {})
    called = str(job.get("uses", "")).partition("@")[0]
    for path, content in files.items():
        if called.endswith(path):
            return f"delivery / {next(iter(content['jobs']))}"
    return "delivery"


def _protect(hub: Hub) -> None:
    """The protection and environments that the guide tells a real repository to have."""
    hub.state.protections[DEFAULT_BRANCH] = Protection(
        DEFAULT_BRANCH,
        checks=[RequiredCheck("delivery", ACTIONS_APP_ID)],
        approvals=1,
        code_owners=True,
        dismiss_stale=True,
    )
    for name in ("shared", "dev", "staging", "prod"):
        item = environment_of(hub, name)
        item.branch_policy = "protected"
        item.reviewers = ["bob"] if name == "prod" else []
