"""Every element is closed by a fragment for the same items, in both readings."""

from __future__ import annotations

import pytest

from newsletter.rendering.balance import Unbalanced, check_balanced
from newsletter.rendering.edition import Fragment, Slot


def fragments(*pieces: tuple[set[int], str]) -> tuple[Fragment, ...]:
    return tuple(Fragment(frozenset(items), (html, Slot("email"))) for items, html in pieces)


def test_a_sound_mail() -> None:
    check_balanced(
        fragments(
            (set(), '<!DOCTYPE html><html><head><meta charset="utf-8"><!--[if !mso]><!--><style>a > b {}</style>'),
            (set(), "<!--<![endif]--></head><body>"),
            ({1, 2}, "<!--[if mso | IE]><table><tr><td><![endif]--><div>"),
            ({1}, '<p title="a > b">one<br>two<br/></p>'),
            ({2}, "<p>two</p>"),
            ({1, 2}, "</div><!--[if mso | IE]></td></tr></table><![endif]-->"),
            (set(), "</body></html>"),
        )
    )


@pytest.mark.parametrize(
    "pieces",
    [
        (({1}, "<p>"),),
        (({1}, "</p>"),),
        (({1}, "<p>"), ({2}, "</p>")),
        (({1}, "<b><i></b></i>"),),
        ((set(), "<a>"), ({1}, "<b>"), (set(), "</a>"), ({1}, "</b>")),
        (({1}, "<!--[if mso]><table><![endif]-->"),),
        (({1}, "<!--[if mso]><table>"), ({1}, "</table><![endif]-->")),
        (({1}, "<div><!--[if mso]></div><![endif]-->"),),
        (({1}, "<!--[if !mso]><!--><p><!--<![endif]-->"),),
    ],
)
def test_some_choice_of_it_would_be_broken(pieces: tuple[tuple[set[int], str], ...]) -> None:
    with pytest.raises(Unbalanced):
        check_balanced(fragments(*pieces))
