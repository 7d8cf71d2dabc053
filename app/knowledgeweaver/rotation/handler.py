"""What Lambda calls: settings from the environment, one step of a rotation, one line in the log."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config

from knowledgeweaver.rotation.database import Neo4jAccounts
from knowledgeweaver.rotation.secret import Secret
from knowledgeweaver.rotation.steps import STEPS, RotationError

#: Far less than the function's time limit, so that a refusal is told and not cut off.
_TIMES = Config(connect_timeout=5, read_timeout=5, retries={"total_max_attempts": 3})


def handle(event: Mapping[str, Any], _context: object = None) -> None:
    """Run ``Step`` for version ``ClientRequestToken`` of ``SecretId``.

    Raises RotationError, or what Secrets Manager and the driver raise; none of them holds a value
    of the secret.
    """
    step, secret_id = str(event.get("Step")), str(event.get("SecretId"))
    if step not in STEPS:
        raise RotationError(f"There is no step {step!r}; there are {', '.join(STEPS)}.")
    client = boto3.client("secretsmanager", config=_TIMES)
    secret = Secret(client, secret_id, str(event.get("ClientRequestToken")))
    accounts = Neo4jAccounts(os.environ["NEO4J_URI"])
    done = STEPS[step](secret, accounts, int(os.environ.get("PASSWORD_LENGTH", "40")))
    print(f"{step} of {secret_id}, version {secret.version}: {done}", flush=True)
