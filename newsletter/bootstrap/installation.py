"""An installation: settings, database, clock, signer."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import ArgumentError, OperationalError

from newsletter import schema
from newsletter.errors import DatabaseNotReady, FixConfiguration
from newsletter.settings import read_settings
from newsletter.settings.secret import secrets_of
from subscribers.clock import utc_now
from subscribers.database import open_database
from subscribers.tokens import Signer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from newsletter.settings import Settings
    from subscribers.clock import Clock
    from subscribers.database import Database


@dataclass(frozen=True, kw_only=True)
class Newsletter:
    """An installation that is open: what every command works with."""

    settings: Settings
    database: Database
    clock: Clock = utc_now

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        return self.clock()

    @property
    def where(self) -> str:
        """Which database this is, without its password."""
        return self.database.engine.url.render_as_string(hide_password=True)

    def signer(self) -> Signer:
        """Return what signs links. Raises FixConfiguration where no secret is set and none can be kept."""
        file = self.database.engine.url.database if self.database.is_sqlite else None
        return Signer(*secrets_of(self.settings, Path(file) if file else None))


@contextmanager
def opened(settings: Settings | None = None, *, ready: bool = True) -> Iterator[Newsletter]:
    """Yield the installation that `settings` (by default: of the environment) describe, and close it at the end.

    `ready`: see to it that the tables are there. Raises FixConfiguration, and DatabaseNotReady also for a database
    that does not answer.
    """
    settings = settings or read_settings()
    database = _database(settings.database_url)
    newsletter = Newsletter(settings=settings, database=database)
    try:
        if ready:
            schema.ensure(database)
        yield newsletter
    except OperationalError as error:
        raise DatabaseNotReady(
            f"The database {newsletter.where} does not answer: {str(error.orig).strip()}. "
            f"See that it runs and that NEWSLETTER_DATABASE_URL names it, then run the same command again."
        ) from error
    finally:
        database.close()


def _database(url: str) -> Database:
    try:
        return open_database(url)
    except ModuleNotFoundError as error:
        raise FixConfiguration(
            f"NEWSLETTER_DATABASE_URL asks for a database whose driver ({error.name}) is not installed: "
            f"`pip install 'newsletter[postgresql]'`."
        ) from error
    except (ValueError, ArgumentError) as error:
        raise FixConfiguration("NEWSLETTER_DATABASE_URL cannot be read: see that its port is a number.") from error
