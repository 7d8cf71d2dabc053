"""AWS's own words for what happens to services and tasks.

Sources: Amazon ECS Developer Guide, "Amazon ECS service event messages", "Amazon ECS stopped task
error messages" and "Amazon ECS service deployment state change events".
"""

from __future__ import annotations

from collections.abc import Sequence

ESSENTIAL_EXITED = "Essential container in task exited"
CONTAINER_HEALTH = "Task failed container health checks"
USER_STOP = "Task stopped by user"


def started(service: str, tasks: Sequence[str]) -> str:
    return f"(service {service}) has started {len(tasks)} tasks: {_tasks(tasks)}."


def stopped(service: str, tasks: Sequence[str]) -> str:
    return f"(service {service}) has stopped {len(tasks)} running tasks: {_tasks(tasks)}."


def draining(service: str, count: int) -> str:
    return f"(service {service}) has begun draining connections on {count} tasks."


def registered(service: str, group: str) -> str:
    return f"(service {service}) registered 1 targets in (target-group {group})"


def deregistered(service: str, group: str) -> str:
    return f"(service {service}) deregistered 1 targets in (target-group {group})"


def steady(service: str) -> str:
    return f"(service {service}) has reached a steady state."


def completed(service: str, deployment: str) -> str:
    return f"(service {service}) (deployment {deployment}) deployment completed."


def failed(service: str, deployment: str, why: str) -> str:
    return f"(service {service}) (deployment {deployment}) deployment failed: {why}."


def rolling_back(service: str, deployment: str) -> str:
    return f"(service {service}) rolling back to deployment {deployment}."


def failed_container_health(service: str, task: str) -> str:
    return f"(service {service}) (task {task}) failed container health checks."


def unhealthy_target(service: str, port: int, group: str, reason: str) -> str:
    return (
        f"(service {service}) (port {port}) is unhealthy in (target-group {group}) "
        f"due to (reason {reason})"
    )


def cannot_start(service: str) -> str:
    return f"(service {service}) is unable to consistently start tasks successfully."


def elb_health(group: str) -> str:
    return f"Task failed ELB health checks in (target-group {group})"


def scaling(deployment: str) -> str:
    return f"Scaling activity initiated by (deployment {deployment})"


def cannot_pull(image: str) -> str:
    return (
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): "
        f"failed to resolve ref {image}: {image}: not found"
    )


def cannot_mount(file_system: str) -> str:
    return (
        "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: "
        f'stderr: Failed to resolve "{file_system}" - check that your file system ID is correct, '
        "and ensure that the VPC has an EFS mount target for this file system ID."
    )


def cannot_assume(role: str) -> str:
    return (
        f"ECS was unable to assume the role '{role}' that was provided for this task. Please "
        "verify that the role being passed has the proper trust relationship and permissions and "
        "that your IAM user has permissions to pass this role."
    )


def no_secret(value_from: str, why: str) -> str:
    return (
        "ResourceInitializationError: unable to pull secrets or registry auth: execution "
        "resource retrieval failed: unable to retrieve secret from asm: service call has been "
        f"retried 1 time(s): failed to fetch secret {value_from}: {why}"
    )


def in_progress(deployment: str) -> str:
    return f"ECS deployment {deployment} in progress."


def done(deployment: str) -> str:
    return f"ECS deployment {deployment} completed."


def breaker(why: str) -> str:
    return f"ECS deployment circuit breaker: {why}."


def breaker_rollback(deployment: str) -> str:
    return f"ECS deployment circuit breaker: rolling back to deploymentId {deployment}."


def _tasks(tasks: Sequence[str]) -> str:
    return " ".join(f"(task {task})" for task in tasks)
