"""Tagging: the ARN of a flow log.

"arn:${Partition}:ec2:${Region}:${Account}:vpc-flow-log/${VpcFlowLogId}" (Service Authorization
Reference, Amazon EC2). moto names it flow-logs, which nobody can look up.
"""

from __future__ import annotations

from typing import Any

from sandbox.aws.calls import Call
from sandbox.aws.gaps import Context, amends


@amends("resourcegroupstaggingapi:GetResources")
def named(_call: Call, result: dict[str, Any], _context: Context) -> None:
    for item in result.get("ResourceTagMappingList", ()):
        item["ResourceARN"] = item["ResourceARN"].replace(":flow-logs/", ":vpc-flow-log/")
