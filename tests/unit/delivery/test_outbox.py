"""The outbox: files that appear whole, once, under names that can harm nobody."""

from __future__ import annotations

import os
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.delivery.letters import letter
from newsletter.delivery.outbox import Outbox
from newsletter.delivery.transport import Verdict
from newsletter.errors import StopCampaign
from tests.factories.calls import LABEL, addressed, call


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox")


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_mail_is_a_file_that_a_mail_program_opens(outbox: Outbox, tmp_path: Path) -> None:
    (outcome,) = outbox.send(call(7))
    assert outcome.message_id == f"{LABEL}/7_reader7@example.org.eml"
    mail = message_from_bytes((tmp_path / "outbox" / outcome.message_id).read_bytes(), policy=policy.default)
    assert mail["To"].addresses[0].addr_spec == "reader7@example.org"
    assert mail["Message-ID"] == f"<{LABEL}.7@news.example.org>"


def test_nothing_but_finished_mails_is_left_in_the_folder(outbox: Outbox, tmp_path: Path) -> None:
    outbox.send(call(1, 2))
    assert _files(tmp_path) == [f"outbox/{LABEL}/{number}_reader{number}@example.org.eml" for number in (1, 2)]


def test_a_mail_that_is_there_is_not_written_again(outbox: Outbox, tmp_path: Path) -> None:
    (first,) = outbox.send(call(1))
    assert first.message_id
    path = tmp_path / "outbox" / first.message_id
    path.write_text("as it was accepted")
    (again,) = outbox.send(call(1))
    assert again == first
    assert path.read_text() == "as it was accepted"


def test_the_same_person_of_another_campaign_is_another_mail(outbox: Outbox, tmp_path: Path) -> None:
    other = addressed(1)
    object.__setattr__(other, "delivery_id", "another-campaign.1")
    outbox.send(call(1, other))
    assert len(_files(tmp_path)) == 2


def test_what_a_killed_writer_left_is_no_evidence_and_in_nobodys_way(outbox: Outbox, tmp_path: Path) -> None:
    folder = tmp_path / "outbox" / LABEL
    folder.mkdir(parents=True)
    (folder / f".1_reader1@example.org.eml.{os.getpid()}").write_bytes(b"half a mai")
    assert outbox.evidence([f"{LABEL}.1"]) == {f"{LABEL}.1": False}
    sent = call(1)
    (outcome,) = outbox.send(sent)
    assert outcome.message_id
    assert (tmp_path / "outbox" / outcome.message_id).read_bytes() == letter(sent, sent.recipients[0])
    assert outbox.evidence([f"{LABEL}.1"]) == {f"{LABEL}.1": True}


def test_evidence_is_by_the_delivery_and_not_by_the_address(outbox: Outbox) -> None:
    outbox.send(call(addressed(1, "old@example.org")))
    assert outbox.evidence([f"{LABEL}.1", f"{LABEL}.11", f"{LABEL}.2", "unknown.1"]) == {
        f"{LABEL}.1": True,
        f"{LABEL}.11": False,
        f"{LABEL}.2": False,
        "unknown.1": False,
    }


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300))
def test_no_address_leads_out_of_the_folder_or_to_a_name_that_cannot_be(address: str) -> None:
    path = Outbox(Path("/outbox"))._path(addressed(5, address))  # noqa: SLF001 - most of these can never be sent to
    assert path.parent == Path("/outbox") / LABEL
    assert path.name.startswith("5_")
    assert path.name.endswith(".eml")
    assert len(path.name.encode()) < 200
    assert set(path.name) & set('/\\:*?"<>|\n\0') == set()


def test_a_file_where_the_folder_should_be_stops_the_campaign(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("in the way")
    with pytest.raises(StopCampaign, match="cannot be written to"):
        Outbox(tmp_path / "outbox").send(call(1, 2))


def test_a_disk_that_fills_up_keeps_what_was_accepted(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    left = iter([True, True])
    link = os.link

    def until_full(source: Path, target: Path) -> None:
        if not next(left, False):
            raise OSError(28, "No space left on device")
        link(source, target)

    monkeypatch.setattr(os, "link", until_full)
    outcomes = outbox.send(call(1, 2, 3, 4))
    assert [outcome.verdict for outcome in outcomes] == [Verdict.ACCEPTED] * 2 + [Verdict.UNTRIED] * 2
    assert outbox.evidence([f"{LABEL}.{number}" for number in range(1, 5)]) == {
        f"{LABEL}.1": True,
        f"{LABEL}.2": True,
        f"{LABEL}.3": False,
        f"{LABEL}.4": False,
    }
