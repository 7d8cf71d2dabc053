"""Refusals in GitHub's error body."""

from __future__ import annotations

from typing import Any

DOCS = "https://docs.github.com/rest"


class ApiError(Exception):
    """An answer that is an error; ``errors`` as in GitHub's ``validation-error``, or texts."""

    def __init__(self, status: int, message: str, errors: list[Any] | None = None) -> None:
        self.status = status
        self.message = message
        self.errors = errors
        super().__init__(message)

    def body(self) -> dict[str, Any]:
        """The JSON body."""
        body: dict[str, Any] = {"message": self.message, "documentation_url": DOCS}
        if self.errors is not None:
            body["errors"] = self.errors
        elif self.status == 422:
            body["errors"] = []
        body["status"] = str(self.status)
        return body


def not_found() -> ApiError:
    return ApiError(404, "Not Found")


def invalid(resource: str, field: str, code: str, message: str = "") -> ApiError:
    """A 422 "Validation Failed" about one field."""
    error: dict[str, Any] = {"resource": resource, "code": code}
    if field:
        error["field"] = field
    if message:
        error["message"] = message
    return ApiError(422, "Validation Failed", [error])
