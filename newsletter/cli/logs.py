"""The log of commands that run until they are stopped: one line an event, on standard error."""

from __future__ import annotations

import logging

_QUIETER = {
    "procrastinate": logging.CRITICAL,  # tracebacks of every outage, which our engine says in one line
    "psycopg.pool": logging.ERROR,
    "uvicorn": logging.WARNING,
}


def write_log() -> None:
    """Have events written, with their time: systemd and containers keep standard error."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    for name, level in _QUIETER.items():
        logging.getLogger(name).setLevel(level)
