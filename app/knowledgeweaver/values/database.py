"""Lets a database of RDS take the password that its secret holds."""

from __future__ import annotations

import json
import time
from typing import Any

from knowledgeweaver.values.given import ValueNotMade

#: Seconds that a database may take to be ready for a change and to be done with it.
PATIENCE = 240.0
PAUSE = 3.0


def set_password(secrets: Any, rds: Any, secret_id: str, part: str, database: str) -> str:
    """Set the master password to ``part`` of the secret's JSON, and wait until it counts.

    "The change is asynchronously applied as soon as possible. Between the time of the request and
    the completion of the request, the MasterUserPassword element exists in the
    PendingModifiedValues element" (API reference, ModifyDBInstance). Raises ValueNotMade for a
    secret without that part or a database that is never ready, and what botocore raises.
    """
    value = json.loads(secrets.get_secret_value(SecretId=secret_id)["SecretString"])
    if not isinstance(value, dict) or not isinstance(value.get(part), str):
        raise ValueNotMade(f"{secret_id} has no {part}.")
    end = time.monotonic() + PATIENCE
    while True:
        try:
            rds.modify_db_instance(
                DBInstanceIdentifier=database,
                MasterUserPassword=value[part],
                ApplyImmediately=True,
            )
            break
        except rds.exceptions.InvalidDBInstanceStateFault:
            _rest(end, database)
    while not _settled(rds, database):
        _rest(end, database)
    return f"{database} has the password of {secret_id}"


def _settled(rds: Any, database: str) -> bool:
    (found,) = rds.describe_db_instances(DBInstanceIdentifier=database)["DBInstances"]
    pending = found.get("PendingModifiedValues") or {}
    return found["DBInstanceStatus"] == "available" and "MasterUserPassword" not in pending


def _rest(end: float, database: str) -> None:
    if time.monotonic() >= end:
        raise ValueNotMade(f"{database} is not ready for its password after {PATIENCE:.0f} s.")
    time.sleep(PAUSE)
