"""What became of a file, in sums and samples."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from subscribers.lifecycle import Fate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from subscribers.importing.doubts import Doubt
    from subscribers.importing.formats.sheet import Written
    from subscribers.importing.lenient import LeftOut
    from subscribers.importing.result import Line
    from subscribers.importing.source import Source

SAMPLES = 20
"""Rows that are shown of the rejected."""
_FEW = 5
"""Rows that are shown of every other fate, and of every kind of doubt."""
TAGS = 100
"""Tags that are named of those that are no topics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What became of a file, or would become of it: rows = added + updated + unchanged + rejected."""

    rows: int
    added: int
    updated: int
    unchanged: int
    rejected: int
    result_file: Path | None
    warnings: tuple[str, ...]
    """About the file as a whole."""
    samples: Mapping[Fate, Sequence[Line]]
    """The first rows of each fate: `SAMPLES` of the rejected, some of the others; the result file has all of them."""
    flagged: Mapping[str, int]
    """How many rows were taken in spite of a doubt, by its kind (`doubts.Policies`)."""
    doubtful: Mapping[str, Sequence[tuple[int, str]]]
    """The first of these: line and doubt."""
    dry_run: bool
    """Nothing was written."""
    written: Written
    tool: str | None
    """Which one wrote the file, where that is plain to see."""
    columns: Mapping[str, str | None]
    """What each column was read as, by its heading; None: it was not read."""
    unknown_tags: Sequence[tuple[str, int]] = ()
    """Tags that are no topics of the list, with how many rows have them: the commonest `TAGS`."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """How many rows were taken without a cell, or a part of one, that is wrong, by its field."""
    first_left_out: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    """The first of these: line and reason."""
    mendable: int = 0
    """How many rows were rejected for something in them that can be mended."""


class Tally:
    """The sums of what was told so far."""

    def __init__(self) -> None:
        self._fates: Counter[Fate] = Counter()
        self._flagged: Counter[str] = Counter()
        self._samples: dict[Fate, list[Line]] = {fate: [] for fate in Fate}
        self._doubtful: dict[str, list[tuple[int, str]]] = {}
        self._left_out: Counter[str] = Counter()
        self.mendable = 0
        """Rows that were rejected for something that can be mended."""
        self._first_left_out: dict[str, tuple[int, str]] = {}

    def count(self, lines: Sequence[Line]) -> None:
        """Take note of a batch."""
        self._fates.update([line.fate for line in lines])
        for fate, samples in self._samples.items():
            most = SAMPLES if fate is Fate.REJECTED else _FEW
            if len(samples) < most and self._fates[fate] > len(samples):
                samples.extend([line for line in lines if line.fate is fate][: most - len(samples)])

    def flag(self, doubt: Doubt, line: int) -> None:
        """Take note of a row that was taken in spite of a doubt."""
        self._flagged[doubt.kind] += 1
        if self._flagged[doubt.kind] <= _FEW:
            self._doubtful.setdefault(doubt.kind, []).append((line, doubt.reason))

    def leave_out(self, less: LeftOut, line: int) -> None:
        """Take note of a row that was taken without something in it."""
        self._left_out[less.field.value] += 1
        self._first_left_out.setdefault(less.field.value, (line, less.reason))

    def report(
        self,
        source: Source,
        result: Path | None,
        warnings: Sequence[str],
        *,
        unknown_tags: Sequence[tuple[str, int]],
        dry_run: bool,
    ) -> ImportReport:
        """Return the whole."""
        headings, fields = source.columns.headings, source.columns.fields
        return ImportReport(
            rows=self._fates.total(),
            added=self._fates[Fate.ADDED],
            updated=self._fates[Fate.UPDATED],
            unchanged=self._fates[Fate.UNCHANGED],
            rejected=self._fates[Fate.REJECTED],
            result_file=result,
            warnings=tuple(warnings),
            samples=self._samples,
            flagged=self._flagged,
            doubtful=self._doubtful,
            dry_run=dry_run,
            written=source.sheet.written,
            tool=source.tool,
            columns={
                heading: fields[place].value if place in fields else None
                for place, heading in enumerate(headings)
                if heading or place in fields
            },
            unknown_tags=tuple(unknown_tags),
            left_out=self._left_out,
            first_left_out=self._first_left_out,
            mendable=self.mendable,
        )
