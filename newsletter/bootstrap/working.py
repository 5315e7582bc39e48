"""What works campaigns off: the engine that fits the database, and the end of a worker that has nothing left to do.

Beside it, in a thread of its own, go the mails to single people: they never wait for a campaign.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from threading import Event, Thread
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from newsletter.bootstrap.people import notice_sender, notices_due
from newsletter.bootstrap.sending import sender
from newsletter.delivery.engine import Clerk
from newsletter.delivery.engine_threads import Threads
from newsletter.delivery.jobs import going_on
from newsletter.delivery.outages import passes
from newsletter.delivery.sending import watch_over
from newsletter.errors import FixConfiguration, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsletter.bootstrap.installation import Newsletter
    from newsletter.delivery.engine import Engine
    from newsletter.delivery.sending import Sender

_log = logging.getLogger(__name__)

_LOOK_EVERY = 0.5
_NOTICES_EVERY = 1.0
"""Somebody looks at their inbox, waiting for a confirmation."""


def work(
    newsletter: Newsletter,
    stop: Event,
    *,
    concurrency: int | None = None,
    until_idle: bool = False,
    looked: Callable[[], None] = lambda: None,
) -> frozenset[int]:
    """Work off what campaigns there are until `stop` is set; return those that went on meanwhile, here or elsewhere.

    Mails to single people are sent meanwhile. `until_idle`: set `stop` when no campaign goes on by itself any more, and
    no such mail is due. `looked` is called whenever the ledger was asked what is due. Raises AnotherSender where
    another process sends from this SQLite database.
    """
    if concurrency is not None:
        newsletter = replace(newsletter, settings=replace(newsletter.settings, concurrency=concurrency))
    seen: set[int] = set()
    over = Event()  # the end of the engine, which a refusal can be
    watching = Thread(target=_watch, args=(newsletter, stop, over, seen), kwargs={"until_idle": until_idle})
    with sender(newsletter, stop.wait) as sending:
        engine = _engine(newsletter, Clerk(sending), looked)
        size = newsletter.settings.concurrency
        _log.info("The worker begins, with %d threads, on %s.", size, newsletter.where)
        _look(newsletter, stop, seen, until_idle=until_idle)  # before it may be over
        guarding = Thread(target=_guard, args=(sending, over))
        posting = Thread(target=_send_notices, args=(newsletter, sending, stop, over))
        guarding.start()
        posting.start()
        watching.start()
        try:
            engine.run(stop)
        finally:
            over.set()
            watching.join()
            guarding.join()
            posting.join()
    return frozenset(seen)


def _engine(newsletter: Newsletter, clerk: Clerk, looked: Callable[[], None]) -> Engine:
    settings = newsletter.settings
    if newsletter.database.is_sqlite or settings.engine == "threads":
        return Threads(clerk, settings.concurrency, looked)
    try:
        from newsletter.delivery.engine_procrastinate import Procrastinate  # noqa: PLC0415 - wanted under PostgreSQL
    except ModuleNotFoundError as error:
        raise FixConfiguration(
            f"Workers under PostgreSQL need {error.name}, which is not installed: `pip install "
            f"'newsletter[postgresql]'`."
        ) from error
    return Procrastinate(clerk, settings.concurrency, looked, listen=settings.listen)


def _watch(newsletter: Newsletter, stop: Event, over: Event, seen: set[int], *, until_idle: bool) -> None:
    while not over.wait(_LOOK_EVERY):
        _look(newsletter, stop, seen, until_idle=until_idle)


def _guard(sending: Sender, over: Event) -> None:
    """Watch over the reputation; events are taken in here only where no process, or part, of their own does."""
    if sending.guard is not None:
        watch_over(sending.guard, sending.feedback, over)


def _send_notices(newsletter: Newsletter, sending: Sender, stop: Event, over: Event) -> None:
    """Send mails to single people as they fall due; what is under way when it is to stop ends first."""

    def wait(seconds: float) -> bool:
        return stop.wait(seconds) or over.is_set()  # whatever ends the engine stops it, or is a refusal: soon enough

    try:
        notices = notice_sender(newsletter, wait, through=sending.transport)
    except Refused as refusal:
        _log.error("No mails to single people go from here: %s", refusal)
        return
    while not wait(0):
        try:
            notices.send_due()
        except DBAPIError as error:
            # an outage the engine says aloud; what else a database says can hold an address
            level = logging.DEBUG if passes(error) else logging.ERROR
            _log.log(level, "Mails to single people: the database refuses (%s).", type(error.orig).__name__)
        except Exception:  # noqa: BLE001 - campaigns and the next mails go on
            _log.exception("Mails to single people failed; trying again.")
        stop.wait(_NOTICES_EVERY)


def _look(newsletter: Newsletter, stop: Event, seen: set[int], *, until_idle: bool) -> None:
    try:
        with newsletter.database.read() as session:
            going = going_on(session)
        idle = until_idle and not going and not notices_due(newsletter)
    except DBAPIError as error:
        _log.debug("Not known what goes on: %s", error.orig)  # the engine says it aloud
        return
    seen |= going
    if idle:
        stop.set()
