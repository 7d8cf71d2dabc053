"""Models behind OpenAI's chat completions, as Ollama and vLLM serve them on one's own machine.

The form is asked for as a JSON schema (response_format), which both understand; forced tools are
not served by Ollama.
"""

from __future__ import annotations

import json
import logging
import random
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from knowledgeweaver.extract.provider import Call, ModelFailed, Reply, Tokens

log = logging.getLogger(__name__)

#: The longest answer that is read, in bytes; the server need not be one's friend.
LONGEST = 4_000_000
_AGAIN = frozenset({408, 409, 429, 500, 502, 503, 504})
_ENDS: Mapping[str, str] = {"length": "truncated", "content_filter": "refused"}
_FENCED = re.compile(r"^\s*```(?:json)?\s*(.*?)\s*```\s*$", re.S)
#: Seconds before the second try; each further wait is twice as long, up to the longest.
FIRST_WAIT, LONGEST_WAIT = 0.5, 20.0


class OpenAIModel:
    """One model at ``url``, as http://127.0.0.1:11434/v1. ``timeout`` is for a whole answer."""

    provider = "openai"

    def __init__(
        self,
        model: str,
        url: str,
        *,
        key: str = "",
        attempts: int = 5,
        timeout: float = 60.0,
    ) -> None:
        self.name = model
        self._attempts = attempts
        self._timeout = timeout
        self._client = httpx.Client(
            base_url=url.rstrip("/") + "/",
            headers={"authorization": f"Bearer {key}"} if key else {},
            timeout=httpx.Timeout(timeout, connect=5.0),
        )

    def fill(self, call: Call) -> Reply:
        """Let the model write the form as JSON; raises ModelFailed."""
        if call.form is None:
            raise ValueError("fill() needs a form")
        form = {"name": call.form.name, "strict": True, "schema": dict(call.form.schema)}
        body = self._asked(call) | {"response_format": {"type": "json_schema", "json_schema": form}}
        with self._answer(body) as lines:
            whole = b"".join(lines)
        answer = _object(whole)
        choice = _first(answer)
        if not choice:
            raise ModelFailed("unavailable", f"{self.name} answers otherwise than OpenAI")
        message = choice.get("message")
        text = message.get("content") if isinstance(message, dict) else None
        took = _took(answer)
        self._ended(choice, took)
        if isinstance(message, dict) and message.get("refusal"):
            raise ModelFailed("refused", self.name, input_tokens=took[0], output_tokens=took[1])
        written = text if isinstance(text, str) else ""
        return Reply(_filled(written), written, *took)

    def stream(self, call: Call) -> Iterator[str | Tokens]:
        """The answer's text as it comes; raises ModelFailed."""
        options = {"stream": True, "stream_options": {"include_usage": True}}
        choice: dict[str, Any] = {}
        took: tuple[int, int] | None = None
        with self._answer(self._asked(call) | options) as chunks:
            for line in _lines(chunks):
                if not line.startswith(b"data:") or line[5:].strip() == b"[DONE]":
                    continue
                event = _object(line[5:])
                if isinstance(event.get("usage"), dict):
                    took = _took(event)
                part = _first(event)
                choice |= {name: value for name, value in part.items() if value is not None}
                delta = part.get("delta")
                text = delta.get("content") if isinstance(delta, dict) else None
                if isinstance(text, str) and text:
                    yield text
        if took is not None:
            yield Tokens(*took)
        if "finish_reason" not in choice:
            raise ModelFailed("unavailable", f"{self.name} broke off")
        self._ended(choice, took or (0, 0))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _asked(self, call: Call) -> dict[str, Any]:
        return {
            "model": self.name,
            "messages": [
                {"role": "system", "content": call.system},
                {"role": "user", "content": call.user},
            ],
            "max_tokens": call.max_tokens,
            "temperature": 0,
        }

    @contextmanager
    def _answer(self, body: dict[str, Any]) -> Iterator[Iterator[bytes]]:
        """The body of a good answer, in parts; tried again where the server is busy."""
        end = time.monotonic() + self._timeout
        for attempt in range(1, self._attempts + 1):
            begun, again, wait = False, True, _own_wait(attempt)
            try:
                with self._client.stream("POST", "chat/completions", json=body) as answer:
                    if answer.status_code < 300:
                        begun = True
                        yield self._parts(answer, end)
                        return
                    reason = "throttled" if answer.status_code == 429 else "unavailable"
                    code = f"status {answer.status_code}"
                    again = answer.status_code in _AGAIN
                    wait = _asked_wait(answer, wait)
            except httpx.TimeoutException as error:
                raise ModelFailed("unavailable", f"{self.name}: no answer in time") from error
            except httpx.HTTPError as error:
                reason, code = "unavailable", type(error).__name__
            # What has begun is not asked for again: its parts may be with the reader already.
            if begun or not again or attempt == self._attempts or time.monotonic() + wait > end:
                log.warning("%s does not answer: %s", self.name, code)
                raise ModelFailed(reason, f"{self.name}: {code}")
            time.sleep(wait)

    def _parts(self, answer: httpx.Response, end: float) -> Iterator[bytes]:
        read = 0
        for part in answer.iter_bytes():
            read += len(part)
            if time.monotonic() > end:
                raise ModelFailed("unavailable", f"{self.name} took over {self._timeout:g} s")
            if read > LONGEST:
                raise ModelFailed("malformed", f"{self.name} answered with over {LONGEST} bytes")
            yield part

    def _ended(self, choice: dict[str, Any], took: tuple[int, int]) -> None:
        ended = choice.get("finish_reason")
        if isinstance(ended, str) and (reason := _ENDS.get(ended)):
            message = f"{self.name} ended with {ended}"
            raise ModelFailed(reason, message, input_tokens=took[0], output_tokens=took[1])


def _asked_wait(answer: httpx.Response, own: float) -> float:
    """Seconds that the server asks us to wait, where it says so in seconds; else our own."""
    said = answer.headers.get("retry-after", "")
    return float(said) if said.isdecimal() else own


def _own_wait(attempt: int) -> float:
    # spread, so that clients that were refused together do not come back together
    wait: float = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempt - 1))
    return wait * random.uniform(0.5, 1)  # noqa: S311 - no secret


def _lines(parts: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for part in parts:
        *whole, rest = (rest + part).split(b"\n")
        yield from whole
    yield rest


def _object(data: bytes) -> dict[str, Any]:
    """A JSON object, empty where it is none: that is an answer which fills in no form."""
    try:
        found = json.loads(data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _first(answer: dict[str, Any]) -> dict[str, Any]:
    choices = answer.get("choices")
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        return choices[0]
    return {}


def _took(answer: dict[str, Any]) -> tuple[int, int]:
    used = answer.get("usage")
    if not isinstance(used, dict):
        return 0, 0
    counts = [used.get(name) for name in ("prompt_tokens", "completion_tokens")]
    read, written = (one if isinstance(one, int) and one >= 0 else 0 for one in counts)
    return read, written


def _filled(text: str) -> object:
    """The JSON of an answer; models like to put it between fences."""
    fenced = _FENCED.match(text)
    try:
        return json.loads(fenced[1] if fenced else text)
    except ValueError:
        return None
