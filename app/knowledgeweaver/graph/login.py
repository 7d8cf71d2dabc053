"""The graph store's login, which survives that the password is rotated under a running process.

A task reads the secret when it starts. When Neo4j refuses that password later, the secret is read
again: its current version, or the one that a rotation has just set in the database and not yet
made current. No other password is tried, and not too often: Neo4j shuts an account for five
seconds after three refusals.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator

from neo4j import Auth, basic_auth
from neo4j.auth_management import AuthManager
from neo4j.exceptions import Neo4jError

UNAUTHORIZED = "Neo.ClientError.Security.Unauthorized"
LOCKED = "Neo.ClientError.Security.AuthenticationRateLimit"
#: Seconds in which a refused password is not tried again, nor the secret read that held no other.
PAUSE = 5.0

#: Username and password, the likeliest first.
Versions = Callable[[], Iterator[tuple[str, str]]]

log = logging.getLogger("uvicorn.error")  # the server's own, so that it reaches CloudWatch


class Login(AuthManager):
    """What the driver logs in with: the pair given, and after a refusal the secret's newest."""

    def __init__(self, username: str, password: str, versions: Versions | None = None) -> None:
        self._auth: Auth = basic_auth(username, password)
        self._versions = versions
        self._lock = threading.Lock()
        self._refused: list[Auth] = []
        self._refused_until = self._read_again = 0.0

    def get_auth(self) -> Auth:
        with self._lock:
            return self._auth

    def handle_security_exception(self, auth: object, error: Neo4jError) -> bool:
        """True, after which one tries again, when there is another password than ``auth``."""
        if error.code != UNAUTHORIZED or self._versions is None:
            return False
        with self._lock:
            if auth != self._auth:  # another thread was here before and found one
                return True
            now = time.monotonic()
            if now < self._read_again:
                return False
            if now >= self._refused_until:
                self._refused.clear()
            self._refused.append(self._auth)
            self._refused_until = now + PAUSE
            for username, password in self._versions():
                if (found := basic_auth(username, password)) not in self._refused:
                    self._auth = found
                    log.info("Neo4j refused the password; the secret holds another one")
                    return True
            self._read_again = now + PAUSE
            return False


def secret_versions(secret_id: str, region: str) -> Versions:
    """Reads the secret of Secrets Manager that holds ``username`` and ``password`` as JSON.

    A secret that cannot be read gives nothing and one line in the log.
    """

    def read() -> Iterator[tuple[str, str]]:
        import boto3  # half a second to load, which no start should wait for
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError

        settings = Config(connect_timeout=2, read_timeout=3, retries={"total_max_attempts": 2})
        client = boto3.client("secretsmanager", region_name=region, config=settings)
        for stage in ("AWSCURRENT", "AWSPENDING"):
            try:
                answer = client.get_secret_value(SecretId=secret_id, VersionStage=stage)
                value = json.loads(answer["SecretString"])
                yield value["username"], value["password"]
            except client.exceptions.ResourceNotFoundException:
                continue  # no rotation is under way
            except (BotoCoreError, ClientError, ValueError, KeyError) as error:
                log.warning("%s of %s cannot be read: %s", stage, secret_id, type(error).__name__)

    return read
