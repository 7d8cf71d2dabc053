"""The apps behind checks and comments."""

from __future__ import annotations

from sandbox.github.hub import Hub
from sandbox.github.model import APP_IDS
from sandbox.github.shapes.common import Shape, node, owner


def app(hub: Hub, slug: str) -> Shape:
    """``integration``: the app behind a check."""
    return {
        "id": APP_IDS[slug],
        "slug": slug,
        "node_id": node("App", slug),
        "owner": owner(hub),
        "name": "GitHub Actions" if slug == "github-actions" else slug,
        "description": None,
        "external_url": hub.url,
        "html_url": f"{hub.url}/apps/{slug}",
        "created_at": hub.state.created_at,
        "updated_at": hub.state.created_at,
        "permissions": {"checks": "write", "contents": "read", "metadata": "read"},
        "events": [],
    }
