"""A change of address, confirmed at the new one and told to the old one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from subscribers.errors import AlreadyExists, AlreadyUsed, Expired, Refused, TooMany
from subscribers.lifecycle import Reason, Status
from subscribers.repository import addressed_at, find
from subscribers.suppression import suppress

if TYPE_CHECKING:
    from tests.unit.subscribers.conftest import Desk

OLD, NEW = "nora@example.org", "nora@example.net"


def test_nothing_changes_until_it_is_confirmed_at_the_new_address(desk: Desk) -> None:
    subscriber = desk.joined(OLD, topics=["mri"])
    desk.change_address(subscriber, " Nora@Example.NET ")
    assert (desk.post.last.kind, desk.post.last.email) == ("new-address", NEW)
    assert desk.status(OLD) is Status.ACTIVE
    before = desk.now
    desk.wait(hours=1)
    confirmed = desk.confirm()
    assert (confirmed.subscriber_id, confirmed.again) == (subscriber, False)
    assert (desk.status(OLD), desk.status(NEW)) == (None, Status.ACTIVE)
    assert desk.wishes(subscriber).topics == ("mri",)
    assert (desk.post.last.kind, desk.post.last.email) == ("address-changed", OLD)
    assert desk.log(subscriber)[-1] == "address"
    with desk.database.read() as session:
        person = find(session, NEW)
        assert person is not None
        assert addressed_at(session, person, before).email == OLD


def test_a_second_press_changes_nothing(desk: Desk) -> None:
    subscriber = desk.joined(OLD)
    desk.change_address(subscriber, NEW)
    number = desk.post.last.confirmation_id
    desk.confirm(number)
    orders = len(desk.post.orders)
    assert desk.confirm(number).again
    assert len(desk.post.orders) == orders


def test_links_in_the_mailbox_left_behind_do_nothing_any_more(desk: Desk) -> None:
    subscriber = desk.joined(OLD)
    desk.change_address(subscriber, "first@example.net")
    first = desk.post.last.confirmation_id
    desk.change_address(subscriber, NEW)
    second = desk.post.last.confirmation_id
    desk.confirm(second)
    with pytest.raises(Expired):
        desk.confirm(first)
    desk.wait(days=2)
    desk.change_address(subscriber, OLD)
    desk.confirm()
    with pytest.raises(AlreadyUsed):
        desk.confirm(second)
    assert desk.status(OLD) is Status.ACTIVE


def test_links_in_old_mails_still_lead_to_the_same_person(desk: Desk) -> None:
    subscriber = desk.joined(OLD)
    desk.change_address(subscriber, NEW)
    desk.confirm()
    assert desk.leave(subscriber)
    assert desk.status(NEW) is Status.UNSUBSCRIBED


def test_another_subscribers_address_stays_theirs(desk: Desk) -> None:
    subscriber, other = desk.joined(OLD), desk.joined(NEW)
    desk.wait(hours=1)
    desk.change_address(subscriber, NEW)
    with pytest.raises(AlreadyExists) as caught:
        desk.confirm()
    assert NEW not in str(caught.value)
    assert (desk.status(OLD), desk.status(NEW)) == (Status.ACTIVE, Status.ACTIVE)
    assert desk.wishes(other)


def test_a_request_that_nobody_confirmed_is_in_nobodys_way(desk: Desk) -> None:
    subscriber = desk.joined(OLD)
    desk.request(NEW)
    desk.wait(hours=1)
    desk.change_address(subscriber, NEW)
    desk.confirm()
    assert desk.status(NEW) is Status.ACTIVE


def test_a_suppressed_address_is_not_written_to_and_nobody_is_told(desk: Desk) -> None:
    subscriber = desk.joined(OLD)
    with desk.database.write() as session:
        suppress(session, NEW, Reason.MANUAL, source="desk", now=desk.now)
    orders = len(desk.post.orders)
    desk.change_address(subscriber, NEW)
    assert len(desk.post.orders) == orders


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (Reason.BOUNCE, Status.ACTIVE),
        (Reason.COMPLAINT, Status.UNSUBSCRIBED),
    ],
)
def test_a_mailbox_that_failed_is_left_behind_a_complaint_is_not(desk: Desk, reason: Reason, expected: Status) -> None:
    subscriber = desk.joined(OLD)
    with desk.database.write() as session:
        suppress(session, OLD, reason, source="feedback", now=desk.now)
    desk.change_address(subscriber, NEW)
    orders = len(desk.post.orders)
    desk.confirm()
    assert desk.status(NEW) is expected
    assert len(desk.post.orders) == orders, "nothing goes to an address that is suppressed"


def test_whom_an_admin_blocked_does_not_come_back_by_another_address(desk: Desk) -> None:
    subscriber = desk.joined(OLD)
    with desk.database.write() as session:
        suppress(session, OLD, Reason.MANUAL, source="desk", now=desk.now)
    desk.change_address(subscriber, NEW)
    with pytest.raises(Refused, match="has stopped mail"):
        desk.confirm()
    assert (desk.status(OLD), desk.status(NEW)) == (Status.SUPPRESSED, None)


def test_who_asks_again_and_again_is_told_to_wait(desk: Desk) -> None:
    subscriber = desk.joined(OLD)
    for number in range(3):
        desk.change_address(subscriber, f"nora-{number}@example.net")
    with pytest.raises(TooMany):
        desk.change_address(subscriber, NEW)
    desk.wait(days=1)
    desk.change_address(subscriber, NEW)
    assert desk.post.last.email == NEW


def test_a_mailbox_is_not_flooded_by_several_people(desk: Desk) -> None:
    people = [desk.joined(f"person-{number}@example.org") for number in range(5)]
    desk.wait(hours=1)
    for subscriber in people:
        desk.wait(minutes=10)
        desk.change_address(subscriber, NEW)
    assert sum(order.email == NEW for order in desk.post.orders) == 3


def test_an_address_suppressed_meanwhile_is_refused(desk: Desk) -> None:
    subscriber = desk.joined(OLD)
    desk.change_address(subscriber, NEW)
    with desk.database.write() as session:
        suppress(session, NEW, Reason.BOUNCE, source="feedback", now=desk.now)
    with pytest.raises(Refused, match="choose another"):
        desk.confirm()
    assert desk.status(OLD) is Status.ACTIVE
