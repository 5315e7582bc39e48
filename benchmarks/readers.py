"""Readers for the benchmarks, dealt by fixed dice: names as people have them, up to four of nine topics."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from newsletter.personalization.choose import choose
from newsletter.personalization.links import Links
from newsletter.personalization.message import Envelope, Prepared, Recipient, write_message
from newsletter.personalization.prepare import prepare
from subscribers.publication import NothingLeft
from subscribers.tokens import Signer

if TYPE_CHECKING:
    from newsletter.rendering.edition import Edition
    from subscribers.publication import Publication

MONDAY = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
TOPICS = tuple(f"topic-{number}" for number in range(9))
_FIRST = ("Anne", "Jean Marie", "Claire", "Zoë", "Émile", "Hans", "Noël", "Aïcha", "Ahmed", "Marek", "Sofia", "Oliver")
_LAST = (
    "Dubois",
    "Martin",
    "Lefèvre",
    "Weber",
    "O'Malley",
    "Dvořák",
    "Rossi",
    "Holm",
    "Raman",
    "Haddad",
    "Müller",
    "Ito",
)
_NAMED = 0.9
"""The share of readers who gave a name; nearly half of those have one beyond ASCII."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One message to write."""

    prepared: Prepared
    recipient: Recipient
    delivery_id: str

    def write(self) -> bytes:
        """Return the message."""
        return write_message(self.prepared, self.recipient, delivery_id=self.delivery_id, date=MONDAY)


def envelope(publication: Publication) -> Envelope:
    """Return what all mails of a campaign of this list say."""
    links = Links("https://news.example.org", Signer("the secret of a benchmark is no secret"), publication.id, 12)
    return Envelope(publication, links, campaign_ref="c12")


def with_topics(edition: Edition) -> Edition:
    """Deal two of nine topics to each item, so that readers differ in what they get."""
    dice = random.Random(1)
    items = tuple(replace(item, topics=frozenset(dice.sample(TOPICS, k=2))) for item in edition.items)
    return replace(edition, items=items)


def selections(edition: Edition, count: int) -> list[tuple[int, ...]]:
    """Return what each reader gets, in variant order: two of five chose no topic, so everything."""
    dice = random.Random(2)
    chosen = [dice.sample(TOPICS, k=dice.choice((0, 0, 1, 2, 4))) for _ in range(count)]
    return sorted(choose(edition.items, topics, NothingLeft.SUMMARY) for topics in chosen)


def mails(edition: Edition, count: int, by: Envelope) -> list[Mail]:
    """Return a mail for each of `count` readers of `edition`; those of one variant share what is prepared."""
    dice = random.Random(3)
    chosen = selections(edition, count)
    prepared = {positions: prepare(edition, positions, by) for positions in dict.fromkeys(chosen)}
    return [
        Mail(prepared[positions], _recipient(dice, number), f"c12.s{number}")
        for number, positions in enumerate(chosen, start=100_000)
    ]


def _recipient(dice: random.Random, number: int) -> Recipient:
    name = f"{dice.choice(_FIRST)} {dice.choice(_LAST)}" if dice.random() < _NAMED else ""
    return Recipient(subscriber_id=number, email=f"reader.{number}@example.org", name=name)
