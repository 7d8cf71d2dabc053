"""What a repository is set to at GitHub: variables, environments, tokens, branch protection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from pipeline.adapters.github_rest import Rest
from pipeline.adapters.github_types import Protection

#: The public id of GitHub's own app that makes the checks of workflow jobs.
ACTIONS_APP = 15368


class RepositorySettings:
    """The part of :class:`pipeline.adapters.github.GitHub` that bootstrap and doctor use."""

    _rest: Rest

    def repository_ids(self) -> tuple[int, int]:
        """Ids of the repository and its owner, as OIDC subjects carry them."""
        item = self._rest.json("GET", "")
        return int(item["id"]), int(item["owner"]["id"])

    def set_variable(self, name: str, value: str) -> None:
        """Create or update a variable of Actions."""
        if self._rest.json("GET", f"actions/variables/{name}", missing=True) is None:
            self._rest.json("POST", "actions/variables", {"name": name, "value": value})
        else:
            self._rest.json("PATCH", f"actions/variables/{name}", {"name": name, "value": value})

    def let_jobs_open_pulls(self) -> None:
        """Let a deploy open the revert of what did not become healthy; tokens begin read-only."""
        data = {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": True}
        self._rest.json("PUT", "actions/permissions/workflow", data)

    def jobs_open_pulls(self) -> bool:
        """Whether they may; the token has to be one that may read the repository's settings."""
        found = self._rest.json("GET", "actions/permissions/workflow")
        return bool(found["can_approve_pull_request_reviews"])

    def number_subjects(self) -> bool:
        """Let identity tokens carry the ids that the roles trust; whether they did not yet.

        Repositories from before 2026-07-15 have to ask for it (GitHub, "Immutable subject claims").
        """
        path = "actions/oidc/customization/sub"
        found = self._rest.json("GET", path)
        if found.get("use_immutable_subject") or "@" in found.get("sub_claim_prefix", ""):
            return False
        self._rest.json("PUT", path, {"use_default": True, "use_immutable_subject": True})
        return True

    def put_environment(self, name: str, reviewers: list[dict[str, Any]]) -> None:
        """Create or update an environment; ``reviewers`` as the API wants them."""
        data: dict[str, Any] = {
            "deployment_branch_policy": {
                "protected_branches": True,
                "custom_branch_policies": False,
            },
        }
        if reviewers:  # where the plan has no such rules GitHub refuses even their defaults
            data |= {"prevent_self_review": True, "reviewers": reviewers}
        self._rest.json("PUT", f"environments/{quote(name, safe='')}", data)

    def environment_names(self) -> set[str]:
        """The environments that are set up; at most the first hundred."""
        found = self._rest.json("GET", "environments?per_page=100")
        return {item["name"] for item in found["environments"]}

    def protect_branch(self, branch: str, checks: Sequence[str], approvals: int) -> None:
        """Require checks by Actions on an up-to-date branch, and approvals of the last push.

        A code owner's is among them; with 0 nobody has to approve, but it still takes a pull
        request. Administrators are bound, too.
        """
        data: dict[str, Any] = {
            "required_status_checks": {
                "strict": True,
                "contexts": [],
                "checks": [{"context": check, "app_id": ACTIONS_APP} for check in checks],
            },
            "enforce_admins": True,
            "required_pull_request_reviews": {
                "dismiss_stale_reviews": True,
                "require_code_owner_reviews": approvals > 0,
                "required_approving_review_count": approvals,
                "require_last_push_approval": approvals > 0,
            },
            "restrictions": None,
        }
        self._rest.json("PUT", f"branches/{quote(branch, safe='')}/protection", data)

    def protection(self, branch: str) -> Protection:
        """What a branch demands, by its classic protection and by the rulesets that apply.

        The token must be one that may administer the repository; else GitHub answers 403 or 404
        about the first, and does not say who may bypass the second. Raises ``github``.
        """
        name = quote(branch, safe="")
        classic = self._rest.json("GET", f"branches/{name}/protection", missing=True)
        found = Protection.classic(classic) if classic else Protection()
        rules = list(self._rest.pages(f"rules/branches/{name}"))
        sets: dict[int, Mapping[str, Any]] = {}
        for rule in rules:
            number = rule.get("ruleset_id")
            if number is not None and number not in sets:
                sets[number] = self._rest.json("GET", f"rulesets/{number}", missing=True) or {}
        return found.with_rules(rules, sets)

    def user_id(self, login: str) -> int:
        return int(self._rest.request("GET", f"{self._rest.api}/users/{quote(login)}").json()["id"])
