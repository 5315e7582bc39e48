"""Between the page and the command: looks are numbered, the newest counts, and one of them begins, once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from newsletter.bootstrap.mapping import Answers, Desk
from subscribers.errors import Refused
from subscribers.importing import ImportReport, Instructions
from subscribers.importing.fields import Field
from subscribers.importing.formats.sheet import Written
from subscribers.importing.glimpse import glimpse
from subscribers.publication import Publication
from tests.fixtures.patience import PATIENCE

EMAIL, NAME = Answers({0: Field.EMAIL}, {}), Answers({0: Field.EMAIL, 1: Field.NAME}, {})
Progress = Callable[[int, int], None]
Look = Callable[[Instructions, Progress], ImportReport]


def report(rows: int) -> ImportReport:
    return ImportReport(
        rows=rows, added=rows, updated=0, unchanged=0, rejected=0, result_file=None, warnings=(), samples={},
        flagged={}, doubtful={}, dry_run=True, written=Written(format="csv"), tool=None, columns={},
    )  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    file = tmp_path / "people.csv"
    file.write_text("a,b\nann@example.org,Ann\n")
    publication = Publication(
        id=1, slug="weekly", name="Weekly", sender_name="W", sender_email="w@example.org", languages=("en",)
    )
    return Desk(glimpse=glimpse(file, Instructions()), publication=publication, said=Instructions())


def running(
    desk: Desk, look: Callable[[Instructions, Progress], ImportReport]
) -> tuple[threading.Thread, list[Answers]]:
    begun: list[Answers] = []
    thread = threading.Thread(target=lambda: begun.append(desk.run(look)), daemon=True)
    thread.start()
    return thread, begun


def test_a_look_under_way_tells_how_far_it_is_and_is_given_up_for_a_newer_one(desk: Desk) -> None:
    going, on = threading.Event(), threading.Event()
    seen: list[int] = []

    def look(said: Instructions, moved: Progress) -> ImportReport:
        columns = len(said.choices.fields)
        if columns == 1:
            moved(1_000, 5_000)
            going.set()
            on.wait(PATIENCE)
            moved(2_000, 5_000)  # here it learns that nobody waits for it any more
        seen.append(columns)
        return report(columns)

    thread, begun = running(desk, look)
    desk.ask(EMAIL)
    assert going.wait(PATIENCE)
    first = desk.newest()
    assert first is not None
    assert (first.ended, first.done, first.lines) == (False, 1_000, 5_000)
    assert not desk.start(1)  # not seen to its end
    desk.ask(NAME)
    on.set()
    second = desk.newest(PATIENCE)
    assert second is not None
    assert (second.number, second.report, seen) == (2, report(2), [2])
    assert not desk.start(1)
    assert desk.start(2)
    assert desk.start(2)  # pressed twice
    thread.join(PATIENCE)
    assert begun == [NAME]


def test_a_file_that_is_refused_can_be_looked_at_again(desk: Desk) -> None:
    looks = count(1)

    def look(_said: Instructions, _moved: Progress) -> ImportReport:
        if next(looks) == 1:
            raise Refused("people.csv is empty.")
        return report(3)

    _, begun = running(desk, look)
    desk.ask(EMAIL)
    first = desk.newest(PATIENCE)
    assert first is not None
    assert (first.refusal, first.report) == ("people.csv is empty.", None)
    assert not desk.start(1)
    desk.ask(EMAIL)
    second = desk.newest(PATIENCE)
    assert second is not None
    assert second.report == report(3)
    assert begun == []


def test_who_waits_is_let_go_when_the_command_ends(desk: Desk) -> None:
    desk.ask(EMAIL)
    threading.Timer(0.05, desk.close).start()
    found = desk.newest(PATIENCE)
    assert found is not None
    assert not found.ended


def test_what_goes_wrong_while_looking_ends_the_command(desk: Desk) -> None:
    desk.ask(EMAIL)

    def look(_said: Instructions, _moved: Progress) -> ImportReport:
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        desk.run(look)
