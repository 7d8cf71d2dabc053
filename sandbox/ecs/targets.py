"""Targets of target groups: addresses on this machine, health checks, draining.

AWS ("Health checks for Application Load Balancer target groups", "Edit target group attributes"):
a new target is ``initial`` until its first passed check makes it healthy; then the healthy and
unhealthy thresholds count consecutive results; a deregistered target is ``draining`` until no
request is in flight or the deregistration delay is over.
"""

from __future__ import annotations

import http.client
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from sandbox.ecs.backends import Backends
from sandbox.ecs.pace import Pace

Key = tuple[str, str, int]  # target group ARN, address, port


@dataclass(slots=True)
class Target:
    """What is known of one target."""

    state: str = "initial"
    reason: str = "Elb.RegistrationInProgress"
    description: str = "Target registration is in progress"
    passed: int = 0
    failed: int = 0
    next_check: float = 0.0
    checking: Future[tuple[bool, str, str]] | None = None
    drained_by: float = 0.0
    in_flight: int = 0


class Targets:
    """All targets of all groups; used by the data plane's thread, the API and the load balancer."""

    def __init__(self, backends: Backends, pace: Pace) -> None:
        self._backends, self._pace = backends, pace
        self._lock = threading.RLock()
        self._targets: dict[Key, Target] = {}
        self._places: dict[tuple[str, int], int] = {}
        self._turn: dict[str, int] = {}
        self._pool = ThreadPoolExecutor(8, thread_name_prefix="target-health")

    # addresses -------------------------------------------------------------------------------
    def place(self, address: str, port: int, local: int) -> None:
        """Say on which loopback port ``address:port`` of the estate answers."""
        with self._lock:
            self._places[address, port] = local

    def local(self, address: str, port: int) -> int | None:
        """The loopback port of ``address:port`` of the estate, where something has that address."""
        with self._lock:
            return self._places.get((address, port))

    def displace(self, address: str) -> None:
        with self._lock:
            self._places = {k: v for k, v in self._places.items() if k[0] != address}

    # membership ------------------------------------------------------------------------------
    def register(self, group: str, address: str, port: int) -> None:
        """What the service scheduler does with a task's address; a vanished group is ignored."""
        if found := self._backends.elb.target_groups.get(group):
            found.register([{"Id": address, "Port": port}])
            with self._lock:
                self._targets[group, address, port] = Target()

    def deregister(self, group: str, address: str, port: int) -> None:
        """Begin to drain: no new request from now on."""
        found = self._backends.elb.target_groups.get(group)
        if found is not None:
            found.targets.pop(address, None)
        with self._lock:
            target = self._targets.get((group, address, port))
            if target is not None:
                delay = (
                    float(found.attributes["deregistration_delay.timeout_seconds"]) if found else 0
                )
                target.state = "draining"
                target.reason = "Target.DeregistrationInProgress"
                target.description = "Target deregistration is in progress"
                target.drained_by = time.monotonic() + self._pace.drain(delay)

    def draining(self, group: str, address: str, port: int) -> bool:
        """Whether requests are still in flight and the delay is not over."""
        with self._lock:
            target = self._targets.get((group, address, port))
            if target is None:
                return False
            if target.in_flight and time.monotonic() < target.drained_by:
                return True
            del self._targets[group, address, port]
            return False

    def members(self, group: str) -> list[tuple[str, int]]:
        """Addresses and ports of a group's targets, draining ones too."""
        with self._lock:
            return [(address, port) for arn, address, port in self._targets if arn == group]

    def attached(self, group: str) -> bool:
        """Whether any listener or rule forwards to the group."""
        return bool(self._backends.elb._any_listener_using(group))

    # health ----------------------------------------------------------------------------------
    def state(self, group: str, address: str, port: int) -> tuple[str, str, str]:
        """State, reason and description as DescribeTargetHealth gives them."""
        with self._lock:
            target = self._targets.get((group, address, port))
            if target is None:
                why = "Target is not registered to the target group"
                return "unused", "Target.NotRegistered", why
            return target.state, target.reason, target.description

    def healthy(self, group: str, address: str, port: int) -> bool:
        return self.state(group, address, port)[0] == "healthy"

    def step(self) -> None:
        """Adopt targets registered through the API, start due checks, take their results."""
        groups = dict(self._backends.elb.target_groups)
        with self._lock:
            for arn, group in groups.items():
                for raw in list(group.targets.values()):
                    self._targets.setdefault((arn, raw["Id"], int(raw["Port"])), Target())
            for (arn, address, port), target in list(self._targets.items()):
                if arn not in groups:
                    del self._targets[arn, address, port]
                elif target.state != "draining":
                    self._check(groups[arn], address, port, target)

    def _check(self, group: Any, address: str, port: int, target: Target) -> None:
        moment = time.monotonic()
        if target.checking is not None:
            if target.checking.done():
                self._note(group, target, *target.checking.result())
                target.checking = None
                interval = self._pace.interval(float(group.health_check_interval_seconds))
                target.next_check = moment + interval
            return
        if moment < target.next_check:
            return
        own = str(group.health_check_port or "traffic-port")
        local = self._places.get((address, port if own == "traffic-port" else int(own)))
        target.checking = self._pool.submit(
            _probe,
            local,
            str(group.health_check_path or "/"),
            float(group.health_check_timeout_seconds or 5),
            str((getattr(group, "matcher", None) or {}).get("HttpCode") or "200"),
        )

    def _note(self, group: Any, target: Target, ok: bool, reason: str, description: str) -> None:
        if ok:
            target.passed, target.failed = target.passed + 1, 0
            if target.state == "initial" or target.passed >= int(group.healthy_threshold_count):
                target.state, target.reason, target.description = "healthy", "", ""
            return
        target.passed, target.failed = 0, target.failed + 1
        if target.failed >= int(group.unhealthy_threshold_count):
            target.state, target.reason, target.description = "unhealthy", reason, description

    # routing ---------------------------------------------------------------------------------
    def take(self, group: str) -> tuple[Key, int] | None:
        """A target for one more request, round robin; None where the answer is 503.

        AWS: "If a target group contains only unhealthy registered targets, the load balancer
        routes requests to all those targets, regardless of their health status."
        """
        with self._lock:
            mine = [(k, t) for k, t in self._targets.items() if k[0] == group]
            able = [k for k, t in mine if t.state == "healthy"]
            registered = [(k, t) for k, t in mine if t.state != "draining"]
            if not able and registered and all(t.state == "unhealthy" for _, t in registered):
                able = [k for k, _ in registered]
            able = [k for k in able if (k[1], k[2]) in self._places]
            if not able:
                return None
            turn = self._turn[group] = self._turn.get(group, -1) + 1
            key = able[turn % len(able)]
            self._targets[key].in_flight += 1
            return key, self._places[key[1], key[2]]

    def give_back(self, key: Key) -> None:
        """A request taken with :meth:`take` is answered."""
        with self._lock:
            if key in self._targets:
                self._targets[key].in_flight -= 1

    def stop(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def matches(codes: str, status: int) -> bool:
    """Whether a matcher such as ``200,202`` or ``200-299`` holds a status."""
    for part in codes.split(","):
        low, _, high = part.partition("-")
        if int(low) <= status <= int(high or low):
            return True
    return False


def _probe(port: int | None, path: str, timeout: float, codes: str) -> tuple[bool, str, str]:
    if port is None:
        return False, "Target.Timeout", "Request timed out"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path, headers={"User-Agent": "ELB-HealthChecker/2.0"})
        status = connection.getresponse().status
    except TimeoutError:
        return False, "Target.Timeout", "Request timed out"
    except (OSError, http.client.HTTPException):
        return False, "Target.FailedHealthChecks", "Health checks failed"
    finally:
        connection.close()
    if matches(codes, status):
        return True, "", ""
    return (
        False,
        "Target.ResponseCodeMismatch",
        f"Health checks failed with these codes: [{status}]",
    )
