"""What every test may ask for. Databases are real, empty, and made by the migrations."""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_socket import socket_allow_hosts

from newsletter import schema
from subscribers.database import Database, open_database
from tests.fixtures.memory import prefer_memory
from tests.fixtures.postgresql import (
    TEMPLATE,
    Server,
    Unavailable,
    administer,
    copied,
    dropped_database,
    running_server,
)
from tests.fixtures.simulator import aws_environment, simulator, start_simulator
from tests.fixtures.thoroughness import register_profiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["aws_environment", "simulator", "start_simulator"]  # fixtures, by being imported


_SLOWEST_FIRST = (
    "tests/acceptance/test_reliability.py",
    "tests/acceptance/test_guard.py",
    "tests/acceptance/test_killed.py",
    "tests/acceptance/",
    "tests/browser/",
    "tests/integration/",
)

register_profiles()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Hand tests to the workers of xdist one by one: by the dozen, one worker would have all of the slow ones."""
    prefer_memory()
    if config.pluginmanager.hasplugin("xdist") and config.option.maxschedchunk is None:
        config.option.maxschedchunk = 1


def pytest_xdist_auto_num_workers() -> int:
    """Begin one more worker than there are processors: the slow tests wait for claims to end, not for a processor."""
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1) + 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes minutes, in whatever order otherwise: the last to end should be a test of milliseconds."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    """Return when a test has its turn: files of the whole reliability first, then other processes, then the rest."""
    slow = [number for number, path in enumerate(_SLOWEST_FIRST) if item.nodeid.startswith(path)]
    return min(slow, default=len(_SLOWEST_FIRST))


def pytest_runtest_setup() -> None:
    """Let no test reach beyond this machine."""
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(autouse=True, scope="session")
def _nobodys_settings() -> Iterator[None]:
    """Keep what the person at this machine has set out of the tests: their database, their AWS account."""
    with pytest.MonkeyPatch.context() as environment:
        for name in list(os.environ):
            if name.startswith(("NEWSLETTER_", "AWS_")) and name != "NEWSLETTER_REAL_ISSUES":
                environment.delenv(name)
        for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
            environment.setenv(name, os.devnull)
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database file that was upgraded once and is copied for each test."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite"
    database = open_database(f"sqlite:///{path}")
    schema.upgrade(database)
    database.close()  # the last connection folds the write-ahead log into the file
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """Yield a server with a migrated template database; without one, skip by name, or fail in CI."""
    try:
        with running_server() as server:
            administer(server, f"CREATE DATABASE {TEMPLATE}")
            database = open_database(server.url(TEMPLATE))
            schema.upgrade(database)
            database.close()
            yield server
    except Unavailable as reason:
        if os.environ.get("CI"):
            pytest.fail(f"PostgreSQL cannot be started, and in CI nothing may be missing: {reason}")
        pytest.skip(f"PostgreSQL cannot be started: {reason}")


@pytest.fixture
def own_server(postgresql_server: Server) -> Iterator[Server]:
    """Yield a server of this test's own, to be stopped and started, with an empty, migrated database `newsletter`."""
    del postgresql_server  # where that cannot be had, neither can this
    with running_server() as server:
        administer(server, "CREATE DATABASE newsletter")
        database = open_database(server.url("newsletter"))
        schema.upgrade(database)
        database.close()
        yield server


@pytest.fixture
def postgresql_url(postgresql_server: Server) -> Iterator[str]:
    """Yield the URL of an empty, migrated PostgreSQL database of this test's own."""
    name = f"test_{uuid.uuid4().hex}"
    copied(postgresql_server, name, TEMPLATE)
    yield postgresql_server.url(name)
    dropped_database(postgresql_server, name)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Return the URL of an empty, migrated SQLite database of this test's own."""
    path = tmp_path / "newsletter.sqlite"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty, migrated database: the test runs once on each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def opened() -> Iterator[Callable[[str], Database]]:
    """Yield a function that opens a database and sees to its end."""
    databases: list[Database] = []

    def open_(url: str) -> Database:
        databases.append(open_database(url))
        return databases[-1]

    yield open_
    for database in databases:
        database.close()


@pytest.fixture
def database(database_url: str, opened: Callable[[str], Database]) -> Database:
    """Return an empty database: the test runs once on SQLite and once on PostgreSQL."""
    return opened(database_url)


@pytest.fixture
def sqlite_database(sqlite_url: str, opened: Callable[[str], Database]) -> Database:
    """Return an empty SQLite database."""
    return opened(sqlite_url)


@pytest.fixture
def postgresql_database(postgresql_url: str, opened: Callable[[str], Database]) -> Database:
    """Return an empty PostgreSQL database."""
    return opened(postgresql_url)
