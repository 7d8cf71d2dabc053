"""Understand an HTTP request as a call of an AWS API: who calls which operation with what.

Routing and parsing follow botocore's service models (through moto's router and parsers, which are
built from them), so every rule below speaks of operations and parameters, never of URLs.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs

from botocore.loaders import create_loader
from moto.core import loaders, responses, utils
from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

# moto makes a loader for each service, and each lists the folders of all 400 anew
_UTILS: Any = utils
_UTILS.create_loader = cache(loaders.create_loader)
# and looks a service's class through for each call
_RESPONSES: Any = responses
_RESPONSES.method_names_from_class = cache(utils.method_names_from_class)

Environ = dict[str, Any]

#: Signing names that differ from the name of botocore's service model.
_MODELS = {
    "elasticfilesystem": "efs",
    "monitoring": "cloudwatch",
    "tagging": "resourcegroupstaggingapi",
    "states": "stepfunctions",
    "ses": "sesv2",
}
#: Calls that carry no signature (AWS STS API reference: "does not require the use of AWS security
#: credentials"), recognised by their Action.
_UNSIGNED = {"AssumeRoleWithWebIdentity": "sts", "AssumeRoleWithSAML": "sts"}
_ELB_CLASSIC = "2012-06-01"


@dataclass(frozen=True, slots=True)
class Call:
    """One API call as botocore's service model describes it."""

    service: str  # name of botocore's service model: "s3", "elbv2", "cloudwatch"
    signing_name: str  # as in the credential scope: "s3", "elasticloadbalancing", "monitoring"
    operation: str  # "ListObjectsV2"; "" when the model knows no such operation
    region: str
    access_key: str  # "" for unsigned calls
    token: str  # session token, "" without one
    request: Request = field(repr=False)
    protocol: str = "json"

    @property
    def name(self) -> str:
        return f"{self.service}:{self.operation or 'unknown'}"

    @property
    def model(self) -> ServiceModel:
        return get_service_model(self.service)

    def operation_model(self) -> OperationModel:
        found: OperationModel = self.model.operation_model(self.operation)
        return found

    def parameters(self) -> dict[str, Any]:
        """The operation's input, keyed as in botocore's model; {} where nothing is readable."""
        if not self.operation:
            return {}
        request = self.request
        try:
            _, labels = get_service_router(self.service).match(request)
            parser = PROTOCOL_PARSERS[self.protocol](self.operation_model())
            return dict(
                parser.parse(
                    {
                        "method": request.method,
                        "values": request.values,
                        "headers": request.headers,
                        "body": request.data,
                        "url_path": request.path,
                        "url_params": labels,
                    }
                )
            )
        except (NotFound, ValueError, KeyError, AttributeError, TypeError):
            return {}


def read_call(environ: Environ) -> Call | None:
    """The call an HTTP request makes, or None for what is no AWS request at all.

    Buffers the body in ``environ`` so that moto can read it again.
    """
    request = _buffered(environ)
    scope, token = _credentials(request)
    if scope is None:
        action = request.values.get("Action", "")
        if action in _UNSIGNED:
            scope = ["", "", environ.get("SANDBOX_REGION", "us-east-1"), _UNSIGNED[action]]
        else:
            scope = ["", "", "us-east-1", "s3"]  # anonymous requests: only S3 has them here
    access_key, region, signing_name = scope[0], scope[2], scope[3]
    service = _service(signing_name, request)
    if service not in _services():
        return None
    try:
        protocol = determine_request_protocol(get_service_model(service), request.content_type)
    except NotImplementedError:
        protocol = get_service_model(service).protocol
    return Call(
        service=service,
        signing_name=signing_name,
        operation=_operation(service, request),
        region=region,
        access_key=access_key,
        token=token,
        request=request,
        protocol=protocol,
    )


def _buffered(environ: Environ) -> Request:
    """A request of our own over the body, which stays readable for moto in ``environ``."""
    body = Request(environ).get_data()
    environ["CONTENT_LENGTH"] = str(len(body))
    for name in ("HTTP_TRANSFER_ENCODING", "wsgi.input_terminated", "werkzeug.request"):
        environ.pop(name, None)
    request = Request({**environ, "wsgi.input": io.BytesIO(body)})
    request.get_data()  # cached, so that forms and parameters can be read in any order
    environ["wsgi.input"] = io.BytesIO(body)
    return request


def _credentials(request: Request) -> tuple[list[str] | None, str]:
    """The credential scope (key, date, region, service, end) and the session token.

    Signature version 4 in the header or in a presigned URL, and S3's older presigned URLs, which
    name the key only.
    """
    asked = request.args
    token = request.headers.get("X-Amz-Security-Token", "")
    _, found, rest = request.headers.get("Authorization", "").partition("Credential=")
    if not found:
        rest = asked.get("X-Amz-Credential", "")
        token = asked.get("X-Amz-Security-Token", asked.get("x-amz-security-token", token))
        if "AWSAccessKeyId" in asked:
            rest = f"{asked['AWSAccessKeyId']}/-/us-east-1/s3/-"
    scope = rest.split(",")[0].strip().split("/")
    return (scope, token) if len(scope) == 5 else (None, token)


def _service(signing_name: str, request: Request) -> str:
    if signing_name == "elasticloadbalancing":
        version = parse_qs(request.get_data(as_text=True)).get("Version", [""])[0]
        return "elb" if version == _ELB_CLASSIC else "elbv2"
    if signing_name == "s3" and request.path.startswith("/v20180820/"):
        return "s3control"
    return _MODELS.get(signing_name, signing_name)


@cache
def _services() -> frozenset[str]:
    return frozenset(create_loader().list_available_services("service-2"))


def _operation(service: str, request: Request) -> str:
    try:
        operation, _ = get_service_router(service).match(request)
    except (NotFound, NotImplementedError):
        return ""
    return str(operation.name)


def tags(pairs: Any) -> dict[str, str]:
    """AWS's two spellings of a tag list as a mapping."""
    if isinstance(pairs, Mapping):
        return {str(key): str(value) for key, value in pairs.items()}
    return {
        str(p.get("Key", p.get("key", ""))): str(p.get("Value", p.get("value", "")))
        for p in pairs or ()
    }
