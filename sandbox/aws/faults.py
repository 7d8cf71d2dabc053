"""Faults on demand: throttling, slowness, server errors, half-failing calls, expired sessions."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sandbox.aws.answers import AwsError
from sandbox.aws.calls import Call


class Fault(BaseModel):
    """One fault, as posted to ``/_sandbox/faults``.

    ``call`` is a pattern over ``service:Operation`` (``ecs:Describe*``); ``kind`` what happens:
    ``throttle`` (400 ThrottlingException, which every SDK retries), ``error`` (503), ``slow``
    (``seconds`` of delay, then the true answer), ``half`` (every second matching call is a 503).
    ``count`` calls are hit, then the fault is over.
    """

    model_config = ConfigDict(extra="forbid")

    call: str
    kind: Literal["throttle", "error", "slow", "half"]
    count: int = Field(default=1, ge=1)
    seconds: float = Field(default=1.0, ge=0, le=120)


@dataclass(slots=True)
class Faults:
    """The faults still to come."""

    _pending: list[Fault] = field(default_factory=list)
    _seen: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._pending.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._pending.clear()

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [fault.model_dump() for fault in self._pending]

    def before(self, call: Call) -> None:
        """Apply the first fault that matches; raises the error it stands for."""
        fault = self._take(call.name)
        if fault is None:
            return
        if fault.kind == "slow":
            time.sleep(fault.seconds)
        elif fault.kind == "throttle":
            code = "RequestLimitExceeded" if call.service == "ec2" else "ThrottlingException"
            raise AwsError(code, "Rate exceeded", 400)
        else:
            raise AwsError("ServiceUnavailable", "The sandbox was asked to fail this call.", 503)

    def _take(self, name: str) -> Fault | None:
        with self._lock:
            for index, fault in enumerate(self._pending):
                if not fnmatchcase(name.lower(), fault.call.lower()):
                    continue
                self._seen += 1
                if fault.kind == "half" and self._seen % 2 == 0:
                    return None
                if fault.count == 1:
                    del self._pending[index]
                else:
                    self._pending[index] = fault.model_copy(update={"count": fault.count - 1})
                return fault
        return None
