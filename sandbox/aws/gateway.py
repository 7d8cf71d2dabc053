"""The WSGI application of the sandbox's AWS: everything passes here on its way to moto.

In this order: control addresses, repeats of what was answered, faults asked for, who calls
(authentication), may they (authorisation), answers moto lacks (:mod:`sandbox.aws.gaps`), moto
itself. What nobody implements is answered with AWS's own 400 instead of moto's 500, because SDKs
and Terraform retry a 500 for minutes, which looks like a hang.
"""

from __future__ import annotations

import io
import logging
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from sandbox.aws.access.authorize import authorize
from sandbox.aws.access.principals import identify
from sandbox.aws.answers import AwsError, StartResponse, error_answer, parse_result, result_answer
from sandbox.aws.calls import Call, Environ, read_call
from sandbox.aws.control import Control
from sandbox.aws.faults import Faults
from sandbox.aws.gaps import AMENDS, ANSWERS, Context
from sandbox.aws.repeats import Repeats
from sandbox.aws.saving import Gate
from sandbox.aws.turns import turn

log = logging.getLogger("sandbox.aws")

#: How Flask's own page for an address nobody handles begins; AWS answers no such page.
_FLASK_PAGE = b"<!doctype html>"
#: Calls that wait for others to change something: they must neither keep the state from being saved
#: nor others from their turn.
_WAITS = {"sqs:ReceiveMessage"}
#: How often a call that only reads is tried. The data plane takes no turns, and a table that grows
#: while it is looked through is a RuntimeError ("dictionary changed size during iteration").
TRIES = 3


@dataclass(slots=True)
class Gateway:
    """One emulated account behind one loopback port."""

    context: Context
    faults: Faults = field(default_factory=Faults)
    unknown: Counter[str] = field(default_factory=Counter)
    gate: Gate = field(default_factory=Gate)
    repeats: Repeats = field(default_factory=Repeats)
    _moto: Any = field(default_factory=lambda: _Dispatcher(create_backend_app))

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith("/_sandbox/"):
            return Control(self.context, self.faults, self.unknown)(environ).send(start_response)
        environ["SANDBOX_REGION"] = self.context.region
        call = read_call(environ)
        changes = call is not None and not _only_reads(call)
        waits = call is not None and call.name in _WAITS

        def serve(start_response: StartResponse) -> Iterable[bytes]:
            with nullcontext() if waits else self.gate.call(changes=changes):
                return self._serve(call, environ, start_response)

        try:
            if changes and not waits:
                return self.repeats.answer(environ, start_response, serve)
            return serve(start_response)
        except AwsError as error:
            log.info("%s refused: %s", call.name if call else "unknown call", error)
            return error_answer(call, error).send(start_response)
        except Exception as error:
            log.exception("%s broke the sandbox", call.name if call else "a request")
            # SDKs repeat a 500, which helps where two met and never against a mistake of ours
            status = 500 if isinstance(error, RuntimeError) else 400
            broken = AwsError("InternalFailure", f"The sandbox broke: {error!r}", status)
            return error_answer(call, broken).send(start_response)

    def _serve(
        self, call: Call | None, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        if call is None:
            raise AwsError("UnknownOperationException", "No such AWS service in the sandbox.")
        self.faults.before(call)
        for _ in range(TRIES - 1 if _only_reads(call) else 0):
            try:
                return self._answer(call, environ, start_response)
            except RuntimeError as error:
                log.info("%s is tried again: %s", call.name, error)
        return self._answer(call, environ, start_response)

    def _answer(
        self, call: Call, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        environ = {**environ, "wsgi.input": io.BytesIO(call.request.get_data())}
        with nullcontext() if call.name in _WAITS else turn():
            principal = identify(call, self.context)
            authorize(call, principal, self.context)
            answer = ANSWERS.get(call.name)
            if answer is not None:
                result = answer(call, principal, self.context)
                if result is not None:
                    return result_answer(call, result).send(start_response)
            return self._ask_moto(call, environ, start_response)

    def _ask_moto(
        self, call: Call, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        started = _Capture(start_response)
        try:
            body = list(self._moto(environ, started))
        except NotImplementedError as error:
            self._count_unknown(call, error)
            raise _not_implemented(call) from error
        if started.status[:3] in ("404", "405") and body and body[0].startswith(_FLASK_PAGE):
            self._count_unknown(call, None)
            raise _not_implemented(call)
        amend = AMENDS.get(call.name)
        if amend is not None and started.status.startswith("2"):
            result = parse_result(call, int(started.status[:3]), started.headers, b"".join(body))
            amend(call, result, self.context)
            return result_answer(call, result).send(start_response)
        started.flush()
        return body

    def _count_unknown(self, call: Call, error: Exception | None) -> None:
        self.unknown[call.name] += 1
        log.warning("%s is not implemented in the sandbox (%s)", call.name, error or "no route")


def _only_reads(call: Call) -> bool:
    return call.operation.startswith(("Describe", "Get", "List", "Head"))


def _not_implemented(call: Call) -> AwsError:
    code = {"query": "InvalidAction", "ec2": "InvalidAction", "rest-xml": "NotImplemented"}.get(
        call.protocol, "UnknownOperationException"
    )
    return AwsError(code, f"The sandbox does not implement {call.name}.")


class _Dispatcher(DomainDispatcherApplication):
    """moto's own, which lists its folders and tries 200 patterns for each call, one at a time."""

    def __init__(self, create_app: Callable[..., Any]) -> None:
        super().__init__(create_app)
        self._backend_of = cache(super().get_backend_for_host)

    def get_backend_for_host(self, host: str | None) -> Any:
        return self._backend_of(host)


@dataclass(slots=True)
class _Capture:
    """Hold the status back until moto is known to have an answer."""

    start_response: StartResponse
    status: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, status: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], Any]:
        self.status, self.headers = status, list(headers)
        return lambda _data: None

    def flush(self) -> None:
        self.start_response(self.status, self.headers)
