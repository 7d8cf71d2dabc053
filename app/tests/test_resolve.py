"""Which names mean one thing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledgeweaver.resolve import BLOCK, alike, blocks, key, links, titles


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I.B.M.", "IBM"),
        ("Straße", "STRASSE"),
        ("ＡＢＣ", "abc"),  # noqa: RUF001 - wide letters are the point
        ("  Ada   Lovelace ", "ada lovelace"),
        ("Jean-Luc", "jean luc"),
    ],
)
def test_spellings_of_one_name_share_a_key(one: str, other: str) -> None:
    assert key(one) == key(other) != ""


@given(st.text(max_size=80))
def test_the_key_of_a_key_is_itself(name: str) -> None:
    assert key(key(name)) == key(name)


def test_a_title_is_also_about_what_it_explains() -> None:
    assert titles("Paris (Texas)") == ("Paris (Texas)", "Paris")
    assert titles("Salem, Oregon") == ("Salem, Oregon", "Salem")
    assert titles("...") == ()


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("ibm", "international business machines", "acronym"),
        ("university of oslo", "oslo university", "same words"),
        ("the beatles", "beatles", "same words"),
        ("charles babbage", "charles babage", "spelling"),
        ("john f kennedy", "john f kennedy airport", "near"),
    ],
)
def test_names_that_are_alike_are_linked_with_a_reason(one: str, other: str, reason: str) -> None:
    found = alike(one, other)
    assert found is not None
    assert found == alike(other, one)
    assert found.reason == reason
    assert 0 < found.score <= 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("rome", "paris"),
        ("world cup 2010", "world cup 2014"),
        ("ibm", "indian bank"),
        ("of", "the"),
    ],
)
def test_names_that_are_not_alike_are_never_taken_for_one(one: str, other: str) -> None:
    found = alike(one, other)
    assert found is None or found.reason == "near"


def test_a_crowded_block_is_not_searched_so_that_a_name_costs_the_same_forever() -> None:
    crowd = [f"north {number}" for number in range(BLOCK + 1)]
    assert links(["north pole"], {"north": crowd}) == []
    assert links(["north pole"], {"north": crowd, "pole": ["pole north"]})


NAMES = st.lists(st.sampled_from(["ibm", "oslo", "university of oslo", "oslo university", "rome"]))


@given(NAMES)
def test_links_join_different_names_that_share_a_block(names: list[str]) -> None:
    new = list(dict.fromkeys(names))
    for link in links(new, {}):
        assert link.alias != link.into
        assert set(blocks(link.alias)) & set(blocks(link.into))
