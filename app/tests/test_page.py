"""The page's files as a browser gets them, and what is vendored among them."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from conftest import KEY
from fastapi.testclient import TestClient

from knowledgeweaver import web
from knowledgeweaver.api import create_app
from knowledgeweaver.graph.sqlite import SqliteStore
from knowledgeweaver.settings import Settings

WEB = Path(web.__file__).parent
VENDOR = WEB / "vendor"
PAGE = (WEB / "index.html").read_text()
SCRIPTS = sorted(path.name for path in WEB.glob("*.js"))


@pytest.fixture
def visitor(settings: Settings) -> TestClient:
    """Somebody without a key."""
    return TestClient(create_app(settings, SqliteStore(), pages=web.routes()))


def test_the_page_opens_without_a_key(visitor: TestClient) -> None:
    answer = visitor.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<title>KnowledgeWeaver</title>" in answer.text


def test_what_the_page_asks_for_still_wants_the_key(visitor: TestClient) -> None:
    for path in ("/documents", "/graph?name=Ada", "/webs", "//web/style.css"):
        assert visitor.get(path).status_code == 401, path
    assert visitor.get("/graph?name=Ada", headers={"x-api-key": KEY}).status_code == 200


def test_every_file_that_the_page_names_is_there_with_its_type(visitor: TestClient) -> None:
    named = set(re.findall(r'(?:href|src)="(web/[^"]+)"', PAGE))
    for script in SCRIPTS:
        text = (WEB / script).read_text()
        named |= {f"web/{name}" for name in re.findall(r'(?:from |import\()"\./([^"]+)"', text)}
    assert len(named) > len(SCRIPTS)
    types = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css"}
    types |= {".svg": "image/svg+xml"}
    for name in named:
        answer = visitor.get(f"/{name}")
        assert answer.status_code == 200, name
        assert answer.headers["content-type"].startswith(types[Path(name).suffix]), name


@pytest.mark.parametrize("path", ["/", "/web/app.js", "/web/style.css"])
def test_a_browser_runs_nothing_but_the_page_s_own_files(visitor: TestClient, path: str) -> None:
    headers = visitor.get(path).headers
    rules = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_nothing_in_the_page_needs_more_than_that(visitor: TestClient) -> None:
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*src=)", PAGE)
    assert "://" not in PAGE
    for script in SCRIPTS:
        text = (WEB / script).read_text()
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|\beval\(", text), script
        # an address that begins with a slash would miss a load balancer's path
        assert not re.search(r"""(?:request|json|fetch|open)\(\s*[`"']/""", text), script


def test_a_file_that_the_browser_has_is_not_sent_again(visitor: TestClient) -> None:
    first = visitor.get("/web/style.css")
    assert first.headers["cache-control"] == "no-cache"
    again = visitor.get("/web/style.css", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    other = visitor.get("/web/style.css", headers={"if-none-match": '"other"'})
    assert other.status_code == 200


def test_a_file_travels_packed_where_the_browser_takes_that(visitor: TestClient) -> None:
    path = "/web/vendor/cytoscape.esm.min.mjs"
    plain = visitor.get(path, headers={"accept-encoding": "identity"})
    packed = visitor.get(path, headers={"accept-encoding": "gzip"})
    assert plain.content == packed.content
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < 0.4 * int(plain.headers["content-length"])
    assert plain.headers["etag"] != packed.headers["etag"]


@pytest.mark.parametrize(
    "path",
    [
        "/web/nothing.js",
        "/web/__init__.py",
        "/web/vendor/package.json",
        "/web/../settings.py",
        "/web/%2e%2e/settings.py",
        "/web/..%2f..%2fpyproject.toml",
        "/web//etc/passwd",
        "/web/%00",
    ],
)
def test_there_are_no_other_files(visitor: TestClient, path: str) -> None:
    answer = visitor.get(path)
    # a path that a client tidies before it sends it is no longer the page's
    assert answer.status_code in ((401, 404) if "/../" in path else (404,))
    assert answer.headers["content-type"] == "application/problem+json"


def test_only_reading_is_open(visitor: TestClient) -> None:
    assert visitor.head("/").status_code == 200
    assert visitor.post("/", content=b"x").status_code == 401
    assert visitor.delete("/web/app.js").status_code == 401


def test_what_is_vendored_is_byte_for_byte_what_the_lock_names() -> None:
    manifest = json.loads((VENDOR / "package.json").read_text())
    lock = json.loads((VENDOR / "package-lock.json").read_text())["packages"]
    assert lock[""]["dependencies"] == manifest["dependencies"]
    held = {path.name for path in VENDOR.iterdir()}
    assert held == {"package.json", "package-lock.json", *manifest["vendored"]}
    for name, one in manifest["vendored"].items():
        package = "/".join(one["from"].split("/")[:2])
        assert lock[package]["integrity"].startswith("sha512-")
        data = (VENDOR / name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == one["sha256"], name


def test_what_is_vendored_says_that_it_is_the_version_of_the_lock() -> None:
    lock = json.loads((VENDOR / "package-lock.json").read_text())["packages"]
    version = lock["node_modules/cytoscape"]["version"]
    text = (VENDOR / "cytoscape.esm.min.mjs").read_text()
    assert f'.version="{version}"' in text
    assert "Permission is hereby granted" in (VENDOR / "cytoscape.LICENSE").read_text()
