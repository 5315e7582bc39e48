"""What is known of one delivery, in the order in which it counts. Pure.

Facts are only ever added, so that it does not matter what came first: a bounce after a delivery outweighs it, and a
delivery makes of a passing bounce the automatic reply that it was.
"""

from __future__ import annotations

from enum import IntFlag, StrEnum
from typing import TYPE_CHECKING

from newsletter.feedback.rules import Meaning

if TYPE_CHECKING:
    from collections.abc import Mapping


class Fact(IntFlag):
    """What came back, as it stands in `receipts.facts`. Never renumber; `delivery.setbacks` knows the last two."""

    DELIVERED = 1
    DELAYED = 2
    SOFT = 4
    REFUSED = 8
    HARD = 16
    WITHHELD = 32
    COMPLAINED = 64
    REJECTED = 128
    UNRENDERED = 256


FACTS: Mapping[Meaning, Fact] = {
    Meaning.DELIVERED: Fact.DELIVERED,
    Meaning.DELAYED: Fact.DELAYED,
    Meaning.SOFT: Fact.SOFT,
    Meaning.REFUSED: Fact.REFUSED,
    Meaning.HARD: Fact.HARD,
    Meaning.LISTED: Fact.WITHHELD,
    Meaning.WITHHELD: Fact.WITHHELD,
    Meaning.LEFT: Fact.WITHHELD,
    Meaning.COMPLAINT: Fact.COMPLAINED,
    Meaning.REJECTED: Fact.REJECTED,
    Meaning.UNRENDERED: Fact.UNRENDERED,
}
"""Of those meanings that change what became of a delivery."""


class Fate(StrEnum):
    """What became of an accepted mail: one of these."""

    DELIVERED = "delivered"
    HARD = "bounced"
    SOFT = "bounced for now"
    REFUSED = "refused"
    WITHHELD = "withheld"
    UNSENT = "unsent"
    DELAYED = "delayed"
    """SES still tries."""
    UNHEARD = "unheard"
    """Nothing came back yet."""


def fate_of(facts: Fact) -> Fate:
    """Return what became of a mail of which these facts are known."""
    for fate, decisive in _DECISIVE:
        if facts & decisive:
            return fate
    return Fate.UNHEARD


_DECISIVE = (
    (Fate.UNSENT, Fact.REJECTED | Fact.UNRENDERED),
    (Fate.WITHHELD, Fact.WITHHELD),
    (Fate.HARD, Fact.HARD),
    (Fate.REFUSED, Fact.REFUSED),
    (Fate.DELIVERED, Fact.DELIVERED | Fact.COMPLAINED),  # who complains has got it
    (Fate.SOFT, Fact.SOFT),
    (Fate.DELAYED, Fact.DELAYED),
)
