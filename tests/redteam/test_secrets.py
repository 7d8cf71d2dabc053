"""Attacks on the scrubber: a value that is known to be secret, spelled otherwise.

Published formats and words that have to stay are in tests/checks/test_secrets.py, what reaches
people, files and records in tests/usecases/test_planted_secrets.py. Who turns a value around or
cuts it up gets past any scrubber: test_second_wall.py shows that there is nothing to be had then.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from html import escape
from urllib.parse import quote, quote_plus

import pytest

from pipeline.domain.secrets import REMOVED, scrub


def _go_json(text: str) -> str:
    """As Terraform's ``jsonencode`` writes a text (encoding/json, HTMLEscape)."""
    made = json.dumps(text, ensure_ascii=False)[1:-1]
    return made.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


SPELLINGS: dict[str, Callable[[str], str]] = {
    "jsonencode": _go_json,
    "jsonencode of jsonencode": lambda v: _go_json(_go_json(v)),
    "json in a policy of Python's": lambda v: json.dumps(json.dumps(v)),
    "urlencode": quote_plus,
    "a path of a URL": quote,
    "URL escapes in lower case": lambda v: "".join(
        p.lower() if p[:1] == "%" else p for p in _escapes(quote(v, safe=""))
    ),
    "HTML": escape,
    "HTML of Go": lambda v: escape(v).replace("&quot;", "&#34;").replace("&#x27;", "&#39;"),
    "base64": _b64,
    "base64 for URLs": lambda v: base64.urlsafe_b64encode(v.encode()).decode(),
    "basic authorization": lambda v: _b64(f"admin:{v}"),
    "base64 of base64": lambda v: _b64(f"x{_b64(v)}"),
    "hexadecimal": lambda v: v.encode().hex(),
    "an assignment without its name": lambda v: f"export X='{v}'",
    "a text of HCL": lambda v: v.replace("\\", "\\\\").replace('"', '\\"'),
}  # fmt: skip


def _escapes(text: str) -> list[str]:
    parts = text.split("%")
    return [parts[0], *(piece for part in parts[1:] for piece in (f"%{part[:2]}", part[2:]))]


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize(
    "value",
    ["correct horse 9", "a<b&c>d12", "pa/ss+wo=rd", "it's 12&34", 'zwölf"x y', "p%20w\\n12"],
)
def test_a_known_value_is_found_in_every_spelling(spelling: str, value: str) -> None:
    written = SPELLINGS[spelling](value)
    assert REMOVED in scrub(f"before {written} after", [value])[0]


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://kw:s3cret-pw@db:5432/kw",
        "https://x.example/?user=u&password=s3cret-pw&z=1",
        "https://x.example/?access_token=s3cret-pw",
        "export DB_PASSWORD=s3cret-pw",
        "curl -H 'Authorization: Bearer s3cret-pw-0123456789'",
        'MYSQL_PWD="s3cret-pw"',
        '{"apiKey": "s3cret-pw"}',
        "api-key: s3cret-pw",
        "redis://:s3cret-pw@cache:6379/0",
        "--password=s3cret-pw --host=x",
    ],
)
def test_an_unknown_value_is_found_by_what_stands_before_it(text: str) -> None:
    assert "s3cret-pw" not in scrub(text)[0]


@pytest.mark.parametrize("value", ["short12", "postgres"])
def test_a_word_that_is_a_secret_leaves_its_surroundings_readable(value: str) -> None:
    shown, count = scrub(f"x {value} y", [value])
    assert (shown, count) == (f"x {REMOVED} y", 1)
