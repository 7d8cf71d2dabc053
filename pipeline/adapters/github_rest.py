"""Requests to GitHub's REST API: tried again while it is busy, refusals told as failures.

Tried again are 5xx, 429 and secondary rate limits (GitHub: "Best practices for using the REST
API").
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pipeline.errors import Failure, failure

if TYPE_CHECKING:
    import httpx

API_VERSION = "2022-11-28"
_TRIES = 5
_LONGEST_WAIT = 60.0  # seconds


class Rest:
    """Paths below one repository, with one token."""

    def __init__(self, repository: str, token: str, api: str) -> None:
        self.api = api.rstrip("/")
        self._repository = repository
        self._token = token

    @cached_property
    def _client(self) -> httpx.Client:
        import httpx

        return httpx.Client(
            timeout=httpx.Timeout(20, connect=5),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self._token}",
                "X-GitHub-Api-Version": API_VERSION,
                "User-Agent": "knowledgeweaver-delivery",
            },
        )

    def _url(self, path: str) -> str:
        return f"{self.api}/repos/{self._repository}{'/' if path else ''}{path}"

    def json(
        self, method: str, path: str, data: Mapping[str, Any] | None = None, missing: bool = False
    ) -> Any:
        """The answer's document; with ``missing`` None where GitHub knows no such thing."""
        answer = self.request(method, self._url(path), data, missing=missing)
        if missing and answer.status_code == 404:
            return None
        return answer.json() if answer.content else None

    def pages(self, path: str, **query: str) -> Iterator[dict[str, Any]]:
        """All items of a paginated list, following the Link header."""
        url = f"{self._url(path)}?per_page=100"
        url += "".join(f"&{name}={quote(value, safe='')}" for name, value in query.items())
        while url:
            answer = self.request("GET", url)
            yield from answer.json()
            url = answer.links.get("next", {}).get("url", "")

    def request(
        self, method: str, url: str, data: Mapping[str, Any] | None = None, missing: bool = False
    ) -> httpx.Response:
        """One request, tried again while GitHub is busy.

        What would be there twice (a comment, an issue) is not sent again once it may have arrived.
        Raises ``unreachable``, ``no-credentials`` or ``github`` with GitHub's message.
        """
        import httpx
        from tenacity import RetryError, Retrying, retry_if_exception_type, stop_after_attempt

        never_sent = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
        lost = never_sent if method == "POST" else (httpx.TransportError,)
        try:
            for attempt in Retrying(
                stop=stop_after_attempt(_TRIES),
                retry=retry_if_exception_type((_Again, *lost)),
                wait=_wait,
                sleep=time.sleep,
                reraise=True,
            ):
                with attempt:
                    answer = self._client.request(method, url, json=data)
                    if _busy(answer) and (method != "POST" or answer.status_code in (403, 429)):
                        raise _Again(answer)
        except _Again as error:
            answer = error.answer
        except (httpx.TransportError, RetryError) as error:
            raise failure(
                "unreachable",
                f"{self.api} does not answer ({method} {url.removeprefix(self.api)}).",
                remedy="Check the network and GITHUB_API_URL, then run the command again.",
            ) from error
        if answer.is_success or (missing and answer.status_code == 404):
            return answer
        raise _refused(method, url.removeprefix(self.api), answer)


class _Again(Exception):
    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(str(answer.status_code))
        self.answer = answer


def _busy(answer: httpx.Response) -> bool:
    if answer.status_code == 429 or answer.status_code >= 500:
        return True
    limited = "retry-after" in answer.headers or answer.headers.get("x-ratelimit-remaining") == "0"
    return answer.status_code == 403 and limited


def _wait(state: Any) -> float:
    """Seconds to wait: what GitHub asks for, else 0.5, 1, 2, 4."""
    error = state.outcome.exception()
    asked = error.answer.headers.get("retry-after", "") if isinstance(error, _Again) else ""
    if asked.isdigit():
        return min(float(asked), _LONGEST_WAIT)
    return float(0.5 * 2 ** (state.attempt_number - 1))


def _refused(method: str, path: str, answer: httpx.Response) -> Failure:
    try:
        message = str(answer.json().get("message", ""))
    except (ValueError, AttributeError):
        message = ""
    reason = "no-credentials" if answer.status_code == 401 else "github"
    return failure(reason, f"GitHub answered {answer.status_code} to {method} {path}: {message}")
