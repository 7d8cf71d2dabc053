"""The process of rotating a secret: four calls of its function, repeated when one fails.

AWS ("Rotation by Lambda function"): "Secrets Manager calls the same function several times, each
time with different parameters … If any rotation step fails, Secrets Manager retries the entire
rotation process multiple times." How often and when is not told; here three times, a minute of the
sandbox's clock apart.
"""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from moto.awslambda.utils import get_backend
from moto.secretsmanager.models import FakeSecret, secretsmanager_backends

from sandbox.aws.gaps import Context
from sandbox.ecs.pace import Pace

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
ATTEMPTS = 3
BETWEEN = 60.0  # seconds of AWS's clock
DAY = 86400
LOOK = 1.0  # seconds between two looks at the schedule

log = logging.getLogger("sandbox.aws")
_under_way: set[str] = set()
#: What was asked of a secret while its process was under way: the version and how to start it.
_asked: dict[str, tuple[str, Callable[[], None]]] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Rotation:
    """Rotations of one secret (moto's) by one function."""

    account: str
    region: str
    secret: Any
    function: str

    def unfinished(self) -> str:
        """The version that carries AWSPENDING alone, or nothing."""
        for version, held in self.secret.versions.items():
            labels = held["version_stages"]
            if "AWSPENDING" in labels and "AWSCURRENT" not in labels:
                return str(version)
        return ""

    def begin(self, version: str) -> None:
        """Start the process for a version, which gets its label first; one at a time.

        While another one is under way this one follows it.
        """
        if version not in self.secret.versions:
            self._label(version, {})
        self._start(version, STEPS, ATTEMPTS)

    def try_out(self, version: str) -> None:
        """ "If you don't immediately rotate the secret, Secrets Manager tests the rotation
        configuration by running the testSecret step … The test creates an AWSPENDING version of
        the secret and then removes it" (RotateSecret, RotateImmediately).
        """
        if not self.secret.versions:
            return
        current = self.secret.versions[self.secret.default_version_id]
        self._label(version, {k: v for k, v in current.items() if k.startswith("secret_")})
        self._start(version, ("testSecret",), 1)

    def _label(self, version: str, value: dict[str, Any]) -> None:
        for held in self.secret.versions.values():
            if "AWSPENDING" in held["version_stages"]:
                held["version_stages"].remove("AWSPENDING")
        self.secret.versions[version] = {
            "createdate": int(time.time()),
            "version_id": version,
            "version_stages": ["AWSPENDING"],
            **value,
        }

    def _start(self, version: str, steps: Sequence[str], attempts: int) -> None:
        with _lock:
            if self.secret.arn in _under_way:
                # the first word about a version counts: a repeat makes no rotation of a test
                if _asked.get(self.secret.arn, ("",))[0] != version:
                    again = partial(self._start, version, steps, attempts)
                    _asked[self.secret.arn] = (version, again)
                return
            _under_way.add(self.secret.arn)
        threading.Thread(
            target=self._run, args=(version, steps, attempts), name="rotation", daemon=True
        ).start()

    def _run(self, version: str, steps: Sequence[str], attempts: int) -> None:
        done = False
        try:
            for attempt in range(attempts):
                if attempt:
                    time.sleep(Pace.from_environment().wait(BETWEEN))
                if all(self._step(step, version) for step in steps):
                    break
            else:
                log.warning("%s was not rotated", self.secret.name)
                return
            done = True
            if len(steps) > 1:
                self.secret.last_rotation_date = int(time.time())
                days = self.secret.auto_rotate_after_days
                self.secret.next_rotation_date = int(time.time()) + days * DAY if days else None
        finally:
            if len(steps) == 1:
                self.secret.versions.pop(version, None)
            with _lock:
                _under_way.discard(self.secret.arn)
                asked, start = _asked.pop(self.secret.arn, ("", None))
            # the same version is tried again only where it is still to be rotated
            left = asked != version or (not done and version in self.secret.versions)
            if start is not None and left:
                start()

    def _step(self, step: str, version: str) -> bool:
        event = {"Step": step, "SecretId": self.secret.arn, "ClientRequestToken": version}
        answered: dict[str, str] = {}
        try:
            name = self.function.partition(":function:")[2]
            function = get_backend(self.account, self.region).get_function(name)
            payload = function.invoke(json.dumps(event), {}, answered)
        except Exception:  # the function is gone, or moto's own trouble
            log.exception("%s of %s could not be called", step, self.secret.name)
            return False
        if "x-amz-function-error" in answered:
            log.warning("%s of %s failed: %s", step, self.secret.name, payload)
            return False
        return True


class Schedule:
    """Begins rotations whose day has come."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rotations", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(LOOK):
            for region, backend in list(secretsmanager_backends[self._context.account].items()):
                secrets: list[Any] = list(backend.secrets.values())
                for secret in secrets:
                    if _due(secret):
                        arn = str(secret.rotation_lambda_arn)
                        rotation = Rotation(self._context.account, region, secret, arn)
                        secret.next_rotation_date = None  # until this one is done
                        rotation.begin(rotation.unfinished() or str(uuid.uuid4()))


def _due(secret: Any) -> bool:
    if not isinstance(secret, FakeSecret) or secret.is_deleted() or not secret.rotation_enabled:
        return False
    day = secret.next_rotation_date
    return bool(secret.rotation_lambda_arn and day is not None and day <= time.time())
