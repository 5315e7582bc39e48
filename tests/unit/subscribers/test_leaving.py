"""Leaving by a link, why, and taking it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from subscribers import leaving, service
from subscribers.errors import Expired, Refused
from subscribers.importing import import_subscribers
from subscribers.lifecycle import Reason, Status
from subscribers.repository import reasons_for_leaving, words_of_leaving
from subscribers.suppression import reinstate, suppress

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.subscribers.conftest import Desk

EMAIL = "nora@example.org"


def test_leaving_twice_is_leaving_once_and_says_by_which_mail(desk: Desk) -> None:
    subscriber = desk.joined(EMAIL)
    assert desk.leave(subscriber, 7)
    assert not desk.leave(subscriber, 8)
    found = desk.subscription(EMAIL)
    assert found is not None
    assert (found.status, found.left_campaign, found.left_at) == ("unsubscribed", 7, desk.now)
    assert desk.log(subscriber) == ["requested", "confirmed", "unsubscribed"]


def test_a_link_of_somebody_unknown_is_no_error(desk: Desk) -> None:
    assert not desk.leave(4_711)


def test_taken_back_within_thirty_days_and_not_later(desk: Desk) -> None:
    subscriber = desk.joined(EMAIL)
    desk.leave(subscriber, 7)
    desk.wait(days=30)
    assert desk.undo(subscriber)
    assert not desk.undo(subscriber)
    assert desk.status(EMAIL) is Status.ACTIVE
    assert desk.log(subscriber)[-1] == "subscribed"
    desk.leave(subscriber)
    desk.wait(days=30, seconds=1)
    with pytest.raises(Expired):
        desk.undo(subscriber)
    assert desk.status(EMAIL) is Status.UNSUBSCRIBED


def test_who_never_confirmed_cannot_undo_their_way_in(desk: Desk) -> None:
    desk.request(EMAIL)
    subscriber = desk.post.last.subscriber_id
    assert desk.leave(subscriber)
    with pytest.raises(Refused):
        desk.undo(subscriber)
    with pytest.raises(Expired):
        desk.confirm()


def test_a_suppressed_address_and_a_complaint_are_not_taken_back(desk: Desk) -> None:
    subscriber = desk.joined(EMAIL)
    desk.leave(subscriber)
    with desk.database.write() as session:
        suppress(session, EMAIL, Reason.COMPLAINT, source="feedback", now=desk.now)
    with pytest.raises(Refused):
        desk.undo(subscriber)
    with desk.database.write() as session:
        reinstate(session, EMAIL, source="desk", now=desk.now)
    with pytest.raises(Refused):
        desk.undo(subscriber)
    assert desk.status(EMAIL) is Status.UNSUBSCRIBED


def test_what_a_file_said_is_not_taken_back_by_a_link_from_before(desk: Desk, tmp_path: Path) -> None:
    subscriber = desk.joined(EMAIL)
    desk.leave(subscriber)
    desk.undo(subscriber)
    desk.wait(minutes=6)
    file = tmp_path / "people.csv"
    file.write_text(f"email,status\n{EMAIL},unsubscribed\n")
    import_subscribers(
        desk.database,
        desk.publication,
        file,
        vocabulary=desk.vocabulary,
        result=tmp_path / "result.csv",
        now=desk.now,
    )
    with pytest.raises(Refused):
        desk.undo(subscriber)


def test_a_file_that_says_they_left_ends_the_link_they_were_sent(desk: Desk, tmp_path: Path) -> None:
    desk.request(EMAIL)
    file = tmp_path / "people.csv"
    file.write_text(f"email,status\n{EMAIL},unsubscribed\n")
    import_subscribers(
        desk.database,
        desk.publication,
        file,
        vocabulary=desk.vocabulary,
        result=tmp_path / "result.csv",
        now=desk.now,
    )
    with pytest.raises(Expired):
        desk.confirm()


def test_an_admin_takes_somebody_off_and_they_may_take_it_back(desk: Desk) -> None:
    subscriber = desk.joined(EMAIL)
    with desk.database.write() as session:
        subscription = service.subscription_of(session, desk.publication, EMAIL)
        service.unsubscribe(session, subscription, source="command line", now=desk.now)
    assert desk.undo(subscriber)


def test_a_reason_is_one_of_those_offered_and_of_who_left(desk: Desk) -> None:
    subscriber = desk.joined(EMAIL)
    assert not _reason(desk, subscriber, "too-often")
    desk.leave(subscriber)
    assert _reason(desk, subscriber, "too-often")
    assert not _reason(desk, subscriber, "too-often")
    with pytest.raises(Refused, match="none of the reasons"):
        _reason(desk, subscriber, "<script>")
    found = desk.subscription(EMAIL)
    assert found is not None
    assert found.left_reason == "too-often"


def test_what_somebody_says_of_leaving_is_kept_short_and_goes_when_they_come_back(desk: Desk) -> None:
    subscriber = desk.joined(EMAIL)
    desk.leave(subscriber)
    assert _reason(desk, subscriber, "other", " Too\tmany\n mails \x00 ")
    with desk.database.read() as session:
        assert words_of_leaving(session, desk.publication.id, 9) == [("other", "Too many mails")]
        assert reasons_for_leaving(session, desk.publication.id) == {"other": 1}
    assert _reason(desk, subscriber, "other", "é" * 5_000)
    with desk.database.read() as session:
        assert words_of_leaving(session, desk.publication.id, 9) == [("other", "é" * leaving.LONGEST)]
    desk.undo(subscriber)
    with desk.database.read() as session:
        assert words_of_leaving(session, desk.publication.id, 9) == []
        assert reasons_for_leaving(session, desk.publication.id) == {}


def _reason(desk: Desk, subscriber: int, reason: str, words: str = "") -> bool:
    with desk.database.write() as session:
        return leaving.give_reason(session, desk.publication.id, subscriber, reason, words, now=desk.now)
