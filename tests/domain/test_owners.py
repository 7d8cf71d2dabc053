"""CODEOWNERS as GitHub reads it ("About code owners")."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.owners import is_owner, matches, named, owners_of, parse, referee_owners

#: Pattern, paths that it matches, paths that it does not: GitHub's own examples, and gitignore's.
EXAMPLES = [
    ("*", ["a", "a/b", ".github/workflows/x.yml"], []),
    ("**", ["a", "a/b"], []),
    ("*.js", ["a.js", "b/c/a.js"], ["a.jsx", "js"]),
    ("/build/logs/", ["build/logs/a", "build/logs/a/b"], ["x/build/logs/a", "build/logs"]),
    ("docs/*", ["docs/getting-started.md"], ["docs/build-app/troubleshooting.md", "x/docs/a"]),
    ("apps/", ["apps/a", "x/apps/a/b"], ["apps", "myapps/a"]),
    ("/docs/", ["docs/a", "docs/b/c"], ["x/docs/a", "docs"]),
    ("/scripts/", ["scripts/a"], ["src/scripts/a"]),
    ("**/logs", ["logs", "logs/a", "build/logs/a", "deep/down/logs/a"], ["mylogs/a"]),
    ("/apps/github", ["apps/github", "apps/github/a"], ["x/apps/github", "apps/github2"]),
    ("pipeline", ["pipeline", "pipeline/a", "x/pipeline/a"], ["pipelines/a"]),
    ("a/**/b", ["a/b", "a/x/b", "a/x/y/b", "a/b/c"], ["x/a/b", "ab"]),
    ("abc/**", ["abc/d", "abc/d/e"], ["abc", "x/abc/d"]),
    ("f?o.t*", ["foo.txt", "x/fao.t"], ["fo.txt", "f/o.txt"]),
    ("/a\\ b/", ["a b/c"], ["a/b"]),
    ("a.c", ["a.c"], ["abc"]),
    ("/Docs/", ["Docs/a"], ["docs/a"]),
]


@pytest.mark.parametrize(("pattern", "yes", "no"), EXAMPLES)
def test_a_pattern_matches_what_github_says(pattern: str, yes: list[str], no: list[str]) -> None:
    assert [path for path in yes if not matches(pattern, path)] == []
    assert [path for path in no if matches(pattern, path)] == []


def test_the_last_line_that_matches_decides_also_where_it_names_nobody() -> None:
    lines = parse("* @all\n/apps/ @octocat\n/apps/github\n")
    assert owners_of(lines, "readme") == ("all",)
    assert owners_of(lines, "apps/a") == ("octocat",)
    assert owners_of(lines, "apps/github/a") == ()


def test_lines_that_github_skips_are_skipped() -> None:
    lines = parse("* @bob\n!pipeline/ @eve\n/pipeline/[a-z]* @eve\n\\#x @eve\n   # @eve\n")
    assert named(lines) == {"bob"}


def test_addresses_own_nothing_and_comments_end_a_line() -> None:
    lines = parse("*   eve@example.com @Bob @Org/Team#x @org/team # @carol\n")
    assert owners_of(lines, "a") == ("bob", "org/team")


@pytest.mark.parametrize(
    ("text", "owners"),
    [
        ("/docs/ @eve\n/terraform/ @bob\n", set()),
        ("* @acme/platform\n", {"acme/platform"}),
        ("* @bob\n/docs/ @eve\n", {"bob"}),
        ("* @bob\n/pipeline/ @carol\n/.github/ @carol\n", {"carol"}),
        ("* @bob\n*.py @carol\n", {"bob", "carol"}),
        ("* @bob\n/pipeline/ @carol\n", {"bob", "carol"}),
        ("* @bob\n/pipeline/\n/.github/\n", set()),
        ("/pipeline/render/ @eve\n", set()),
        ("", set()),
    ],
)
def test_who_owns_what_judges(text: str, owners: set[str]) -> None:
    assert referee_owners(parse(text)) == owners


def test_a_person_is_an_owner_by_name_in_any_case_or_as_a_member() -> None:
    teams = {"org/team": ["Dora"]}
    assert is_owner("BOB", ["bob"], teams.__getitem__)
    assert is_owner("dora", ["bob", "org/team"], teams.__getitem__)
    assert not is_owner("eve", ["bob", "org/team"], teams.__getitem__)
    assert not is_owner("org/team", ["org/team"], lambda _: [])


_PART = st.text("ab.-", min_size=1, max_size=3)
_PATH = st.lists(_PART, min_size=1, max_size=4).map("/".join)


@given(_PATH, _PATH)
def test_a_literal_pattern_matches_itself_and_what_is_below_and_nothing_beside(
    one: str, other: str
) -> None:
    assert matches(f"/{one}", one)
    assert matches(f"/{one}", f"{one}/{other}")
    assert matches(f"/{one}", other) is (other == one or other.startswith(f"{one}/"))


@given(st.text(max_size=30), _PATH)
def test_no_file_breaks_it(text: str, path: str) -> None:
    owners_of(parse(text), path)


@given(st.text("ab*?/\\.", min_size=1, max_size=8), _PATH)
def test_no_pattern_is_slow_or_matches_part_of_a_name(pattern: str, path: str) -> None:
    if matches(pattern, path) and not re.search(r"[*?\\]", pattern):
        assert pattern.strip("/") in path
