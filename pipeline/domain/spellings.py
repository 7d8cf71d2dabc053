"""How a secret value may be written elsewhere: escaped, quoted, in base64 or hexadecimal."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from html import escape
from itertools import product
from unicodedata import normalize
from urllib.parse import quote

_PERCENT = re.compile("%[0-9A-F]{2}")
_OF_HTML = re.compile("[<>&]")
_ESCAPE = re.compile(r"\\u[0-9a-f]{4}")


def spellings(value: str) -> Iterator[str]:
    """The value and its other spellings; some of them are equal."""
    forms = dict.fromkeys([value, *(normalize(form, value) for form in ("NFC", "NFD"))])
    for form in forms:
        yield from _of(form)


def _of(value: str) -> Iterator[str]:
    yield value
    data = value.encode("utf-8", "surrogatepass")
    yield data.hex()
    yield data.hex().upper()
    for written in ("\\u{:04x}", "\\u{:04X}", "&#{};", "&#x{:x};", "&#x{:X};"):
        yield "".join(written.format(ord(one)) for one in value)
        yield "".join(one if " " <= one <= "~" else written.format(ord(one)) for one in value)
    yield from _base64(data)
    yield from _base64(base64.b64encode(data))
    yield base64.b64encode(data).hex()
    with suppress(UnicodeEncodeError):
        yield from _base64(value.encode("latin-1"))
    yield from _base64(value.encode("utf-16-le", "surrogatepass"))  # textencodebase64
    yield from _json(value)
    yield from _json(value.replace("${", "$${").replace("%{", "%%{"))  # a text of HCL
    yield value.replace("'", "''")  # YAML
    yield value.replace("'", "'\\''")  # a shell
    yield value.replace("'", "'\"'\"'")
    for safe in ("", "/"):
        escaped = quote(value, safe=safe, errors="surrogatepass")
        for form in (escaped, escaped.replace("%20", "+")):  # Terraform's urlencode writes a plus
            yield form
            yield _PERCENT.sub(lambda found: found[0].lower(), form)
    yield escape(value, quote=False)
    for quoted in ("&apos;", "&#39;", "&#x27;"):
        yield escape(value, quote=False).replace("'", quoted)
        yield escape(value).replace("&#x27;", quoted)
    yield escape(value)
    yield escape(value).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")  # as Go writes them
    if "\n" in value:
        yield from (line for line in value.splitlines() if len(line) >= 16)


def _json(value: str) -> Iterator[str]:
    """In JSON and in JSON within JSON; Go's, which is Terraform's, escapes ``<``, ``>`` and ``&``
    and leaves letters as they are."""
    for ascii_only, go in product((True, False), (True, False)):
        once = json.dumps(value, ensure_ascii=ascii_only)[1:-1]
        if go:
            once = _OF_HTML.sub(lambda found: f"\\u{ord(found[0]):04x}", once)
        for text in (once, json.dumps(once, ensure_ascii=ascii_only)[1:-1]):
            yield text
            yield _ESCAPE.sub(lambda found: f"\\u{found[0][2:].upper()}", text)


def _base64(data: bytes) -> Iterator[str]:
    """What every base64 text that contains the value has in common, at each of three positions."""
    for before, cut in ((0, 0), (1, 2), (2, 3)):  # bytes before it, characters that they decide
        padded = b"\0" * before + data
        whole = len(padded) // 3 * 4 + (0, 1, 2)[len(padded) % 3]  # that no later byte decides
        text = base64.b64encode(padded).decode()[cut:whole]
        yield text
        yield text.replace("+", "-").replace("/", "_")
