"""Marks survive rendering, and nothing in an issue can be taken for one."""

from __future__ import annotations

import re

from newsletter.rendering.edition import Fragment, Slot
from newsletter.rendering.fragments import cut
from newsletter.rendering.markers import Marks

MARKS = Marks("abc123")


def test_a_mail_is_cut_and_its_slots_are_found() -> None:
    text = f"<p>{MARKS.slot('greeting')}</p>{MARKS.cut([2, 1])}x{MARKS.slot('count.media')}{MARKS.cut()}end"
    assert cut(text, MARKS) == (
        Fragment(frozenset(), ("<p>", Slot("greeting"), "</p>")),
        Fragment(frozenset({1, 2}), ("x", Slot("count.media"))),
        Fragment(frozenset(), ("end",)),
    )


def test_neighbours_for_the_same_items_are_one_and_empty_ones_none() -> None:
    text = f"a{MARKS.cut()}b{MARKS.cut([1])}{MARKS.cut([2])}c{MARKS.cut([2])}d"
    assert cut(text, MARKS) == (Fragment(frozenset(), ("ab",)), Fragment(frozenset({2}), ("cd",)))


def test_marks_of_another_compile_are_text() -> None:
    other = Marks("fff")
    text = f"{other.cut([1])}{other.slot('email')}"
    assert cut(text, MARKS) == (Fragment(frozenset(), (text,)),)
    assert MARKS.positions(other.cut([1])) is None


def test_every_compile_draws_a_new_nonce() -> None:
    assert Marks().nonce != Marks().nonce


def test_a_slot_needs_no_escaping_anywhere() -> None:
    assert re.fullmatch(r"[a-z0-9._-]+", MARKS.slot("count.articles"))
