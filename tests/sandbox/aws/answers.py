"""What tests of the gaps ask of an answer: valid by its model, or missing from moto."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError
from botocore.validate import ParamValidator

Aws = Callable[..., Any]


def valid(client: Any, operation: str, **given: Any) -> dict[str, Any]:
    """Call an operation; its answer, held to the output shape of botocore's model."""
    answer: dict[str, Any] = getattr(client, _snake(operation))(**given)
    answer.pop("ResponseMetadata")
    shape = client.meta.service_model.operation_model(operation).output_shape
    if shape is not None:
        report = ParamValidator().validate(answer, shape)
        assert not report.has_errors(), report.generate_report()
    return answer


def _snake(operation: str) -> str:
    from botocore import xform_name

    return str(xform_name(operation))


def missing(work: Callable[[], Any]) -> bool:
    """Whether plain moto answers with a server error or a page that no AWS service sends."""
    try:
        work()
    except ClientError as error:
        return int(error.response["ResponseMetadata"]["HTTPStatusCode"]) >= 404
    except ResponseParserError:  # a page in HTML
        return True
    return False


def code(work: Callable[[], Any]) -> str:
    """The error code a call is refused with, or "allowed"."""
    try:
        work()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "allowed"
