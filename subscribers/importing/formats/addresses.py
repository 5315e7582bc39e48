"""One address a line, with a name or without, as mailing lists print their members. Mailman has no other export.

    ann@example.org
    Ben Miles <ben@example.org>
    cy@example.org (Cy Young)

Empty lines and those that begin with `#` are none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parseaddr
from typing import TYPE_CHECKING

from subscribers.importing.formats.sheet import Row, Written, picker

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from subscribers.importing.formats.text import Text

_ALONE = re.compile(r"[^@\s,;<>()\"']+@[^@\s,;<>()\"']+\.[^@\s,;<>()\"']+")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Roster:
    """A text of that kind."""

    text: Text
    headings: Sequence[str] = ("email", "name")

    @property
    def lines(self) -> int:
        """How many there are."""
        return self.text.lines

    @property
    def written(self) -> Written:
        """How the file is written."""
        return Written(format="addresses", encoding=self.text.encoding, compressed=self.text.packed.compressed)

    @property
    def notes(self) -> Sequence[str]:
        """What a person should look at."""
        return self.text.notes

    def rows(self, positions: Sequence[int]) -> Iterator[Row]:
        """Yield one row for each line with an address."""
        pick = picker(positions)
        with self.text.opened() as file:
            for number, line in enumerate(file, start=1):
                content = line.strip()
                if not content or content.startswith("#"):
                    continue
                if not content.isascii() and _SURROGATE.search(content):
                    yield Row(number, pick((content, "")), self.text.not_in_it())
                    continue
                name, address = parseaddr(content) if not _ALONE.fullmatch(content) else ("", content)
                yield Row(number, pick((address or content, name)))


def is_roster(text: Text) -> bool:
    """Return whether the first line that says something is an address, and nothing else but a name."""
    with text.opened() as file:
        for line in file:
            content = line.strip()
            if content and not content.startswith("#"):
                return _is_one(content)
    return False


def _is_one(content: str) -> bool:
    if _ALONE.fullmatch(content):
        return True
    named = re.fullmatch(r"[^@<>()]*<([^<>()]+)>|([^<>()]+)\([^@<>()]*\)", content)
    return bool(named and _ALONE.fullmatch((named[1] or named[2]).strip()))
