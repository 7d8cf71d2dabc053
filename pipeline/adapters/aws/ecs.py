"""Read ECS: services, running tasks, and the evidence of a rollout that failed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.adapters.aws.session import Aws, code_of, told
from pipeline.domain.rollout import Deployment, Event, Service, short
from pipeline.errors import Failure, failure

_LOG_LINES = 20
_TASKS = 5


def read_service(aws: Aws, cluster: str, name: str) -> Service | None:
    """The service as it is now, None when there is none (or it is INACTIVE)."""
    from botocore.exceptions import ClientError

    with told(f"ECS DescribeServices {cluster}/{name}"):
        try:
            answer = aws.ecs.describe_services(cluster=cluster, services=[name])
        except ClientError as error:
            if code_of(error) == "ClusterNotFoundException":
                return None
            raise
    found = [s for s in answer["services"] if s.get("status") != "INACTIVE"]
    if not found:
        return None
    service = found[0]
    return Service(
        name=service["serviceName"],
        cluster=cluster,
        task_definition=service.get("taskDefinition", ""),
        deployments=tuple(_deployment(d) for d in service.get("deployments", [])),
        events=tuple(
            Event(event["message"], event["createdAt"]) for event in service.get("events", [])[:20]
        ),
        target_groups=tuple(
            lb["targetGroupArn"]
            for lb in service.get("loadBalancers", [])
            if "targetGroupArn" in lb
        ),
    )


def _deployment(item: Any) -> Deployment:
    return Deployment(
        id=item.get("id", ""),
        status=item.get("status", ""),
        task_definition=item.get("taskDefinition", ""),
        rollout_state=item.get("rolloutState", ""),
        reason=item.get("rolloutStateReason", ""),
        desired=item.get("desiredCount", 0),
        running=item.get("runningCount", 0),
        failed=item.get("failedTasks", 0),
    )


def images_of(aws: Aws, task_definition: str) -> tuple[str, ...]:
    """The images of a task definition's containers."""
    with told(f"ECS DescribeTaskDefinition {short(task_definition)}"):
        found = aws.ecs.describe_task_definition(taskDefinition=task_definition)["taskDefinition"]
    return tuple(c.get("image", "") for c in found.get("containerDefinitions", []))


def is_revision(arn: str) -> bool:
    """Whether this is a revision of a task definition."""
    return arn.split(":", 5)[2:3] == ["ecs"] and ":task-definition/" in arn


def deregister(aws: Aws, revisions: Iterable[str]) -> None:
    """Let nothing be started of these revisions any more; running tasks go on."""
    for revision in revisions:
        with told(f"ECS DeregisterTaskDefinition {short(revision)}"):
            aws.ecs.deregister_task_definition(taskDefinition=revision)


def running_revisions(aws: Aws, service: Service) -> dict[str, int]:
    """How many tasks of the service run, by task definition."""
    counts: dict[str, int] = {}
    for task in _tasks(aws, service, "RUNNING"):
        if task.get("lastStatus") == "RUNNING":
            arn = task.get("taskDefinitionArn", "")
            counts[arn] = counts.get(arn, 0) + 1
    return counts


def _tasks(aws: Aws, service: Service, status: str) -> list[Any]:
    with told(f"ECS ListTasks {service.cluster}/{service.name}"):
        pages = aws.ecs.get_paginator("list_tasks").paginate(
            cluster=service.cluster,
            serviceName=service.name,
            desiredStatus=status,  # type: ignore[arg-type]
        )
        arns = [arn for page in pages for arn in page.get("taskArns", [])]
        found: list[Any] = []
        for at in range(0, len(arns), 100):  # DescribeTasks takes 100
            found += aws.ecs.describe_tasks(cluster=service.cluster, tasks=arns[at : at + 100])[
                "tasks"
            ]
    return found


@dataclass(frozen=True, slots=True)
class StoppedTask:
    """A task that stopped: why, and what it said last."""

    id: str
    reason: str
    containers: tuple[str, ...]
    log: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a rollout failed, for people. Each part is empty where AWS would not tell."""

    tasks: tuple[StoppedTask, ...]
    targets: tuple[str, ...]
    events: tuple[str, ...]


def evidence(aws: Aws, service: Service, revision: str) -> Evidence:
    """Collect what can be had; a refused call leaves its part empty, since the verdict stands."""
    tasks: list[StoppedTask] = []
    try:
        stopped = [
            task
            for task in _tasks(aws, service, "STOPPED")
            if task.get("taskDefinitionArn") == revision
        ]
        streams = _log_streams(aws, revision)
        for task in stopped[:_TASKS]:
            task_id = short(task["taskArn"])
            containers = tuple(
                f"{c.get('name')}: {_ending(c)}" for c in task.get("containers", []) if _ending(c)
            )
            log = tuple(line for stream in streams for line in _last_lines(aws, stream, task_id))
            tasks.append(StoppedTask(task_id, task.get("stoppedReason", ""), containers, log))
    except Failure:
        tasks = tasks or []
    targets: list[str] = []
    for group in service.target_groups:
        targets += _target_health(aws, group)
    return Evidence(tuple(tasks), tuple(targets), tuple(e.message for e in service.events[:8]))


def _ending(container: Any) -> str:
    parts = []
    if container.get("exitCode") is not None:
        parts.append(f"exit code {container['exitCode']}")
    if container.get("reason"):
        parts.append(str(container["reason"]))
    return ", ".join(parts)


def _log_streams(aws: Aws, revision: str) -> list[tuple[str, str, str]]:
    """Log group, stream prefix and container of every awslogs configuration."""
    with told("ECS DescribeTaskDefinition"):
        found = aws.ecs.describe_task_definition(taskDefinition=revision)["taskDefinition"]
    streams = []
    for container in found.get("containerDefinitions", []):
        log = container.get("logConfiguration", {})
        options = log.get("options", {})
        if log.get("logDriver") == "awslogs" and "awslogs-stream-prefix" in options:
            streams.append(
                (
                    options.get("awslogs-group", ""),
                    options["awslogs-stream-prefix"],
                    container.get("name", ""),
                )
            )
    return streams


def _last_lines(aws: Aws, stream: tuple[str, str, str], task_id: str) -> Sequence[str]:
    group, prefix, container = stream
    try:
        with told("CloudWatch Logs GetLogEvents"):
            answer = aws.logs.get_log_events(
                logGroupName=group,
                logStreamName=f"{prefix}/{container}/{task_id}",
                limit=_LOG_LINES,
                startFromHead=False,
            )
    except Failure:
        return ()
    return [event.get("message", "").rstrip() for event in answer["events"]]


def _target_health(aws: Aws, group: str) -> list[str]:
    try:
        with told("ELB DescribeTargetHealth"):
            answer = aws.elb.describe_target_health(TargetGroupArn=group)
    except Failure:
        return []
    found = []
    for item in answer["TargetHealthDescriptions"]:
        target, health = item["Target"], item["TargetHealth"]
        told_why = health.get("Description") or health.get("Reason") or ""
        found.append(
            f"{target['Id']}:{target.get('Port', '')} is "
            f"{health.get('State', '')} {told_why}".strip()
        )
    return found


def need_service(aws: Aws, cluster: str, name: str) -> Service:
    """The service; raises ``not-deployed`` when there is none."""
    service = read_service(aws, cluster, name)
    if service is None:
        raise failure("not-deployed", f"There is no service {name} in the cluster {cluster}.")
    return service
