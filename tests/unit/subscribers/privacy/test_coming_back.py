"""Who was erased may join again like anybody, and is a person like any from the button on."""

from __future__ import annotations

from subscribers import joining
from subscribers.lifecycle import Status
from subscribers.privacy.erased import Erasures
from subscribers.tokens import Signer
from tests.unit.subscribers.conftest import PAGE, Desk

ADA = "ada@reader.example"
ERASURES = Erasures(lambda: Signer("a secret of more than thirty-two characters"))


def _erase(desk: Desk, reason: str | None = None) -> None:
    with desk.database.write() as session:
        ERASURES.remember(session, {ADA: reason}, now=desk.now)


def _is_kept_out(desk: Desk) -> bool:
    with desk.database.read() as session:
        return ADA in ERASURES.find(session, [ADA])


def test_the_button_lifts_the_hash_and_the_request_alone_does_not(desk: Desk) -> None:
    _erase(desk)
    desk.request(ADA, erased=ERASURES)
    assert desk.post.kinds() == ["confirm"]
    assert _is_kept_out(desk), "anybody can type an address"
    number = desk.post.last.confirmation_id
    assert number is not None
    with desk.database.write() as session:
        joining.confirm(session, number, origin=PAGE, post=desk.post, now=desk.now, erased=ERASURES)
    assert desk.status(ADA) is Status.ACTIVE
    assert not _is_kept_out(desk)


def test_who_complained_before_is_not_written_to(desk: Desk) -> None:
    _erase(desk, "complaint")
    desk.request(ADA, erased=ERASURES)
    assert desk.post.orders == []
    assert desk.status(ADA) is None, "nothing is written down either"


def test_of_several_reasons_a_complaint_stands(desk: Desk) -> None:
    for reason in ("bounce", None, "complaint", "manual"):
        _erase(desk, reason)
    with desk.database.read() as session:
        assert ERASURES.find(session, [ADA]) == {ADA: "complaint"}
