"""Make an account and a repository ready: state bucket, account/shared, GitHub's settings.

Runs once by hand with an administrator's credentials and again whenever somebody likes: what is
right already stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline.adapters.aws import state_bucket
from pipeline.adapters.aws.session import Aws
from pipeline.domain import ledger
from pipeline.errors import failure
from pipeline.usecases.apply import run_apply
from pipeline.usecases.plan import make_plan
from pipeline.usecases.repository import (
    ACCOUNT,
    CHECKS,
    NEEDS,
    environments,
    identity,
    reviewed_by,
    settle,
)
from pipeline.usecases.site import Site
from pipeline.usecases.unlock import await_lock, marked


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that bootstrap does, in words, and the commands that would do it by hand."""

    what: str
    commands: tuple[str, ...] = ()


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
            f"Set the repository's variables. A token in GITHUB_TOKEN needs {NEEDS}.",
            (
                f"gh variable set AWS_ACCOUNT_ID --repo {repo} --body {account}",
                f"gh variable set AWS_REGION --repo {repo} --body {settings.region}",
            ),
        ),
        Step(
            "Let identity tokens carry the ids of the repository and its owner.",
            (
                f"gh api -X PUT repos/{repo}/actions/oidc/customization/sub "
                "-F use_default=true -F use_immutable_subject=true",
            ),
        ),
        Step(
            "Create an environment for each workspace; give those of protected ones reviewers.",
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
            f"Protect main, for administrators too: up to date, the checks {' and '.join(CHECKS)} "
            f"of GitHub's own app, {_approval(site)}.",
            (f"gh api -X PUT repos/{repo}/branches/main/protection --input protection.json",),
        ),
    ]


def _approval(site: Site) -> str:
    review = site.settings.review
    if review.self_:
        return "nobody's approval, since it is a repository of one person"
    return f"{review.approvals} approval(s), a code owner's among them, after the last push"


def bootstrap(site: Site, reviewers: list[str]) -> list[str]:
    """Do it; returns what was done or found, in words.

    Raises ``usage`` where there is neither a reviewer nor a repository of one person, and
    ``bad-config`` where the roles would trust another repository, or stand in another region,
    than this one; both before anything is made.
    """
    region = Aws(site.settings.region).region  # what the variables of AWS's clients say
    if region != site.settings.region:
        raise failure(
            "bad-config",
            f"AWS_REGION is {region}, but this project is for {site.settings.region}.",
            remedy="Unset it, or change region in [tool.pipeline] of pyproject.toml and in every "
            "stack's variables.tf, and commit that.",
        )
    github = site.github_or_none
    done: list[str] = []
    if github is None:
        done.append(
            "GitHub: no GITHUB_TOKEN, so its settings are left to you (pipeline bootstrap --print)."
        )
    else:
        done.append(reviewed_by(site, github, reviewers))
        done.append(identity(site, github))
    bucket = site.stores.names.state_bucket
    created = state_bucket.ensure(site.aws, bucket)
    done.append(f"State bucket {bucket}: {'created' if created else 'there already'}.")
    done.append(_account(site))
    if github is not None:
        done += settle(site, github, reviewers)
    return done


def _account(site: Site) -> str:
    await_lock(site, ACCOUNT)
    with site.out.step(f"Planning {ACCOUNT}"):
        planned = make_plan(site, ACCOUNT, keep=True)
    plan = planned.plan
    assert plan is not None  # noqa: S101 - make_plan raises instead
    if plan.empty:
        site.terraform(ACCOUNT).drop_plan()
    else:
        with marked(site, ACCOUNT):
            run_apply(site, ACCOUNT)
    chain = ledger.read_chain(site.stores.ledger, ACCOUNT)
    digest = site.estate.digest(ACCOUNT)
    last = chain[-1] if chain else None
    if last is None or (last.status, last.digest) != (ledger.Status.DEPLOYED, digest):
        # only the first is a beginning: what a later run of bootstrap brings, nobody approved
        own = site.settings.review.self_
        site.stores.ledger.append(
            chain,
            ledger.Entry(
                unit=str(ACCOUNT),
                status=ledger.Status.DEPLOYED,
                commit=site.commit,
                digest=digest,
                time=datetime.now(UTC),
                serial=site.state(ACCOUNT).serial(),
                evidence=ledger.Evidence(reviewed=not chain, self_reviewed=not chain and own),
                reason="bootstrap",
            ),
        )
    changed = 0 if plan.empty else len(plan.changes)
    return f"{ACCOUNT}: {f'{changed} changes applied' if changed else 'as it should be'}."
