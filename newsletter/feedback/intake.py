"""From messages to rows: read, stored and applied together, or kept aside; never lost, never in the way."""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from newsletter.delivery.outages import passes
from newsletter.feedback.apply import SOFT_BOUNCES, apply
from newsletter.feedback.events import Unreadable, read_message
from newsletter.feedback.forgotten import whose_words_are_cut, without_the_erased
from newsletter.feedback.quarantine import set_aside
from newsletter.feedback.storing import store
from newsletter.feedback.streams import note_answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from newsletter.feedback.events import Reading
    from subscribers.clock import Clock
    from subscribers.database import Database
    from subscribers.privacy.erased import Erasures

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many events came to what."""

    applied: int = 0
    duplicates: int = 0
    """Known already: nothing changed."""
    quarantined: int = 0

    @property
    def events(self) -> int:
        """All of them."""
        return self.applied + self.duplicates + self.quarantined

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.applied + other.applied, self.duplicates + other.duplicates, self.quarantined + other.quarantined
        )

    def as_json(self) -> dict[str, int]:
        """Return the documented form."""
        figures = ("events", "applied", "duplicates", "quarantined")
        return {name: getattr(self, name) for name in figures}


@dataclass(frozen=True)
class Intake:
    """Takes messages in, of one stream."""

    database: Database
    clock: Clock
    stream: str
    soft_bounces: int = SOFT_BOUNCES
    erased: Erasures | None = None
    """Of whom nothing is written down; None: of everybody."""

    def take(self, bodies: Sequence[str]) -> Tally:
        """Take in messages (some hundred) in one transaction; committed when this returns.

        What cannot be applied, whatever the reason, is found by taking each by itself, and kept aside. Raises the
        database's own error where the database is away: then nothing was taken.
        """
        try:
            return self._take(bodies)
        except Exception as error:  # noqa: BLE001 - one message must never be in the way of the others
            _raise_if_passing(error)
            _log.warning("A batch of events could not be applied (%s): now one by one.", _where(error))
        return sum(map(self._take_one, bodies), Tally())

    def _take_one(self, body: str) -> Tally:
        try:
            return self._take([body])
        except Exception as error:  # noqa: BLE001 - likewise
            _raise_if_passing(error)
            with self.database.write() as session:
                new = self._set_aside(session, {body: f"cannot be applied: {_where(error)}"}, self.clock())
            return Tally(duplicates=1 - new, quarantined=new)

    def _take(self, bodies: Sequence[str]) -> Tally:
        readings, unreadable = _read(bodies)
        now = self.clock()
        with self.database.write() as session:
            tally = self._write(session, readings, now)
            new = self._set_aside(session, unreadable, now)
            best_effort = any(reading.best_effort for reading in readings)
            note_answer(session, self.stream, at=now, best_effort=best_effort)
        aside = len(bodies) - len(readings)
        return tally + Tally(duplicates=aside - new, quarantined=new)

    def _set_aside(self, session: Session, unreadable: Mapping[str, str], now: datetime) -> int:
        cut = whose_words_are_cut(session, unreadable, self.erased)
        return set_aside(session, cut, stream=self.stream, now=now)

    def _write(self, session: Session, readings: Sequence[Reading], now: datetime) -> Tally:
        readings = without_the_erased(session, readings, self.erased)
        new = store(session, readings, now=now)
        apply(session, new, soft_bounces=self.soft_bounces, now=now)
        return Tally(len(new), sum(len(reading.events) for reading in readings) - len(new))


def _read(bodies: Sequence[str]) -> tuple[list[Reading], dict[str, str]]:
    readings: list[Reading] = []
    unreadable: dict[str, str] = {}
    for body in bodies:
        try:
            readings.append(read_message(body))
        except Unreadable as error:
            unreadable[body] = str(error)
    return readings, unreadable


def _raise_if_passing(error: Exception) -> None:
    if isinstance(error, DBAPIError) and passes(error):
        raise error


def _where(error: Exception) -> str:
    """Say what failed and where, and nothing of what it was about: that would show addresses."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(frame.filename).name}, line {frame.lineno}"
