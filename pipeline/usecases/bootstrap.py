"""Make an account and a repository ready: state bucket, account/shared, GitHub's settings.

Runs once by hand with an administrator's credentials and again whenever somebody likes: what is
right already stays as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline.adapters.aws import state_bucket
from pipeline.adapters.github import GitHub
from pipeline.domain import ledger
from pipeline.domain.model import UnitId
from pipeline.errors import Failure, failure
from pipeline.usecases.apply import run_apply
from pipeline.usecases.plan import make_plan
from pipeline.usecases.site import Site
from pipeline.usecases.unlock import no_dead_lock

ACCOUNT = UnitId("account", "shared")
CHECK = "delivery"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that bootstrap does, in words, and the commands that would do it by hand."""

    what: str
    commands: tuple[str, ...] = ()


def environments(site: Site) -> list[str]:
    """The GitHub environments of all workspaces: apply, review and destroy of each."""
    names: dict[str, None] = {}
    for stack in site.estate.stacks.values():
        for workspace in stack.workspaces:
            names[stack.config.environment(workspace)] = None
    return [name + suffix for name in names for suffix in ("", "-review", "-destroy")]


def steps(site: Site, account: str) -> list[Step]:
    """What bootstrap does; ``account`` may be a placeholder: printing needs no credentials."""
    settings = site.settings
    bucket = f"{settings.name}-state-{account}-{settings.region}"
    repo = settings.repository
    return [
        Step(
            f"Create the state bucket {bucket}: versioned, encrypted, private, TLS only.",
            (
                f"aws s3api create-bucket --bucket {bucket} --create-bucket-configuration "
                f"LocationConstraint={settings.region}",
                f"aws s3api put-bucket-versioning --bucket {bucket} "
                "--versioning-configuration Status=Enabled",
                f"aws s3api put-public-access-block --bucket {bucket} "
                "--public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,"
                "BlockPublicPolicy=true,RestrictPublicBuckets=true",
            ),
        ),
        Step(
            f"Plan and apply {ACCOUNT}: OIDC provider, roles, registry, record store, ledger, key.",
        ),
        Step(f"Write the first ledger entry of {ACCOUNT}."),
        Step(
            "Set the repository's variables.",
            (
                f"gh variable set AWS_ACCOUNT_ID --repo {repo} --body {account}",
                f"gh variable set AWS_REGION --repo {repo} --body {settings.region}",
            ),
        ),
        Step(
            "Create the environments; give the -review and -destroy ones their reviewers.",
            tuple(f"gh api -X PUT repos/{repo}/environments/{e}" for e in environments(site)),
        ),
        Step(
            "Let a deploy open the pull request that reverts a failed one.",
            (
                f"gh api -X PUT repos/{repo}/actions/permissions/workflow "
                "-f default_workflow_permissions=read -F can_approve_pull_request_reviews=true",
            ),
        ),
        Step(
            f"Protect main: the check {CHECK!r}, a code owner's approval of the last push.",
            (f"gh api -X PUT repos/{repo}/branches/main/protection --input protection.json",),
        ),
    ]


def bootstrap(site: Site, reviewers: list[str]) -> list[str]:
    """Do it; returns what was done or found, in words."""
    done: list[str] = []
    bucket = site.stores.names.state_bucket
    created = state_bucket.ensure(site.aws, bucket)
    done.append(f"State bucket {bucket}: {'created' if created else 'there already'}.")
    done.append(_account(site))
    done += _github(site, reviewers)
    return done


def _account(site: Site) -> str:
    no_dead_lock(site, ACCOUNT)
    with site.out.step(f"Planning {ACCOUNT}"):
        planned = make_plan(site, ACCOUNT, keep=True)
    plan = planned.plan
    assert plan is not None  # noqa: S101 - make_plan raises instead
    if plan.empty:
        site.terraform(ACCOUNT).drop_plan()
    else:
        run_apply(site, ACCOUNT)
    chain = ledger.read_chain(site.stores.ledger, ACCOUNT)
    digest = site.estate.digest(ACCOUNT)
    last = chain[-1] if chain else None
    if last is None or (last.status, last.digest) != (ledger.Status.DEPLOYED, digest):
        site.stores.ledger.append(
            chain,
            ledger.Entry(
                unit=str(ACCOUNT),
                number=1,
                status=ledger.Status.DEPLOYED,
                commit=site.commit,
                digest=digest,
                time=datetime.now(UTC),
                serial=site.state(ACCOUNT).serial(),
                reason="bootstrap",
            ),
        )
    changed = 0 if plan.empty else len(plan.changes)
    return f"{ACCOUNT}: {f'{changed} changes applied' if changed else 'as it should be'}."


def _github(site: Site, reviewers: list[str]) -> list[str]:
    github = site.github_or_none
    if github is None:
        return [
            "GitHub: no GITHUB_TOKEN, so its settings are left to you (pipeline bootstrap --print)."
        ]
    done = [_identity(site, github)]
    github.set_variable("AWS_ACCOUNT_ID", site.stores.names.account)
    github.set_variable("AWS_REGION", site.stores.names.region)
    done.append("GitHub: variables AWS_ACCOUNT_ID and AWS_REGION set.")
    people = [{"type": "User", "id": github.user_id(login)} for login in reviewers]
    for name in environments(site):
        asks = name.endswith(("-review", "-destroy")) or _guarded(site, name)
        github.put_environment(name, people if asks else [])
    done.append(f"GitHub: environments {', '.join(environments(site))}.")
    try:
        github.let_jobs_open_pulls()
        done.append("GitHub: a deploy may open the pull request that reverts a failed one.")
    except Failure as error:
        done.append(f"GitHub: deploys cannot open reverts, let them by hand: {error}")
    if not people:
        done.append("GitHub: no reviewers were named (--reviewer LOGIN): add them by hand.")
    try:
        github.protect_branch("main", CHECK)
        done.append(f"GitHub: main needs the check {CHECK!r} and an approval.")
    except Failure as error:
        done.append(f"GitHub: main could not be protected, do it by hand: {error}")
    return done


def _guarded(site: Site, environment: str) -> bool:
    """Whether an apply environment waits for an approval: where a workspace is protected."""
    return any(
        stack.config.environment(workspace) == environment and stack.config.protected(workspace)
        for stack in site.estate.stacks.values()
        for workspace in stack.workspaces
    )


def _identity(site: Site, github: GitHub) -> str:
    """Whether the account stack trusts this repository; ids are part of OIDC's subject."""
    repository_id, owner_id = github.repository_ids()
    path = f"{site.stack(ACCOUNT).folder}/{ACCOUNT.workspace}.tfvars"
    text = (site.estate.tree.read(path) or b"").decode(errors="replace")
    for name, value in (("repository_id", repository_id), ("owner_id", owner_id)):
        found = re.search(rf"^\s*{name}\s*=\s*\"?(\d+)", text, re.MULTILINE)
        if found and int(found[1]) != value:
            line = text.count("\n", 0, found.start(1)) + 1
            raise failure(
                "bad-config",
                f"{name} is {found[1]}, but GitHub says {value}: the roles would trust a stranger.",
                f"{path}:{line}",
                "Correct and commit it, then run bootstrap again.",
            )
    return f"GitHub: {github.repository} has id {repository_id}, its owner {owner_id}."
