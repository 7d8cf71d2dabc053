"""A reviewer who works in the browser: every decision of the story is a click on a page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from sandbox.demo.actors import Person
from sandbox.layout import REPOSITORY
from tests.browser import SCREENS, barriers, opened


@dataclass(frozen=True)
class Clicker(Person):
    """A person whose approvals, merges and decisions are clicks in one window."""

    page: Page

    @classmethod
    def of(cls, person: Person, browser: Browser) -> Clicker:
        """The same person, now in a browser."""
        window = opened(browser, viewport={"width": 1280, "height": 900})
        home = str(person.api.base_url.join("/"))
        window.add_cookies([{"name": "acting", "value": person.login, "url": home}])
        return cls(person.login, person.api, person.clone, window.new_page())

    def approve(self, pull: dict[str, Any]) -> None:
        self.page.goto(pull["html_url"])
        self.page.get_by_label("Comment (Markdown)").fill("Read and approved.")
        self.page.get_by_role("button", name="Approve").click()
        expect(self.page.get_by_text("approved these changes")).to_be_visible()
        self._away()

    def merge(self, pull: dict[str, Any]) -> str:
        self.page.goto(pull["html_url"])
        self.page.get_by_role("button", name="Merge pull request").click()
        expect(self.page.locator(".pagehead .pill.merged")).to_be_visible()
        self._away()
        return str(self.pull(pull["number"])["merge_commit_sha"])

    def dispatch(self, workflow: str, inputs: dict[str, str]) -> dict[str, Any]:
        self.page.goto(str(self.api.base_url.join(f"/{REPOSITORY}/actions/workflows/{workflow}")))
        for name, value in inputs.items():
            self.page.locator(f"#input-{name}").fill(value)
        self.page.get_by_role("button", name="Run workflow").click()
        self.page.wait_for_url("**/actions/runs/*")
        number = int(self.page.url.partition("?")[0].rpartition("/")[2])
        self._away()
        return self.finished({"id": number})

    def _away(self) -> None:
        """Leave the page: an open one asks for news every two seconds, and nobody looks."""
        self.page.goto("about:blank")


def looked_at(browser: Browser, url: str, login: str, pictures: Path, name: str) -> list[str]:
    """What is wrong with a page on any screen; a picture of each is kept."""
    problems = []
    for screen, (scheme, width, height) in SCREENS.items():
        window = opened(
            browser,
            color_scheme="dark" if scheme == "dark" else "light",
            viewport={"width": width, "height": height},
            bypass_csp=True,  # lets axe in
        )
        if not url.startswith("file:"):
            window.add_cookies([{"name": "acting", "value": login, "url": url}])
        page = window.new_page()
        page.goto(url)
        pictures.mkdir(parents=True, exist_ok=True)
        slug = re.sub(r"\W+", "-", f"{name} {screen}")
        page.screenshot(path=pictures / f"{slug}.png", full_page=True)
        problems += [f"{screen}: {problem}" for problem in barriers(page)]
        window.close()
    return problems
