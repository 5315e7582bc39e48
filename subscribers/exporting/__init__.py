"""A list → a file of people: `wanted` says whom and what, `people` streams them, `writers` knows the formats.

What is exported as CSV, TSV, XLSX or JSONL is read again by `importing`, and changes nothing there: the columns have
the names and the words that it knows.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from subscribers.collector import collector_at_rest, sweep
from subscribers.exporting.people import count_people, stream_people
from subscribers.exporting.wanted import Wanted
from subscribers.exporting.writers import FORMATS, writer_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from subscribers.database import Database
    from subscribers.publication import Publication

    Progress = Callable[[int, int], None]

__all__ = ["FORMATS", "Wanted", "export_subscribers"]


def export_subscribers(
    database: Database,
    publication: Publication,
    out: BinaryIO,
    *,
    form: str,
    wanted: Wanted,
    progress: Progress | None = None,
) -> int:
    """Write the people of a list to `out` in the format `form`; return how many.

    They are as they were at one instant, in the order in which they came; memory does not grow with their number.
    `progress` is told how many are written and how many there are. Raises Refused where the format cannot hold them.
    """
    written = 0
    with (
        collector_at_rest(),
        database.read() as session,
        closing(stream_people(session, publication, wanted)) as people,
        writer_of(form)(out, wanted.columns) as write,
    ):
        total = count_people(session, publication, wanted) if progress else 0
        for rows in people:
            write(rows)
            written += len(rows)
            if progress:
                progress(written, max(total, written))
            sweep()
    return written
