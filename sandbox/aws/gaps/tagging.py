"""Tagging: what a flow log is called.

"arn:${Partition}:ec2:${Region}:${Account}:vpc-flow-log/${VpcFlowLogId}" (Service Authorization
Reference, Amazon EC2), and the resource type vpc-flow-log (EC2, TagSpecification). moto says
flow-logs, which nobody can look up.
"""

from __future__ import annotations

from typing import Any

from sandbox.aws.calls import Call
from sandbox.aws.gaps import Context, amends


@amends("resourcegroupstaggingapi:GetResources")
def named(_call: Call, result: dict[str, Any], _context: Context) -> None:
    for item in result.get("ResourceTagMappingList", ()):
        item["ResourceARN"] = item["ResourceARN"].replace(":flow-logs/", ":vpc-flow-log/")


@amends("ec2:DescribeTags")
def typed(_call: Call, result: dict[str, Any], _context: Context) -> None:
    for tag in result.get("Tags", ()):
        if tag["ResourceType"] == "flow-logs":
            tag["ResourceType"] = "vpc-flow-log"
