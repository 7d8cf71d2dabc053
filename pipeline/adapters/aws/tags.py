"""What is still there of a unit, by its tags.

The Resource Groups Tagging API does not know every type and keeps deleted things for a while
(AWS: GetResources), so EC2 is asked itself, and what only waits for its deletion is told apart.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.adapters.aws.session import Aws, told
from pipeline.domain.model import UnitId
from pipeline.errors import Failure


@dataclass(frozen=True, slots=True)
class Leftover:
    """A resource with the unit's tags; ``leaving`` says why it needs no action."""

    arn: str
    leaving: str = ""


def leftovers(aws: Aws, unit: UnitId, project: str = "KnowledgeWeaver") -> list[Leftover]:
    """Everything with the tags Project, Environment and Stack of the unit, sorted."""
    wanted = {"Project": project, "Environment": unit.workspace, "Stack": unit.stack}
    filters = [{"Key": key, "Values": [value]} for key, value in wanted.items()]
    with told("Tagging GetResources"):
        pages = aws.tagging.get_paginator("get_resources").paginate(TagFilters=filters)  # type: ignore[arg-type]
        arns = {item["ResourceARN"] for page in pages for item in page["ResourceTagMappingList"]}
    arns |= _ec2(aws, wanted, arns)
    return sorted((Leftover(arn, _leaving(aws, arn)) for arn in arns), key=lambda x: x.arn)


def _ec2(aws: Aws, wanted: dict[str, str], known: set[str]) -> set[str]:
    """EC2 resources by DescribeTags, those already known left out."""
    kinds: dict[str, str] = {}
    having: list[set[str]] = []
    for key, value in wanted.items():
        with told("EC2 DescribeTags"):
            pages = aws.ec2.get_paginator("describe_tags").paginate(
                Filters=[{"Name": "key", "Values": [key]}, {"Name": "value", "Values": [value]}]
            )
            items = [tag for page in pages for tag in page["Tags"]]
        kinds |= {tag["ResourceId"]: str(tag["ResourceType"]) for tag in items}
        having.append({tag["ResourceId"] for tag in items})
    seen = {arn.rpartition("/")[2] for arn in known}
    return {
        f"arn:aws:ec2:{aws.region}:{aws.account}:{kinds[item]}/{item}"
        for item in set.intersection(*having) - seen
    }


def _leaving(aws: Aws, arn: str) -> str:
    """Why a resource is going by itself; empty when it stays."""
    service, _, rest = arn.split(":", 2)[2].partition(":")
    name = rest.rpartition(":")[2].rpartition("/")[2]
    try:
        with told(f"describe {arn}"):
            if service == "kms":
                state = aws.kms.describe_key(KeyId=arn)["KeyMetadata"].get("KeyState")
                return "waits for its deletion" if state == "PendingDeletion" else ""
            if service == "secretsmanager":
                secret = aws.client("secretsmanager").describe_secret(SecretId=arn)
                return "waits for its deletion" if secret.get("DeletedDate") else ""
            if service == "ecs" and ":task-definition/" in arn:
                found = aws.ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
                return "deregistered" if found.get("status") != "ACTIVE" else ""
            if service == "ecs" and ":cluster/" in arn:
                clusters = aws.ecs.describe_clusters(clusters=[arn])["clusters"]
                gone = not clusters or clusters[0].get("status") == "INACTIVE"
                return "is inactive" if gone else ""
            if service == "ec2" and name.startswith("i-"):
                groups = aws.ec2.describe_instances(InstanceIds=[name])["Reservations"]
                states = {i["State"]["Name"] for g in groups for i in g["Instances"]}
                return "is terminated" if states <= {"terminated", "shutting-down"} else ""
    except Failure:
        return "is gone"
    return ""
