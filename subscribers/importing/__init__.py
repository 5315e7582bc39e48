"""A file of people → a list: `table` reads it, `wishes` checks each row, `fates` decides, `batches` writes.

The columns: `email`, and in any order, all optional, `name`, `language` and `topics` (several separated by `;`),
`timezone`, `status` (`active` or `unsubscribed`). An empty cell, like a missing column, leaves what is there.

Every row has one fate, told with its reason in the result file: added, updated, unchanged, or rejected. Of two rows
with one address the first counts and the second is rejected: so the same file gives the same list however often it
is imported, and its owner learns of the contradiction.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from subscribers.importing.batches import bring
from subscribers.importing.result import Line, result_file
from subscribers.importing.seen import Seen
from subscribers.importing.table import Row, open_table
from subscribers.importing.wishes import Reading, Rejection, Wish
from subscribers.lifecycle import Fate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from subscribers.database import Database
    from subscribers.importing.fates import Decision
    from subscribers.preferences import Vocabulary
    from subscribers.publication import Publication

    Progress = Callable[[int, int], None]

BATCH = 5_000
"""Rows in one transaction: a fifth of a second in which nobody else writes."""

SAMPLES = 20


class Refusal(NamedTuple):
    """A row that was rejected."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What became of a file: rows = added + updated + unchanged + rejected."""

    rows: int
    added: int
    updated: int
    unchanged: int
    rejected: int
    result_file: Path
    warnings: tuple[str, ...]
    """About the file as a whole."""
    samples: tuple[Refusal, ...]
    """The first `SAMPLES` of the rejected rows; the result file has all of them."""


def import_subscribers(
    database: Database,
    publication: Publication,
    path: Path,
    *,
    vocabulary: Vocabulary,
    result: Path,
    now: datetime,
    source: str = "",
    progress: Progress = lambda done, lines: None,  # noqa: ARG005 - nobody is looking
    batch: int = BATCH,
) -> ImportReport:
    """Bring the people in the file at `path` to a list, a batch at a time; memory does not grow with the file.

    Nobody who left or whose address is suppressed comes back by it, whatever the file says. `source`: where their
    consent is from, for the log beside the file's name. `result`: where the result file goes. `progress` is told the
    line reached and the number of lines. Raises Refused, before anything is written, for a file that is no table of
    subscribers. Stopped half-way, whole batches are in; the same import again goes on from there.
    """
    table = open_table(path)
    reading = Reading(vocabulary)
    name = path.name.encode(errors="replace").decode()  # a file's name may hold bytes that are no text
    origin = f"import {name}: {source}" if source else f"import {name}"
    tally = _Tally()
    with Seen() as seen, result_file(result) as write:
        for rows in _batches(table.rows(), batch):
            wishes, rejected = _parted([reading.read(row) for row in rows], seen)
            with database.write() as session:
                decisions = bring(session, publication.id, wishes, source=origin, now=now)
            lines = sorted(_told(wishes, decisions, rejected))
            write(lines)
            tally.count(lines)
            progress(rows[-1].line, table.lines)
    return tally.report(result, table.warnings)


class _Tally:
    """The sums of what was told so far."""

    def __init__(self) -> None:
        self._fates: Counter[Fate] = Counter()
        self._samples: list[Refusal] = []

    def count(self, lines: Sequence[Line]) -> None:
        self._fates.update(line.fate for line in lines)
        rejected = (Refusal(line.line, line.reason) for line in lines if line.fate is Fate.REJECTED)
        self._samples += islice(rejected, SAMPLES - len(self._samples))

    def report(self, result: Path, warnings: tuple[str, ...]) -> ImportReport:
        return ImportReport(
            rows=self._fates.total(),
            added=self._fates[Fate.ADDED],
            updated=self._fates[Fate.UPDATED],
            unchanged=self._fates[Fate.UNCHANGED],
            rejected=self._fates[Fate.REJECTED],
            result_file=result,
            warnings=warnings,
            samples=tuple(self._samples),
        )


def _parted(read: Sequence[Wish | Rejection], seen: Seen) -> tuple[Sequence[Wish], Sequence[Rejection]]:
    """Part the rows to be taken from the others, among these the ones whose address came before."""
    wishes = [each for each in read if isinstance(each, Wish)]
    rejected = [each for each in read if isinstance(each, Rejection)]
    again = seen.duplicates(wishes)
    for wish in wishes:
        if wish.line in again:
            reason = f"email: the same as in line {again[wish.line]}, which counts"
            rejected.append(Rejection(wish.line, wish.email, reason))
    return [wish for wish in wishes if wish.line not in again], rejected


def _told(wishes: Sequence[Wish], decisions: Sequence[Decision], rejected: Sequence[Rejection]) -> Iterator[Line]:
    for wish, decision in zip(wishes, decisions, strict=True):
        yield Line(wish.line, wish.email, decision.fate, decision.reason)
    for line, email, reason in rejected:
        yield Line(line, email, Fate.REJECTED, reason)


def _batches(rows: Iterator[Row], size: int) -> Iterator[Sequence[Row]]:
    while batch := list(islice(rows, size)):
        yield batch
