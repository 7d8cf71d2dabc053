"""What is said in the boxes of the network. No I/O."""

from __future__ import annotations

from collections.abc import Iterator

from terraform.diagram.names import counted, short
from terraform.diagram.resources import Resource, Resources


def words(found: Resources, item: Resource) -> tuple[str, tuple[str, ...]]:
    """Title and lines of a box in the network."""
    match item.type:
        case "aws_lb":
            return "Load balancer", tuple(_listeners(found, item))
        case "aws_nat_gateway":
            return "NAT gateway", ()
        case "aws_ecs_service":
            return short(item.text("name")), tuple(_service(found, item))
        case "aws_db_instance":
            many = "two zones" if item.values.get("multi_az") else "one zone"
            kind = f"RDS {item.text('engine')} {item.text('engine_version')}"
            return short(item.text("identifier")), (kind, f"{item.text('instance_class')}, {many}")
        case "aws_efs_file_system":
            return short(item.tag("Name")), ("EFS, encrypted",)
        case "aws_lambda_function":
            return short(item.text("function_name")), ("Lambda function",)
        case _:
            name = item.tag("Component") or short(item.tag("Name"))
            return name, (f"EC2 {item.text('instance_type')}", *_volumes(found, item))


def _listeners(found: Resources, balancer: Resource) -> Iterator[str]:
    for item in found.of("aws_lb_listener"):
        if item.text("load_balancer_arn") == balancer.text("arn"):
            does = "redirects" if item.first("default_action").get("redirect") else "forwards"
            yield f"{item.text('protocol')} {item.text('port')} {does}"


def _service(found: Resources, item: Resource) -> Iterator[str]:
    task = found.called("aws_ecs_task_definition", item.text("task_definition"))
    if task:
        machine = task.first("runtime_platform").get("cpu_architecture") or ""
        size = f"{int(task.text('cpu')) / 1024:g} vCPU, {int(task.text('memory')) / 1024:g} GiB"
        yield f"ECS Fargate {machine}".strip()
        yield size
    for scaling in found.of("aws_appautoscaling_target"):
        if scaling.text("resource_id").endswith(f"/{item.text('name')}"):
            yield f"{scaling.text('min_capacity')} to {scaling.text('max_capacity')} tasks"
            return
    yield counted(int(item.values["desired_count"]), "task")


def _volumes(found: Resources, item: Resource) -> Iterator[str]:
    for attached in found.of("aws_volume_attachment"):
        volume = found.called("aws_ebs_volume", attached.text("volume_id"))
        if volume and attached.text("instance_id") == item.text("id"):
            yield f"{volume.text('size')} GiB {volume.text('type')} for its data"
