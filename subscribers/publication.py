"""A list as a value: the name, sender, face, languages, vocabulary and policies of a publication."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class NothingLeft(StrEnum):
    """What a subscriber gets when, of their topics, nothing but the summary is left."""

    SUMMARY = "summary"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Topic:
    """One entry of a list's vocabulary."""

    slug: str
    labels: Mapping[str, str] = field(default_factory=dict)
    """Label by language code."""
    keywords: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Words that suggest this topic, by language code."""

    def label(self, language: str) -> str:
        """Return the label in `language`, else any label, else the slug."""
        return self.labels.get(language) or next(iter(self.labels.values()), self.slug)


@dataclass(frozen=True, slots=True)
class Branding:
    """The look of a publication. Colours are `#rrggbb`."""

    accent: str = "#1f5f8b"
    accent_dark: str = "#8fc7ee"
    """The accent on a dark background."""
    logo_url: str | None = None
    logo_alt: str = ""
    logo_width: int = 140
    """Pixels."""
    tagline: Mapping[str, str] = field(default_factory=dict)
    """A line under the name, by language code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A list as somebody describes it, before it has a place in the database."""

    slug: str
    """What commands and links call it."""
    name: str
    sender_name: str
    sender_email: str
    reply_to: str | None = None
    languages: tuple[str, ...]
    """Language codes the list is published in; the first is the default."""
    topics: tuple[Topic, ...] = ()
    branding: Branding = Branding()
    postal_address: str = ""
    nothing_left: NothingLeft = NothingLeft.SUMMARY
    timezone: str | None = None
    """The zone that times without one are meant in (IANA); None: UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication(Draft):
    """Everything about a list that a mail or a page needs to know."""

    id: int

    @property
    def default_language(self) -> str:
        """The language of those who chose none that an issue has."""
        return self.languages[0]
