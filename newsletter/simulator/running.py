"""A simulator that runs: in this process until it is told to stop, or in a thread beside a test."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import threading
from typing import TYPE_CHECKING

from newsletter.simulator.client import SimulatorClient
from newsletter.simulator.clock import SimulatedClock
from newsletter.simulator.options import Options
from newsletter.simulator.server import Server
from newsletter.simulator.service import Service
from subscribers.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from newsletter.simulator.faults import Fault
    from subscribers.clock import Clock

LOOPBACK = "127.0.0.1"
_PARENT_LOOKED_FOR = 0.5
_OBJECTS_BETWEEN_COLLECTIONS = 100_000
"""The record grows by millions of objects, none of them in a cycle: looking for cycles took an eighth of the time."""


def run(
    options: Options,
    *,
    host: str = LOOPBACK,
    port: int = 0,
    record: Path | None = None,
    faults: Sequence[Fault] = (),
    clock: Clock = utc_now,
    on_ready: Callable[[str], None],
    with_parent: bool = False,
) -> None:
    """Run until SIGTERM or SIGINT (or, `with_parent`, until the process that started this one is gone).

    `on_ready` is called with the address once requests are answered.
    """
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    service = Service(options, SimulatedClock(clock), record)
    for fault in faults:
        service.state.faults.add(fault)
    try:
        asyncio.run(_until_told(service, host, port, on_ready, with_parent=with_parent))
    finally:
        service.close()


@contextlib.contextmanager
def running(
    options: Options | None = None, *, record: Path | None = None, clock: Clock = utc_now
) -> Iterator[SimulatorClient]:
    """Run a simulator in a thread, on a free port of loopback, while the context lasts; yield what speaks to it."""
    service = Service(options or Options(), SimulatedClock(clock), record)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="simulator", daemon=True)
    thread.start()
    server = Server(service)
    try:
        url = asyncio.run_coroutine_threadsafe(server.start(LOOPBACK, 0), loop).result()
        yield SimulatorClient(url)
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        service.close()


async def _until_told(
    service: Service, host: str, port: int, on_ready: Callable[[str], None], *, with_parent: bool
) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    server = Server(service)
    on_ready(await server.start(host, port))
    watch = asyncio.create_task(_until_orphaned(told)) if with_parent else None
    try:
        await told.wait()
    finally:
        if watch is not None:
            watch.cancel()
        await server.stop()


async def _until_orphaned(told: asyncio.Event) -> None:
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110 - nobody tells when a parent ends
        await asyncio.sleep(_PARENT_LOOKED_FOR)
    told.set()
