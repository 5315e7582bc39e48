"""The record: written before the answer, read back after a restart, cut nowhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from newsletter.errors import FixConfiguration
from newsletter.simulator.errors import ServiceError
from newsletter.simulator.options import Options
from newsletter.simulator.record import Record
from newsletter.simulator.running import running
from tests.factories.ses import bulk, entry, inline, raw, simple
from tests.fixtures.simulator import client

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from newsletter.simulator.client import SimulatorClient

STARTED = 1_800_000_000.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "record.jsonl"


def test_a_record_survives_its_simulator(path: Path) -> None:
    with running(Options(hard_bounces=0.3), record=path) as simulator:
        ses = client("sesv2", simulator)
        people = [entry(f"r{number}@list.example", tag=f"d{number}") for number in range(20)]
        ses.send_bulk_email(**bulk(*people, content=inline(text="Dear {{name}}")))
        ses.send_email(**simple("a@list.example"))
        ses.send_email(**raw("b@list.example"))
        before = [simulator.mail(mail["id"]) for mail in simulator.mails()]
    with running(Options(), record=path) as simulator:
        assert [simulator.mail(mail["id"]) for mail in simulator.mails()] == before
        assert simulator.status()["account"]["SendQuota"]["SentLast24Hours"] == 22
        client("sesv2", simulator).send_email(**simple("a@list.example"))
        assert simulator.counts()["a@list.example"] == 2
        assert len({mail["id"] for mail in simulator.mails()}) == 23


def test_the_content_of_an_edition_is_written_once(start_simulator: Callable[..., SimulatorClient], path: Path) -> None:
    ses = client("sesv2", start_simulator(record=path))
    for number in range(5):
        ses.send_bulk_email(**bulk(f"r{number}@list.example", content=inline(html="<p>long</p>" * 1000)))
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert sum("subject" in line for line in lines) == 1
    assert sum("call" in line for line in lines) == 5


def test_a_line_that_a_crash_cut_off_is_left_out(start_simulator: Callable[..., SimulatorClient], path: Path) -> None:
    with running(record=path) as simulator:
        client("sesv2", simulator).send_bulk_email(**bulk("a@list.example"))
        client("sesv2", simulator).send_bulk_email(**bulk("b@list.example"))
    path.write_bytes(path.read_bytes()[:-20])
    simulator = start_simulator(record=path)
    assert simulator.counts() == {"a@list.example": 1}
    client("sesv2", simulator).send_bulk_email(**bulk("c@list.example"))
    assert all(json.loads(line) for line in path.read_text().splitlines())


def test_two_simulators_do_not_share_a_record(start_simulator: Callable[..., SimulatorClient], path: Path) -> None:
    start_simulator(record=path)
    with pytest.raises(FixConfiguration, match="is the record of a simulator that is running"):
        Record(Options(), STARTED, path)


def test_a_full_record_refuses_and_forgets_nothing(start_simulator: Callable[..., SimulatorClient]) -> None:
    simulator = start_simulator(max_mails=3)
    ses = client("sesv2", simulator)
    ses.send_bulk_email(**bulk("a@r.example", "b@r.example"))
    with pytest.raises(ses.exceptions.LimitExceededException, match="recorded 2 mails"):
        ses.send_bulk_email(**bulk("c@r.example", "d@r.example"))
    ses.send_email(**simple("c@r.example"))
    assert sum(simulator.counts().values()) == 3


def test_what_is_refused_is_not_recorded(start_simulator: Callable[..., SimulatorClient], path: Path) -> None:
    simulator = start_simulator(record=path)
    simulator.set_account(sending_enabled=False)
    ses = client("sesv2", simulator)
    with pytest.raises(ses.exceptions.SendingPausedException):
        ses.send_bulk_email(**bulk("a@r.example"))
    assert path.read_bytes() == b""


@pytest.mark.parametrize("message_id", ["", "x", "0100000000000000-00000009-aaaa-bbbb-cccc-000000000000-000000"])
def test_an_id_that_was_never_given_finds_nothing(message_id: str) -> None:
    record = Record(Options(), STARTED)
    assert record.find(message_id) is None
    record.close()


def test_room_is_asked_for_before_anything_is_taken() -> None:
    record = Record(Options(max_mails=1), STARTED)
    record.check_room(1)
    with pytest.raises(ServiceError):
        record.check_room(2)
    record.close()
