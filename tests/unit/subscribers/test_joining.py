"""Requests and the button in the mail that they cause."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from subscribers import joining, service
from subscribers.confirmations import Kind, State, ask
from subscribers.errors import AlreadyUsed, Expired, InvalidAddress, NotFound, Refused
from subscribers.lifecycle import Reason, Status
from subscribers.models import Subscriber
from subscribers.origin import Origin
from subscribers.publication import Policies
from subscribers.repository import consents, find
from subscribers.suppression import reinstate, suppress
from tests.factories.people import make_list
from tests.unit.subscribers.conftest import PAGE

if TYPE_CHECKING:
    from subscribers.models import Consent
    from tests.unit.subscribers.conftest import Desk

EMAIL = "nora@example.org"


def test_a_request_waits_for_the_button_and_a_welcome_follows(desk: Desk) -> None:
    desk.request(" Nora@Example.ORG ", name="Nora", languages=["fr-FR"], topics=["mri"], timezone="europe/paris")
    assert desk.status(EMAIL) is Status.PENDING
    confirmed = desk.confirm()
    assert (confirmed.kind, confirmed.again) == (Kind.SUBSCRIBE, False)
    assert desk.status(EMAIL) is Status.ACTIVE
    assert desk.post.kinds() == ["confirm", "welcome"]
    assert [order.language for order in desk.post.orders] == ["fr", "fr"]
    wishes = desk.wishes(confirmed.subscriber_id)
    assert (wishes.languages, wishes.topics, wishes.timezone) == (("fr",), ("mri",), "Europe/Paris")


def test_the_mail_that_asks_speaks_the_language_of_the_page(desk: Desk) -> None:
    desk.request(EMAIL, languages=["fr"], origin=replace(PAGE, language="de"))
    assert [order.language for order in desk.post.orders] == ["de"]


def test_what_was_agreed_to_is_on_record_with_when_and_from_where(desk: Desk) -> None:
    subscriber = desk.joined(EMAIL)
    with desk.database.read() as session:
        lines = consents(session, subscriber)
    assert [line.action for line in lines] == ["requested", "confirmed"]
    assert all(_origin(line) == PAGE and line.at == desk.now for line in lines)


def test_a_second_press_changes_nothing_and_is_no_error(desk: Desk) -> None:
    subscriber, orders = desk.joined(EMAIL), len(desk.post.orders)
    again = desk.confirm(desk.post.orders[0].confirmation_id)
    assert again.again
    assert len(desk.post.orders) == orders
    assert desk.log(subscriber) == ["requested", "confirmed"]


def test_either_of_two_mails_confirms(desk: Desk) -> None:
    desk.request(EMAIL)
    desk.wait(minutes=6)
    desk.request(EMAIL)
    first, second = (order.confirmation_id for order in desk.post.orders)
    assert not desk.confirm(first).again
    assert desk.confirm(second).again


def test_a_link_is_good_for_as_long_as_the_list_says(desk: Desk) -> None:
    desk.request(EMAIL)
    number = desk.post.last.confirmation_id
    assert number is not None
    desk.wait(days=7, seconds=-1)
    with desk.database.read() as session:
        assert joining.look(session, number, desk.now).state is State.OPEN
    desk.wait(seconds=1)
    with desk.database.read() as session:
        assert joining.look(session, number, desk.now).state is State.EXPIRED
    with pytest.raises(Expired):
        desk.confirm(number)
    assert desk.status(EMAIL) is Status.PENDING


def test_looking_confirms_nothing(desk: Desk) -> None:
    desk.request(EMAIL)
    number = desk.post.last.confirmation_id
    assert number is not None
    with desk.database.write() as session:
        joining.look(session, number, desk.now)
    assert desk.status(EMAIL) is Status.PENDING


def test_nobody_is_written_to_more_than_three_times_a_day_or_twice_in_five_minutes(desk: Desk) -> None:
    desk.request(EMAIL)
    desk.wait(minutes=4)
    desk.request(EMAIL)
    assert len(desk.post.orders) == 1
    for _ in range(5):
        desk.wait(minutes=10)
        desk.request(EMAIL)
    assert len(desk.post.orders) == 3
    desk.wait(days=1)
    desk.request(EMAIL)
    assert len(desk.post.orders) == 4


def test_the_limit_is_the_addresss_whichever_list_is_asked_for(desk: Desk) -> None:
    other = replace(desk, publication=make_list(desk.database, "other"))
    desk.request(EMAIL)
    other.request(EMAIL)
    assert len(desk.post.orders) == 1


def test_who_is_on_the_list_is_told_so_and_not_changed(desk: Desk) -> None:
    subscriber = desk.joined(EMAIL, name="Nora", topics=["mri"])
    before, log = desk.wishes(subscriber), desk.log(subscriber)
    desk.wait(days=1)
    desk.request(EMAIL, name="Somebody else", topics=["ct"], timezone="Asia/Tokyo")
    assert desk.post.kinds() == ["confirm", "welcome", "already-subscribed"]
    assert (desk.post.last.subscriber_id, desk.post.last.confirmation_id) == (subscriber, None)
    assert (desk.wishes(subscriber), desk.log(subscriber)) == (before, log)
    with desk.database.read() as session:
        person = find(session, EMAIL)
    assert person is not None
    assert person.name == "Nora"


def test_a_suppressed_address_gets_no_mail_and_leaves_no_trace(desk: Desk) -> None:
    with desk.database.write() as session:
        suppress(session, EMAIL, Reason.BOUNCE, source="feedback", now=desk.now)
    desk.request(EMAIL)
    assert desk.post.orders == []
    with desk.database.read() as session:
        assert find(session, EMAIL) is None


def test_who_left_is_out_until_they_confirm(desk: Desk) -> None:
    subscriber = desk.joined(EMAIL)
    desk.leave(subscriber)
    desk.wait(days=1)
    desk.request(EMAIL)
    assert desk.status(EMAIL) is Status.UNSUBSCRIBED
    assert not desk.confirm().again
    assert desk.status(EMAIL) is Status.ACTIVE


def test_a_link_from_before_they_left_brings_nobody_back(desk: Desk) -> None:
    subscriber = desk.joined(EMAIL)
    used = desk.post.orders[0].confirmation_id
    desk.leave(subscriber)
    desk.wait(minutes=6)
    desk.request(EMAIL)
    open_then = desk.post.last.confirmation_id
    desk.leave(subscriber)
    with pytest.raises(AlreadyUsed):
        desk.confirm(used)
    with pytest.raises(Expired):
        desk.confirm(open_then)
    assert desk.status(EMAIL) is Status.UNSUBSCRIBED


def test_who_was_suppressed_since_the_mail_waits_for_that_to_be_lifted(desk: Desk) -> None:
    desk.request(EMAIL)
    with desk.database.write() as session:
        suppress(session, EMAIL, Reason.BOUNCE, source="feedback", now=desk.now)
    desk.confirm()
    assert desk.status(EMAIL) is Status.SUPPRESSED
    assert desk.post.kinds() == ["confirm"]
    with desk.database.write() as session:
        reinstate(session, EMAIL, source="desk", now=desk.now)
    assert desk.status(EMAIL) is Status.ACTIVE


def test_without_double_opt_in_a_new_address_is_on_the_list_but_who_left_is_asked(desk: Desk) -> None:
    quick = replace(desk, publication=make_list(desk.database, "quick", policies=Policies(double_opt_in=False)))
    quick.request(EMAIL)
    assert quick.status(EMAIL) is Status.ACTIVE
    assert quick.post.kinds() == ["welcome"]
    with quick.database.read() as session:
        person = find(session, EMAIL)
    assert person is not None
    quick.leave(person.id)
    quick.request(EMAIL)
    assert quick.status(EMAIL) is Status.UNSUBSCRIBED
    assert quick.post.kinds() == ["welcome", "confirm"]


def test_a_list_without_welcome_says_nothing(desk: Desk) -> None:
    silent = replace(desk, publication=make_list(desk.database, "silent", policies=Policies(welcome=False)))
    silent.joined(EMAIL)
    assert silent.post.kinds() == ["confirm"]


def test_who_still_wants_the_list_is_on_record(desk: Desk) -> None:
    subscriber = desk.joined(EMAIL)
    with desk.database.write() as session:
        number = ask(
            session, Kind.REPERMISSION, list_id=desk.publication.id, subscriber_id=subscriber, days=30, now=desk.now
        )
    confirmed = desk.confirm(number)
    assert (confirmed.kind, confirmed.again) == (Kind.REPERMISSION, False)
    assert desk.log(subscriber) == ["requested", "confirmed", "confirmed"]
    assert desk.post.kinds() == ["confirm", "welcome"]


def test_a_link_of_somebody_erased_leads_nowhere_for_ever(desk: Desk) -> None:
    desk.request(EMAIL)
    number = desk.post.last.confirmation_id
    with desk.database.write() as session:
        session.delete(session.scalars(select(Subscriber)).one())
    with pytest.raises(NotFound):
        desk.confirm(number)
    desk.request("other@example.org")
    assert desk.post.last.confirmation_id != number


@pytest.mark.parametrize(
    ("email", "given", "refusal"),
    [
        ("nobody", {}, InvalidAddress),
        (EMAIL, {"topics": ["xray"]}, Refused),
        (EMAIL, {"languages": ["klingon"]}, Refused),
        (EMAIL, {"timezone": "Mars/Base"}, Refused),
        (EMAIL, {"name": "x" * 201}, Refused),
    ],
)
def test_what_was_typed_wrongly_is_refused_whoever_is_known(
    desk: Desk, email: str, given: dict[str, object], refusal: type[Refused]
) -> None:
    for known in (False, True):
        if known:
            desk.joined(EMAIL)
        with pytest.raises(refusal) as caught:
            desk.request(email, **given)
        assert EMAIL not in str(caught.value)


def test_an_admin_who_adds_somebody_spares_them_the_button(desk: Desk) -> None:
    desk.request(EMAIL)
    with desk.database.write() as session:
        service.add(session, desk.publication, EMAIL, vocabulary=desk.vocabulary, source="desk", now=desk.now)
    assert desk.confirm().again


def _origin(line: Consent) -> Origin:
    return Origin(line.source, line.ip, line.wording, line.language)
