"""The repository's activity: who moved which branch from where to where."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sandbox.github.api.core import Answer, Call, operation
from sandbox.github.api.errors import ApiError
from sandbox.github.model import Activity
from sandbox.github.shapes import common

PERIODS = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}


@operation("get", "~/activity", "contents:read")
def list_activity(call: Call) -> Answer:
    """Newest first; pages by cursor alone (``before``, ``after``), with ``Link`` headers."""
    query = call.query
    ref = query.get("ref", "")
    full = ref if not ref or ref.startswith("refs/") else f"refs/heads/{ref}"
    since = ""
    if period := query.get("time_period"):
        since = (datetime.now(UTC) - timedelta(days=PERIODS[period])).isoformat()
    found = [
        item
        for item in call.hub.state.activity
        if full in ("", item.ref)
        and query.get("actor", item.actor) == item.actor
        and query.get("activity_type", item.kind) == item.kind
        and item.at >= since
    ]
    if query.get("direction", "desc") == "desc":
        found.reverse()
    ids = [item.id for item in found]
    size = max(1, min(100, int(query.get("per_page") or 30)))
    start, end = 0, len(found)
    if "after" in query:
        start = _place(ids, query["after"]) + 1
    if "before" in query:
        end = _place(ids, query["before"])
        start = max(start, end - size)
    rows = found[start : min(end, start + size)]
    links = []
    if rows and start + len(rows) < len(found):
        links.append(_link(call, "after", rows[-1], "next"))
    if rows and start > 0:
        links.append(_link(call, "before", rows[0], "prev"))
    headers = {"Link": ", ".join(links)} if links else {}
    return Answer(200, [_shape(call, item) for item in rows], headers)


def _link(call: Call, side: str, item: Activity, rel: str) -> str:
    rest = {key: value for key, value in call.query.items() if key not in ("before", "after")}
    return f'<{call.url}?{urlencode({**rest, side: _cursor(item.id)})}>; rel="{rel}"'


def _cursor(number: int) -> str:
    return base64.urlsafe_b64encode(f"activity:{number}".encode()).decode()


def _place(ids: list[int], cursor: str) -> int:
    for place, number in enumerate(ids):
        if _cursor(number) == cursor:
            return place
    raise ApiError(422, "Invalid pagination cursor")


def _shape(call: Call, item: Activity) -> dict[str, Any]:
    """``activity``."""
    return {
        "id": item.id,
        "node_id": common.node("Activity", item.id),
        "before": item.before,
        "after": item.after,
        "ref": item.ref,
        "timestamp": item.at,
        "activity_type": item.kind,
        "actor": common.user(call.hub, item.actor),
    }
