"""Models of Amazon Bedrock, by its Converse interface; the form is a tool that must be called."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from knowledgeweaver.extract.provider import Call, ModelFailed, Reply, Tokens

log = logging.getLogger(__name__)

#: What each end of an answer means; the ends that are not here are good ones.
_ENDS: Mapping[str, str] = {
    "max_tokens": "truncated",
    "model_context_window_exceeded": "truncated",
    "guardrail_intervened": "refused",
    "content_filtered": "refused",
}
_THROTTLED = frozenset({"ThrottlingException", "throttlingException", "TooManyRequestsException"})
#: What a call may end with. botocore's parsers stumble in many ways over what is no answer of AWS.
_TROUBLE = (
    BotoCoreError,
    ClientError,
    HTTPError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)


class BedrockModel:
    """One model, or one inference profile by its id or ARN.

    ``attempts`` and waits between them are botocore's (adaptive: it slows down where it is
    throttled); ``timeout`` is how many seconds an answer may be silent.
    """

    provider = "bedrock"

    def __init__(
        self,
        model: str,
        region: str,
        *,
        attempts: int = 5,
        timeout: float = 60.0,
        concurrency: int = 4,
        client: Any = None,
    ) -> None:
        self.name = model
        self._timeout = timeout
        self._client = client or boto3.client(
            "bedrock-runtime",
            region_name=region,
            config=Config(
                retries={"mode": "adaptive", "total_max_attempts": attempts},
                connect_timeout=5,
                read_timeout=timeout,
                max_pool_connections=concurrency,
            ),
        )

    def fill(self, call: Call) -> Reply:
        """Let the model call the tool; raises ModelFailed."""
        if call.form is None:
            raise ValueError("fill() needs a form")
        tool = {
            "name": call.form.name,
            "description": call.form.description,
            "inputSchema": {"json": dict(call.form.schema)},
        }
        try:
            answer = self._client.converse(
                **self._asked(call),
                toolConfig={
                    "tools": [{"toolSpec": tool}],
                    "toolChoice": {"tool": {"name": call.form.name}},
                },
            )
        except _TROUBLE as error:
            raise self._failed(error) from error
        # botocore takes any body for an answer, also half of one.
        if not {"output", "stopReason", "usage"} <= answer.keys():
            raise ModelFailed("unavailable", f"{self.name} did not answer as Converse does")
        took = (answer["usage"]["inputTokens"], answer["usage"]["outputTokens"])
        if reason := _ENDS.get(answer["stopReason"]):
            message = f"{self.name} ended with {answer['stopReason']}"
            raise ModelFailed(reason, message, input_tokens=took[0], output_tokens=took[1])
        content = answer["output"].get("message", {}).get("content", [])
        calls = [part["toolUse"] for part in content if "toolUse" in part]
        filled = next((one.get("input") for one in calls if one["name"] == call.form.name), None)
        text = " ".join(part["text"] for part in content if "text" in part)
        shown = text if filled is None else json.dumps(filled, ensure_ascii=False)
        return Reply(filled, shown, *took)

    def stream(self, call: Call) -> Iterator[str | Tokens]:
        """The answer's text as it comes; raises ModelFailed."""
        end = time.monotonic() + self._timeout
        stop = ""
        try:
            answer = self._client.converse_stream(**self._asked(call))
            for event in answer["stream"]:
                if time.monotonic() > end:
                    raise ModelFailed("unavailable", f"{self.name} took over {self._timeout:g} s")
                if "contentBlockDelta" in event:
                    yield event["contentBlockDelta"]["delta"].get("text", "")
                elif "messageStop" in event:
                    stop = event["messageStop"]["stopReason"]
                elif "metadata" in event:
                    used = event["metadata"]["usage"]
                    yield Tokens(used["inputTokens"], used["outputTokens"])
        except _TROUBLE as error:
            raise self._failed(error) from error
        if not stop:
            raise ModelFailed("unavailable", f"{self.name} broke off")
        if reason := _ENDS.get(stop):
            raise ModelFailed(reason, f"{self.name} ended with {stop}")

    def _asked(self, call: Call) -> dict[str, Any]:
        return {
            "modelId": self.name,
            "system": [{"text": call.system}],
            "messages": [{"role": "user", "content": [{"text": call.user}]}],
            "inferenceConfig": {"maxTokens": call.max_tokens, "temperature": 0.0},
        }

    def _failed(self, error: Exception) -> ModelFailed:
        """An error of AWS or of the way there, in one of our own words."""
        code = type(error).__name__
        if isinstance(error, ClientError):
            code = error.response.get("Error", {}).get("Code", code)
        reason = "throttled" if code in _THROTTLED else "unavailable"
        # AWS's own words say what a person has to do, as to allow the model; they hold no document.
        log.warning("%s does not answer: %s", self.name, error)
        return ModelFailed(reason, f"{self.name}: {code}")
