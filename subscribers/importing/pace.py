"""The reading of a file beside the writing of it: in another thread, or in a process of its own.

Threads of Python work in turn, which leaves the reading to the moments in which the database works. A process has a
core to itself, and takes a third of a second until it begins: worth it where a file is long.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from subscribers.collector import collector_at_rest, sweep
from subscribers.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from concurrent.futures import Future

Item = TypeVar("Item")
Given = ParamSpec("Given")

_PIPE = 1024 * 1024
"""Bytes of what was read that wait to be taken, where the system lets us say so: a batch, nearly."""
_LENGTH = 8
"""Bytes that say how many bytes an item has."""
_BEGIN = "from subscribers.importing.pace import serve; serve()"


def ahead(items: Iterator[Item]) -> Generator[Item]:
    """Yield `items`, the next one made in another thread while this one is worked on.

    The database's own work holds no lock of Python's, so that reading the file costs no time of its own.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="import") as worker:
        coming = worker.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = worker.submit(next, items, None)
            yield item


@contextmanager
def aside(work: Callable[Given, object]) -> Iterator[Callable[Given, None]]:
    """Yield `work` as something done in another thread: a call returns when what an earlier one asked for is done.

    All of it is done at the end. What it raises is raised by the next call, or at the end.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="import") as worker:
        last: Future[object] = worker.submit(int)

        def ask(*given: Given.args, **also: Given.kwargs) -> None:
            nonlocal last
            last.result()
            last = worker.submit(work, *given, **also)

        yield ask
        last.result()


def apart(make: Callable[[], Iterator[Item]]) -> Generator[Item]:
    """Yield the items of `make`, which are made in a process of its own; that ends with this generator.

    `make` and the items are pickled. It is a new Python and no copy of this process, whose threads and connections
    it would disturb; not by `multiprocessing`, which would run the main module of whoever called us once more.
    Raises what `make` raises, and Refused where the process ended before its time.
    """
    process = subprocess.Popen(  # noqa: S603 - our own Python, our own words
        [sys.executable, "-c", _BEGIN],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path or os.curdir for path in sys.path)},
        pipesize=_PIPE,
        start_new_session=True,  # Ctrl-C is for us, and we end it
    )
    with process:
        try:
            with cast("IO[bytes]", process.stdin) as wanted:
                pickle.dump(make, wanted)
            # taken off its hands at once: a batch is more than a pipe holds, and it would wait for us
            for item in ahead(_unpacked(cast("IO[bytes]", process.stdout))):
                if isinstance(item, Exception):
                    raise item
                yield item
        finally:
            process.kill()


def _unpacked(stream: IO[bytes]) -> Iterator[Any]:
    """Yield what comes, each after its length; nothing is the end."""
    while length := int.from_bytes(_exactly(stream, _LENGTH)):
        yield pickle.loads(_exactly(stream, length))  # noqa: S301 - from the process that we began


def _exactly(stream: IO[bytes], count: int) -> bytes:
    found = stream.read(count)
    if len(found) < count:
        raise Refused(
            "The process that reads the file ended before its time (was the memory full?). What was imported stays; "
            "import the same file once more, and it goes on from there."
        )
    return found


def serve() -> None:
    """Be that process."""
    make = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that began us
    try:
        with collector_at_rest():
            for item in make():
                _send(pickle.dumps(item, pickle.HIGHEST_PROTOCOL))
                sweep()
        _send(b"")
    except BrokenPipeError:
        return  # nobody waits for the rest
    except Exception as error:  # noqa: BLE001 - raised by `apart`
        _send(pickle.dumps(error))


def _send(packed: bytes) -> None:
    out = sys.stdout.buffer
    out.write(len(packed).to_bytes(_LENGTH))
    out.write(packed)
    out.flush()
