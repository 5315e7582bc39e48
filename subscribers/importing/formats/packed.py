"""The bytes of a file, gzip undone: what is wrong with them is said of the file."""

from __future__ import annotations

import gzip
import io
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

from subscribers.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_GZIP = b"\x1f\x8b"
BLOCK = 256 * 1024
"""Bytes read at once."""


@dataclass(frozen=True)
class Packed:
    """A file that may be compressed."""

    path: Path

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.path.name

    @property
    def compressed(self) -> bool:
        """Whether it is, whatever its name ends with."""
        with self.path.open("rb") as file:
            return file.read(len(_GZIP)) == _GZIP

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Yield what is in it, as a stream. Raises Refused when it turns out to be damaged."""
        with self.path.open("rb") as file:
            if not self.compressed:
                yield file
                return
            try:
                with gzip.open(file) as unpacked:
                    yield io.BufferedReader(cast("io.RawIOBase", unpacked), BLOCK)
            except EOFError as error:
                raise Refused(
                    f"{self.name}: the compressed file ends too early, so a part of it is missing. "
                    f"Fetch or compress it once more; nothing was imported."
                ) from error
            except (gzip.BadGzipFile, zlib.error) as error:
                raise Refused(
                    f"{self.name}: the compressed file is damaged ({error}). "
                    f"Fetch or compress it once more; nothing was imported."
                ) from error


def beginning(packed: Packed, size: int = 4096) -> bytes:
    """Return the first bytes."""
    with packed.opened() as file:
        return file.read(size)


def blocks(file: BinaryIO) -> Iterator[bytes]:
    """Yield all of it, a block at a time."""
    while block := file.read(BLOCK):
        yield block
