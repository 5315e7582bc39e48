"""The engine of many machines: errands wait in PostgreSQL, and whoever is free anywhere takes one.

Of Procrastinate's jobs nothing is expected but to run somewhere, most of the time. What is due is asked of the ledger,
again and again, and put into the queue unless it waits there: that begins a campaign, resumes it, and replaces jobs
that were lost or whose worker was killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from threading import Thread
from typing import TYPE_CHECKING, Any

import procrastinate
from procrastinate import exceptions
from procrastinate.jobs import Job, Status
from psycopg import OperationalError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from newsletter.delivery.engine import Rest
from newsletter.delivery.jobs import Errand, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from threading import Event

    from sqlalchemy.orm import Session

    from newsletter.delivery.engine import Clerk

_log = logging.getLogger(__name__)

_QUEUE = "campaigns"
_TASK = "errand"
_OFFER_EVERY = 1.0
_OFFERING = 0x6A6F6273
"""The number of PostgreSQL's advisory lock for filling the queue; any that stays the same."""
_POLL_EVERY = 5.0
"""Seconds after which a worker looks into the queue unasked; without LISTEN it does so every second."""
_AGAIN_AFTER = 1.0
_POOL_PATIENCE = 5.0


class Queue:
    """Errands in the order they were offered; plans and endings first."""

    def __init__(self, clerk: Clerk, timer: Callable[[], float] = time.monotonic) -> None:
        self._clerk = clerk
        self._rest = Rest(timer)
        self._jobs = procrastinate.App(connector=procrastinate.SyncPsycopgConnector()).job_manager

    def offer(self) -> int:
        """Put what is due into the queue, in one transaction with the look at the ledger; return how much it was.

        One process at a time does that; the others find it done.
        """
        with self._clerk.sender.database.write() as session:
            if not session.scalar(text("SELECT pg_try_advisory_xact_lock(:number)"), {"number": _OFFERING}):
                return 0
            waiting = set(session.scalars(_WAITING, {"queue": _QUEUE}))
            errands = self._rest.rested([each for each in self._clerk.due(session) if each.name not in waiting])
            self._enqueue(session, errands)
        for errand in errands:
            self._rest.begin(errand)
        return len(errands)

    def _enqueue(self, session: Session, errands: Sequence[Errand]) -> None:
        if errands:
            connection = session.connection().connection.driver_connection
            self._jobs.batch_defer_jobs([_job(errand) for errand in errands], connection=connection)


class Procrastinate:
    """Fills the queue, and takes from it what up to `size` threads of this process carry out."""

    def __init__(
        self, clerk: Clerk, size: int, looked: Callable[[], None], *, listen: bool = True, stalled_after: float = 600.0
    ) -> None:
        """Call `looked` whenever the ledger was asked what is due.

        `listen`: be told of new jobs by PostgreSQL's LISTEN. `stalled_after`: seconds without a sign of life of a
        worker after which the jobs it had are cleared away; nobody waits for that.
        """
        self._clerk = clerk
        self._size = size
        self._looked = looked
        self._listen = listen
        self._stalled_after = stalled_after
        self._queue = Queue(clerk)
        arguments = clerk.sender.database.connection_arguments()
        connector = procrastinate.PsycopgConnector(kwargs=arguments, min_size=1, max_size=2, timeout=_POOL_PATIENCE)
        self._app = procrastinate.App(connector=connector)
        self._app.task(name=_TASK, queue=_QUEUE)(self._carry_out)

    def run(self, stop: Event) -> None:
        """Have errands carried out until `stop` is set and those under way have come to an end."""
        offering = Thread(target=self._keep_offering, args=(stop,), daemon=True)
        offering.start()
        asyncio.run(self._keep_working(stop))
        offering.join()

    async def _carry_out(self, kind: str, campaign: int, chunk: int | None = None) -> None:
        """Do what a job says in a thread of its own: a daemon, so whoever asks twice to stop does not wait for it."""
        loop, over = asyncio.get_running_loop(), asyncio.Event()

        def carry_out() -> None:
            try:
                self._clerk.carry_out(Errand(Kind(kind), campaign, chunk))
            finally:
                _tell(loop, over)

        Thread(target=carry_out, name=f"{kind} of campaign {campaign}", daemon=True).start()
        await over.wait()

    def _keep_offering(self, stop: Event) -> None:
        while not stop.is_set():
            try:
                self._queue.offer()
                self._looked()
            except (DBAPIError, exceptions.ProcrastinateException) as error:
                _log.warning("The queue cannot be filled (%s); trying again.", error.__cause__ or error)
            stop.wait(_OFFER_EVERY)

    async def _keep_working(self, stop: Event) -> None:
        """Run one worker of Procrastinate's after the other: each ends, calmly or not, when PostgreSQL goes away."""
        loop, told = asyncio.get_running_loop(), asyncio.Event()
        loop.set_exception_handler(_not_noted)
        Thread(target=_pass_on, args=(stop, loop, told), daemon=True).start()
        while not told.is_set():
            try:
                async with self._app.open_async():
                    await self._work_until(told)
            except (exceptions.ConnectorException, OperationalError) as error:
                _log.warning("The queue does not answer (%s); trying again.", error.__cause__ or error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(told.wait(), _AGAIN_AFTER)

    async def _work_until(self, told: asyncio.Event) -> None:
        worker = asyncio.create_task(
            self._app.run_worker_async(
                queues=[_QUEUE],
                concurrency=self._size,
                fetch_job_polling_interval=_POLL_EVERY if self._listen else _OFFER_EVERY,
                listen_notify=self._listen,
                delete_jobs="always",
                install_signal_handlers=False,
                stalled_worker_timeout=self._stalled_after,
            )
        )
        beside = [asyncio.create_task(told.wait()), asyncio.create_task(self._clear_stalled())]
        await asyncio.wait([worker, beside[0]], return_when=asyncio.FIRST_COMPLETED)
        for task in beside:
            task.cancel()
        worker.cancel()  # to it, that is the word to end when the jobs under way have
        with contextlib.suppress(asyncio.CancelledError):
            await worker

    async def _clear_stalled(self) -> None:
        """Take away the jobs of killed workers; the ledger has their errands done again when their claims run out."""
        manager = self._app.job_manager
        while True:
            with contextlib.suppress(exceptions.ConnectorException):  # another one cleared it, or is asked again
                for job in await manager.get_stalled_jobs(queue=_QUEUE, seconds_since_heartbeat=self._stalled_after):
                    if job.id is not None:
                        await manager.finish_job_by_id_async(job.id, Status.FAILED, delete_job=True)
            await asyncio.sleep(self._stalled_after / 10)


def _not_noted(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Take it calmly when the queue could not be told that a job has ended: the ledger knows what the job came to."""
    if isinstance(context.get("exception"), exceptions.ConnectorException):
        _log.warning("The end of a job could not be noted in the queue; it is cleared away later.")
    else:
        loop.default_exception_handler(context)


def _pass_on(stop: Event, loop: asyncio.AbstractEventLoop, told: asyncio.Event) -> None:
    stop.wait()
    _tell(loop, told)


def _tell(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    with contextlib.suppress(RuntimeError):  # the loop has ended without
        loop.call_soon_threadsafe(event.set)


def _job(errand: Errand) -> Job:
    first = errand.kind is not Kind.SEND
    return Job(
        queue=_QUEUE,
        task_name=_TASK,
        priority=1 if first else 0,
        lock=None,
        queueing_lock=errand.name,
        task_kwargs={"kind": errand.kind.value, "campaign": errand.campaign_id, "chunk": errand.chunk_no},
    )


_WAITING = text("SELECT queueing_lock FROM procrastinate_jobs WHERE status = 'todo' AND queue_name = :queue")
