"""One JSON object a line (JSONL, NDJSON): its keys are the headings, whichever line they are in."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from subscribers.errors import Refused
from subscribers.importing.formats.sheet import Row, Written
from subscribers.sentences import Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from subscribers.importing.formats.text import Text

_MOST_KEYS = 1_000
_NO_OBJECT = Sentence("the line is no JSON object")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class JsonLines:
    """A text of that kind, and all the keys in it."""

    text: Text
    headings: Sequence[str]

    @property
    def lines(self) -> int:
        """How many there are."""
        return self.text.lines

    @property
    def written(self) -> Written:
        """How the file is written."""
        return Written(format="jsonl", encoding=self.text.encoding, compressed=self.text.packed.compressed)

    @property
    def notes(self) -> Sequence[str]:
        """What a person should look at."""
        return self.text.notes

    def rows(self, positions: Sequence[int]) -> Iterator[Row]:
        """Yield a row for each line that is not empty."""
        keys = [self.headings[position] for position in positions]
        with self.text.opened() as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                found, broken = _read(line)
                cells = [_cell(found.get(key)) for key in keys]
                if broken is None and any(not cell.isascii() and _SURROGATE.search(cell) for cell in cells):
                    broken = self.text.not_in_it()
                yield Row(number, cells, broken)


def is_json(text: Text) -> bool:
    """Return whether the first line that says something begins an object. Raises Refused for an array of them."""
    with text.opened() as file:
        first = next((line.lstrip() for line in file if line.strip()), "")
    if re.match(r"\[\s*(?:\{|$)", first):
        raise Refused(
            f"{text.name} is one JSON array: write one object a line, for example with "
            f"`jq -c '.[]' {text.name} > people.jsonl`."
        )
    return first.startswith("{")


def open_json_lines(text: Text, enough: int | None = None) -> JsonLines:
    """Find out which keys there are in that many lines (None: all). Raises Refused for too many to be headings."""
    keys: dict[str, None] = {}
    with text.opened() as file:
        for line in islice(file, enough):
            found, _ = _read(line)
            keys.update(dict.fromkeys(found))
            if len(keys) > _MOST_KEYS:
                raise Refused(f"{text.name}: more than {_MOST_KEYS} different keys: is this a list of people?")
    return JsonLines(text, tuple(keys))


class _TwiceError(ValueError):
    """A key stands twice in an object."""


def _read(line: str) -> tuple[dict[str, Any], str | None]:
    """Return the object, and why it cannot be used."""
    try:
        found = json.loads(line, object_pairs_hook=_object)
    except _TwiceError as twice:
        return {}, Sentence("the key “{key}” stands in it twice", key=str(twice))
    except (ValueError, RecursionError):
        return {}, _NO_OBJECT
    return (found, None) if isinstance(found, dict) else ({}, _NO_OBJECT)


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _TwiceError(next(key for key in keys if keys.count(key) > 1))
    return made


def _cell(value: Any) -> str:  # noqa: ANN401 - as JSON has it
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(each, str | int | float) for each in value):
        return ";".join(_cell(each) for each in value)
    return json.dumps(value, ensure_ascii=False)
