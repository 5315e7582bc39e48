"""Feedback for whoever needs it while doing something else: one round at a time, or in the background."""

from __future__ import annotations

import logging
import math
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING

from newsletter.delivery.outages import Outages
from newsletter.errors import Refused, RetryLater
from newsletter.feedback.apply import SOFT_BOUNCES
from newsletter.feedback.consuming import Consumer
from newsletter.feedback.models import StreamState
from newsletter.feedback.silence import judge, settle_by_silence

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from newsletter.feedback.intake import Tally
    from newsletter.feedback.stream import Stream
    from subscribers.clock import Clock
    from subscribers.database import Database
    from subscribers.privacy.erased import Erasures

_log = logging.getLogger(__name__)

_SHORT_POLL = 1
_LONG_POLL = 5
_SOMEBODY_ELSE = timedelta(seconds=10)
"""Whoever takes events in polls more often than this."""
_CERTAIN_AFTER = 60.0
"""At most: who waits for less than ten minutes (tests, rehearsals) gets an answer in proportion."""
_ROUNDS = 20
"""Polls in one `listen`: some thousand events, so that whoever calls gets back to work in seconds."""


class Listener:
    """Takes in what comes back, and settles by it who is in doubt. What a `delivery.evidence.Feedback` is."""

    def __init__(
        self,
        *,
        database: Database,
        stream: Stream,
        clock: Clock,
        uncertain_wait: timedelta,
        soft_bounces: int = SOFT_BOUNCES,
        erased: Erasures | None = None,
        wait: Callable[[float], bool] | None = None,
        pause_after_trouble: float = 15.0,
    ) -> None:
        """`uncertain_wait`: after how long the silence of a healthy stream proves that a mail was not accepted.

        `soft_bounces`: so many in a row count as one for good. `erased`: of whom nothing is written down.

        `wait`: waits that many seconds; returns whether to stop, at once when it is so. `pause_after_trouble`: seconds
        that `run` waits where the stream did not answer.
        """
        self._database = database
        self._stream = stream
        self._consumer = Consumer(
            database=database,
            stream=stream,
            clock=clock,
            soft_bounces=soft_bounces,
            erased=erased,
            wait=wait or Event().wait,
            certain_after=min(_CERTAIN_AFTER, uncertain_wait.total_seconds() / 10),
        )
        self._clock = clock
        self._uncertain_wait = uncertain_wait
        self._wait = self._consumer.wait
        self._pause = pause_after_trouble
        self._said: dict[int, str] = {}
        self._heard_at: datetime | None = None

    def listen(self) -> int:
        """Take in what is there now, waiting for a second at most, and settle doubts; return how many events were new.

        Where the stream does not answer it says so on the log and goes without. Where the database does not, it waits.
        """
        applied = 0
        for _ in range(_ROUNDS):
            tally = self._take_in(self._consumer, _SHORT_POLL)
            if tally is None or not tally.events:
                break
            applied += tally.applied
        Outages(self._wait).over(self._settle)
        return applied

    def stand_in(self) -> None:
        """Listen, unless somebody else does: a process of its own takes events in without being in a sender's way."""
        with self._database.read() as session:
            state = session.get(StreamState, self._stream.name)
            polled_at = state.polled_at if state is not None else None
        lately = self._clock() - _SOMEBODY_ELSE
        if polled_at is not None and polled_at > (max(lately, self._heard_at) if self._heard_at else lately):
            return
        self.listen()
        self._heard_at = self._clock()

    def run(self, stop: Event) -> None:
        """Do so until `stop` is set; nothing that may pass ends it."""
        consumer, lasting = replace(self._consumer, wait=stop.wait), Outages(stop.wait, math.inf).over
        while not stop.is_set():
            try:
                answered = self._take_in(consumer, _LONG_POLL) is not None
                lasting(self._settle)
            except Exception as error:  # noqa: BLE001 - a defect here must not silence the feedback for good
                answered = False
                _log.error("Feedback goes on after a failure (%s).", type(error).__name__)
            if not answered:
                stop.wait(self._pause)

    def _take_in(self, consumer: Consumer, seconds: int) -> Tally | None:
        """Poll once; None where the stream does not answer."""
        try:
            return consumer.round(seconds).tally
        except (RetryLater, Refused) as error:
            _log.warning("What comes back of mails cannot be read at the moment: %s", error)
            return None

    def _settle(self) -> None:
        with self._database.read() as session:
            judgements = judge(session, self._stream.name, wait=self._uncertain_wait)
        if any(judgement.not_accepted for judgement in judgements):
            with self._database.write() as session:
                again = settle_by_silence(session, self._stream.name, wait=self._uncertain_wait, now=self._clock())
            _log.info("%s mails were certainly not accepted: they are sent again.", again)
        self._say({judgement.campaign_id: judgement.why_not for judgement in judgements if judgement.why_not})

    def _say(self, reasons: dict[int, str]) -> None:
        """Say why somebody stays in doubt, whenever that changes."""
        for campaign, reason in reasons.items():
            if self._said.get(campaign) != reason:
                _log.warning("Mails of campaign %s stay in doubt: %s.", campaign, reason)
        self._said = reasons
