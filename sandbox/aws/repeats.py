"""A call that comes a second time gets the answer it had.

SDKs repeat a call whose answer never reached them, with the same ``amz-sdk-invocation-id`` and a
higher ``attempt`` (AWS SDKs and Tools Reference Guide, "Retry behavior"). On a busy machine
Terraform's provider loses one answer in some thousands. AWS knows most such repeats by a client
token; moto would make the thing twice, and refuse the second one by its name.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from sandbox.aws.answers import StartResponse
from sandbox.aws.calls import Environ

log = logging.getLogger("sandbox.aws")

#: How many answers are kept; a repeat comes within seconds.
KEPT = 512


@dataclass(slots=True)
class _Given:
    """The answer of one invocation, from when ``done`` is set; no status: it is to be made anew."""

    done: threading.Event = field(default_factory=threading.Event)
    status: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: list[bytes] = field(default_factory=list)

    def start_response(self, status: str, headers: Any, _info: Any = None) -> Callable[..., Any]:
        self.status, self.headers = status, list(headers)
        return lambda _data: None


@dataclass(slots=True)
class Repeats:
    """Remembers what changing calls were answered."""

    _given: OrderedDict[str, _Given] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(
        self,
        environ: Environ,
        start_response: StartResponse,
        serve: Callable[[StartResponse], Iterable[bytes]],
    ) -> Iterable[bytes]:
        """What ``serve`` answers, or what it has answered this invocation before.

        Only successes are kept: whoever repeats a call after an error wants it tried again.
        """
        invocation = environ.get("HTTP_AMZ_SDK_INVOCATION_ID", "")
        if not invocation:
            return serve(start_response)
        with self._lock:
            before = self._given.get(invocation)
            mine = self._given[invocation] = _Given() if before is None else before
            while len(self._given) > KEPT:
                self._given.popitem(last=False)
        if before is not None:
            before.done.wait()
            if before.status.startswith("2"):
                log.info("an answer was lost and is given again: %s", environ.get("PATH_INFO"))
                start_response(before.status, before.headers)
                return before.body
        try:
            mine.body = list(serve(mine.start_response))
        finally:
            mine.done.set()
        start_response(mine.status, mine.headers)
        return mine.body
