"""The pace of one lane, as the threads of a process ask for it; what it says holds for all workers of all machines."""

from __future__ import annotations

import logging
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING

from newsletter.delivery.account import AccountUnavailable
from newsletter.delivery.pacing.deciding import Granted, Held, LookFirst, Stopped, decide, largest_call
from newsletter.delivery.pacing.gauge import not_seen, seen, throttled, used_up
from newsletter.delivery.pacing.rate import Lane
from newsletter.delivery.pacing.rows import read_gauge
from newsletter.errors import Hold, StopCampaign

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

    from newsletter.delivery.account import Account
    from newsletter.delivery.pacing.deciding import Answer
    from newsletter.delivery.pacing.gauge import Gauge, Rules
    from newsletter.delivery.pacing.rows import HeldRow, Rows

_log = logging.getLogger(__name__)


def nothing_later(_session: Session, _now: datetime) -> int:
    """Return 0: nothing is kept for later."""
    return 0


class SharedPace:
    """Implements `delivery.pace.Pace`."""

    def __init__(
        self,
        rows: Rows,
        rules: Rules,
        lane: Lane = Lane.BULK,
        *,
        account: Account | None = None,
        reserved_for_later: Callable[[Session, datetime], int] = nothing_later,
    ) -> None:
        """`account`: who says how much is allowed; None where the rules alone do.

        `reserved_for_later`: how many recipients of the quota to keep for what is scheduled within 24 hours. Called
        about once a minute by one of all workers; nobody waits for it but the call it is made for.
        """
        self._rows = rows
        self._rules = replace(rules, asks_account=account is not None)
        self._lane = lane
        self._account = account
        self._reserved_for_later = reserved_for_later
        self._largest: int | None = None
        self._looking = Lock()
        self._looks = 0

    def largest_call(self) -> int:
        """Return how many recipients one call may have, by what this process saw last."""
        if self._largest is None:
            with self._rows.database.read() as session:
                self._largest = largest_call(read_gauge(session), self._rules, self._lane, self._rows.clock())
        return self._largest

    def reserve(self, recipients: int) -> float:
        """Take a slot for so many; return the seconds until it begins. Raises Hold and StopCampaign."""
        while True:
            looks = self._looks
            answer = self.ask(recipients)
            if isinstance(answer, Granted):
                return answer.wait
            if isinstance(answer, Held):
                raise Hold(answer.reason, answer.until)
            if isinstance(answer, Stopped):
                raise StopCampaign(answer.reason)
            self._look(answer, looks)

    @property
    def joins(self) -> bool:
        """Whether a slot can be taken in a transaction of the ledger's.

        Under SQLite whoever writes is alone anyway. Under PostgreSQL everybody would wait for the row until the ledger
        is on the disk.
        """
        return self._rows.database.is_sqlite

    def reserve_within(self, connection: Connection, recipients: int) -> float | None:
        """Do as `reserve` in somebody's transaction; None, and nothing is written: `reserve` has more to say."""
        row = self._rows.held_within(connection)
        gauge, answer = self._decided(row, recipients)
        if not isinstance(answer, Granted):
            return None
        row.write(gauge)
        return answer.wait

    def ask(self, recipients: int) -> Answer:
        """Return the answer to one request, in one transaction; what was granted is taken."""
        with self._rows.held() as row:
            gauge, answer = self._decided(row, recipients)
            row.write(gauge)
        return answer

    def _decided(self, row: HeldRow, recipients: int) -> tuple[Gauge, Answer]:
        gauge, answer = decide(row.gauge, self._rules, self._lane, recipients, now=row.now, history=row.history)
        self._largest = largest_call(gauge, self._rules, self._lane, row.now)
        return gauge, answer

    def throttled(self) -> None:
        """Slow everybody down, and have the account looked at again soon."""
        with self._rows.held() as row:
            gauge = throttled(row.gauge, row.now)
            row.write(gauge)
        self._largest = largest_call(gauge, self._rules, self._lane, row.now)

    def used_up(self) -> None:
        """Let nobody send for some minutes at least, and have the account looked at again soon."""
        with self._rows.held() as row:
            row.write(used_up(row.gauge, row.now))

    def _look(self, wanted: LookFirst, looks: int) -> None:
        """Ask the account and write down what it says; a thread that finds it just done does nothing."""
        with self._looking:
            if self._looks != looks or self._account is None:
                return
            try:
                state = self._account.look()
            except AccountUnavailable as error:
                self._not_seen(wanted, error)
                return
            with self._rows.database.read() as session:
                kept = self._reserved_for_later(session, wanted.asked_at)
            with self._rows.held() as row:
                uncounted = row.uncounted(wanted.asked_at)
                row.write(seen(row.gauge, state, wanted.asked_at, since=uncounted, kept=kept))
            self._looks += 1

    def _not_seen(self, wanted: LookFirst, error: AccountUnavailable) -> None:
        with self._rows.held() as row:
            row.write(not_seen(row.gauge, str(error)))
        if wanted.needed:
            raise StopCampaign(
                f"Before anything is sent, Amazon SES has to say how much the account may send. It did not: {error} "
                f"Mend that, then let the campaign go on."
            ) from error
        _log.warning("Sending goes on with what Amazon SES allowed when it was asked last: %s", error)
