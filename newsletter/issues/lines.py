"""From the text to its lines and paragraphs, each knowing where it stood."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsletter.issues.text import fold, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

_RULE = re.compile(r"\s*(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,}|(?:=\s*){3,})")
"""A line drawn across the page: decoration."""


_NO_BREAK = re.compile(r"&(?:nbsp|#160|#[xX][aA]0);")


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it was written; `number` counts from 1."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that stand together; never empty."""

    lines: tuple[Line, ...]

    @property
    def number(self) -> int:
        """Where it begins."""
        return self.lines[0].number

    @property
    def source(self) -> str:
        """The lines joined by a space, markup and all, folded: a sentence may be broken over lines."""
        return fold(" ".join(line.text for line in self.lines))


def numbered(text: str) -> tuple[Line, ...]:
    """Return the lines of `text`; one that is drawn across the page, or has nothing to see, is an empty one."""
    lines = (_NO_BREAK.sub("\u00a0", line) for line in text.split("\n"))
    return tuple(Line(number, "" if _empty(line) else line) for number, line in enumerate(lines, start=1))


def paragraphs(lines: tuple[Line, ...]) -> Iterator[Paragraph]:
    """Yield the runs of lines between empty ones."""
    together: list[Line] = []
    for line in lines:
        if line.text:
            together.append(line)
        elif together:
            yield Paragraph(tuple(together))
            together = []
    if together:
        yield Paragraph(tuple(together))


def _empty(line: str) -> bool:
    return _RULE.fullmatch(line) is not None or not fold(visible(line))
