"""A file as text: which encoding it is in and how many lines it has, found out by reading it once.

- A byte order mark, or a zero in every other byte, means UTF-16. All of it has to be in it.
- Otherwise UTF-8 or Windows-1252, whichever more of the lines with accents are in: a line that is not is rejected
  alone, later. A byte that Windows-1252 does not have makes it Latin-1, which is the same but for 27 characters.
- A line of more than a million bytes is no row of people: it is refused before it would fill the memory.
"""

from __future__ import annotations

import codecs
import io
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, TextIO

from subscribers.errors import Refused
from subscribers.importing.formats.packed import BLOCK, blocks
from subscribers.sentences import Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from subscribers.importing.formats.packed import Packed

LONGEST_LINE = 1_000_000

_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Those of UTF-32 begin as those of UTF-16 do, so they come first."""
_CALLED = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with a byte order mark",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 (little endian)",
    "utf-16-be": "UTF-16 (big endian)",
    "utf-32": "UTF-32",
    "cp1252": "Windows-1252",
    "iso8859-1": "Latin-1",
}
_NOT_IN_WINDOWS_1252 = b"\x81\x8d\x8f\x90\x9d"
_WIDE = 4
"""Bytes that show whether every other one is a zero."""


@dataclass(frozen=True, slots=True)
class Text:
    """A file whose encoding is known."""

    packed: Packed
    codec: str
    """Python's name of the encoding."""
    lines: int

    @property
    def name(self) -> str:
        """What messages call the file."""
        return self.packed.name

    @property
    def encoding(self) -> str:
        """What people call the encoding."""
        return _CALLED.get(self.codec, self.codec)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should look at."""
        if self.codec in ("cp1252", "iso8859-1"):
            return (
                Sentence(
                    "The file is not UTF-8 and was read as {encoding}: look at a name with an accent.",
                    encoding=self.encoding,
                ),
            )
        return ()

    def not_in_it(self) -> Sentence:
        """Return why a line cannot be read that has other bytes than its encoding."""
        return Sentence("the line is not {encoding}", encoding=self.encoding.partition(" ")[0])

    @contextmanager
    def opened(self) -> Iterator[TextIO]:
        """Yield the text; bytes that are not in its encoding become halves of surrogates. Ends of lines stay."""
        with self.packed.opened() as file:
            wrapped = io.TextIOWrapper(file, self.codec, errors="surrogateescape", newline="")
            try:
                yield wrapped
            finally:
                wrapped.detach()


def examine(packed: Packed, wanted: str | None = None) -> Text:
    """Read a file once. `wanted`: the encoding, where somebody knows it. Raises Refused for what is no text."""
    with packed.opened() as file:
        first = file.read(_WIDE)
    codec = _known(packed, wanted) if wanted else _by_its_beginning(first)
    if codec is None or codec == "utf-8-sig":
        codec, lines = _narrow(packed, codec)
    else:
        lines = _decoded(packed, codec)
    return Text(packed, codec, lines)


def _known(packed: Packed, wanted: str) -> str:
    try:
        found = codecs.lookup(wanted).name
        "".encode(found)  # not every codec is one of text
    except (LookupError, TypeError) as error:
        raise Refused(
            f"{packed.name}: there is no encoding “{wanted}”. Some there are: utf-8, utf-16, cp1252, cp1250, mac-roman."
        ) from error
    return found


def _by_its_beginning(first: bytes) -> str | None:
    for mark, codec in _MARKS.items():
        if first.startswith(mark):
            return codec
    if len(first) == _WIDE and first[1::2] == b"\0\0" and first[0] and first[2]:
        return "utf-16-le"
    if len(first) == _WIDE and first[::2] == b"\0\0" and first[1] and first[3]:
        return "utf-16-be"
    return None


def _narrow(packed: Packed, marked: str | None) -> tuple[str, int]:
    """Return encoding and number of lines of a text with one byte for each character of ASCII."""
    utf8 = other = 0
    latin = False
    lines = _Lines(packed)
    with packed.opened() as file:
        for block in _whole_lines(file):
            if not lines.total and b"\0" in block.splitlines()[0]:
                raise Refused(f"{packed.name} is no text: save it as a CSV file in UTF-8.")
            lines.count(block)
            if block.isascii():
                continue
            for line in block.splitlines():
                if not line.isascii():
                    try:
                        line.decode("utf-8")
                        utf8 += 1
                    except UnicodeDecodeError:
                        other += 1
                        latin = latin or any(byte in line for byte in _NOT_IN_WINDOWS_1252)
    if marked or other <= utf8:
        return marked or "utf-8", lines.total
    return ("iso8859-1" if latin else "cp1252"), lines.total


def _decoded(packed: Packed, codec: str) -> int:
    """Return the number of lines of a text that has to be in `codec`."""
    decoder = codecs.getincrementaldecoder(codec)()
    lines = _Lines(packed)
    block, state = b"", decoder.getstate()
    try:
        with packed.opened() as file:
            for block in blocks(file):
                state = decoder.getstate()
                lines.count(decoder.decode(block).encode("utf-8", "surrogatepass"))
        decoder.decode(b"", final=True)
    except UnicodeError as error:
        reason = ""
        if isinstance(error, UnicodeDecodeError):
            reason = f" ({error.reason})"
            decoder.setstate(state)
            good = block[: max(0, error.start - len(state[0]))]
            lines.count(decoder.decode(good).encode("utf-8", "surrogatepass"))
        raise Refused(
            f"{packed.name}: after line {lines.total} something is not {_CALLED.get(codec, codec)}{reason}. "
            f"Save the file as CSV in UTF-8; nothing was imported."
        ) from error
    return lines.total


class _Lines:
    """Counts lines, whichever their ends, and refuses one that is too long."""

    def __init__(self, packed: Packed) -> None:
        self._packed = packed
        self._ends = 0
        self._open = 0
        """Bytes since the last end of a line."""

    @property
    def total(self) -> int:
        return self._ends + bool(self._open)

    def count(self, block: bytes) -> None:
        size = len(block)
        first = min((at for at in (block.find(b"\n"), block.find(b"\r")) if at >= 0), default=size)
        if self._open + first > LONGEST_LINE:
            raise Refused(
                f"{self._packed.name}: line {self._ends + 1} is longer than {LONGEST_LINE:,} bytes. "
                f"Is this a list of people? Export it as CSV, one person a line; nothing was imported."
            )
        last = max(block.rfind(b"\n"), block.rfind(b"\r"))
        self._open = self._open + size if last < 0 else size - last - 1
        self._ends += _ends(block)


def _ends(block: bytes) -> int:
    feeds, returns = block.count(b"\n"), block.count(b"\r")
    return feeds + returns - block.count(b"\r\n") if returns else feeds


def _whole_lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield blocks that end with a line, as far as lines are not longer than a block."""
    rest = b""
    for block in blocks(file):
        joined = rest + block
        cut = max(joined.rfind(b"\n"), joined.rfind(b"\r", 0, len(joined) - 1)) + 1
        if not cut and len(joined) <= LONGEST_LINE + BLOCK:
            rest = joined
            continue
        cut = cut or len(joined)
        yield joined[:cut]
        rest = joined[cut:]
    if rest:
        yield rest
