"""A file of people → a list. The modules, in the order in which the data takes its way through them.

`source` opens it (`formats`), recognises its tool (`layouts`) and its columns (`mapping`, `fields`); `rows` takes it a
batch at a time: `reading` makes `wishes` of them (`cells`, `standing`, `times`, `tags`, `doubts`), `row` of those with
something wrong (`lenient`), `seen` finds who came before. `batches` asks who is known (`people`), has `fates` decide,
and writes (`sets`, `references`, `suppressing`); `result`, `report` tell. `pace` has reading, writing and telling done
at once. What the file may hold: docs/subscribers-file.md.

Every row has one fate, told with its reason in the result file: added, updated, unchanged, or rejected. Of two rows
with one address the first counts and the second is rejected, but for its bad news (`news`): so the same file gives the
same list however often it is imported, and its owner learns of the contradiction.
"""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, closing
from functools import partial
from typing import TYPE_CHECKING

from subscribers.collector import collector_at_rest, sweep
from subscribers.errors import Refused
from subscribers.importing.news import rounds
from subscribers.importing.pace import ahead, apart, aside
from subscribers.importing.report import SAMPLES, TAGS, ImportReport, Tally
from subscribers.importing.result import Line, result_file
from subscribers.importing.rows import Rows
from subscribers.importing.source import Instructions, open_source
from subscribers.importing.tags import Tags
from subscribers.importing.wishes import MENDABLE, Rejection, Wish
from subscribers.lifecycle import Fate
from subscribers.sentences import Sentence, and_also

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from subscribers.database import Database
    from subscribers.importing.batches import Order
    from subscribers.importing.fates import Decision
    from subscribers.importing.lenient import LeftOut
    from subscribers.importing.rows import Batch
    from subscribers.importing.source import Source
    from subscribers.preferences import Vocabulary
    from subscribers.privacy.erased import Erasures
    from subscribers.publication import Publication

    Progress = Callable[[int, int], None]

__all__ = ["SAMPLES", "ImportReport", "Instructions", "import_subscribers"]

BATCH = 20_000
"""Rows in one transaction: half a second to a second in which nobody else writes. Of a million rows, fewer would
change nearly every page of the index of addresses, each time anew."""
_LONG = 50_000
"""Lines of a file that a process of its own reads: for fewer it would hardly have begun."""
_SHOWN = 10
"""Unknown tags that are named."""


def import_subscribers(
    database: Database,
    publication: Publication,
    path: Path,
    *,
    vocabulary: Vocabulary,
    result: Path | None,
    now: datetime,
    source: str = "",
    said: Instructions | None = None,
    dry_run: bool = False,
    erased: Erasures | None = None,
    progress: Progress = lambda done, lines: None,  # noqa: ARG005 - nobody is looking
    batch: int = BATCH,
) -> ImportReport:
    """Bring the people in the file at `path` to a list, a batch at a time; memory does not grow with the file.

    Nobody who left, was erased, or whose address is suppressed comes back by it, whatever the file says, unless `said`
    overrides that for those who left, or for those who were `erased`. `source`: where their consent is from, for the
    log beside the file's name. `result`: where the result file goes; None: there is none. `progress` is told the line
    reached and the number of lines, 0 where that is not known. Raises Refused, before anything is written, for a file
    that is no table of subscribers. Stopped half-way, whole batches are in; the same import again goes on from there,
    and ends the same.

    `dry_run`: tell what would become of each row; nothing is written to the database.
    """
    said = said or Instructions()
    if result is not None and result.resolve() == path.resolve():
        raise Refused(f"{path.name} would be overwritten by its result file: say another one with --result.")
    file = open_source(path, said)
    Tags(publication.topics, said.tags)  # refuses a topic that there is not, before anything is read
    rows = Rows(file=file, topics=publication.topics, vocabulary=vocabulary, said=said, now=now, size=batch)
    name = path.name.encode(errors="replace").decode()  # a file's name may hold bytes that are no text
    origin = f"import {name}: {source}" if source else f"import {name}"
    from subscribers.importing.batches import Order  # noqa: PLC0415 - the process that only reads needs no database

    order = Order(list_id=publication.id, source=origin, now=now, rules=said.rules, erased=erased)
    tally, strange = Tally(), Counter[str]()
    with ExitStack() as stack:
        stack.enter_context(collector_at_rest())
        write = stack.enter_context(result_file(result)) if result else None
        tell: Callable[[Sequence[Wish | Rejection], Sequence[Decision]], None] = partial(_tell, tally, write)
        if not database.is_sqlite:  # which works in this process: threads that take turns would only cost
            tell = stack.enter_context(aside(tell))
        for read in stack.enter_context(closing(_read(rows, file.sheet.lines))):
            tell(read.items, _decided(database, order, read.items, dry_run=dry_run))
            strange.update(read.strange)
            progress(read.last, max(file.sheet.lines, read.last))
            sweep()
    warnings = [*file.sheet.notes, *_unread(file), *_unknown(strange)]
    return tally.report(file, result, warnings, unknown_tags=strange.most_common(TAGS), dry_run=dry_run)


def _read(rows: Rows, lines: int) -> Generator[Batch]:
    return apart(rows.batches) if lines > _LONG else ahead(rows.batches())


def _decided(
    database: Database, order: Order, items: Sequence[Wish | Rejection], *, dry_run: bool
) -> Sequence[Decision]:
    from subscribers.importing.batches import bring, foresee  # noqa: PLC0415 - likewise

    wishes = [item for item in items if isinstance(item, Wish)]
    if dry_run:
        with database.read() as session:
            return foresee(session, order, wishes)
    news = [item.news for item in items if isinstance(item, Rejection) and item.news]
    with database.write() as session:
        decisions = bring(session, order, wishes)
        for each in rounds(news):
            bring(session, order, each)
    return decisions


def _tell(
    tally: Tally,
    write: Callable[[Sequence[Line]], object] | None,
    items: Sequence[Wish | Rejection],
    decisions: Sequence[Decision],
) -> None:
    lines = _told(items, decisions, tally)
    if write:
        write(lines)
    tally.count(lines)


def _told(items: Sequence[Wish | Rejection], decisions: Sequence[Decision], tally: Tally) -> Sequence[Line]:
    """Return what became of each row, in their order."""
    lines, decided, rejected, line = [], iter(decisions), Fate.REJECTED, Line._make
    for item in items:
        if isinstance(item, Rejection):
            lines.append(Line(item.line, item.email, rejected, item.reason))
            tally.mendable += item.kind in MENDABLE
            continue
        decision = next(decided)
        reason = decision.reason
        if (item.doubts or item.left_out) and decision.fate is not rejected:
            left_out = map(_left_out, item.left_out)
            reason = and_also(filter(None, (reason, *(doubt.reason for doubt in item.doubts), *left_out)))
            for doubt in item.doubts:
                tally.flag(doubt, item.line)
            for less in item.left_out:
                tally.leave_out(less, item.line)
        lines.append(line((item.line, item.email, decision.fate, reason)))
    return lines


def _left_out(less: LeftOut) -> Sentence:
    return Sentence("left out: {column}: {reason}", column=less.field, reason=less.reason)


def _unread(file: Source) -> Iterator[str]:
    """Name the columns that are not read, but for those that nobody wants to."""
    unread = [f"“{heading}”" for heading in file.columns.unread]
    if len(unread) == 1:
        yield f"The column {unread[0]} is not read."
    elif unread:
        yield f"{len(unread)} columns are not read: {', '.join(unread)}."


def _unknown(tags: Counter[str]) -> Iterator[str]:
    if tags:
        named = ", ".join(f"“{tag}” ({rows})" for tag, rows in tags.most_common(_SHOWN))
        more = len(tags) - _SHOWN
        yield (
            f"Tags that are no topics of the list, with the rows that have them: {named}"
            f"{f' and {more} more' if more > 0 else ''}. To have one taken: --topic 'TAG=topic'."
        )
