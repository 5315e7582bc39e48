"""Joining the fragments of an edition for a choice of items."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from newsletter.issues.model import Kind
from newsletter.personalization.variant import PREHEADER_LENGTH, join, preheader
from newsletter.rendering.edition import RECIPIENT_SLOTS, Fragment, Slot
from tests.factories.editions import edition, item

if TYPE_CHECKING:
    from newsletter.rendering.edition import Part


def shown(parts: tuple[Part, ...]) -> str:
    return "".join(part if isinstance(part, str) else f"[{part.name}]" for part in parts)


@given(st.frozensets(st.integers(0, 5)))
def test_what_was_chosen_is_there_and_nothing_else(chosen: frozenset[int]) -> None:
    variant = join(edition(), chosen)
    html, text = shown(variant.html), shown(variant.text)
    for n in range(6):
        assert (f"\n{n}. Étude" in text) == (n in chosen)
    assert ("Recherches" in html) == bool(chosen & {1, 2, 3})
    assert html.count("<table>") == html.count("</table>") == bool(chosen & {4, 5})
    assert {part.name for part in (*variant.html, *variant.text) if isinstance(part, Slot)} == set(RECIPIENT_SLOTS)


def test_the_counts_are_those_of_the_variant() -> None:
    assert "[greeting]\n\n2 articles, aucun écho\n" in shown(join(edition(), [0, 1, 3]).text)


def test_what_is_filled_in_html_is_escaped() -> None:
    one = edition(items=(item(0, Kind.MEDIA),), counts={"media": ("", "<1> & co")})
    assert "&lt;1&gt; &amp; co" in shown(join(one, [0]).html)
    assert "<1> & co" in shown(join(one, [0]).text)


def test_a_body_ends_in_a_line_end() -> None:
    one = edition(html=(Fragment(frozenset(), ("<p>one</p>",)),), text=(Fragment(frozenset(), (Slot("email"),)),))
    assert shown(join(one, []).html) == "<p>one</p>\n"
    assert shown(join(one, []).text) == "[email]\n"
    assert shown(join(edition(html=(), text=(Fragment(frozenset(), ("a\n",)),)), []).text) == "a\n"


def test_the_preheader_is_the_first_titles_but_not_the_summary() -> None:
    assert preheader(edition(), frozenset({0, 3, 4})) == "Étude 3 : un essai inventé · Étude 4 : un essai inventé"
    assert preheader(edition(), frozenset({0})) == ""


@given(st.lists(st.text(min_size=1, max_size=200), min_size=1, max_size=5))
def test_the_preheader_is_never_longer_than_an_inbox_shows(titles: list[str]) -> None:
    items = tuple(item(n, Kind.MEDIA) for n in range(len(titles)))
    items = tuple(
        type(one)(one.position, one.kind, title, one.topics, one.must_read)
        for one, title in zip(items, titles, strict=True)
    )
    assert 0 < len(preheader(edition(items=items), frozenset(range(len(titles))))) <= PREHEADER_LENGTH + 1
