"""One invocation of a function: a fresh process of its image, for its event alone.

At AWS an environment may serve several events; here each gets its own, so nothing a function keeps
in memory can hide a mistake.
"""

from __future__ import annotations

import io
import json
import signal
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.aws.access.sessions import issue_for_service
from sandbox.aws.answers import AwsError
from sandbox.ecs.backends import Backends
from sandbox.ecs.containers import pull
from sandbox.ecs.environment import translate
from sandbox.ecs.logs import LogPump
from sandbox.ecs.spawn import signal_group, spawn
from sandbox.functions.runtime_api import Outcome, RuntimeApi
from sandbox.images.store import Image, ImageStore

VERSION = "$LATEST"  # nobody publishes another one here


class FunctionProcess:
    """Runs a function of moto's (``LambdaFunction``) on this machine."""

    def __init__(
        self,
        function: Any,
        backends: Backends,
        images: ImageStore,
        folder: Path,
        endpoint: str,
        addresses: Mapping[str, str],
    ) -> None:
        self._function, self._backends, self._images = function, backends, images
        self._folder, self._endpoint, self._addresses = folder, endpoint, addresses

    def invoke(self, event: str) -> tuple[Outcome, str]:
        """The outcome for an event (JSON), and what the process wrote.

        Whatever goes wrong is told as AWS tells it, in the outcome.
        """
        image = pull(str(self._function.code.get("ImageUri", "")), self._backends, self._images)
        if image is None:
            return _failed("Runtime.ImageNotFound", "The function's image is not in ECR."), ""
        try:
            access = self._credentials()
        except AwsError as error:
            return _failed("AccessDeniedException", f"The role cannot be assumed: {error}"), ""
        seconds = float(self._function.timeout)
        with RuntimeApi(event, str(self._function.function_arn), seconds) as api:
            return self._run(image, access, api)

    def _run(self, image: Image, access: Mapping[str, str], api: RuntimeApi) -> tuple[Outcome, str]:
        folder = self._folder / api.request_id
        folder.mkdir(parents=True)
        group = log_group(self._function)
        now = datetime.now(UTC)
        stream = f"{now:%Y/%m/%d}/[{VERSION}]{uuid.uuid4().hex}"
        settings = self._function.image_config
        command = [
            *(settings.entry_point or image.config.entrypoint),
            *(settings.cmd or image.config.command),
        ]
        environment = {
            **image.environment(),
            **translate(self._function.environment_vars, self._addresses),
            **self._platform(group, stream, api),
            **access,
            "TMPDIR": str(folder),
        }
        try:
            process = spawn(
                [image.inside(word) for word in command], cwd=image.workdir, env=environment
            )
        except OSError as error:
            return _failed("Runtime.InvalidEntrypoint", f"RequestId: {api.request_id} {error}"), ""
        options = {"awslogs-group": group}
        logging = {"logConfiguration": {"logDriver": "awslogs", "options": options}}
        copy = folder / "function.log"
        output = process.stdout or io.BytesIO()
        pump = LogPump(output, logging, stream, self._backends, copy)
        pump.put(f"START RequestId: {api.request_id} Version: {VERSION}")
        pump.start()
        began = time.monotonic()
        while not api.wait(0.05) and process.poll() is None:
            if time.monotonic() - began > api.seconds:
                late = f"{api.request_id} Task timed out after {api.seconds:.2f} seconds"
                api.finish(json.dumps({"errorMessage": late}), failed=True)
        signal_group(process, signal.SIGKILL)
        process.wait()
        pump.join(2)
        took = f"Duration: {(time.monotonic() - began) * 1000:.2f} ms"
        pump.put(f"END RequestId: {api.request_id}")
        pump.put(f"REPORT RequestId: {api.request_id} {took}")
        outcome = api.outcome or _failed(
            "Runtime.ExitError",
            f"RequestId: {api.request_id} Error: Runtime exited with exit status "
            f"{process.returncode}",
        )
        return outcome, copy.read_text(errors="replace")

    def _credentials(self) -> dict[str, str]:
        """Temporary credentials of the execution role; AwsError where it does not trust Lambda."""
        session = issue_for_service(
            self._backends.account,
            self._backends.region,
            str(self._function.role),
            str(self._function.function_name),
            "lambda.amazonaws.com",
            str(self._function.function_arn),
        )
        return {
            "AWS_ACCESS_KEY_ID": str(session.access_key_id),
            "AWS_SECRET_ACCESS_KEY": str(session.secret_access_key),
            "AWS_SESSION_TOKEN": str(session.session_token),
        }

    def _platform(self, group: str, stream: str, api: RuntimeApi) -> dict[str, str]:
        """Developer Guide, "Defined runtime environment variables"."""
        region = self._backends.region
        return {
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_ENDPOINT_URL": self._endpoint,
            "AWS_LAMBDA_RUNTIME_API": api.address,
            "AWS_LAMBDA_FUNCTION_NAME": str(self._function.function_name),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self._function.memory_size),
            "AWS_LAMBDA_FUNCTION_VERSION": VERSION,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": group,
            "AWS_LAMBDA_LOG_STREAM_NAME": stream,
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PYTHONDONTWRITEBYTECODE": "1",
        }


def log_group(function: Any) -> str:
    """The group of LoggingConfig, else AWS's default."""
    given = getattr(function, "logging_config", None) or {}
    return str(given.get("LogGroup") or f"/aws/lambda/{function.function_name}")


def _failed(kind: str, message: str) -> Outcome:
    return Outcome(json.dumps({"errorType": kind, "errorMessage": message}), failed=True)
