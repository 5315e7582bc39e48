"""Editions of the tests' own issues, filled as the next stage would."""

from __future__ import annotations

from functools import cache
from html import escape
from typing import TYPE_CHECKING

from newsletter.personalization.variant import join
from newsletter.rendering.edition import Edition, Slot, compile_edition
from subscribers.publication import Branding, Publication
from tests.factories.issues import sample_issue

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newsletter.rendering.edition import Part

LANGUAGES = ("fr", "en", "de", "ar")
PAIRS = (("fr", "fr"), ("en", "en"), ("de", "de"), ("ar", "ar"), ("fr", "ar"), ("ar", "en"))
PUBLICATION = Publication(
    id=7,
    slug="imagerie",
    name="Imagerie & IA",
    sender_name="Imagerie & IA",
    sender_email="lettre@example.org",
    languages=("fr", "en"),
    postal_address="Imagerie & IA\n1 rue de l\u2019Exemple\n75000 Nulle-Part",
    branding=Branding(
        logo_url="https://example.org/logo.png?a=1&b=2",
        logo_alt='Imagerie \u202f& "IA"',
        tagline={"fr": "La semaine : l'essentiel", "ar": "أسبوع التصوير"},
    ),
)
ISSUE = sample_issue(*LANGUAGES)
VALUES = {
    "greeting": "Bonjour Zoë,",
    "email": "zoe@example.net",
    "view_url": "https://news.example.org/view/TOKEN",
    "preferences_url": "https://news.example.org/preferences/TOKEN",
    "unsubscribe_url": "https://news.example.org/unsubscribe/TOKEN",
}


@cache
def edition(content_language: str = "fr", language: str = "fr") -> Edition:
    return compile_edition(ISSUE, PUBLICATION, content_language=content_language, language=language)


def html(of: Edition, positions: Iterable[int] | None = None) -> str:
    return filled(join(of, everything(of) if positions is None else positions).html, escaped=True)


def text(of: Edition, positions: Iterable[int] | None = None) -> str:
    return filled(join(of, everything(of) if positions is None else positions).text, escaped=False)


def everything(of: Edition) -> list[int]:
    return [item.position for item in of.items]


def filled(parts: Iterable[Part], *, escaped: bool) -> str:
    values = {name: escape(value) if escaped else value for name, value in VALUES.items()}
    return "".join(values[part.name] if isinstance(part, Slot) else part for part in parts)
