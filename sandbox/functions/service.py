"""Lambda's Invoke, run for real: takes the place of moto's, which wants a Docker engine."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from moto.awslambda.models import LambdaFunction

from sandbox.aws.turns import aside
from sandbox.ecs.backends import Backends
from sandbox.functions.run import FunctionProcess
from sandbox.images.store import ImageStore

TAIL = 4096  # bytes of the log that LogType=Tail gives (API_Invoke)


class Functions:
    """Runs every invocation of the account's functions while it is installed."""

    def __init__(
        self,
        backends: Backends,
        images: ImageStore,
        folder: Path,
        endpoint: Callable[[], str],
        addresses: Callable[[], Mapping[str, str]],
    ) -> None:
        self._backends, self._images, self._folder = backends, images, folder
        self._endpoint, self._addresses = endpoint, addresses
        self._saved: Any = None

    def install(self) -> None:
        """Answer for moto's functions from now on."""
        functions, self._saved = self, LambdaFunction.invoke

        def invoke(function: Any, body: Any, asked: Any, answered: dict[str, str]) -> bytes:
            return functions.invoke(function, body, asked, answered)

        _moto_function().invoke = invoke

    def remove(self) -> None:
        """Put moto's own method back."""
        _moto_function().invoke = self._saved

    def invoke(
        self, function: Any, body: str | bytes, asked: Mapping[str, str], answered: dict[str, str]
    ) -> bytes:
        """API_Invoke: waits for the answer unless X-Amz-Invocation-Type says Event or DryRun."""
        event = body.decode() if isinstance(body, bytes) else body
        process = FunctionProcess(
            function,
            self._backends,
            self._images,
            self._folder,
            self._endpoint(),
            self._addresses(),
        )
        match asked.get("X-Amz-Invocation-Type", "RequestResponse"):
            case "DryRun":
                return b""
            case "Event":
                threading.Thread(
                    target=process.invoke, args=(event or "{}",), name="function", daemon=True
                ).start()
                return b""
        with aside():  # a function calls AWS
            outcome, log = process.invoke(event or "{}")
        if outcome.failed:
            answered["x-amz-function-error"] = "Unhandled"
        answered["x-amz-log-result"] = base64.b64encode(log.encode()[-TAIL:]).decode()
        return outcome.payload.encode()


def _moto_function() -> Any:
    return LambdaFunction
