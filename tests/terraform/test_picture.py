"""The pictures in docs/ as a browser shows them; test_applied.py holds them to production.

`python -m tests.terraform.test_picture` applies the account and prod in a sandbox of its own and
writes the pictures anew.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from sandbox.client import Sandbox
from sandbox.layout import REGION
from terraform.diagram import draw
from tests.browser import chromium
from tests.terraform.rotating import push_image
from tests.terraform.stacks import ROOT, STATE_BUCKET, Stack, client

PICTURES = ROOT / "docs" / "pictures"
THEMES = ["light", "dark"]
TITLE = "KnowledgeWeaver in production"
CERTIFICATE = '-var=tls={{certificate_arn="{}"}}'
WIDTH, SMALLEST = 880, 11  # pixels of a README, and of letters in it

#: What a browser makes of a picture: all words with their place, that of the box around them, and
#: the points of all lines.
MEASURE = """() => {
  const place = element => {
    const r = element.getBoundingClientRect();
    return [r.left, r.top, r.right, r.bottom];
  };
  const texts = [...document.querySelectorAll("svg text")].map(text => ({
    said: text.textContent,
    size: parseFloat(getComputedStyle(text).fontSize),
    place: place(text),
    box: text.closest(".node") && place(text.closest(".node").querySelector("rect")),
  }));
  const points = [...document.querySelectorAll("svg path.line")].flatMap(line => {
    const steps = [...Array(Math.floor(line.getTotalLength() / 3)).keys()];
    return steps.map(n => line.getPointAtLength(n * 3)).map(p => [p.x, p.y]);
  });
  return {texts, points, sideways: document.documentElement.scrollWidth > window.innerWidth};
}"""


def prepared(box: Sandbox) -> str:
    """Make what exists before an apply: the image of that tag, and a certificate; its ARN."""
    push_image(box, "knowledgeweaver")
    made = client("acm", box.aws_url).request_certificate(DomainName="kw.example.com")
    return str(made["CertificateArn"])


def draw_prod(plan: dict[str, Any], account: Stack) -> dict[str, str]:
    """The pictures by theme, from a plan of production after its apply."""
    return draw({"knowledgeweaver": plan, "account": account.plan("-refresh=false")}, TITLE)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module", params=THEMES)
def measured(request: pytest.FixtureRequest, browser: Browser) -> Any:
    page = browser.new_page(viewport={"width": WIDTH, "height": 900})
    svg = (PICTURES / f"estate-{request.param}.svg").read_text()
    page.set_content(f'<body style="margin:0">{svg}</body>')
    found = page.evaluate(MEASURE)
    page.close()
    return found


@pytest.mark.slow
def test_letters_are_large_enough(measured: Any) -> None:
    assert len(measured["texts"]) > 50
    assert [text for text in measured["texts"] if text["size"] < SMALLEST] == []
    assert not measured["sideways"]


@pytest.mark.slow
def test_words_stay_in_their_boxes(measured: Any) -> None:
    for text in measured["texts"]:
        left, top, right, bottom = text["place"]
        around = text["box"] or [0, 0, WIDTH, 10_000]
        assert around[0] + 2 <= left, text
        assert right <= around[2] - 2, text
        assert around[1] <= top, text
        assert bottom <= around[3], text


@pytest.mark.slow
def test_words_cover_no_other_words(measured: Any) -> None:
    places = [(text["said"], text["place"]) for text in measured["texts"]]
    for number, (one, a) in enumerate(places):
        for other, b in places[:number]:
            apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] + 2 or b[3] <= a[1] + 2
            assert apart, (one, other)


@pytest.mark.slow
def test_no_line_runs_through_words(measured: Any) -> None:
    # words in boxes and on labels have the box or the label between them and a line
    for text in (text for text in measured["texts"] if not text["box"]):
        left, top, right, bottom = text["place"]
        inside = [
            (x, y) for x, y in measured["points"] if left < x < right and top + 2 < y < bottom - 2
        ]
        assert not inside, text["said"]


def main() -> None:
    """Write the pictures anew."""
    with tempfile.TemporaryDirectory() as folder, Sandbox.start(Path(folder) / "box") as box:
        client("s3", box.aws_url).create_bucket(
            Bucket=STATE_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        account = Stack("account", "shared", box.aws_url, Path(folder) / "account")
        account.init()
        account.apply()
        tls = CERTIFICATE.format(prepared(box))
        prod = Stack("knowledgeweaver", "prod", box.aws_url, Path(folder) / "prod")
        prod.init()
        prod.apply(tls, "-parallelism=30")  # most of an apply is the provider's waiting
        made = draw_prod(prod.plan(tls, "-refresh=false"), account)
    PICTURES.mkdir(exist_ok=True)
    for theme, svg in made.items():
        (PICTURES / f"estate-{theme}.svg").write_text(svg)


if __name__ == "__main__":
    main()
