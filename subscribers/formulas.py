"""Cells that a spreadsheet would run: written so that it does not, and read back as they were. Pure.

Excel, LibreOffice and Google Sheets take a cell that begins with `=`, `+`, `-` or `@` (or with a tab or a line end
before them) for a formula, which can send a whole sheet of people elsewhere. An apostrophe before it makes it text
(https://owasp.org/www-community/attacks/CSV_Injection). Where apostrophes stand before such a character already, one
more is put before them: so taking one away always gives back what was there.
"""

from __future__ import annotations

import re

_GUARDED = re.compile(r"'+[=+\-@\t\r\n]")
_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_SUSPECT = frozenset("=+-@\t\r\n'")


def neutralised(cell: str) -> str:
    """Return `cell` as no spreadsheet runs it."""
    return f"'{cell}" if cell and cell[0] in _SUSPECT and _FORMULA.match(cell) else cell


def restored(cell: str) -> str:
    """Return what `neutralised` was given."""
    return cell[1:] if _GUARDED.match(cell) else cell
