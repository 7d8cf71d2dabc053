"""RDS: attributes that have to read back as they were written.

"PerformanceInsightsEnabled: Indicates whether Performance Insights is enabled for the DB instance"
(RDS API reference, DBInstance) and "Source: The source of the parameter value" (Parameter: *user*
for values that somebody set). moto drops the first ones and leaves the second out.

"DbiResourceId: The Amazon Web Services Region-unique, immutable identifier for the DB instance"
(DBInstance). moto gives all of them the same, so that Terraform, which reads a database by it,
finds none as soon as there are two.

A new database's certificate is of the authority that it is made with, and of rds-ca-rsa2048-g1
unless another is named (User Guide, "Using SSL/TLS to encrypt a connection to a DB instance").
moto names one that does not exist, which Terraform would change and wait for.

"The change is asynchronously applied as soon as possible. Between the time of the request and the
completion of the request, the MasterUserPassword element exists in the PendingModifiedValues
element of the operation response" (ModifyDBInstance, MasterUserPassword).
moto changes it at once; here it is pending until the instance's server has it.
"""

from __future__ import annotations

import secrets
import string
from typing import Any

from moto.rds.models import rds_backends

from sandbox.aws.calls import Call
from sandbox.aws.gaps import Context, amends

AUTHORITY = "rds-ca-rsa2048-g1"
#: Attribute of moto's instance: the master password that its server has.
TAKEN = "taken_password"
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
    if call.operation == "CreateDBInstance":
        _identify(call, instance, context)
    kept = context.of("rds").setdefault(instance["DBInstanceIdentifier"], {})
    kept.update({member: given[name] for name, member in _KEPT.items() if name in given})
    instance.update(kept)


@amends("rds:RestoreDBInstanceFromDBSnapshot")
def restored(call: Call, result: dict[str, Any], context: Context) -> None:
    _identify(call, result["DBInstance"], context)


def _identify(call: Call, instance: dict[str, Any], context: Context) -> None:
    letters = string.ascii_uppercase + string.digits
    made = "db-" + "".join(secrets.choice(letters) for _ in range(26))
    databases = rds_backends[context.account][call.region].databases
    database = databases[instance["DBInstanceIdentifier"]]
    database.dbi_resource_id = instance["DbiResourceId"] = made
    authority = call.parameters().get("CACertificateIdentifier", AUTHORITY)
    database.ca_certificate_identifier = instance["CACertificateIdentifier"] = authority


@amends("rds:DescribeDBInstances")
def describe(call: Call, result: dict[str, Any], context: Context) -> None:
    for instance in result.get("DBInstances", ()):
        instance.update(context.of("rds").get(instance["DBInstanceIdentifier"], {}))
        known = rds_backends[context.account][call.region].databases
        database: Any = known.get(instance["DBInstanceIdentifier"])
        taken = getattr(database, TAKEN, None)
        if taken is not None and taken != database._master_user_password:
            instance.setdefault("PendingModifiedValues", {})["MasterUserPassword"] = "****"


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
