"""The settings that a repository at GitHub needs, and whether it is the one the roles trust."""

from __future__ import annotations

import re

from pipeline.adapters.github import GitHub
from pipeline.domain.model import UnitId
from pipeline.errors import Failure, failure
from pipeline.usecases.labels import code_owners
from pipeline.usecases.site import Site

ACCOUNT = UnitId("account", "shared")
CHECK = "delivery"
#: What the token of ``pipeline bootstrap`` needs (GitHub, "Permissions required for fine-grained
#: personal access tokens").
NEEDS = "Actions, Administration and Variables: write"


def environments(site: Site) -> list[str]:
    """The GitHub environments of all workspaces: apply, review and destroy of each.

    Also of those that have no tfvars yet: GitHub makes one that it does not know without any rule.
    """
    names: dict[str, None] = {}
    for stack in site.estate.stacks.values():
        for workspace in stack.config.workspaces:
            names[stack.config.environment(workspace)] = None
    return [name + suffix for name in names for suffix in ("", "-review", "-destroy")]


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
    try:
        github.protect_branch("main", CHECK)
        done.append(f"GitHub: main needs the check {CHECK!r} and an approval.")
    except Failure as error:
        done.append(f"GitHub: main could not be protected, do it by hand: {error}")
    return done


def guard_environments(site: Site, github: GitHub, reviewers: list[str]) -> list[str]:
    """Make the environments and let the reviewers be asked in them; what came of it, in words."""
    people = [{"type": "User", "id": github.user_id(login)} for login in reviewers]
    made, open_ones = [], {}
    for name in environments(site):
        asks = name.endswith(("-review", "-destroy")) or _guarded(site, name)
        try:
            github.put_environment(name, people if asks else [])
            made.append(name)
        except Failure as error:
            open_ones[name] = error
    done = [f"GitHub: environments {', '.join(made)}."] if made else []
    if open_ones:
        done.append(
            f"GitHub: nobody is asked in {', '.join(open_ones)}, so what was not reviewed is "
            f"applied all the same; a private repository needs a plan that has protection rules: "
            f"{next(iter(open_ones.values()))}"
        )
    return done


def _guarded(site: Site, environment: str) -> bool:
    """Whether an apply environment waits for an approval: where a workspace is protected."""
    return any(
        stack.config.environment(workspace) == environment and stack.config.protected(workspace)
        for stack in site.estate.stacks.values()
        for workspace in stack.config.workspaces
    )
