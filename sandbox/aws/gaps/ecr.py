"""ECR: a token to log in with stands for who asked for it.

"An authorization token represents your IAM authentication credentials and can be used to access any
Amazon ECR registry that your IAM principal has access to. The authorization token is valid for 12
hours" (ECR API reference, GetAuthorizationToken). moto gives everybody the same one, so a push
could not be held against the policies of who pushes.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

from sandbox.aws.access.principals import Principal
from sandbox.aws.answers import Result
from sandbox.aws.calls import Call
from sandbox.aws.gaps import Context, answers

_HOURS = 12


def password(access_key: str, token: str) -> str:
    """What stands behind ``AWS:`` in a token: the keys that it stands for."""
    return base64.urlsafe_b64encode(json.dumps([access_key, token]).encode()).decode()


def keys_of(text: str) -> tuple[str, str]:
    """Access key and session token out of a password; the administrator's of another's text."""
    try:
        access_key, token = json.loads(base64.urlsafe_b64decode(text.encode()))
    except (ValueError, TypeError):
        return "test", ""
    return str(access_key), str(token)


@answers("ecr:GetAuthorizationToken")
def authorization_token(call: Call, _principal: Principal, context: Context) -> Result:
    text = f"AWS:{password(call.access_key, call.token)}"
    return {
        "authorizationData": [
            {
                "authorizationToken": base64.b64encode(text.encode()).decode(),
                "expiresAt": datetime.now(UTC) + timedelta(hours=_HOURS),
                "proxyEndpoint": f"https://{context.account}.dkr.ecr.{call.region}.amazonaws.com",
            }
        ]
    }
