"""Connections: pages of a list by cursor, with GitHub's bounds."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from graphql import GraphQLError

T = TypeVar("T")
Node = dict[str, Any]


def cursor(place: int) -> str:
    """The cursor of the item at a place (from 0)."""
    return base64.b64encode(f"cursor:v2:{place}".encode()).decode()


def _place(text: str) -> int:
    try:
        return int(base64.b64decode(text).decode().removeprefix("cursor:v2:"))
    except ValueError:
        raise refusal("INVALID_CURSOR_ARGUMENTS", f"`{text}` is no valid cursor.") from None


def refusal(kind: str, message: str) -> GraphQLError:
    """An error with GitHub's ``type``."""
    return GraphQLError(message, extensions={"type": kind})


def connection(
    items: Sequence[T], node: Callable[[T], Node], arguments: Mapping[str, Any], **more: Any
) -> Node:
    """The page of ``items`` that ``first``/``after`` or ``last``/``before`` name.

    Only what is on it is turned into nodes. The bounds of ``first`` and ``last`` were checked
    before (see ``cost``).
    """
    start, end = 0, len(items)
    if arguments.get("after"):
        start = _place(arguments["after"]) + 1
    if arguments.get("before"):
        end = min(end, _place(arguments["before"]))
    if arguments.get("first") is not None:
        end = min(end, start + arguments["first"])
    if arguments.get("last") is not None:
        start = max(start, end - arguments["last"])
    places = range(start, max(start, end))

    def nodes(info: Any) -> list[Node]:
        return [node(items[place]) for place in places]

    def edges(info: Any) -> list[Node]:
        return [{"cursor": cursor(place), "node": node(items[place])} for place in places]

    return {
        "totalCount": len(items),
        "nodes": nodes,
        "edges": edges,
        "pageInfo": {
            "hasNextPage": bool(places) and places[-1] + 1 < len(items),
            "hasPreviousPage": bool(places) and places[0] > 0,
            "startCursor": cursor(places[0]) if places else None,
            "endCursor": cursor(places[-1]) if places else None,
        },
        **more,
    }
