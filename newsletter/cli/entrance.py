"""Runs one command and turns whatever ends it into a message and an exit code."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn, TextIO

import click

from newsletter.cli.exits import Exit
from newsletter.cli.output import tell
from newsletter.cli.root import root
from subscribers.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

    from newsletter.bootstrap.entrances import Served


class _Terminated(KeyboardInterrupt):
    """SIGTERM, taken like Ctrl-C: what is under way is left in order."""


def run(arguments: Sequence[str], served: Served | None = None) -> int:
    """Run the command in `arguments`; a command returns its exit code, or None for 0.

    `served` makes what the web serves, which the command line knows nothing of, for those commands that serve it.
    """
    _never_choke_on_a_character(sys.stdout, sys.stderr)
    try:
        with _sigterm_as_an_interruption():
            code = root.main(args=list(arguments), prog_name="newsletter", standalone_mode=False, obj=served)
            sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except Refused as refusal:
        tell(f"Error: {refusal}")
        return Exit.REFUSED
    except BrokenPipeError:
        return _reader_has_gone()
    except OSError as error:
        tell(f"Error: {_described(error)}")
        return Exit.REFUSED
    except (click.Abort, KeyboardInterrupt) as interruption:
        return _interrupted(interruption)
    return int(code or Exit.DONE)


def _described(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}. Nothing else was done; mend this and run the same command again."


def _interrupted(interruption: BaseException) -> int:
    tell("Stopped. What was finished is kept; run the same command again to go on.")
    terminated = isinstance(interruption.__context__ or interruption, _Terminated)
    return Exit.TERMINATED if terminated else Exit.INTERRUPTED


def _reader_has_gone() -> int:
    """End quietly after `newsletter … | head`: the interpreter would complain when it flushes standard output.

    https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return Exit.REFUSED


def _never_choke_on_a_character(*streams: TextIO) -> None:
    for stream in streams:
        with contextlib.suppress(AttributeError):  # a stream put there by a test
            stream.reconfigure(errors="replace")  # type: ignore[attr-defined]  # of a text stream, which these are


@contextlib.contextmanager
def _sigterm_as_an_interruption() -> Iterator[None]:
    def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
        raise _Terminated

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
