"""How commands speak: results on standard output, messages on standard error, one JSON object for scripts."""

from __future__ import annotations

import json
import unicodedata
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object on standard output, and nothing else."
)

_GAP = "  "


def print_json(document: Mapping[str, Any]) -> None:
    """Write `document` to standard output, in UTF-8 whatever the terminal's encoding (RFC 8259, 8.1)."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    click.echo(text.encode("utf-8", errors="backslashreplace"))


def say(*lines: str) -> None:
    """Write a result for a person to standard output."""
    for line in lines:
        click.echo(harmless(line))


def tell(*lines: str) -> None:
    """Write a message to standard error."""
    for line in lines:
        click.echo(harmless(line), err=True)


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Return `rows` under `headings` as aligned lines; columns of numbers stand to the right."""
    cells = [[str(cell) for cell in row] for row in rows]
    columns = list(zip_longest(headings, *cells, fillvalue=""))
    widths = [max(map(_width, column)) for column in columns]
    numeric = [len(column) > 1 and all(cell.isdecimal() or cell == "–" for cell in column[1:]) for column in columns]
    rule = ["─" * width for width in widths]
    return [
        _GAP.join(_padded(*cell) for cell in zip(line, widths, numeric, strict=True)).rstrip()
        for line in ([*headings], rule, *cells)
    ]


def harmless(text: str) -> str:
    """Return `text` without the control characters by which content could speak to the terminal."""
    return "".join(c for c in text if c in "\t\n" or unicodedata.category(c) not in {"Cc", "Cs"})


def shortened(text: str, width: int) -> str:
    """Return `text`, cut at a word where it is longer than `width` columns."""
    return text if _width(text) <= width else f"{text[: width - 1].rpartition(' ')[0] or text[: width - 1]}…"


def _padded(cell: str, width: int, to_the_right: bool) -> str:  # noqa: FBT001 - a column of three, zipped
    gap = " " * (width - _width(cell))
    return gap + cell if to_the_right else cell + gap


def _width(text: str) -> int:
    """Return how many columns of a terminal `text` takes."""
    return sum(
        0 if unicodedata.category(c) in {"Mn", "Me", "Cf"} else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
