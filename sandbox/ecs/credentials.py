"""The container credentials endpoint: a task gets its task role's credentials here.

AWS ("Task IAM role"): the SDKs read ``AWS_CONTAINER_CREDENTIALS_FULL_URI`` and
``AWS_CONTAINER_AUTHORIZATION_TOKEN`` and fetch temporary credentials, anew before they expire.
"""

from __future__ import annotations

import json
import secrets
import threading
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sandbox.aws.access.sessions import issue_for_service
from sandbox.ecs.backends import Backends


class CredentialsEndpoint:
    """Serves each task, by a token of its own, the credentials of its role."""

    def __init__(self, backends: Backends) -> None:
        self._backends = backends
        self._roles: dict[str, tuple[str, str]] = {}
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body = endpoint.answer(self.headers.get("Authorization", ""))
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:
                """Tokens stay out of the log."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    def start(self) -> None:
        threading.Thread(
            target=self._server.serve_forever, args=(0.2,), name="credentials", daemon=True
        ).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def admit(self, task: str, role: str) -> dict[str, str]:
        """The environment that lets a task's container fetch its role's credentials.

        Raises AwsError when the role does not exist or does not trust ECS tasks.
        """
        self._issue(task, role)
        token = secrets.token_urlsafe(24)
        self._roles[token] = (task, role)
        return {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{self._server.server_port}/",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": token,
        }

    def dismiss(self, task: str) -> None:
        """Forget a stopped task."""
        self._roles = {token: pair for token, pair in self._roles.items() if pair[0] != task}

    def answer(self, token: str) -> tuple[int, dict[str, Any]]:
        """Status and body for a request with this Authorization header."""
        if token not in self._roles:
            return 403, {"code": "InvalidToken", "message": "unknown task"}
        try:
            return 200, self._issue(*self._roles[token])
        except Exception as error:  # the role went away meanwhile
            return 400, {"code": "AccessDenied", "message": str(error)}

    def _issue(self, task: str, role: str) -> dict[str, Any]:
        account, region = self._backends.account, self._backends.region
        source = f"arn:aws:ecs:{region}:{account}:task/{task}"
        session = issue_for_service(account, region, role, task, "ecs-tasks.amazonaws.com", source)
        expires = session.expiration
        return {
            "RoleArn": role,
            "AccessKeyId": session.access_key_id,
            "SecretAccessKey": session.secret_access_key,
            "Token": session.session_token,
            "Expiration": expires.strftime("%Y-%m-%dT%H:%M:%SZ")
            if isinstance(expires, datetime)
            else str(expires),
        }
