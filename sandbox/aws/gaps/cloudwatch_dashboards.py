"""CloudWatch: a dashboard that cannot be shown is refused.

"PutDashboard: … If any part of the body is invalid, the dashboard is not created"; the error is
InvalidParameterInput (CloudWatch API reference). moto stores any text.
"""

from __future__ import annotations

from sandbox.aws.access.principals import Principal
from sandbox.aws.answers import AwsError
from sandbox.aws.calls import Call
from sandbox.aws.dashboards import read
from sandbox.aws.gaps import Context, answers


@answers("cloudwatch:PutDashboard")
def put(call: Call, _principal: Principal, _context: Context) -> None:
    try:
        read(call.parameters()["DashboardBody"])
    except ValueError as problem:
        raise AwsError("InvalidParameterInput", f"The field DashboardBody: {problem}") from problem
