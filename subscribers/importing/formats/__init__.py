"""Files of people, in whatever form a tool wrote them, as one kind of table (`sheet`).

`packed` undoes gzip, `foreign` knows what is no list of people, `text` finds the encoding and the lines; `separated`
(CSV, TSV), `json_lines`, `addresses` and `workbook` (XLSX) each read one format. All of them stream, and refuse what
they cannot read before anything is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from subscribers.errors import Refused
from subscribers.importing.formats import addresses, json_lines, separated
from subscribers.importing.formats.foreign import refuse_foreign
from subscribers.importing.formats.packed import Packed, beginning
from subscribers.importing.formats.text import examine

if TYPE_CHECKING:
    from pathlib import Path

    from subscribers.importing.formats.sheet import Hints, Sheet

_WORKBOOK = b"PK\x03\x04"


def open_sheet(path: Path, hints: Hints) -> Sheet:
    """Find out how the file at `path` is written. Raises Refused for what is no table."""
    packed = Packed(path)
    first = beginning(packed)
    if not first:
        raise Refused(f"{path.name} is empty: export the list once more.")
    if first.startswith(_WORKBOOK):
        from subscribers.importing.formats import workbook  # noqa: PLC0415 - 60 ms, wanted for workbooks only

        return workbook.open_workbook(packed, hints)
    refuse_foreign(path.name, first, said=hints.encoding is not None)
    text = examine(packed, hints.encoding)
    if json_lines.is_json(text):
        return json_lines.open_json_lines(text, hints.enough)
    if not hints.headings and addresses.is_roster(text):
        return addresses.Roster(text)
    return separated.open_separated(text, hints)
