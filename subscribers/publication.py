"""A list as a value: the name, sender, face, languages, vocabulary and policies of a publication."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


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
    descriptions: Mapping[str, str] = field(default_factory=dict)
    """What it is about, in a sentence for those who choose, by language code."""
    formerly: tuple[str, ...] = ()
    """Slugs that meant it before it was renamed, or that it took in."""
    retired: bool = False
    """Offered no longer; who had chosen nothing else still has it."""
    formerly_named: bool = field(default=False, compare=False)
    """Of a topic that is read from a file: whether `formerly` stands there. Empty, it means none then; not kept."""

    def label(self, language: str) -> str:
        """Return the label in `language`, else any label, else the slug."""
        return self.labels.get(language) or next(iter(self.labels.values()), self.slug)

    def description(self, language: str) -> str:
        """Return the description in `language`, else "": one in another language says nothing to its reader."""
        return self.descriptions.get(language, "")


def current(topics: Iterable[Topic]) -> Mapping[str, str]:
    """Return the slug that each former one means now."""
    return {old: topic.slug for topic in topics for old in topic.formerly}


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
class Policies:
    """How a list treats its people. Days are of 24 hours, months of the calendar."""

    double_opt_in: bool = True
    """Whether a new address has to confirm; who left before has to in any case."""
    welcome: bool = True
    """Whether a mail says so when somebody has joined."""
    welcome_issue: bool = False
    """Whether the latest issue comes with it."""
    digest_offered: bool = False
    """Whether readers may choose one mail a month instead of every issue."""
    confirm_days: int = 7
    """How long the link of a request works."""
    unconfirmed_days: int = 30
    """How long a request is kept that nobody confirmed."""
    ip_days: int = 90
    """How long the networks are kept that consent came from."""
    ledger_weeks: int = 104
    """How long it is kept what became of each mail."""
    sunset_months: int = 0
    """After how long without a sign of life somebody is asked whether they still want the list; 0: never."""
    sunset_answer_days: int = 30
    """How long they have to answer before they are taken off it."""
    unsubscribe_email: str = ""
    """Where mail programs may write to instead of following the link; somebody reads it. "": nowhere."""


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
    policies: Policies = Policies()


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication(Draft):
    """Everything about a list that a mail or a page needs to know."""

    id: int

    @property
    def default_language(self) -> str:
        """The language of those who chose none that an issue has."""
        return self.languages[0]
