"""Write answers and errors as AWS's protocols do, from botocore's service models.

Results go through moto's serializers, which follow the models; errors are written here because
their status and their words are ours.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4
from xml.sax.saxutils import escape

from botocore.awsrequest import HeadersDict
from botocore.parsers import create_parser
from moto.core.serialize import get_serializer_class

from sandbox.aws.calls import Call

StartResponse = Callable[..., Any]
#: Result of an operation, keyed as in botocore's output shape.
Result = Mapping[str, Any]

_REASONS = {200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 409: "Conflict"}


@dataclass(slots=True)
class AwsError(Exception):
    """An error an AWS API answers with: code, message, HTTP status."""

    code: str
    message: str
    status: int = 400

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def send(self, start_response: StartResponse) -> Iterable[bytes]:
        reason = _REASONS.get(self.status, "Error" if self.status >= 400 else "OK")
        headers = [*self.headers, ("Content-Length", str(len(self.body)))]
        start_response(f"{self.status} {reason}", headers)
        return [self.body]


def result_answer(call: Call, result: Result) -> Answer:
    """A successful answer in the protocol the client used."""
    serializer = get_serializer_class(call.service, call.protocol)(call.operation_model())
    written = serializer.serialize(dict(result))
    body = written["body"]
    data = body.encode() if isinstance(body, str) else body
    headers = {"x-amzn-RequestId": str(uuid4()), **written["headers"]}
    return Answer(int(written["status_code"]), tuple(headers.items()), data)


def parse_result(
    call: Call, status: int, headers: Iterable[tuple[str, str]], body: bytes
) -> dict[str, Any]:
    """moto's answer as botocore's clients read it."""
    shape = call.operation_model().output_shape
    parser = create_parser(call.protocol)
    response = {"status_code": status, "headers": HeadersDict(headers), "body": body}
    if shape is None:
        return {}
    parsed = dict(parser.parse(response, shape))
    parsed.pop("ResponseMetadata", None)
    return parsed


def error_answer(call: Call | None, error: AwsError) -> Answer:
    """An error in the protocol the client used (JSON, query, EC2 or S3 XML)."""
    request_id = str(uuid4())
    protocol = call.protocol if call else "query"
    headers = [("x-amzn-RequestId", request_id)]
    if "json" in protocol:
        body = json.dumps({"__type": error.code, "message": error.message})
        headers += [
            ("Content-Type", "application/x-amz-json-1.1"),
            ("x-amzn-ErrorType", error.code),
        ]
    else:
        headers.append(("Content-Type", "text/xml"))
        body = _xml_error(call.service if call else "", protocol, error, request_id)
    data = b"" if call and call.request.method == "HEAD" else body.encode()
    return Answer(error.status, tuple(headers), data)


def json_answer(value: Any, status: int = 200) -> Answer:
    """An answer of the sandbox's own control addresses."""
    body = json.dumps(value, indent=1, default=str).encode() + b"\n"
    return Answer(status, (("Content-Type", "application/json"),), body)


def _xml_error(service: str, protocol: str, error: AwsError, request_id: str) -> str:
    words = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    if service in ("s3", "s3control"):
        return f"<Error>{words}<RequestId>{request_id}</RequestId></Error>"
    if protocol == "ec2":
        return (
            f"<Response><Errors><Error>{words}</Error></Errors>"
            f"<RequestID>{request_id}</RequestID></Response>"
        )
    kind = "Sender" if error.status < 500 else "Receiver"
    return (
        f"<ErrorResponse><Error><Type>{kind}</Type>{words}</Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    )
