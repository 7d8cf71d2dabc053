"""What a task starts from and with: its image, secrets, role and command."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import httpx
import pytest
from ecs_estate import BREAKER, Estate, wait

from sandbox.ecs import tasks


def test_a_missing_image_is_the_stopped_reason(estate: Estate) -> None:
    name = estate.service(estate.definition("absent"), deploymentConfiguration=BREAKER)
    wait(lambda: estate.primary(name)["rolloutState"] == "FAILED", 20)
    task = estate.tasks(name, "STOPPED")[0]
    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"].startswith("CannotPullContainerError: ")
    assert task["containers"][0]["reason"] == task["stoppedReason"]
    estate.remove(name)


def test_a_task_that_cannot_be_started_for_a_reason_nobody_foresaw_says_so_and_others_start(
    estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, pulls = tasks.pull, count(1)

    def pull(*given: Any) -> Any:
        if next(pulls) == 1:
            raise RuntimeError("dictionary changed size during iteration")
        return original(*given)

    monkeypatch.setattr(tasks, "pull", pull)
    definition = estate.definition("one")
    name = estate.service(definition, desiredCount=2)
    estate.completed(name, definition)
    [stopped] = estate.tasks(name, "STOPPED")
    assert stopped["stopCode"] == "TaskFailedToStart"
    assert "dictionary changed size" in stopped["stoppedReason"]
    estate.remove(name)


def test_secrets_are_resolved_and_an_absent_key_keeps_the_task_from_starting(
    estate: Estate,
) -> None:
    arn = estate.secrets.create_secret(
        Name=estate.name("secret"), SecretString='{"password": "s3cret-word"}'
    )["ARN"]
    url, target, _ = estate.balancer()
    good = estate.definition(
        "one", secrets=[{"name": "PASSWORD", "valueFrom": f"{arn}:password::"}]
    )
    name = estate.service(good, target)
    estate.completed(name, good)
    assert httpx.get(f"{url}/env/PASSWORD").text == "s3cret-word"
    assert httpx.get(f"{url}/env/SANDBOX_PYTHON").text == "(unset)"
    estate.remove(name)

    bad = estate.definition("one", secrets=[{"name": "P", "valueFrom": f"{arn}:other::"}])
    name = estate.service(bad, deploymentConfiguration=BREAKER)
    wait(lambda: estate.primary(name)["rolloutState"] == "FAILED", 20)
    reason = estate.tasks(name, "STOPPED")[0]["stoppedReason"]
    assert reason.startswith("ResourceInitializationError: unable to pull secrets")
    assert "s3cret-word" not in reason
    estate.remove(name)


def test_a_task_gets_its_roles_credentials_and_no_others(estate: Estate) -> None:
    role = task_role(estate, "123456789012")
    url, target, _ = estate.balancer()
    definition = estate.definition("one", task_role=role)
    name = estate.service(definition, target)
    estate.completed(name, definition)

    def variable(wanted: str) -> str:
        return httpx.get(f"{url}/env/{wanted}").text

    assert variable("AWS_SECRET_ACCESS_KEY") == "(unset)"
    endpoint, token = (
        variable("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
        variable("AWS_CONTAINER_AUTHORIZATION_TOKEN"),
    )
    given = httpx.get(endpoint, headers={"Authorization": token}).json()
    assert given["RoleArn"] == role
    assert given["AccessKeyId"].startswith("ASIA")
    assert httpx.get(endpoint, headers={"Authorization": "other"}).status_code == 403
    estate.remove(name)
    assert httpx.get(endpoint, headers={"Authorization": token}).status_code == 403


def test_a_task_whose_role_trusts_another_account_does_not_start_and_says_so(
    estate: Estate,
) -> None:
    name = estate.service(estate.definition("one", task_role=task_role(estate, "210987654321")))
    wait(lambda: estate.tasks(name, "STOPPED") != [], 10)
    stopped = estate.tasks(name, "STOPPED")[0]
    assert stopped["stopCode"] == "TaskFailedToStart"
    assert "ECS was unable to assume the role" in stopped["stoppedReason"]
    estate.remove(name)


def task_role(estate: Estate, account: str) -> str:
    """The ARN of a role that ECS tasks may have, for an account's own tasks only."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "ecs-tasks.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    }
    role = estate.client("iam").create_role(
        RoleName=estate.name("task"), AssumeRolePolicyDocument=json.dumps({"Statement": statement})
    )
    return str(role["Role"]["Arn"])


def test_a_single_task_runs_its_command_and_keeps_its_exit_code(estate: Estate) -> None:
    definition = estate.definition("one")
    task = estate.ecs.run_task(
        cluster="c",
        taskDefinition=definition,
        launchType="FARGATE",
        networkConfiguration={
            "awsvpcConfiguration": {"subnets": estate.subnets, "securityGroups": [estate.group]}
        },
        overrides={
            "containerOverrides": [
                {
                    "name": "api",
                    "command": [
                        "python",
                        "-c",
                        "import os; os._exit(int(os.environ['E']))",
                    ],
                    "environment": [{"name": "E", "value": "5"}],
                }
            ]
        },
    )["tasks"][0]["taskArn"]

    def state() -> dict[str, Any]:
        return dict(estate.ecs.describe_tasks(cluster="c", tasks=[task])["tasks"][0])

    wait(lambda: state()["lastStatus"] == "STOPPED", 10)
    assert state()["containers"][0]["exitCode"] == 5
    assert state()["stopCode"] == "EssentialContainerExited"
