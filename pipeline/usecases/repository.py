"""The settings that a repository at GitHub needs, and whether it is the one the roles trust."""

from __future__ import annotations

import re

from pipeline.adapters.github import GitHub
from pipeline.domain.model import UnitId
from pipeline.errors import Failure, failure
from pipeline.usecases.labels import code_owners
from pipeline.usecases.site import Site

ACCOUNT = UnitId("account", "shared")
BRANCH = "main"
#: What a pull request has to pass: the verdict of main's own workflow, and its tests.
CHECKS = ("delivery / report", "tests")
#: What the token of ``pipeline bootstrap`` needs (GitHub, "Permissions required for fine-grained
#: personal access tokens").
NEEDS = "Actions, Administration and Variables: write"


def environments(site: Site) -> list[str]:
    """The GitHub environment of each workspace; the apply roles ask for it.

    Also of those that have no tfvars yet: GitHub makes one that it does not know without any rule.
    """
    names: dict[str, None] = {}
    for stack in site.estate.stacks.values():
        for workspace in stack.config.workspaces:
            names[stack.config.environment(workspace)] = None
    return list(names)


def reviewed_by(site: Site, github: GitHub, reviewers: list[str]) -> str:
    """Who reviews what is deployed, in words.

    Raises ``usage`` where nobody can: a change without a second person would wait for ever.
    """
    if site.settings.review.self_ and not reviewers:
        return (
            "Review: a repository of one person (self = true). Nobody else looks at what is "
            "deployed or destroyed; the ledger says so of each entry."
        )
    if not reviewers:
        raise failure(
            "usage",
            "No reviewer was named, and this is no repository of one person.",
            remedy="Name who reviews with --reviewer LOGIN; where there is nobody else, set "
            "self = true in [tool.pipeline.review] of pyproject.toml and commit that.",
        )
    strangers = [login for login in reviewers if not github.may_write(login)]
    if strangers:
        raise failure(
            "usage",
            f"{', '.join(strangers)} may not write here, so no approval of theirs would count.",
            remedy="Let them write at GitHub, or name others.",
        )
    return f"Review: by {', '.join(reviewers)} and whoever else may write."


def identity(site: Site, github: GitHub) -> str:
    """Whether the account stack trusts this repository; ids are part of OIDC's subject.

    Raises ``bad-config`` where it trusts another one, or where nobody could review here.
    """
    repository_id, owner_id = github.repository_ids()
    path = f"{site.stack(ACCOUNT).folder}/{ACCOUNT.workspace}.tfvars"
    text = (site.estate.tree.read(path) or b"").decode(errors="replace")
    for name, value in (
        ("repository", github.repository),
        ("repository_id", str(repository_id)),
        ("owner_id", str(owner_id)),
    ):
        found = re.search(rf"^\s*{name}\s*=\s*\"?([\w./-]+)", text, re.MULTILINE)
        if found and found[1] != value:
            line = text.count("\n", 0, found.start(1)) + 1
            raise failure(
                "bad-config",
                f"{name} is {found[1]}, but GitHub says {value}: the roles would trust a stranger.",
                f"{path}:{line}",
                "Correct and commit it, then run bootstrap again.",
            )
    for owner in sorted(code_owners(site.root)):
        if "/" not in owner and not github.may_write(owner):
            raise failure(
                "bad-config",
                f"@{owner} is no collaborator who may write, so GitHub asks nobody to review.",
                ".github/CODEOWNERS",
                "Name the people who review here and commit it, then run bootstrap again.",
            )
    return f"GitHub: {github.repository} has id {repository_id}, its owner {owner_id}."


def settle(site: Site, github: GitHub, reviewers: list[str]) -> list[str]:
    """Variables, environments, what a revert needs, protection of main; what was done, in words."""
    done = []
    github.set_variable("AWS_ACCOUNT_ID", site.stores.names.account)
    github.set_variable("AWS_REGION", site.stores.names.region)
    done.append("GitHub: variables AWS_ACCOUNT_ID and AWS_REGION set.")
    done += guard_environments(site, github, reviewers)
    try:
        fresh = github.number_subjects()
        done.append(f"GitHub: identity tokens carry {'now ' if fresh else ''}the ids of both.")
    except Failure as error:
        done.append(f"GitHub: the roles trust tokens with ids in them, ask for such: {error}")
    try:
        github.let_jobs_open_pulls()
        done.append("GitHub: a deploy may open the pull request that reverts a failed one.")
    except Failure as error:
        done.append(f"GitHub: deploys cannot open reverts, let them by hand: {error}")
    done.append(protect(site, github))
    return done


def protect(site: Site, github: GitHub) -> str:
    """Let nothing on main that was not checked and reviewed; what came of it, in words."""
    review = site.settings.review
    approvals = 0 if review.self_ else review.approvals
    try:
        github.protect_branch(BRANCH, CHECKS, approvals)
    except Failure as error:
        return (
            f"GitHub: {BRANCH} could not be protected ({error}). Whoever may write can push to it "
            "past every check, and what it holds is what the roles run: trust them all, or get "
            "protected branches (GitHub has them for public repositories and in paid plans)."
        )
    asked = f"{approvals} approval(s), a code owner's among them" if approvals else "no approval"
    return f"GitHub: {BRANCH} needs {', '.join(CHECKS)} up to date, {asked}; administrators too."


def guard_environments(site: Site, github: GitHub, reviewers: list[str]) -> list[str]:
    """Make the environments and let the reviewers be asked in those of protected workspaces."""
    people = [{"type": "User", "id": github.user_id(login)} for login in reviewers]
    made, open_ones = [], {}
    for name in environments(site):
        try:
            github.put_environment(name, people if _guarded(site, name) else [])
            made.append(name)
        except Failure as error:
            open_ones[name] = error
    done = [f"GitHub: environments {', '.join(made)}."] if made else []
    if open_ones:
        done.append(
            f"GitHub: {', '.join(open_ones)} cannot be set up as environments, so nobody is asked "
            "when a reviewed change of them is applied; a private repository needs a plan that has "
            f"protection rules: {next(iter(open_ones.values()))}"
        )
    return done


def _guarded(site: Site, environment: str) -> bool:
    """Whether an apply environment waits for an approval: where a workspace is protected."""
    return any(
        stack.config.environment(workspace) == environment and stack.config.protected(workspace)
        for stack in site.estate.stacks.values()
        for workspace in stack.config.workspaces
    )
