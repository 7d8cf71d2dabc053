"""Branch protection, rulesets (read: the protection as rules), permissions of Actions."""

from __future__ import annotations

from typing import Any

from sandbox.github import oidc
from sandbox.github.api.core import Answer, Call, operation
from sandbox.github.api.errors import ApiError, not_found
from sandbox.github.model import APP_IDS, DEFAULT_BRANCH, REPOSITORY
from sandbox.github.records import Protection, RequiredCheck
from sandbox.github.shapes import common

ADMIN_READ, ADMIN = "administration:read", "administration:write"
PROTECTION = "~/branches/{branch}/protection"


def _rules(call: Call) -> Protection:
    branch = call.path["branch"]
    if call.hub.head(branch) is None:
        raise ApiError(404, "Branch not found")
    rules = call.hub.state.protections.get(branch)
    if rules is None:
        raise ApiError(404, "Branch not protected")
    return rules


def _shape(call: Call, rules: Protection) -> dict[str, Any]:
    url = f"{common.root(call.hub)}/branches/{rules.branch}/protection"
    shape: dict[str, Any] = {
        "url": url,
        "required_signatures": {"url": f"{url}/required_signatures", "enabled": False},
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": rules.enforce_admins},
        "required_linear_history": {"enabled": rules.linear_history},
        "allow_force_pushes": {"enabled": rules.allow_force_pushes},
        "allow_deletions": {"enabled": rules.allow_deletions},
        "block_creations": {"enabled": False},
        "required_conversation_resolution": {"enabled": rules.conversation_resolution},
        "lock_branch": {"enabled": False},
        "allow_fork_syncing": {"enabled": False},
    }
    if rules.checks is not None:
        shape["required_status_checks"] = {
            "url": f"{url}/required_status_checks",
            "contexts_url": f"{url}/required_status_checks/contexts",
            "strict": rules.strict,
            "contexts": [check.context for check in rules.checks],
            "checks": required(rules.checks),
        }
    if rules.approvals is not None:
        shape["required_pull_request_reviews"] = {
            "url": f"{url}/required_pull_request_reviews",
            "dismiss_stale_reviews": rules.dismiss_stale,
            "require_code_owner_reviews": rules.code_owners,
            "required_approving_review_count": rules.approvals,
            "require_last_push_approval": rules.last_push_approval,
        }
    return shape


def required(checks: list[RequiredCheck]) -> list[dict[str, Any]]:
    """``checks`` of required status checks."""
    return [{"context": check.context, "app_id": check.app_id} for check in checks]


def _wanted(call: Call, body: dict[str, Any]) -> list[RequiredCheck]:
    """The checks a request asks for.

    "Omit this field to automatically select the GitHub App that has recently provided this
    status check, or any app if it was not set by a GitHub App. Pass -1 to explicitly allow any
    app to set the status."
    """
    asked: dict[str, int | None] = dict.fromkeys(body.get("contexts", []))
    for item in body.get("checks", []):
        asked[item["context"]] = item.get("app_id")
    found = []
    for context, app_id in asked.items():
        if app_id is None:
            runs = [run for run in call.hub.state.check_runs.values() if run.name == context]
            app_id = APP_IDS.get(runs[-1].app) if runs else None
        found.append(RequiredCheck(context, None if app_id == -1 else app_id))
    return found


@operation("get", PROTECTION, ADMIN_READ)
def get_protection(call: Call) -> Answer:
    return Answer(200, _shape(call, _rules(call)))


@operation("put", PROTECTION, ADMIN)
def put_protection(call: Call) -> Answer:
    body, branch = call.body, call.path["branch"]
    if call.hub.head(branch) is None:
        raise ApiError(404, "Branch not found")
    checks = body["required_status_checks"]
    reviews = body["required_pull_request_reviews"]
    rules = Protection(
        branch,
        checks=None if checks is None else _wanted(call, checks),
        strict=bool(checks and checks["strict"]),
        approvals=None if reviews is None else reviews.get("required_approving_review_count", 1),
        code_owners=bool(reviews and reviews.get("require_code_owner_reviews")),
        dismiss_stale=bool(reviews and reviews.get("dismiss_stale_reviews")),
        last_push_approval=bool(reviews and reviews.get("require_last_push_approval")),
        enforce_admins=bool(body["enforce_admins"]),
        linear_history=bool(body.get("required_linear_history")),
        allow_force_pushes=bool(body.get("allow_force_pushes")),
        allow_deletions=bool(body.get("allow_deletions")),
        conversation_resolution=bool(body.get("required_conversation_resolution")),
    )
    call.hub.state.protections[branch] = rules
    return Answer(200, _shape(call, rules))


@operation("delete", PROTECTION, ADMIN)
def delete_protection(call: Call) -> Answer:
    del call.hub.state.protections[_rules(call).branch]
    return Answer(204)


@operation("get", "~/rulesets", "metadata:read")
def list_rulesets(call: Call) -> Answer:
    return Answer(200, [])


@operation("get", "~/rules/branches/{branch}", "metadata:read")
def branch_rules(call: Call) -> Answer:
    """Rules of rulesets; classic branch protection is none, as at GitHub."""
    if call.hub.head(call.path["branch"]) is None:
        raise not_found()
    state = call.hub.state
    if call.path["branch"] != DEFAULT_BRANCH or not state.merge_queue:
        return Answer(200, [])
    numbers = dict.fromkeys(
        ("max_entries_to_build", "max_entries_to_merge", "min_entries_to_merge"), 1
    )
    parameters = {
        **numbers, "check_response_timeout_minutes": 60, "grouping_strategy": "ALLGREEN",
        "merge_method": state.queue_method.upper(), "min_entries_to_merge_wait_minutes": 0,
    }  # fmt: skip
    source = {"ruleset_source_type": "Repository", "ruleset_source": REPOSITORY, "ruleset_id": 1}
    return Answer(200, [{"type": "merge_queue", "parameters": parameters, **source}])


PERMISSIONS = "~/actions/permissions/workflow"


@operation("get", PERMISSIONS, ADMIN_READ)
def get_permissions(call: Call) -> Answer:
    state = call.hub.state
    return Answer(
        200,
        {
            "default_workflow_permissions": state.workflow_permissions,
            "can_approve_pull_request_reviews": state.actions_may_open_pulls,
        },
    )


@operation("put", PERMISSIONS, ADMIN)
def put_permissions(call: Call) -> Answer:
    state, body = call.hub.state, call.body
    state.workflow_permissions = body.get(
        "default_workflow_permissions", state.workflow_permissions
    )
    allowed = body.get("can_approve_pull_request_reviews", state.actions_may_open_pulls)
    state.actions_may_open_pulls = allowed
    return Answer(204)


SUBJECT = "~/actions/oidc/customization/sub"


@operation("get", SUBJECT, "actions:read")
def get_subject(call: Call) -> Answer:
    """The template of ``sub``: GitHub's default, in the immutable format unless it is older."""
    immutable = call.hub.state.immutable_subject
    prefix = oidc.prefix(immutable=immutable)
    answer = {"use_immutable_subject": immutable, "sub_claim_prefix": prefix}
    return Answer(200, {"use_default": True, **answer})


@operation("put", SUBJECT, "actions:write")
def put_subject(call: Call) -> Answer:
    """Only the format can be chosen here; a template of one's own cannot."""
    if not call.body["use_default"]:
        raise ApiError(422, "The sandbox knows GitHub's default template only.")
    call.hub.state.immutable_subject = call.body.get("use_immutable_subject", True)
    return Answer(201, {})
