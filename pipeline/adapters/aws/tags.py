"""What is still there of a unit, by its tags.

The Resource Groups Tagging API does not know every type, so EC2 is asked itself; what is found is
looked at once more, since tags outlive their resources.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.adapters.aws.presence import fate
from pipeline.adapters.aws.session import Aws, told
from pipeline.domain.model import UnitId


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
    fates = {arn: fate(aws, arn) for arn in sorted(arns)}
    return [Leftover(arn, leaving) for arn, leaving in fates.items() if leaving is not None]


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
