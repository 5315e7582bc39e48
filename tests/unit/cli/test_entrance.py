"""What ends a command, and what a person and a script see of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable

import click
import pytest

from newsletter.cli.entrance import run
from newsletter.cli.exits import Exit
from newsletter.cli.root import root
from subscribers.errors import NotFound

Ending = Callable[[Callable[[], object]], int]


@pytest.fixture
def ending(monkeypatch: pytest.MonkeyPatch) -> Ending:
    """Run a command that does what it is given; return the exit code."""

    def ending(act: Callable[[], object]) -> int:
        command = click.Command("act", callback=act)
        monkeypatch.setattr(root, "get_command", lambda _context, _name: command)
        return run(["act"])

    return ending


def _raise(error: BaseException) -> Callable[[], object]:
    def act() -> object:
        raise error

    return act


def test_a_command_that_returns_nothing_is_done(ending: Ending) -> None:
    assert ending(lambda: None) == Exit.DONE


def test_a_command_says_that_something_is_left(ending: Ending) -> None:
    assert ending(lambda: Exit.LEFT_FOR_A_PERSON) == 3


def test_a_refusal_is_its_message_on_standard_error(ending: Ending, capsys: pytest.CaptureFixture[str]) -> None:
    assert ending(_raise(NotFound("There is no list 'x'."))) == Exit.REFUSED
    assert capsys.readouterr() == ("", "Error: There is no list 'x'.\n")


def test_wrong_usage_is_two(ending: Ending, capsys: pytest.CaptureFixture[str]) -> None:
    assert ending(_raise(click.UsageError("no"))) == Exit.USAGE
    assert "no" in capsys.readouterr().err
    assert run(["--no-such-option"]) == Exit.USAGE


def test_a_file_that_cannot_be_written_is_named(ending: Ending, capsys: pytest.CaptureFixture[str]) -> None:
    assert ending(_raise(PermissionError(13, "Permission denied", "/no/where.html"))) == Exit.REFUSED
    assert "/no/where.html: Permission denied" in capsys.readouterr().err


def test_ctrl_c_ends_calmly(ending: Ending, capsys: pytest.CaptureFixture[str]) -> None:
    assert ending(_raise(KeyboardInterrupt())) == Exit.INTERRUPTED
    assert "Stopped." in capsys.readouterr().err


def test_sigterm_ends_as_calmly(ending: Ending, capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGTERM)
    assert ending(lambda: os.kill(os.getpid(), signal.SIGTERM)) == Exit.TERMINATED
    assert "Stopped." in capsys.readouterr().err
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_reader_that_has_gone_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "newsletter", "--help"], stdout=writing, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (Exit.REFUSED, "")
