"""One sending process at a time, beside a SQLite database: a lock that the kernel frees when its holder dies.

SQLite's own lock is unfair and lasts one transaction; a second sender would only get in the way. Whoever holds this
lock knows that every claim in the database belongs to a process that is no more.
"""

from __future__ import annotations

import os
import platform
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from newsletter.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from subscribers.database import Database


class AnotherSender(Refused):
    """A process is sending from this database already."""

    def __init__(self, holder: str) -> None:
        super().__init__(
            f"Already sending from this database: {holder}. Wait until it has ended, or stop it; "
            f"`newsletter campaign status` shows how far it is."
        )
        self.holder = holder


@contextmanager
def sole_sender(database: Database) -> Iterator[None]:
    """Be the only sender of a SQLite database for a while; raises AnotherSender, with who it is.

    Under PostgreSQL there may be many senders: nothing happens there.
    """
    file = database.engine.url.database
    if not database.is_sqlite or not file or file == ":memory:":
        yield
        return
    with _locked(Path(f"{file}.sender")):
        yield


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    import fcntl  # noqa: PLC0415 - not on every system; needed only when something is sent

    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise AnotherSender(file.read().strip() or "a process that just began") from None
        file.truncate(0)
        file.write(f"process {os.getpid()} on {platform.node()}\n")
        file.flush()
        # the file stays: removing it would let a third process lock a new one while a second waits for this one
        yield
        file.truncate(0)
