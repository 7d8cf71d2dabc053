"""RDS: attributes that have to read back as they were written.

"PerformanceInsightsEnabled: Indicates whether Performance Insights is enabled for the DB instance"
(RDS API reference, DBInstance) and "Source: The source of the parameter value" (Parameter: *user*
for values that somebody set). moto drops the first ones and leaves the second out.
"""

from __future__ import annotations

from typing import Any

from sandbox.aws.calls import Call
from sandbox.aws.gaps import Context, amends

#: parameter of the request -> member of DBInstance
_KEPT = {
    "EnablePerformanceInsights": "PerformanceInsightsEnabled",
    "PerformanceInsightsKMSKeyId": "PerformanceInsightsKMSKeyId",
    "PerformanceInsightsRetentionPeriod": "PerformanceInsightsRetentionPeriod",
}


@amends("rds:CreateDBInstance", "rds:ModifyDBInstance")
def remember(call: Call, result: dict[str, Any], context: Context) -> None:
    given = call.parameters()
    instance = result["DBInstance"]
    kept = context.of("rds").setdefault(instance["DBInstanceIdentifier"], {})
    kept.update({member: given[name] for name, member in _KEPT.items() if name in given})
    instance.update(kept)


@amends("rds:DescribeDBInstances")
def describe(_call: Call, result: dict[str, Any], context: Context) -> None:
    for instance in result.get("DBInstances", ()):
        instance.update(context.of("rds").get(instance["DBInstanceIdentifier"], {}))


@amends("rds:DeleteDBInstance")
def forget(_call: Call, result: dict[str, Any], context: Context) -> None:
    context.of("rds").pop(result["DBInstance"]["DBInstanceIdentifier"], None)


@amends("rds:DescribeDBParameters")
def parameters(call: Call, result: dict[str, Any], _context: Context) -> None:
    source = call.parameters().get("Source")
    for parameter in result.get("Parameters", ()):
        parameter.setdefault("Source", "user")
    if source:
        result["Parameters"] = [p for p in result.get("Parameters", ()) if p["Source"] == source]
