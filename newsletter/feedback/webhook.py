"""What SNS posts, taken in: believed, stored and applied like what a queue brings, and only then acknowledged."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import delete
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from newsletter.delivery.outages import passes
from newsletter.errors import RetryLater
from newsletter.feedback.apply import SOFT_BOUNCES
from newsletter.feedback.intake import Intake
from newsletter.feedback.models import Notice
from newsletter.feedback.sns import OLDEST, Kind, confirmation_url, judge, read_posted
from newsletter.feedback.sns_signature import verify
from newsletter.feedback.upsert import inserting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from newsletter.feedback.certificates import Certificates
    from newsletter.feedback.sns import Posted, Trust
    from subscribers.clock import Clock
    from subscribers.database import Database
    from subscribers.privacy.erased import Erasures

_log = logging.getLogger(__name__)

_FORGET_EVERY = timedelta(minutes=10)


class Outcome(StrEnum):
    """What a message came to that was believed."""

    TAKEN = "taken"
    KNOWN = "known already"
    CONFIRMED = "confirmed"
    UNSUBSCRIBED = "unsubscribed"


@dataclass(kw_only=True)
class Webhook:
    """Any number of threads may call it, in any processes."""

    database: Database
    clock: Clock
    trust: Trust
    certificates: Certificates
    visit: Callable[[str], bytes]
    """GETs what confirms a subscription. Raises RetryLater, Untrusted."""
    soft_bounces: int = SOFT_BOUNCES
    erased: Erasures | None = None
    """Of whom nothing is written down."""
    _forgot_at: datetime | None = field(default=None, init=False)

    def take(self, body: bytes, headers: Mapping[str, str]) -> Outcome:
        """Take one request in; committed when this returns, and it can be acknowledged.

        Raises Malformed and Untrusted for what is none of ours, RetryLater where SNS is to try again.
        """
        posted, now = read_posted(body, headers), self.clock()
        judge(posted, self.trust, now=now)
        verify(posted, self.certificates.get(posted.certificate_url, now=now), now=now)
        try:
            return self._take(posted)
        except NoConnection as error:
            raise RetryLater("The database is busy.") from error
        except DBAPIError as error:
            if not passes(error):
                raise
            raise RetryLater("The database is away.") from error

    def _take(self, posted: Posted) -> Outcome:
        with self.database.read() as session:
            if session.get(Notice, posted.id) is not None:
                return Outcome.KNOWN
        outcome = self._act(posted)
        with self.database.write() as session:  # after, not before: who dies in between is told again, once in effect
            row = {"message_id": posted.id, "at": posted.at}
            session.connection().execute(inserting(session, Notice).values(row).on_conflict_do_nothing())
            self._forget(session)
        return outcome

    def _act(self, posted: Posted) -> Outcome:
        if posted.kind is Kind.SUBSCRIBED:
            self.visit(confirmation_url(posted, self.trust))
            _log.info("Events of %s come here from now on.", posted.topic)
            return Outcome.CONFIRMED
        if posted.kind is Kind.UNSUBSCRIBED:
            _log.warning("Events of %s do not come here any more: somebody ended the subscription.", posted.topic)
            return Outcome.UNSUBSCRIBED
        intake = Intake(self.database, self.clock, posted.topic, self.soft_bounces, self.erased)
        tally = intake.take([posted.message])
        return Outcome.TAKEN if tally.applied or tally.quarantined else Outcome.KNOWN

    def _forget(self, session: Session) -> None:
        """Drop, now and then, what would be refused for its age."""
        now = self.clock()
        if self._forgot_at is None or self._forgot_at < now - _FORGET_EVERY:
            self._forgot_at = now
            session.execute(delete(Notice).where(Notice.at < now - 2 * OLDEST))
