"""The sandbox's own addresses below ``/_sandbox/``: health, faults, unknown calls, sessions, reset.

| request | what it does |
|---|---|
| GET health | 200 as soon as requests are served |
| GET, POST, DELETE faults | list, add (:class:`sandbox.aws.faults.Fault`), forget faults |
| GET unknown | calls nobody implements, with their counts |
| POST expire-sessions | every temporary credential is expired from now on |
| POST reset | forget all AWS state |
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from moto.core.request import Request
from pydantic import ValidationError

from sandbox.aws.access.sessions import expire_all
from sandbox.aws.answers import Answer, json_answer
from sandbox.aws.calls import Environ
from sandbox.aws.faults import Fault, Faults
from sandbox.aws.gaps import Context


@dataclass(frozen=True, slots=True)
class Control:
    """Answers one control request."""

    context: Context
    faults: Faults
    unknown: Counter[str]

    def __call__(self, environ: Environ) -> Answer:
        request = Request(environ)
        path = request.path.removeprefix("/_sandbox/").strip("/")
        match (request.method, path):
            case ("GET", "health"):
                return json_answer({"status": "ok", "account": self.context.account})
            case ("GET", "faults"):
                return json_answer(self.faults.listed())
            case ("POST", "faults"):
                return self._add_fault(request)
            case ("DELETE", "faults"):
                self.faults.clear()
                return json_answer([])
            case ("GET", "unknown"):
                return json_answer(dict(self.unknown))
            case ("POST", "expire-sessions"):
                return json_answer({"expired": expire_all(self.context.account)})
            case ("POST", "reset"):
                self.context.reset()
                self.faults.clear()
                self.unknown.clear()
                return json_answer({"status": "empty"})
        return json_answer({"error": f"no such control address: {request.method} {path}"}, 404)

    def _add_fault(self, request: Request) -> Answer:
        try:
            self.faults.add(Fault.model_validate_json(request.get_data()))
        except ValidationError as error:
            return json_answer({"error": error.errors(include_url=False)}, 400)
        return json_answer(self.faults.listed(), 201)
