"""The log of commands that run until they are stopped: one line an event, on standard error."""

from __future__ import annotations

import logging

_LEVELS = {
    "newsletter": logging.INFO,
    "procrastinate": logging.CRITICAL,  # tracebacks of every outage, which our engine says in one line
    "psycopg.pool": logging.ERROR,  # likewise
}


def write_log() -> None:
    """Have events written, with their time: systemd and containers keep standard error."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    for name, level in _LEVELS.items():
        logging.getLogger(name).setLevel(level)
