"""Comments are rendered as GitHub renders them, and nothing in them can act."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sandbox.github.pages.markdown import render
from sandbox.github.pages.sanitise import clean


def test_tables_details_alerts_and_task_lists_are_rendered() -> None:
    html = render(
        "<!-- marker -->\n## Verdict\n\n| a | b |\n|---|--:|\n| 1 | `x` |\n\n"
        "<details><summary>More</summary>\n\n**bold**\n\n</details>\n\n"
        "> [!WARNING]\n> Careful\n\n- [x] done\n"
    )
    for part in (
        "<h2>Verdict</h2>", "<table>", "<code>x</code>", "<details><summary>More</summary>",
        "<strong>bold</strong>", '<div class="alert alert-warning">',
        '<p class="alert-title">Warning</p>', 'aria-label="done"',
    ):  # fmt: skip
        assert part in html
    assert "marker" not in html


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href=" java\tscript:alert(1)">x</a>',
        "[x](javascript:alert(1))",
        "<svg><script>alert(1)</script></svg>",
        "<form action=/x><input name=y><button>z</button></form>",
        "<iframe src=//evil></iframe>",
        '<p style="position:fixed" class="top" onclick="x()">y</p>',
        "<<script>script>alert(1)</script>",
    ],
)
def test_nothing_in_a_comment_can_act(attack: str) -> None:
    html = render(attack).lower()
    for bad in ("<script", "onerror=", 'href="javascript', "<form", "<iframe", "<svg", "onclick=",
                "style=", "<button", '"top"'):  # fmt: skip
        assert bad not in html


@example("<details>\n<![x y]>\n</details>")
@example("<![<")
@given(st.text(alphabet="<>/ab=\"' scriptimgdiv&;!-[]", max_size=80))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert once.count("<div>") == once.count("</div>")
