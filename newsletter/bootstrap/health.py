"""Whether an installation is well, for whoever watches over it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

from newsletter import schema
from newsletter.errors import DatabaseNotReady

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from newsletter.bootstrap.installation import Newsletter
    from newsletter.bootstrap.parts import Pulse

_SILENT_AFTER = timedelta(seconds=60)


@dataclass(frozen=True, kw_only=True)
class Health:
    """What a watcher is told: nothing that must not be read by anybody."""

    ok: bool
    revision: str | None
    """Of the database; None where it does not answer or has no tables."""
    ticks: Mapping[str, datetime]
    """When each part of this process was last alive."""

    def as_json(self) -> dict[str, Any]:
        """Return the documented form."""
        return {
            "ok": self.ok,
            "revision": self.revision,
            "last_tick": {name: at.isoformat(timespec="seconds") for name, at in self.ticks.items()},
        }


def health(newsletter: Newsletter, pulse: Pulse) -> Health:
    """Ask the database, and the parts of this process when they were last alive."""
    ticks = pulse.seen()
    alive = all(newsletter.now() - at < _SILENT_AFTER for at in ticks.values())
    try:
        schema.check(newsletter.database)
        return Health(ok=alive, revision=schema.revision(newsletter.database), ticks=ticks)
    except (DatabaseNotReady, DBAPIError):
        return Health(ok=False, revision=None, ticks=ticks)
