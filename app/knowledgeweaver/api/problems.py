"""Errors as problem+json (RFC 9457), which never echo what was sent."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from knowledgeweaver.graph.port import StoreUnavailable

MEDIA_TYPE = "application/problem+json"
_TITLES = {
    400: "Bad request",
    401: "Key missing or wrong",
    403: "Not allowed with this key",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    411: "Length required",
    413: "Too large",
    415: "Unsupported media type",
    422: "Not understood",
    429: "Too many requests",
    500: "Our mistake",
    503: "Not available now",
}

log = logging.getLogger("uvicorn.error")  # the server's own, so that it reaches CloudWatch


class Problem(BaseModel):
    """What went wrong. ``errors`` says where, as far as places are known; never with values."""

    title: str
    status: int
    detail: str
    errors: list[str] = []


def problem(
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    errors: list[str] | None = None,
) -> JSONResponse:
    """The answer for an error."""
    title = _TITLES.get(status, "Error")
    body = Problem(title=title, status=status, detail=detail, errors=errors or [])
    return JSONResponse(body.model_dump(), status, headers, MEDIA_TYPE)


def answer_problems(app: FastAPI) -> None:
    """Let every error of the application leave as a problem."""

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == 405:
            return problem(405, "Not for this method.", {"Allow": _methods(request)})
        return problem(error.status_code, str(error.detail), error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        # A name of a field may have been sent, too; only ours are told.
        found = [f"{_place(one['loc'])}: {one['type']}" for one in error.errors()[:20]]
        return problem(422, "The request is not what this route takes.", errors=found)

    @app.exception_handler(StoreUnavailable)
    async def unavailable(request: Request, error: StoreUnavailable) -> JSONResponse:
        log.warning("%s answers 503: %s", request.url.path, error)
        return problem(503, str(error), {"Retry-After": "5"})

    @app.exception_handler(Exception)
    async def ours(_: Request, error: Exception) -> JSONResponse:
        return problem(500, "Something went wrong here; it was logged.")


def _methods(request: Request) -> str:
    """What the path may be asked; the router only tells of the first route that it met."""
    described: dict[str, dict[str, object]] = request.app.openapi()["paths"]
    for path, methods in described.items():
        if compile_path(path)[0].match(request.url.path):
            return ", ".join(sorted(method.upper() for method in methods))
    return "GET"  # the documentation, which does not describe itself


def _place(loc: tuple[int | str, ...]) -> str:
    known = {"body", "query", "path", "name", "text", "question", "limit", "after", "state", "id"}
    known |= {"alias", "into", "start", "end", "header"}
    return ".".join(str(part) if part in known or isinstance(part, int) else "?" for part in loc)


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Errors that a route may answer, for the description of the interface."""
    schema = Problem.model_json_schema()
    return {
        status: {
            "description": _TITLES[status],
            "content": {
                MEDIA_TYPE: {
                    "schema": schema,
                    "example": {
                        "title": _TITLES[status],
                        "status": status,
                        "detail": "What is wrong, in words.",
                        "errors": [],
                    },
                }
            },
        }
        for status in statuses
    }


#: What every route with a key may answer.
RESPONSES = described(400, 401, 403, 404, 405, 413, 415, 422, 429, 500, 503)
