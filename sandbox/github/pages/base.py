"""What every page needs: templates, the acting user, forms that only our own pages may send."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import jinja2
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sandbox.actions.model import ActionsError
from sandbox.github.api.errors import ApiError
from sandbox.github.hub import Hub
from sandbox.github.identity import Identity
from sandbox.github.model import REPOSITORY
from sandbox.github.pages.markdown import render as markdown

HERE = Path(__file__).parent
DEFAULT_USER = "alice"
#: No script but ours, nothing from elsewhere, nobody frames us.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

View = Callable[[Request], Awaitable[Response]]


class Renderer:
    """Renders templates with what all of them use."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self._env = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        )
        self._env.filters |= {
            "markdown": lambda text: markdown(text or ""),
            "ago": ago,
            "short": lambda sha: str(sha)[:7],
            "time": machine_time,
            "duration": duration,
            "icon": icon,
        }
        self._env.globals["repo"] = REPOSITORY
        self._env.globals["root"] = f"/{REPOSITORY}"

    def page(self, request: Request, template: str, **values: Any) -> Response:
        """A whole page; ``values`` plus who acts and what the page is called."""
        by = acting(self.hub, request)
        people = [u for u in self.hub.state.users.values() if u.token]
        text = self._env.get_template(template).render(
            by=by,
            people=people,
            here=request.url.path,
            error=request.query_params.get("error", ""),
            version=request.state.version,
            counts=self._counts(),
            **values,
        )
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
        return HTMLResponse(text, headers=headers)

    def _counts(self) -> dict[str, int]:
        issues = [item for item in self.hub.state.issues.values() if item.state == "open"]
        pulls = sum(item.pull is not None for item in issues)
        return {"pulls": pulls, "issues": len(issues) - pulls}


def acting(hub: Hub, request: Request) -> Identity:
    """The user one acts as: there is no login, a cookie says who."""
    login = request.cookies.get("acting", DEFAULT_USER)
    user = hub.state.users.get(login)
    if user is None or not user.token:
        user = hub.state.users[DEFAULT_USER]
    return Identity(user.login, user.role)


async def form(request: Request) -> dict[str, str]:
    """The fields of a form, refused when another site's page sent it."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise ApiError(403, "This form came from another site.")
    return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))


def action(hub: Hub, do: Callable[[Request, Identity, Mapping[str, str]], str]) -> View:
    """An endpoint for a form: do it, go where it says; what was refused is told on the page."""

    async def endpoint(request: Request) -> Response:
        back = request.url.path.rpartition("/")[0]
        try:
            fields = await form(request)
            target = await run_in_threadpool(do, request, acting(hub, request), fields)
        except (ApiError, ActionsError) as error:
            details = getattr(error, "errors", None) or []
            text = "; ".join(str(item.get("message", "")) for item in details) or str(error)
            target = f"{back}?error={quote(text)}"
        hub.touch()
        return RedirectResponse(target, 303)

    return endpoint


def view(do: Callable[[Request], Response]) -> View:
    """An endpoint for a page; what is not there is a plain 404 page."""

    async def endpoint(request: Request) -> Response:
        # before the page reads anything, or it would never hear of what happens meanwhile
        request.state.version = request.app.state.hub.version
        try:
            return await run_in_threadpool(do, request)
        except (ApiError, ActionsError, LookupError) as error:
            status = getattr(error, "status", 404)
            return HTMLResponse(
                f'<!doctype html><html lang="en"><title>{status}</title>'
                f'<link rel="stylesheet" href="/_static/style.css">'
                f"<main><h1>{status}</h1><p>There is no such page here.</p></main></html>",
                status,
            )

    return endpoint


def _moment(value: str | datetime) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def machine_time(value: str | datetime | None) -> str:
    """For ``<time datetime>``."""
    return _moment(value).astimezone(UTC).isoformat(timespec="seconds") if value else ""


def ago(value: str | datetime | None) -> str:
    """How long ago, in words."""
    if not value:
        return ""
    seconds = max(0, int((datetime.now(UTC) - _moment(value)).total_seconds()))
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def duration(start: datetime | None, end: datetime | None) -> str:
    """How long something took; nothing while it has not ended."""
    if start is None or end is None:
        return ""
    seconds = max(0, int((end - start).total_seconds()))
    return f"{seconds // 60}m {seconds % 60}s" if seconds >= 60 else f"{seconds}s"


_ICONS = {
    "success": ("ok", "✓"), "failure": ("bad", "✕"), "cancelled": ("off", "⊘"),
    "skipped": ("off", "»"), "neutral": ("off", "■"), "startup_failure": ("bad", "✕"),
    "in_progress": ("run", "●"), "queued": ("wait", "○"), "pending": ("wait", "○"),
    "waiting": ("wait", "◔"), "error": ("bad", "✕"), "inactive": ("off", "■"),
}  # fmt: skip


def icon(state: object) -> Markup:
    """A state as sign and words, so that colour alone never tells it."""
    name = str(state)
    kind, sign = _ICONS.get(name, ("wait", "○"))
    words = name.replace("_", " ")
    return Markup('<span class="state {}" title="{}"><span aria-hidden="true">{}</span>'
                  '<span class="sr">{}</span></span>').format(kind, words, sign, words)  # fmt: skip


def plain_log(text: str) -> list[tuple[str, str]]:
    """Log lines as (kind, text): colours taken out, workflow commands as kinds."""
    rows = []
    for line in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).splitlines():
        match = re.match(r"##\[(\w+)\](.*)", line)
        if match is None:
            rows.append(("", line))
        elif match.group(1) != "endgroup":
            rows.append((match.group(1), match.group(2)))
    return rows
