from __future__ import annotations

import io
import sys
from time import sleep

import pytest

from newsletter.cli.progress import progress


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_share_rate_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress("Sending", "mails") as moved:
        moved(500, 1000)
        sleep(0.11)  # tqdm draws ten times a second
        moved(750, 1000)
    assert "Sending:  75%" in terminal.getvalue()
    assert "750/1000" in terminal.getvalue()
    assert "mails/s]" in terminal.getvalue()


def test_a_pipe_sees_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.StringIO()
    monkeypatch.setattr(sys, "stderr", pipe)
    with progress("Sending", "mails") as moved:
        moved(500, 1000)
    assert pipe.getvalue() == ""
