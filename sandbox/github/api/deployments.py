"""Deployments, environments, and the repository's variables."""

from __future__ import annotations

from sandbox.github.api.core import Answer, Call, operation
from sandbox.github.api.errors import ApiError, invalid, not_found
from sandbox.github.host import environment_of
from sandbox.github.model import now
from sandbox.github.records import BranchPolicy, Deployment, DeploymentStatus, Environment, Variable
from sandbox.github.shapes import checks

READ, WRITE = "deployments:read", "deployments:write"
ADMIN = "administration:write"
ENVIRONMENT = "~/environments/{environment_name}"


@operation("get", "~/deployments", READ)
def list_deployments(call: Call) -> Answer:
    query = call.query
    found = [
        item
        for _, item in sorted(call.hub.state.deployments.items(), reverse=True)
        if query.get("environment", item.environment) == item.environment
        and query.get("sha", item.sha) == item.sha
        and query.get("ref", item.ref) == item.ref
        and query.get("task", item.task) == item.task
    ]
    return call.page(found, lambda item: checks.deployment(call.hub, item))


@operation("post", "~/deployments", WRITE)
def create_deployment(call: Call) -> Answer:
    body, stamp = call.body, now()
    sha = call.hub.repo.resolve(body["ref"])
    if sha is None:
        raise ApiError(422, f"No ref found for: {body['ref']}")
    payload = body.get("payload") or {}
    item = Deployment(
        call.hub.state.take_id(), sha, body["ref"], body.get("environment", "production"),
        call.by.login, stamp, stamp, body.get("task", "deploy"), body.get("description"),
        payload if isinstance(payload, dict) else {"text": payload},
        run_id=call.by.run_id, job_id=call.by.job_id,
    )  # fmt: skip
    call.hub.state.deployments[item.id] = item
    call.hub.touch()
    return Answer(201, checks.deployment(call.hub, item))


def _deployment(call: Call) -> Deployment:
    item = call.hub.state.deployments.get(call.number("deployment_id"))
    if item is None:
        raise not_found()
    return item


@operation("get", "~/deployments/{deployment_id}", READ)
def get_deployment(call: Call) -> Answer:
    return Answer(200, checks.deployment(call.hub, _deployment(call)))


@operation("get", "~/deployments/{deployment_id}/statuses", READ)
def list_statuses(call: Call) -> Answer:
    item = _deployment(call)
    return call.page(
        item.statuses[::-1], lambda status: checks.deployment_status(call.hub, item, status)
    )


@operation("post", "~/deployments/{deployment_id}/statuses", WRITE)
def create_status(call: Call) -> Answer:
    item, body = _deployment(call), call.body
    if len(body.get("description", "")) > 140:
        message = "description is too long (maximum is 140 characters)"
        raise invalid("DeploymentStatus", "description", "custom", message)
    log_url = body.get("log_url") or body.get("target_url") or ""
    status = DeploymentStatus(
        call.hub.state.take_id(), body["state"], call.by.login, body.get("description", ""),
        body.get("environment", item.environment), log_url, body.get("environment_url", ""), now(),
    )  # fmt: skip
    item.statuses.append(status)
    item.updated_at = status.created_at
    call.hub.touch()
    return Answer(201, checks.deployment_status(call.hub, item, status))


def _environment(call: Call) -> Environment:
    item = call.hub.state.environments.get(call.path["environment_name"])
    if item is None:
        raise not_found()
    return item


@operation("get", "~/environments", "actions:read")
def list_environments(call: Call) -> Answer:
    items = list(call.hub.state.environments.values())
    return call.page(items, lambda item: checks.environment(call.hub, item), "environments")


@operation("get", ENVIRONMENT, "actions:read")
def get_environment(call: Call) -> Answer:
    return Answer(200, checks.environment(call.hub, _environment(call)))


@operation("put", ENVIRONMENT, ADMIN)
def put_environment(call: Call) -> Answer:
    body = call.body or {}
    by_id = {user.id: user.login for user in call.hub.state.users.values()}
    reviewers = []
    for raw in body.get("reviewers") or []:
        if raw.get("type", "User") != "User" or raw.get("id") not in by_id:
            raise ApiError(422, "Reviewers must be users of this repository")
        reviewers.append(by_id[raw["id"]])
    if len(reviewers) > 6:
        raise ApiError(422, "An environment has at most six reviewers")
    item = environment_of(call.hub, call.path["environment_name"])
    item.reviewers = reviewers
    item.prevent_self_review = bool(body.get("prevent_self_review", False))
    item.wait_timer = int(body.get("wait_timer") or 0)
    policy = body.get("deployment_branch_policy")
    if policy and policy["protected_branches"] == policy["custom_branch_policies"]:
        raise ApiError(422, "protected_branches and custom_branch_policies cannot be the same")
    item.branch_policy = policy and ("protected" if policy["protected_branches"] else "custom")
    if item.branch_policy != "custom":
        item.policies = []
    item.updated_at = now()
    return Answer(200, checks.environment(call.hub, item))


@operation("delete", ENVIRONMENT, ADMIN)
def delete_environment(call: Call) -> Answer:
    del call.hub.state.environments[_environment(call).name]
    return Answer(204)


def _policy(item: BranchPolicy) -> dict[str, object]:
    return {"id": item.id, "node_id": f"policy{item.id}", "name": item.name, "type": item.kind}


@operation("get", f"{ENVIRONMENT}/deployment-branch-policies", "actions:read")
def list_policies(call: Call) -> Answer:
    return call.page(_environment(call).policies, _policy, "branch_policies")


@operation("post", f"{ENVIRONMENT}/deployment-branch-policies", ADMIN)
def create_policy(call: Call) -> Answer:
    item = _environment(call)
    if item.branch_policy != "custom":
        raise not_found()
    kind = call.body.get("type", "branch")
    for old in item.policies:
        if (old.name, old.kind) == (call.body["name"], kind):
            return Answer(200, _policy(old))
    policy = BranchPolicy(call.hub.state.take_id(), call.body["name"], kind)
    item.policies.append(policy)
    return Answer(200, _policy(policy))


@operation("get", "~/actions/variables", "variables:read")
def list_variables(call: Call) -> Answer:
    return call.page(list(call.hub.state.variables.values()), checks.variable, "variables")


@operation("post", "~/actions/variables", "variables:write")
def create_variable(call: Call) -> Answer:
    name = call.body["name"].upper()
    if name.startswith("GITHUB_"):
        raise ApiError(422, "Variable name must not start with GITHUB_")
    if name in call.hub.state.variables:
        raise ApiError(409, "Already exists - Variable already exists")
    stamp = now()
    call.hub.state.variables[name] = Variable(name, call.body["value"], stamp, stamp)
    return Answer(201, {})


def _variable(call: Call) -> Variable:
    item = call.hub.state.variables.get(call.path["name"].upper())
    if item is None:
        raise not_found()
    return item


@operation("get", "~/actions/variables/{name}", "variables:read")
def get_variable(call: Call) -> Answer:
    return Answer(200, checks.variable(_variable(call)))


@operation("patch", "~/actions/variables/{name}", "variables:write")
def update_variable(call: Call) -> Answer:
    item = _variable(call)
    item.value, item.updated_at = call.body.get("value", item.value), now()
    return Answer(204)


@operation("delete", "~/actions/variables/{name}", "variables:write")
def delete_variable(call: Call) -> Answer:
    del call.hub.state.variables[_variable(call).name]
    return Answer(204)
