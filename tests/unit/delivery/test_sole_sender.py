"""One sending process at a time beside a SQLite database, for as long as it lives and no longer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from newsletter.delivery.sole_sender import AnotherSender, sole_sender
from subscribers.database import open_database

if TYPE_CHECKING:
    from subscribers.database import Database

HOLDER = """
import sys, time
from newsletter.delivery.sole_sender import sole_sender
from subscribers.database import open_database
with sole_sender(open_database(sys.argv[1])):
    print("holding", flush=True)
    time.sleep(600)
"""


def test_a_second_one_is_refused_with_who_the_first_is(sqlite_database: Database) -> None:
    with (
        sole_sender(sqlite_database),
        pytest.raises(AnotherSender, match=f"process {os.getpid()} on "),
        sole_sender(sqlite_database),
    ):
        pass
    with sole_sender(sqlite_database):
        pass


def test_it_ends_with_the_life_of_its_holder(sqlite_database: Database, sqlite_url: str) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER, sqlite_url], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "holding\n"
        with pytest.raises(AnotherSender, match=f"process {holder.pid} on "), sole_sender(sqlite_database):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with sole_sender(sqlite_database):
            pass


def test_databases_do_not_get_in_each_others_way(sqlite_database: Database, tmp_path: object) -> None:
    other = open_database(f"sqlite:///{tmp_path}/other.sqlite")
    with sole_sender(sqlite_database), sole_sender(other):
        pass
    other.close()


def test_there_may_be_many_under_postgresql_and_in_memory(postgresql_database: Database) -> None:
    memory = open_database("sqlite://")
    with sole_sender(postgresql_database), sole_sender(postgresql_database), sole_sender(memory), sole_sender(memory):
        pass
    memory.close()
