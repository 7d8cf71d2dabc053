"""Requests to GitHub's REST API: tried again while it is busy, refusals told as failures.

Tried again are 5xx, and what a rate limit refused, after the time that GitHub names (GitHub:
"Best practices for using the REST API", "Rate limits for the REST API").
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pipeline.errors import Failure, failure

if TYPE_CHECKING:
    import httpx

API_VERSION = "2022-11-28"
_TRIES = 5
_MINUTE = 60.0  # what GitHub asks for at a secondary limit that names no time
LONGEST_WAIT = 300.0  # seconds that one command may wait in all for GitHub's limits


class Rest:
    """Paths below one repository, with one token."""

    def __init__(self, repository: str, token: str, api: str) -> None:
        self.api = api.rstrip("/")
        self._repository = repository
        self._token = token
        self._waited = 0.0

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
        answer = self.request(method, self._url(path), data, refusals=(404,) if missing else ())
        if missing and answer.status_code == 404:
            return None
        return answer.json() if answer.content else None

    def pages(self, path: str, **query: str) -> Iterator[dict[str, Any]]:
        """All items of a paginated list of the repository."""
        yield from self.listed(self._url(path), **query)

    def listed(self, url: str, **query: str) -> Iterator[dict[str, Any]]:
        """All items of a paginated list, following the Link header."""
        url += "?per_page=100"
        url += "".join(f"&{name}={quote(value, safe='')}" for name, value in query.items())
        while url:
            answer = self.request("GET", url)
            yield from answer.json()
            url = answer.links.get("next", {}).get("url", "")

    def page(self, path: str, url: str | None = None, **query: str) -> httpx.Response:
        """One page of a list, the first one or that of a Link header."""
        if url is None:
            url = f"{self._url(path)}?per_page=100"
            url += "".join(f"&{name}={quote(value, safe='')}" for name, value in query.items())
        return self.request("GET", url)

    def graphql(self, url: str, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The data that a GraphQL query gives; queries change nothing, so they may be sent again.

        GitHub answers a refusal with 200 and a list of errors.
        """
        for last in (False, True):
            answer = self.request("POST", url, {"query": query, "variables": variables}, once=False)
            said = answer.json()
            errors = said.get("errors") or []
            if not any(error.get("type") == "RATE_LIMITED" for error in errors):
                break
            if last:
                raise _used_up("POST", url, _asked(answer) or _MINUTE)
            self._pause("POST", url, _asked(answer) or _MINUTE)
        if said.get("data") is None or errors:
            told = "; ".join(str(error.get("message", "")) for error in errors[:3])
            raise failure("github", f"GitHub refused a GraphQL query: {told or 'no data'}")
        data: dict[str, Any] = said["data"]
        return data

    def request(
        self,
        method: str,
        url: str,
        data: Mapping[str, Any] | None = None,
        refusals: tuple[int, ...] = (),
        once: bool | None = None,
    ) -> httpx.Response:
        """One request, tried again while GitHub is busy.

        ``refusals`` are answers that the caller wants to see, too. With ``once``, by default for
        POST: what would be there twice (a comment, an issue) is not sent again once it may have
        arrived. Raises ``unreachable``, ``no-credentials``, or
        ``github`` with GitHub's message or with the time from which it takes requests again.
        """
        import httpx

        once = method == "POST" if once is None else once
        never_sent = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
        lost = never_sent if once else (httpx.TransportError,)
        path = url.removeprefix(self.api)
        for attempt in range(1, _TRIES + 1):
            seconds = 0.5 * 2 ** (attempt - 1)
            try:
                answer = self._client.request(method, url, json=data)
            except httpx.TransportError as error:
                if attempt < _TRIES and isinstance(error, lost):
                    time.sleep(seconds)
                    continue
                raise failure(
                    "unreachable",
                    f"{self.api} does not answer ({method} {path}).",
                    remedy="Check the network and GITHUB_API_URL, then run the command again.",
                ) from error
            if _limited(answer):
                asked = _asked(answer) or (_MINUTE if "secondary" in answer.text.lower() else None)
                if attempt == _TRIES:
                    raise _used_up(method, path, asked or seconds)
                self._pause(method, path, asked or seconds)
            elif answer.status_code >= 500 and not once and attempt < _TRIES:
                time.sleep(min(_asked(answer) or seconds, _MINUTE))
            else:
                break
        if answer.is_success or answer.status_code in refusals:
            return answer
        raise _refused(method, path, answer)

    def _pause(self, method: str, path: str, seconds: float) -> None:
        """Wait as long as GitHub asks; raises ``github`` when a job may not wait that long."""
        if self._waited + seconds > LONGEST_WAIT:
            raise _used_up(method, path, seconds)
        self._waited += seconds
        time.sleep(seconds)


def _limited(answer: httpx.Response) -> bool:
    """Whether GitHub takes no more requests for now (docs: "Rate limits for the REST API")."""
    if answer.status_code == 429:
        return True
    return answer.status_code == 403 and (
        "retry-after" in answer.headers
        or answer.headers.get("x-ratelimit-remaining") == "0"
        or "rate limit" in answer.text.lower()
    )


def _asked(answer: httpx.Response) -> float | None:
    """The seconds that GitHub asks to wait; None when it names none."""
    after = answer.headers.get("retry-after", "")
    if after.isdigit():
        return float(after)
    reset = answer.headers.get("x-ratelimit-reset", "")
    if answer.headers.get("x-ratelimit-remaining") == "0" and reset.isdigit():
        return max(1.0, float(reset) - time.time() + 1)
    return None


def _used_up(method: str, path: str, seconds: float) -> Failure:
    again = datetime.fromtimestamp(time.time() + seconds, UTC)
    return failure(
        "github",
        f"GitHub takes no more requests for now ({method} {path}): the limit is used up.",
        remedy=f"Run it again from {again:%Y-%m-%d %H:%M:%S} UTC.",
    )


def _refused(method: str, path: str, answer: httpx.Response) -> Failure:
    try:
        message = str(answer.json().get("message", ""))
    except (ValueError, AttributeError):
        message = ""
    reason = "no-credentials" if answer.status_code == 401 else "github"
    return failure(reason, f"GitHub answered {answer.status_code} to {method} {path}: {message}")
