"""The pages in a real browser: the life of a pull request by clicks, and no barrier on any page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import SCREENS, barriers, chromium, opened

from .local import Box, git

pytestmark = pytest.mark.slow
HOME = "/knowledgeweaver/delivery"
COMMENT = """\
## Verdict: 1 to add

> [!CAUTION]
> Something is destroyed.

| unit | plan |
|---|---|
| `knowledgeweaver/dev` | +1 |

<details><summary>Changes</summary>

```diff
+ a very long line that has to scroll on a phone because it does not fit into three hundred pixels
```

</details>
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


class Visitor:
    """One browser window of one person; errors of scripts fail the test."""

    def __init__(self, browser: Browser, box: Box, login: str, **options: Any) -> None:
        self.box = box
        # The checks below need to be let into the page; the policy itself has a test of its own.
        self.context = opened(browser, bypass_csp=True, **options)
        cookie: Any = {"name": "acting", "value": login, "url": box.url}
        self.context.add_cookies([cookie])
        self.page: Page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def go(self, path: str) -> Page:
        answer = self.page.goto(f"{self.box.url}{path}")
        assert answer is not None
        assert answer.status == 200
        return self.page


@pytest.fixture(scope="module")
def pages(box: Box) -> list[str]:
    """A repository in the middle of its life, and every kind of page it has."""
    pull = box.propose("create-dev", {"terraform/dev.tf": "x\n"}, "Create the dev environment")
    number, sha = pull["number"], pull["head"]["sha"]
    token = box.job_token(issues="write", checks="write")
    box.ask("POST", f"/issues/{number}/comments", token, json={"body": COMMENT})
    box.ask("POST", f"/issues/{number}/labels", json={"labels": ["allow-destroy"]})
    box.ask("POST", f"/pulls/{number}/reviews", "bob", json={"event": "APPROVE"})
    output = {"title": "Findings", "summary": COMMENT}
    check = {"name": "policy", "head_sha": sha, "conclusion": "failure", "output": output}
    box.ask("POST", "/check-runs", token, json=check)
    box.branch("begun", {"docs/begun.txt": "x\n"})
    bad = box.propose("broken", {"docs/bad.txt": "x\n"}, "Fail please")
    issue = box.ask("POST", "/issues", json={"title": "Drift", "body": COMMENT}).json()
    body = {"ref": "main", "inputs": {"unit": "a/b", "confirmation": "a/b"},
            "return_run_details": True}  # fmt: skip
    at = "/actions/workflows/destroy.yml/dispatches"
    waiting = box.ask("POST", at, json=body).json()["workflow_run_id"]
    box.settled(event="pull_request")
    box.settled(run_id=waiting)
    (failed,) = box.settled(head_sha=bad["head"]["sha"])
    job = box.ask("GET", f"/actions/runs/{failed['id']}/jobs").json()["jobs"][0]["id"]
    names = ["", "/tree/main/docs", "/blob/main/README.md", "/blob/main/terraform/main.tf",
             "/commits", f"/commit/{sha}", "/issues", f"/issues/{issue['number']}", "/pulls",
             "/pulls?state=closed", f"/pull/{number}", f"/pull/{bad['number']}", "/actions",
             "/actions/workflows/destroy.yml", f"/actions/runs/{waiting}",
             f"/actions/runs/{failed['id']}", f"/actions/runs/{failed['id']}/job/{job}",
             "/deployments", "?ref=broken", "/compare/begun"]  # fmt: skip
    return [f"{HOME}{name}" for name in names]


@pytest.mark.parametrize("screen", SCREENS)
def test_no_page_has_a_barrier_or_scrolls_sideways(
    browser: Browser, box: Box, pages: list[str], screen: str
) -> None:
    scheme, width, height = SCREENS[screen]
    viewport = {"width": width, "height": height}
    visitor = Visitor(browser, box, "bob", color_scheme=scheme, viewport=viewport)
    found = {}
    for path in pages:
        page = visitor.go(path)
        if problems := barriers(page):
            found[path] = problems
    visitor.context.close()
    assert found == {}
    assert visitor.errors == []


def test_a_pushed_branch_becomes_a_pull_request_by_clicks(browser: Browser, box: Box) -> None:
    clone = box.branch("small/step", {"docs/step.txt": "x\n"})
    git(clone, "switch", "-q", "-c", "another/step")
    told = git(clone, "push", "origin", "another/step").stderr
    assert f"{box.url}{HOME}/compare/another/step" in told
    assert "pull request" not in git(clone, "push", "origin", "HEAD:small/step").stderr

    alice = Visitor(browser, box, "alice")
    page = alice.go(f"{HOME}/pulls")
    row = page.get_by_role("listitem").filter(has_text="small/step")
    row.get_by_role("link", name="Open a pull request").click()
    expect(page.get_by_label("Title")).to_have_value("Change docs/step.txt")
    expect(page.get_by_text("docs/step.txt").last).to_be_visible()
    page.get_by_label("Title").fill(" ")
    page.get_by_role("button", name="Create pull request").click()
    expect(page.get_by_role("status")).to_contain_text("needs a title")
    page.get_by_label("Title").fill("One step")
    page.get_by_label("Description (Markdown)").fill("It is **small**.")
    page.get_by_role("button", name="Create pull request").click()
    expect(page.get_by_role("heading", name="One step")).to_be_visible()
    expect(page.locator("strong", has_text="small")).to_be_visible()
    box.settled(event="pull_request")

    page.goto(f"{box.url}{HOME}/compare/main...small/step")
    expect(page.get_by_role("link", name="One step")).to_be_visible()
    page.goto(f"{box.url}{HOME}/pulls")
    expect(page.get_by_role("listitem").filter(has_text="small/step")).to_have_count(0)
    assert httpx.get(f"{box.url}{HOME}/compare/nothing").status_code == 404
    assert alice.errors == []
    alice.context.close()


def test_a_pull_request_is_approved_and_merged_by_clicks(browser: Browser, box: Box) -> None:
    pull = box.propose("by-clicks", {"terraform/clicks.tf": "x\n"}, "Merge me by clicks")
    at = f"{HOME}/pull/{pull['number']}"
    alice = Visitor(browser, box, "alice")
    page = alice.go(at)
    box.settled(head_sha=pull["head"]["sha"])
    expect(page.locator("#checks .state.ok").first).to_be_visible()  # by itself, without reload
    merge = page.get_by_role("button", name="Merge pull request")
    expect(merge).to_be_disabled()
    expect(page.get_by_text("At least 1 approving review is required")).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_be_disabled()

    bob = Visitor(browser, box, "alice")
    other = bob.go(at)
    other.get_by_label("Act as").select_option("bob")
    other.get_by_label("Comment (Markdown)").fill("Looks **good**")
    other.get_by_role("button", name="Approve").click()
    expect(other.get_by_text("approved these changes")).to_be_visible()
    expect(other.locator("strong", has_text="good")).to_be_visible()
    # Alice's window hears of it and keeps what she is typing.
    page.get_by_label("Comment (Markdown)").fill("half a thought")
    expect(page.get_by_text("Ready to merge.")).to_be_visible()
    expect(page.get_by_label("Comment (Markdown)")).to_have_value("half a thought")
    expect(merge).to_be_enabled()
    merge.click()
    expect(page.locator(".pagehead .pill.merged")).to_be_visible()
    assert box.ask("GET", f"/pulls/{pull['number']}").json()["merged"]
    assert alice.errors == bob.errors == []
    alice.context.close()
    bob.context.close()


def test_a_destroy_is_dispatched_approved_and_watched_by_clicks(browser: Browser, box: Box) -> None:
    alice = Visitor(browser, box, "alice")
    page = alice.go(f"{HOME}/actions/workflows/destroy.yml")
    page.get_by_label("Unit to destroy (required)").fill("knowledgeweaver/dev")
    page.get_by_role("button", name="Run workflow").click()
    expect(page.get_by_role("status")).to_contain_text("confirmation")
    page.get_by_label("Unit to destroy (required)").fill("knowledgeweaver/dev")
    page.get_by_label("Type the unit again (required)").fill("knowledgeweaver/dev")
    page.get_by_role("button", name="Run workflow").click()
    page.wait_for_url("**/actions/runs/*")
    approve = page.get_by_role("button", name="Approve and deploy")
    expect(approve).to_be_disabled()
    page.get_by_label("Act as").select_option("bob")
    expect(approve).to_be_enabled()
    approve.click()
    expect(page.locator("h1 .state.ok")).to_be_visible()
    page.locator(".graph a", has_text="plan").click()
    page.locator("summary", has_text="echo").click()
    expect(page.get_by_text("plan of knowledgeweaver/dev", exact=True)).to_be_visible()
    assert alice.errors == []
    alice.context.close()


def test_a_form_is_filled_in_by_its_address(browser: Browser, box: Box) -> None:
    visitor = Visitor(browser, box, "bob")
    page = visitor.go(f"{HOME}/actions/workflows/destroy.yml?unit=a%2Fb&confirmation=%3Cb%3E")
    expect(page.get_by_label("Unit to destroy (required)")).to_have_value("a/b")
    expect(page.get_by_label("Type the unit again (required)")).to_have_value("<b>")
    visitor.context.close()


def test_what_a_run_or_an_app_asks_for_is_started_by_one_click(browser: Browser, box: Box) -> None:
    pull = box.propose("asking", {"docs/asking.txt": "x\n"})
    number = pull["number"]
    link = f"{box.url}{HOME}/actions/workflows/destroy.yml?unit=c%2Fd&confirmation=c%2Fd"
    box.ask("POST", f"/issues/{number}/comments", json={"body": f"[Click]({link}&unit=evil)"})
    token = box.job_token(issues="write")
    box.ask("POST", f"/issues/{number}/comments", token, json={"body": f"[Click]({link})"})
    sha = box.ask("PUT", f"/pulls/{number}/merge", "octo-admin", json={}).json()["sha"]
    (run,) = box.settled(event="push", head_sha=sha)
    visitor = Visitor(browser, box, "bob")
    for path, unit in ((f"/actions/runs/{run['id']}", "a/b"), (f"/pull/{number}", "c/d")):
        page = visitor.go(f"{HOME}{path}")
        offer = page.get_by_role("region", name="Review by running destroy")
        expect(offer).to_have_count(1)
        expect(offer).to_contain_text(unit)
        expect(offer).not_to_contain_text("other")
        assert barriers(page) == []
        offer.get_by_role("button", name="Run destroy as bob").click()
        page.wait_for_url(lambda url: url.rpartition("/")[2] not in (str(run["id"]), str(number)))
        started = box.hub.actions.run(int(page.url.rpartition("/")[2]))
        assert (started.actor, started.payload["inputs"]["unit"]) == ("bob", unit)
    assert visitor.errors == []
    visitor.context.close()


def test_a_failed_run_is_run_again_by_a_click(browser: Browser, box: Box) -> None:
    pull = box.propose("again", {"docs/again.txt": "x\n"}, "Fail please")
    (run,) = box.settled(head_sha=pull["head"]["sha"])
    visitor = Visitor(browser, box, "alice")
    page = visitor.go(f"{HOME}/pull/{pull['number']}")
    page.get_by_role("button", name="Re-run failed jobs").click()
    page.goto(f"{box.url}{HOME}/actions/runs/{run['id']}")
    expect(page.get_by_text("attempt 2")).to_be_visible()
    visitor.context.close()


def test_the_pages_let_no_other_script_or_site_in(box: Box) -> None:
    answer = httpx.get(f"{box.url}{HOME}")
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    issue = box.ask("POST", "/issues", json={"title": "Mine"}).json()
    close = f"{box.url}{HOME}/issues/{issue['number']}/close"
    evil = httpx.post(close, headers={"Origin": "https://evil.example"}, data={})
    assert "error=" in evil.headers["location"]
    assert box.ask("GET", f"/issues/{issue['number']}").json()["state"] == "open"
    assert httpx.post(close, headers={"Origin": box.url}, data={}).status_code == 303
    assert box.ask("GET", f"/issues/{issue['number']}").json()["state"] == "closed"
    away = httpx.post(f"{box.url}/_act", data={"login": "bob", "back": "//evil.example"})
    assert away.headers["location"] == HOME
