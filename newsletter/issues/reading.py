"""What a text says of itself, in whichever form it is written: the way into a document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    from newsletter.issues.model import Period, Section


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read; None: the text does not say."""

    language: str | None
    title: str
    period: Period | None
    sections: tuple[Section, ...]
    date: dt.date | None = None
