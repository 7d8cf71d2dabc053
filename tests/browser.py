"""A real browser for tests: no barrier on a page, nothing that scrolls sideways."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from pipeline.adapters.tools import locate

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

#: Color scheme, width and height in pixels: what people look at pages with. Two of the four, since
#: they have both schemes and both sizes.
SCREENS = {
    "light desktop": ("light", 1280, 900),
    "dark phone": ("dark", 390, 844),
}

#: Milliseconds; a busy machine is no failure.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium without a window, as `pipeline setup` installed it."""
    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=str(locate("chromium")))
        yield running
        running.close()


def opened(browser: Browser, **options: Any) -> BrowserContext:
    """A window of its own, as patient as everything else here; options as of ``new_context``."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE)
    return context


def barriers(page: Page) -> list[str]:
    """What axe finds on the page, and whether it scrolls sideways; empty when all is well."""
    page.add_script_tag(path=str(locate("axe-core")))
    found = page.evaluate("standards => axe.run(document, {runOnly: standards})", STANDARDS)
    told = [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found["violations"]]
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        told.append("scrolls sideways")
    return told
