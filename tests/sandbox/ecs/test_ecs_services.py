"""Services on the data plane, with real processes behind a real listener."""

from __future__ import annotations

from collections import Counter

import httpx
import pytest
from botocore.exceptions import ClientError
from ecs_estate import BREAKER, Estate, calling, wait


def test_a_healthy_roll_fails_no_request_and_completes(estate: Estate) -> None:
    url, target, _ = estate.balancer()
    one, two = estate.definition("one"), estate.definition("two")
    name = estate.service(one, target, desiredCount=2, deploymentConfiguration=BREAKER)
    estate.completed(name, one)
    assert httpx.get(url).text == "one"

    with calling(url) as statuses:
        estate.update(name, taskDefinition=two)
        service = estate.completed(name, two)
    assert httpx.get(url).text == "two"
    assert len(statuses) > 20  # on a busy machine
    assert set(statuses) == {200}
    assert service["runningCount"] == 2
    assert service["taskDefinition"] == two
    said = "\n".join(estate.events(name))
    for text in (
        "has started 2 tasks: (task ",
        "registered 1 targets in (target-group arn:",
        "has begun draining connections on ",
        "deployment completed.",
        "has reached a steady state.",
    ):
        assert text in said
    estate.remove(name)


def test_a_deployment_that_never_gets_healthy_is_rolled_back_and_fails_no_request(
    estate: Estate,
) -> None:
    url, target, _ = estate.balancer()
    one = estate.definition("one")
    bad = estate.definition("two", environment=[{"name": "MODE", "value": "never-healthy"}])
    name = estate.service(one, target, desiredCount=1, deploymentConfiguration=BREAKER)
    before = estate.completed(name, one)["deployments"][0]["id"]

    with calling(url) as statuses:
        estate.update(name, taskDefinition=bad)
        failed_id = estate.primary(name)["id"]
        wait(lambda: estate.primary(name)["id"] == before, 60, lambda: str(estate.describe(name)))
        service = estate.completed(name, one)
    assert set(statuses) == {200}
    assert service["taskDefinition"] == one
    # the failed deployment itself goes as soon as the service is steady again
    said = estate.events(name)
    failed = f"(service {name}) (deployment {failed_id}) deployment failed"
    assert f"{failed}: tasks failed ELB health checks." in said
    assert f"(service {name}) rolling back to deployment {before}." in said
    assert any("due to (reason Health checks failed with these codes: [503])" in s for s in said)
    stopped = estate.tasks(name, "STOPPED")
    assert sum(task["startedBy"] == failed_id for task in stopped) == 3
    reasons = {task["stoppedReason"] for task in stopped}
    assert f"Task failed ELB health checks in (target-group {target})" in reasons
    estate.remove(name)


def test_a_first_deployment_that_crashes_stays_failed(estate: Estate) -> None:
    bad = estate.definition("one", environment=[{"name": "MODE", "value": "crash"}])
    name = estate.service(bad, deploymentConfiguration=BREAKER)
    wait(lambda: estate.primary(name)["rolloutState"] == "FAILED", 20)
    deployment = estate.primary(name)
    assert deployment["failedTasks"] == 3
    assert deployment["rolloutStateReason"] == (
        "ECS deployment circuit breaker: tasks failed to start."
    )
    stopped = estate.tasks(name, "STOPPED")
    assert len(stopped) == 3
    assert {task["stopCode"] for task in stopped} == {"EssentialContainerExited"}
    assert {task["containers"][0]["exitCode"] for task in stopped} == {3}
    task = stopped[0]["taskArn"].rpartition("/")[2]
    lines = estate.logs.get_log_events(logGroupName="/ecs/tiny", logStreamName=f"api/api/{task}")[
        "events"
    ]
    assert [line["message"] for line in lines] == ["boom: it cannot start"]
    estate.remove(name)


def test_a_task_that_dies_or_is_stopped_is_replaced(estate: Estate) -> None:
    url, target, _ = estate.balancer()
    one = estate.definition("one")
    name = estate.service(one, target)
    estate.completed(name, one)
    for end in ("die", "stop"):
        before = estate.tasks(name)[0]["taskArn"]
        if end == "die":
            httpx.get(f"{url}/die")
        else:
            estate.ecs.stop_task(cluster="c", task=before, reason="by hand")
        wait(lambda: [t["taskArn"] for t in estate.tasks(name)] not in ([], [before]), 10)  # noqa: B023
        wait(lambda: estate.describe(name)["runningCount"] == 1, 10)
        gone = next(t for t in estate.tasks(name, "STOPPED") if t["taskArn"] == before)
        expected = (
            ("EssentialContainerExited", "Essential container in task exited")
            if end == "die"
            else ("UserInitiated", "by hand")
        )
        assert (gone["stopCode"], gone["stoppedReason"]) == expected
    assert estate.primary(name)["rolloutState"] == "COMPLETED"
    estate.remove(name)


def test_a_container_health_check_decides_without_a_load_balancer(estate: Estate) -> None:
    check = {"command": ["CMD-SHELL", "exit 1"], "interval": 5, "retries": 2}
    bad = estate.definition("one", healthCheck=check)
    name = estate.service(bad, deploymentConfiguration=BREAKER)
    wait(lambda: estate.primary(name)["rolloutState"] == "FAILED", 30)
    assert estate.primary(name)["rolloutStateReason"] == (
        "ECS deployment circuit breaker: tasks failed container health checks."
    )
    reasons = {task["stoppedReason"] for task in estate.tasks(name, "STOPPED")}
    assert reasons == {"Task failed container health checks"}
    estate.remove(name)


def test_scaling_keeps_the_deployment_and_deleting_drains_to_inactive(estate: Estate) -> None:
    one = estate.definition("one")
    name = estate.service(one)
    first = estate.completed(name, one)["deployments"][0]["id"]
    estate.update(name, desiredCount=2)
    wait(lambda: estate.describe(name)["runningCount"] == 2, 10)
    estate.update(name, desiredCount=1)
    wait(lambda: estate.describe(name)["runningCount"] == 1, 10)
    assert estate.primary(name)["id"] == first
    with pytest.raises(estate.ecs.exceptions.InvalidParameterException, match="scaled above 0"):
        estate.ecs.delete_service(cluster="c", service=name)
    estate.remove(name)
    assert estate.tasks(name) == []
    held = estate.ec2.describe_network_interfaces(
        Filters=[{"Name": "subnet-id", "Values": estate.subnets}]
    )["NetworkInterfaces"]
    assert [n for n in held if n["Description"] == "moto ECS"] == []


def test_tasks_spread_over_spot_and_on_demand_as_the_service_says(estate: Estate) -> None:
    estate.ecs.put_cluster_capacity_providers(
        cluster="c",
        capacityProviders=["FARGATE", "FARGATE_SPOT"],
        defaultCapacityProviderStrategy=[],
    )
    strategy = [
        {"capacityProvider": "FARGATE", "base": 1, "weight": 1},
        {"capacityProvider": "FARGATE_SPOT", "base": 0, "weight": 1},
    ]
    one = estate.definition("one")
    name = estate.service(one, desiredCount=3, capacityProviderStrategy=strategy)
    found = estate.completed(name, one)
    assert found["capacityProviderStrategy"] == strategy
    assert found["deployments"][0]["capacityProviderStrategy"] == strategy
    assert not {"launchType"} & (found.keys() | found["deployments"][0].keys())
    tasks = estate.tasks(name)
    assert {task["launchType"] for task in tasks} == {"FARGATE"}
    assert Counter(task["capacityProviderName"] for task in tasks) == {
        "FARGATE": 2,
        "FARGATE_SPOT": 1,
    }
    spot = [strategy[1]]
    estate.update(name, capacityProviderStrategy=spot, forceNewDeployment=True)
    wait(lambda: len(estate.tasks(name)) == 3 and estate.on_spot(name) == 3, 20)
    estate.remove(name)


def test_after_a_restart_the_services_come_back_at_the_same_address(estate: Estate) -> None:
    url, target, _ = estate.balancer()
    one = estate.definition("one")
    name = estate.service(one, target)
    before = estate.completed(name, one)["deployments"][0]["id"]
    task = estate.tasks(name)[0]["taskArn"]
    estate.restart()
    wait(lambda: [t["taskArn"] for t in estate.tasks(name)] not in ([], [task]), 10)
    wait(lambda: answer(url) == "one", 10)
    assert estate.primary(name)["id"] == before
    old = estate.ecs.describe_tasks(cluster="c", tasks=[task])["tasks"][0]
    assert (old["lastStatus"], old["stoppedReason"]) == ("STOPPED", "The sandbox was stopped.")
    estate.remove(name)


def answer(url: str) -> str:
    try:
        return httpx.get(url).text
    except httpx.HTTPError:
        return ""


def test_a_revision_that_was_deregistered_starts_no_service(estate: Estate) -> None:
    one, two = estate.definition("one"), estate.definition("two")
    name = estate.service(two, desiredCount=0)
    estate.ecs.deregister_task_definition(taskDefinition=one)
    with pytest.raises(ClientError, match="TaskDefinition is inactive"):
        estate.update(name, taskDefinition=one)
    with pytest.raises(ClientError, match="TaskDefinition is inactive"):
        estate.service(one, desiredCount=0)
    assert estate.describe(name)["taskDefinition"] == two
    estate.remove(name)
