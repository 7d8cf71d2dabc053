"""The application's page in a real browser: a visitor's journey, without a barrier on the way.

E2E_PICTURES=folder keeps a picture of every station, to be looked at.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.application import KEY, application
from tests.browser import barriers, chromium, opened

pytestmark = pytest.mark.slow
DOCUMENTS = Path(__file__).resolve().parents[2] / "app" / "evaluation" / "documents"
#: Color scheme, width and height in pixels.
SIZES: dict[str, tuple[Literal["light", "dark"], int, int]] = {
    "desktop": ("light", 1280, 900),
    "phone": ("dark", 360, 780),
}
QUESTION = "Which shipyard built the Aurelia?"
CITED = "She was built by the Lindqvist Shipyard"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def running() -> Iterator[str]:
    with application() as address:
        yield address


@pytest.fixture
def url(running: str) -> str:
    """An application without a document."""
    with httpx.Client(base_url=running, headers={"x-api-key": KEY}) as client:
        for one in client.get("/documents").json()["documents"]:
            assert client.delete(f"/documents/{one['id']}").status_code == 204
    return running


def post(url: str, name: str, text: str) -> None:
    answer = httpx.post(
        f"{url}/documents", json={"name": name, "text": text}, headers={"x-api-key": KEY}
    )
    assert answer.status_code == 201


class Visitor:
    """Somebody with a browser window; what scripts and the policy complain about is kept."""

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        self.page: Page = opened(browser, **options).new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda told: self._heard(told.type, told.text))
        self.page.goto(url)

    def _heard(self, kind: str, text: str) -> None:
        # what the browser itself says of an answer that is an error is shown on the page, too
        if kind in ("error", "warning") and not text.startswith("Failed to load resource"):
            self.complaints.append(text)

    def enter(self, key: str = KEY) -> None:
        self.page.get_by_label("The key of this service").fill(key)
        self.page.get_by_role("button", name="Open", exact=True).click()

    def bring(self, *names: str) -> None:
        self.page.get_by_label("Choose files").set_input_files([DOCUMENTS / n for n in names])
        ready = self.page.locator("#uploads-status")
        expect(ready).to_contain_text(re.compile(rf"^{len(names)} of {len(names)} files? ready"))
        for name in names:
            button = self.page.get_by_role("button", name=f"Delete {name}")
            expect(button).to_be_visible()

    def ask(self, question: str) -> None:
        self.page.get_by_label("A question that your documents answer").fill(question)
        self.page.get_by_role("button", name="Ask", exact=True).click()

    def open_source(self) -> None:
        cited = self.page.locator("#sources > li").filter(has_text=CITED)
        cited.get_by_role("button").click()
        expect(self.page.locator("#sources mark")).to_be_visible()


def seen(visitor: Visitor, station: str, size: str) -> list[str]:
    """What axe finds, and whether the page scrolls sideways."""
    if folder := os.environ.get("E2E_PICTURES"):
        visitor.page.screenshot(path=Path(folder) / f"{station}-{size}.png", full_page=True)
    return [f"{station}, {size}: {one}" for one in barriers(visitor.page)]


def test_a_visitor_comes_from_a_key_to_an_opened_source_and_takes_the_document_away(
    browser: Browser, url: str
) -> None:
    visitor = Visitor(browser, url)
    page = visitor.page
    visitor.enter("not-the-key")
    expect(page.get_by_role("alert").filter(has_text="not accepted")).to_be_visible()
    visitor.enter()
    expect(page.get_by_text("No documents yet.")).to_be_visible()
    visitor.bring("aurelia.md", "lindqvist-shipyard.html")
    visitor.ask(QUESTION)
    expect(page.locator("#answer-text")).to_contain_text(CITED)
    visitor.open_source()
    assert page.locator("#sources mark").inner_text().startswith(CITED)
    expect(page.locator("#graph canvas").first).to_be_visible()
    page.get_by_text("The same as a list").click()
    expect(page.locator("#graph-list")).to_contain_text("Lindqvist Shipyard stands in")
    page.get_by_role("button", name="Delete aurelia.md").click()
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("button", name="Delete aurelia.md")).to_be_visible()
    for name in ("aurelia.md", "lindqvist-shipyard.html"):
        page.get_by_role("button", name=f"Delete {name}").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        expect(page.get_by_text(f"{name} was deleted.")).to_be_visible()
    visitor.ask(QUESTION)
    expect(page.locator("#answer-text")).to_contain_text("Not in the documents")
    assert visitor.complaints == []


def test_the_key_lasts_as_long_as_the_tab_and_no_longer(browser: Browser, url: str) -> None:
    visitor = Visitor(browser, url)
    visitor.enter()
    expect(visitor.page.get_by_label("A question that your documents answer")).to_be_focused()
    visitor.page.reload()
    expect(visitor.page.get_by_label("A question that your documents answer")).to_be_visible()
    other = visitor.page.context.new_page()
    other.goto(url)
    expect(other.get_by_label("The key of this service")).to_be_visible()
    visitor.page.get_by_role("button", name="Forget the key").click()
    expect(visitor.page.get_by_label("The key of this service")).to_be_visible()
    assert visitor.page.evaluate("sessionStorage.length + localStorage.length") == 0


def test_a_file_is_dropped_and_one_that_cannot_be_read_says_why(browser: Browser, url: str) -> None:
    visitor = Visitor(browser, url)
    visitor.enter()
    page = visitor.page
    dropped = page.evaluate_handle(
        """() => {
          const files = new DataTransfer();
          files.items.add(new File(["Ada Lovelace wrote the first program."], "ada.txt"));
          files.items.add(new File([new Uint8Array([0, 1, 2, 3, 0, 255])], "noise.bin"));
          files.items.add(new File(["x".repeat(2e6)], "long.txt"));
          return files;
        }"""
    )
    page.locator("#drop").dispatch_event("drop", {"dataTransfer": dropped})
    lines = page.get_by_role("list", name="Uploads").get_by_role("listitem")
    expect(lines.filter(has_text="noise.bin")).to_contain_text("Could not be read: ")
    expect(lines.filter(has_text="long.txt")).to_contain_text("That is too large")
    expect(page.locator("#uploads-status")).to_have_text("1 of 3 files ready, 2 failed.")
    expect(page.get_by_role("button", name="Delete ada.txt")).to_be_visible()
    expect(lines.filter(has_text="ada.txt")).to_have_count(0)
    assert visitor.complaints == []


def test_the_marked_characters_are_the_cited_ones_also_behind_signs_of_two_units(
    browser: Browser, url: str
) -> None:
    sentence = "The Beacon was designed by Mira Toll."
    post(
        url, "beacon.txt", f"\N{GRINNING FACE}\N{GRINNING FACE} Hello there. {sentence} It shines."
    )
    visitor = Visitor(browser, url)
    visitor.enter()
    visitor.ask("Who designed the Beacon?")
    visitor.page.locator("#sources").get_by_role("button").first.click()
    expect(visitor.page.locator("#sources mark")).to_have_text(sentence)


def test_a_long_list_of_documents_comes_page_by_page(browser: Browser, url: str) -> None:
    for number in range(23):
        post(url, f"note-{number:02}.txt", f"Note {number} is about Ada Lovelace.")
    visitor = Visitor(browser, url)
    visitor.enter()
    rows = visitor.page.locator("#documents > li")
    expect(rows).to_have_count(20)
    visitor.page.get_by_role("button", name="Show more").click()
    expect(rows).to_have_count(23)
    expect(visitor.page.get_by_role("button", name="Delete note-20.txt")).to_be_focused()
    expect(visitor.page.get_by_role("button", name="Show more")).to_be_hidden()
    expect(visitor.page.locator("#cost")).to_contain_text("Models cost nothing today")


@pytest.mark.parametrize("size", SIZES)
def test_no_station_of_the_journey_has_a_barrier(browser: Browser, url: str, size: str) -> None:
    scheme, width, height = SIZES[size]
    viewport = {"width": width, "height": height}
    # axe has to be let into the page; the journey above keeps the policy
    visitor = Visitor(browser, url, viewport=viewport, color_scheme=scheme, bypass_csp=True)
    found = seen(visitor, "key", size)
    visitor.enter()
    expect(visitor.page.get_by_text("No documents yet.")).to_be_visible()
    found += seen(visitor, "empty", size)
    visitor.bring("aurelia.md", "lindqvist-shipyard.html", "nio-annual-report.pdf", "kornfeld.pdf")
    visitor.ask(QUESTION)
    visitor.open_source()
    expect(visitor.page.locator("#graph-status")).to_contain_text("document")
    found += seen(visitor, "answer", size)
    visitor.page.emulate_media(color_scheme="dark" if scheme == "light" else "light")
    found += seen(visitor, "answer in other colours", size)
    visitor.page.emulate_media(color_scheme=scheme)
    visitor.page.get_by_role("button", name="Delete aurelia.md").click()
    found += seen(visitor, "delete", size)
    visitor.page.get_by_role("button", name="Keep it").click()
    visitor.ask("Which colour has jealousy?")
    expect(visitor.page.locator("#answer-text")).to_contain_text("Not in the documents")
    found += seen(visitor, "refusal", size)
    assert found == []


def test_the_journey_goes_by_keyboard_alone(browser: Browser, url: str) -> None:
    visitor = Visitor(browser, url)
    press = visitor.page.keyboard.press
    expect(visitor.page.get_by_label("The key of this service")).to_be_visible()
    press("Tab")
    expect(visitor.page.get_by_text("Skip to the question")).to_be_focused()
    press("Tab")
    visitor.page.keyboard.type(KEY)
    press("Enter")
    expect(visitor.page.get_by_label("A question that your documents answer")).to_be_focused()
    visitor.bring("aurelia.md")
    visitor.page.get_by_label("A question that your documents answer").focus()
    visitor.page.keyboard.type(QUESTION)
    press("Enter")
    expect(visitor.page.locator("#sources").get_by_role("button").first).to_be_visible()
    for _ in range(5):  # past the button, and links to sources
        press("Tab")
        if visitor.page.evaluate("document.activeElement.textContent") == "Open there":
            break
    press("Enter")
    expect(visitor.page.locator("#sources mark")).to_be_visible()
    visitor.page.get_by_role("button", name="Delete aurelia.md").focus()
    press("Enter")
    expect(visitor.page.get_by_role("button", name="Keep it")).to_be_focused()
    press("Escape")
    expect(visitor.page.get_by_role("button", name="Delete aurelia.md")).to_be_focused()


STREAM = """event: sources
data: {"citations": [CITATION, CITATION], "entities": [], "facts": [], "support": 1.0}

event: sentence
data: {"text": "Lindqvist built her.", "sources": [2]}

"""
WHOLE = {
    "answer": "Lindqvist built her.",
    "sentences": [{"text": "Lindqvist built her.", "sources": [2]}],
    "reason": "",
    "extractor": "bedrock a-model",
    "model": "bedrock a-model",
    "usd": 0.0123,
}
CITATION = {
    "document_id": "1",
    "document": "aurelia.md",
    "title": "Aurelia",
    "chunk": 1,
    "section": "Ship",
    "page": 3,
    "start": 0,
    "end": 9,
    "text": "She sails",
    "sentence": "She sails",
    "sentence_start": 0,
    "sentence_end": 9,
}


def streamed(visitor: Visitor, last: str) -> None:
    """Ask, and get a model's answer as the service streams it; no model runs here."""
    body = STREAM.replace("CITATION", json.dumps(CITATION)) + last
    visitor.page.route(
        "**/ask", lambda route: route.fulfill(content_type="text/event-stream", body=body)
    )
    visitor.enter()
    visitor.ask(QUESTION)


def test_an_answer_of_a_model_shows_its_sentences_with_their_sources_and_cost(
    browser: Browser, url: str
) -> None:
    visitor = Visitor(browser, url)
    streamed(visitor, f"event: answer\ndata: {json.dumps(WHOLE)}\n\n")
    page = visitor.page
    expect(page.locator("#answer-text")).to_contain_text("Lindqvist built her.")
    page.get_by_role("link", name="Source 2").click()
    expect(page.locator("#source-2")).to_be_focused()
    expect(page.locator("#source-2")).to_contain_text("Aurelia · aurelia.md · Ship · page 3")
    expect(page.get_by_text("Written by bedrock a-model")).to_contain_text("US$ 0.0123")


def test_an_answer_that_fails_in_the_middle_says_so_in_plain_words(
    browser: Browser, url: str
) -> None:
    visitor = Visitor(browser, url)
    problem = {"title": "Not available now", "status": 503, "detail": "bolt://10.0.2.10"}
    streamed(visitor, f"event: problem\ndata: {json.dumps(problem)}\n\n")
    error = visitor.page.get_by_role("alert").filter(has_text="cannot reach its store")
    expect(error).to_be_visible()
    expect(error).not_to_contain_text("bolt")


def test_nodes_lie_apart_and_those_that_are_joined_lie_near(browser: Browser, url: str) -> None:
    visitor = Visitor(browser, url)
    nearest, joined, any_two = visitor.page.evaluate(
        """async () => {
          const { places } = await import(`${location.href}web/layout.js`);
          const edges = Array.from({ length: 199 }, (_, i) => [i + 1, Math.floor(i / 3)]);
          const found = places(200, edges);
          const far = (a, b) => Math.hypot(found[a].x - found[b].x, found[a].y - found[b].y);
          const all = [];
          for (let a = 0; a < 200; a += 1) for (let b = 0; b < a; b += 1) all.push(far(a, b));
          const mean = (list) => list.reduce((sum, one) => sum + one, 0) / list.length;
          return [Math.min(...all), mean(edges.map(([a, b]) => far(a, b))), mean(all)];
        }"""
    )
    assert nearest > 8  # half a node
    assert joined < any_two / 3
