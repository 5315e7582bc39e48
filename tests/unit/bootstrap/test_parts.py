"""Parts that run side by side in one process."""

from __future__ import annotations

import threading

import pytest

from newsletter.bootstrap import parts
from newsletter.bootstrap.parts import Part, Pulse, run_together
from newsletter.errors import Refused
from tests.factories.people import NOW
from tests.fixtures.patience import PATIENCE


def _waits(stop: threading.Event) -> None:
    assert stop.wait(PATIENCE)


def _refuses(_stop: threading.Event) -> None:
    raise Refused("not here")


def test_they_run_until_they_are_told_to_stop() -> None:
    stop, running = threading.Event(), threading.Barrier(3, timeout=PATIENCE)

    def run(stop: threading.Event) -> None:
        running.wait()
        _waits(stop)

    whole = threading.Thread(target=run_together, args=([Part(name="a", run=run), Part(name="b", run=run)], stop))
    whole.start()
    running.wait()  # both run at the same time
    stop.set()
    whole.join(PATIENCE)
    assert not whole.is_alive()


def test_a_refusal_of_one_ends_all_and_is_said() -> None:
    stop = threading.Event()
    with pytest.raises(Refused, match="not here"):
        run_together([Part(name="a", run=_waits), Part(name="b", run=_refuses)], stop)
    assert stop.is_set()


def test_one_that_falls_over_begins_anew(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(parts, "_AGAIN_AFTER", 0.01)
    stop, times = threading.Event(), 0

    def falls_over_twice(stop: threading.Event) -> None:
        nonlocal times
        times += 1
        if times < 3:
            raise ZeroDivisionError
        stop.set()

    run_together([Part(name="a", run=falls_over_twice), Part(name="b", run=_waits)], stop)
    assert times == 3
    assert caplog.text.count("The a fell over") == 2


def test_one_that_just_ends_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_AGAIN_AFTER", 0.01)
    stop, times = threading.Event(), 0

    def ends(stop: threading.Event) -> None:
        nonlocal times
        times += 1
        if times == 3:
            stop.set()

    run_together([Part(name="a", run=ends)], stop)
    assert times == 3


def test_a_pulse_keeps_the_last_beat_of_each() -> None:
    pulse = Pulse(lambda: NOW)
    assert pulse.seen() == {}
    pulse.beat("worker")
    assert pulse.seen() == {"worker": NOW}
