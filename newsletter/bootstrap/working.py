"""What works campaigns off: the engine that fits the database, and the end of a worker that has nothing left to do."""

from __future__ import annotations

import logging
from dataclasses import replace
from threading import Event, Thread
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from newsletter.bootstrap.sending import sender
from newsletter.delivery.engine import Clerk
from newsletter.delivery.engine_threads import Threads
from newsletter.delivery.jobs import going_on
from newsletter.errors import FixConfiguration

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsletter.bootstrap.installation import Newsletter
    from newsletter.delivery.engine import Engine

_log = logging.getLogger(__name__)

_LOOK_EVERY = 0.5


def work(
    newsletter: Newsletter,
    stop: Event,
    *,
    concurrency: int | None = None,
    until_idle: bool = False,
    looked: Callable[[], None] = lambda: None,
) -> frozenset[int]:
    """Work off what campaigns there are until `stop` is set; return those that went on meanwhile, here or elsewhere.

    `until_idle`: set `stop` when no campaign goes on by itself any more. `looked` is called whenever the ledger was
    asked what is due. Raises AnotherSender where another process sends from this SQLite database.
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
        watching.start()
        try:
            engine.run(stop)
        finally:
            over.set()
            watching.join()
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


def _look(newsletter: Newsletter, stop: Event, seen: set[int], *, until_idle: bool) -> None:
    try:
        with newsletter.database.read() as session:
            going = going_on(session)
    except DBAPIError as error:
        _log.debug("Not known what goes on: %s", error.orig)  # the engine says it aloud
        return
    seen |= going
    if until_idle and not going:
        stop.set()
