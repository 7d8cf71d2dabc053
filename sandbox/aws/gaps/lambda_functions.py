"""Lambda: what CreateFunction looks at before it makes a function, and what reads back.

"Lambda needs permissions to create and manage the network interfaces it uses" (Lambda Developer
Guide, Giving Lambda functions access to resources in an Amazon VPC), and "Amazon ECR repository
permissions must allow the ecr:BatchGetImage and ecr:GetDownloadUrlForLayer API actions to the
Lambda service" (Create a Lambda function using a container image). moto asks none of it, drops
LoggingConfig and a changed ImageConfig, and answers with an invented VpcId.
"""

from __future__ import annotations

from typing import Any

from moto.awslambda.models import ImageConfig
from moto.awslambda.utils import get_backend
from moto.ec2.models import ec2_backends

from sandbox.aws.access.actions import Need
from sandbox.aws.access.authorize import judge
from sandbox.aws.access.policy import Query, Verdict, evaluate_resource_policy
from sandbox.aws.access.principals import Principal, role_session
from sandbox.aws.access.resource_policies import find as find_resource_policy
from sandbox.aws.access.sessions import find_role, trusts
from sandbox.aws.answers import AwsError, Result
from sandbox.aws.calls import Call
from sandbox.aws.gaps import Context, amends, answers
from sandbox.ecs.backends import Backends
from sandbox.ecs.containers import is_pushed

SERVICE = "Service:lambda.amazonaws.com"
#: What Lambda does with the role's permissions to connect a function to a VPC, in its order.
INTERFACES = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DeleteNetworkInterface",
)


@answers("lambda:CreateFunction")
def may_be_created(call: Call, principal: Principal, context: Context) -> Result | None:
    given = call.parameters()
    name, role = str(given["FunctionName"]), str(given["Role"])
    arn = f"arn:aws:lambda:{call.region}:{context.account}:function:{name}"
    keys = {"aws:sourceaccount": [context.account], "aws:sourcearn": [arn]}
    found = find_role(context.account, role)
    if found is None or not trusts(found, "sts:AssumeRole", (SERVICE,), keys):
        raise _invalid("The role defined for the function cannot be assumed by Lambda.")
    if (given.get("VpcConfig") or {}).get("SubnetIds"):
        _may_connect(call, context, role)
    if image := str((given.get("Code") or {}).get("ImageUri") or ""):
        if not is_pushed(image, Backends(context.account, call.region)):
            raise _invalid(f"Source image {image} does not exist. Provide a valid source image.")
        if principal.kind != "administrator":
            _may_pull(call, context, image, keys)
    return None


def _may_connect(call: Call, context: Context, role: str) -> None:
    session = role_session(context.account, role, f"{role}/lambda")
    keys = {"aws:requestedregion": [call.region], "aws:principalarn": [role]}
    for action in INTERFACES:
        verdict, _ = judge(session, Query(action, "*", keys), Need(action, "*"), context)
        if verdict is not Verdict.ALLOW:
            raise _invalid(
                "The provided execution role does not have permissions to call "
                f"{action.removeprefix('ec2:')} on EC2"
            )


def _may_pull(call: Call, context: Context, image: str, keys: dict[str, list[str]]) -> None:
    """The administrator is let through: Lambda adds the policy for who may set one."""
    name = image.partition("/")[2].partition("@")[0].partition(":")[0]
    repository = f"arn:aws:ecr:{call.region}:{context.account}:repository/{name}"
    policy = find_resource_policy(Need("ecr:BatchGetImage", repository), context) or "{}"
    for action in ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"):
        query = Query(action, repository, keys, (SERVICE,))
        if evaluate_resource_policy(policy, query) is not Verdict.ALLOW:
            raise AwsError(
                "AccessDeniedException",
                "Lambda does not have permission to access the ECR image. "
                "Check the ECR permissions.",
                403,
            )


@amends("lambda:CreateFunction", "lambda:UpdateFunctionConfiguration")
def keep(call: Call, result: dict[str, Any], context: Context) -> None:
    given = call.parameters()
    kept = context.of("lambda").setdefault(str(result["FunctionName"]), {})
    function = _function(call, context, result)
    if given.get("LoggingConfig"):
        kept.update(given["LoggingConfig"])
        function.logging_config = dict(kept)  # the data plane writes there
    if given.get("ImageConfig") is not None:
        function.image_config = ImageConfig(given["ImageConfig"])
        result["ImageConfigResponse"] = {"ImageConfig": dict(given["ImageConfig"])}
    complete(call, result, context)


@amends("lambda:GetFunctionConfiguration", "lambda:UpdateFunctionCode")
def complete(call: Call, result: dict[str, Any], context: Context) -> None:
    name = str(result["FunctionName"])
    kept = context.of("lambda").get(name) or {}
    result["LoggingConfig"] = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}", **kept}
    network = result.get("VpcConfig") or {}
    for subnet in network.get("SubnetIds") or ():
        known = ec2_backends[context.account][call.region].get_subnet(subnet)
        network["VpcId"] = str(known.vpc_id)


@amends("lambda:GetFunction")
def complete_configuration(call: Call, result: dict[str, Any], context: Context) -> None:
    complete(call, result["Configuration"], context)


def _function(call: Call, context: Context, result: dict[str, Any]) -> Any:
    return get_backend(context.account, call.region).get_function(str(result["FunctionName"]))


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterValueException", message)
