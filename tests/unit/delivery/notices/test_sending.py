"""Mails outside campaigns: due with the commit that asks for them, sent once, dropped when they make no sense."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from newsletter.delivery.notices.ledger import anything_due, count_states
from newsletter.delivery.notices.models import Notice
from newsletter.delivery.notices.posting import NoticePost
from newsletter.delivery.notices.sending import Counts
from newsletter.delivery.transport import Addressed, Outcome, Verdict
from newsletter.errors import Hold, StopCampaign
from subscribers.models import Confirmation, Subscriber, Subscription
from subscribers.ports import NoticeKind
from tests.factories.desk import Desk
from tests.factories.people import NOW
from tests.fakes.transports import CountingTransport, World

ALREADY, CONFIRM, WELCOME = NoticeKind.ALREADY, NoticeKind.CONFIRM, NoticeKind.WELCOME


class Refusing(CountingTransport):
    """Refuses whole calls."""

    error: Exception = StopCampaign("Amazon SES refuses: verify (not verified: p1@example.org).")

    def send(self, call: object) -> list[Outcome]:  # noqa: ARG002 - whatever it is
        raise self.error


def test_it_is_sent_once(desk: Desk) -> None:
    desk.ask(CONFIRM, desk.person())
    transport = CountingTransport()
    sender = desk.sender(transport)

    assert sender.send_due() == Counts(sent=1)
    assert sender.send_due() == Counts()
    assert desk.sender(transport).send_due() == Counts()

    (call,) = transport.calls
    assert [each.recipient.email for each in call.recipients] == ["p1@example.org"]
    assert call.recipients[0].recipient.name == "", "a name that was typed on a page goes into no mail"
    (notice,) = desk.notices()
    assert (notice.state, notice.sent_at, notice.lease_token, notice.inflight_via) == ("sent", NOW, None, None)


def test_what_is_rolled_back_was_never_asked_for(desk: Desk) -> None:
    person = desk.person()

    with desk.database.write() as session:
        NoticePost().put(session, WELCOME, list_id=desk.publication.id, subscriber_id=person, now=NOW)
        session.flush()
        session.rollback()
    assert desk.notices() == []
    with desk.database.read() as session:
        assert not anything_due(session, NOW)


def test_of_several_requests_the_newest_alone_is_sent(desk: Desk) -> None:
    person, other = desk.person(), desk.person()
    desk.ask(CONFIRM, person)
    desk.ask(CONFIRM, other)
    newest = desk.ask(CONFIRM, person)
    transport = CountingTransport()

    assert desk.sender(transport).send_due() == Counts(sent=2)

    assert desk.states() == ["dropped", "sent", "sent"]
    assert desk.notices()[2].confirmation_id == newest
    assert desk.notices()[0].reason == "a newer one was asked for"


def test_that_somebody_is_subscribed_already_is_told_once_a_day(desk: Desk) -> None:
    person, other = desk.person("active"), desk.person("active")

    def ask(subscriber: int, now: datetime) -> None:
        with desk.database.write() as session:
            NoticePost().put(session, ALREADY, list_id=desk.publication.id, subscriber_id=subscriber, now=now)

    ask(person, NOW)
    transport = CountingTransport()
    assert desk.sender(transport).send_due() == Counts(sent=1)
    ask(person, NOW + timedelta(hours=23))  # though the first one has left
    assert len(desk.notices()) == 1
    ask(other, NOW)
    ask(person, NOW + timedelta(days=1, seconds=1))
    assert len(desk.notices()) == 3


def test_one_that_is_claimed_when_a_newer_one_comes_is_not_sent(desk: Desk) -> None:
    person = desk.person()
    desk.ask(CONFIRM, person)
    transport = CountingTransport()
    sender = desk.sender(transport)
    asked: list[int] = []

    def ask_again() -> float:
        if not asked:
            asked.append(desk.ask(CONFIRM, person))
        return 0.0

    sender.pace = Asking(ask_again)
    assert sender.send_due() == Counts(sent=1, dropped=1)
    assert desk.states() == ["dropped", "sent"]


class Asking:
    """A pace that does something whenever it is asked."""

    joins = False

    def __init__(self, do: object) -> None:
        self._do = do

    def largest_call(self) -> int:
        return 1

    def reserve_within(self, _connection: object, recipients: int) -> float | None:  # noqa: ARG002 - it does not join
        return None

    def reserve(self, recipients: int) -> float:
        assert recipients == 1
        return self._do()  # type: ignore[operator, no-any-return]  # the test gave what it is

    def throttled(self) -> None:
        """Nothing."""

    def used_up(self) -> None:
        """Nothing."""


@pytest.mark.parametrize(
    ("kind", "status", "change", "reason"),
    [
        (CONFIRM, "pending", {"used_at": NOW}, "it is confirmed already"),
        (CONFIRM, "active", {}, "it is confirmed already"),
        (CONFIRM, "pending", {"expires_at": NOW}, "its link does not work any more"),
        (NoticeKind.REPERMISSION, "active", {"used_at": NOW}, "it is confirmed already"),
        (NoticeKind.REPERMISSION, "unsubscribed", {}, "the person is not on the list any more"),
        (WELCOME, "unsubscribed", {}, "the person is not on the list any more"),
        (WELCOME, None, {}, "the person is not on the list any more"),
        (ALREADY, "unsubscribed", {}, "the person is not on the list any more"),
    ],
)
def test_what_makes_no_sense_any_more_is_dropped(
    desk: Desk, kind: NoticeKind, status: str | None, change: dict[str, object], reason: str
) -> None:
    desk.ask(kind, desk.person(status))
    if change:
        desk.change(Confirmation, **change)
    transport = CountingTransport()
    assert desk.sender(transport).send_due() == Counts(dropped=1)
    assert [(notice.state, notice.reason, notice.sent_at) for notice in desk.notices()] == [("dropped", reason, None)]
    assert transport.calls == []


def test_who_left_and_asks_again_gets_the_mail(sqlite_desk: Desk) -> None:
    sqlite_desk.ask(CONFIRM, sqlite_desk.person("unsubscribed"))
    assert sqlite_desk.sender(CountingTransport()).send_due() == Counts(sent=1)


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_suppressed_address_gets_none(sqlite_desk: Desk, kind: NoticeKind) -> None:
    elsewhere = "old@example.org" if kind in {NoticeKind.NEW_ADDRESS, NoticeKind.ADDRESS_CHANGED} else None
    person = sqlite_desk.person("active" if kind is not CONFIRM else "pending")
    sqlite_desk.ask(kind, person, email=elsewhere)
    sqlite_desk.suppress(elsewhere or "p1@example.org")
    assert sqlite_desk.sender(CountingTransport()).send_due() == Counts(dropped=1)
    assert sqlite_desk.notices()[0].reason == "the address is suppressed"


def test_an_erased_person_takes_what_was_asked_for_them_along(desk: Desk) -> None:
    person = desk.person()
    desk.ask(CONFIRM, person)
    desk.erase(person)
    assert desk.notices() == []
    assert desk.sender(CountingTransport()).send_due() == Counts()


def test_an_address_is_told_at_both_ends(desk: Desk) -> None:
    person = desk.person("active")
    desk.ask(NoticeKind.NEW_ADDRESS, person, email="new@example.org")
    desk.ask(NoticeKind.ADDRESS_CHANGED, person, email="old@example.org")
    transport = CountingTransport()
    assert desk.sender(transport).send_due() == Counts(sent=2)
    assert [call.recipients[0].recipient.email for call in transport.calls] == ["new@example.org", "old@example.org"]


def test_it_goes_to_the_address_that_is_theirs_when_it_goes(sqlite_desk: Desk) -> None:
    sqlite_desk.ask(WELCOME, sqlite_desk.person("active"))
    sqlite_desk.change(Subscriber, email="moved@example.org")
    transport = CountingTransport()
    sqlite_desk.sender(transport).send_due()
    assert transport.calls[0].recipients[0].recipient.email == "moved@example.org"


def test_who_waits_for_a_mail_goes_before_those_who_do_not(sqlite_desk: Desk) -> None:
    for _ in range(3):
        sqlite_desk.ask(NoticeKind.REPERMISSION, sqlite_desk.person("active"))
    sqlite_desk.ask(WELCOME, sqlite_desk.person("active"))
    sqlite_desk.ask(CONFIRM, sqlite_desk.person())
    transport = CountingTransport()
    assert sqlite_desk.sender(transport).send_due(limit=2) == Counts(sent=2)
    assert sqlite_desk.states() == ["waiting"] * 3 + ["sent"] * 2


@pytest.mark.parametrize("verdict", [Verdict.RETRY, Verdict.UNTRIED, Verdict.THROTTLED, Verdict.QUOTA])
def test_what_was_not_accepted_is_tried_again_later(desk: Desk, verdict: Verdict) -> None:
    desk.ask(CONFIRM, desk.person())
    busy = CountingTransport(answer=lambda _: Outcome(verdict, reason="busy"))
    assert desk.sender(busy).send_due() == Counts(waiting=1)
    (notice,) = desk.notices()
    assert (notice.state, notice.tries, notice.reason, notice.sent_at) == ("waiting", 1, "busy", None)
    assert desk.sender(CountingTransport()).send_due() == Counts(), "not at once"

    desk.time.now += timedelta(seconds=5)
    assert desk.sender(CountingTransport()).send_due() == Counts(sent=1)


def test_tries_end_when_nobody_waits_for_it_any_more(sqlite_desk: Desk) -> None:
    sqlite_desk.ask(CONFIRM, sqlite_desk.person())
    busy = sqlite_desk.sender(CountingTransport(answer=lambda _: Outcome(Verdict.RETRY, reason="busy")))
    sqlite_desk.change(Notice, not_after=NOW + timedelta(hours=1))
    gaps = []
    while busy.send_due() == Counts(waiting=1):
        (notice,) = sqlite_desk.notices()
        gaps.append(notice.not_before - sqlite_desk.time.now)
        sqlite_desk.time.now = notice.not_before
    assert sqlite_desk.states() == ["dropped"]
    assert gaps[:3] == [timedelta(seconds=5), timedelta(seconds=10), timedelta(seconds=20)]
    assert max(gaps) == timedelta(minutes=10)
    assert sqlite_desk.time.now - NOW < timedelta(hours=1, minutes=10)


def test_what_may_have_been_accepted_is_never_repeated(sqlite_desk: Desk) -> None:
    sqlite_desk.ask(CONFIRM, sqlite_desk.person())
    lost = CountingTransport(answer=lambda _: Outcome(Verdict.UNCERTAIN, reason="no answer"))
    assert sqlite_desk.sender(lost).send_due() == Counts(uncertain=1)
    sqlite_desk.time.now += timedelta(days=2)
    assert sqlite_desk.sender(CountingTransport()).send_due() == Counts()
    (notice,) = sqlite_desk.notices()
    assert (notice.state, notice.reason, notice.sent_at) == ("uncertain", "no answer", NOW)


def test_a_transport_that_fails_in_a_way_of_its_own_leaves_a_doubt(sqlite_desk: Desk) -> None:
    sqlite_desk.ask(CONFIRM, sqlite_desk.person())
    transport = Refusing()
    transport.error = ZeroDivisionError()
    assert sqlite_desk.sender(transport).send_due() == Counts(uncertain=1)


def test_a_refusal_for_good_ends_it(sqlite_desk: Desk) -> None:
    sqlite_desk.ask(CONFIRM, sqlite_desk.person())
    refusing = CountingTransport(answer=lambda _: Outcome(Verdict.REJECTED, reason="no such address"))
    assert sqlite_desk.sender(refusing).send_due() == Counts(failed=1)
    assert sqlite_desk.sender(CountingTransport()).send_due() == Counts()


def test_when_nothing_can_leave_nothing_is_tried_and_no_address_is_logged(
    sqlite_desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        sqlite_desk.ask(CONFIRM, sqlite_desk.person())
    assert sqlite_desk.sender(Refusing()).send_due() == Counts(waiting=1)
    assert sqlite_desk.states() == ["waiting"] * 3
    assert "newsletter notices list --show" in caplog.text
    assert "@" not in caplog.text


def test_a_used_up_quota_holds_them_all(sqlite_desk: Desk) -> None:
    sqlite_desk.ask(CONFIRM, sqlite_desk.person())
    sqlite_desk.ask(CONFIRM, sqlite_desk.person())

    def hold() -> float:
        raise Hold("The quota of 24 hours is used up", NOW + timedelta(hours=1))

    transport = CountingTransport()
    assert sqlite_desk.sender(transport, pace=Asking(hold)).send_due() == Counts(waiting=1)
    assert transport.calls == []


def test_it_waits_for_its_turn_and_is_given_back_when_asked_to_stop(sqlite_desk: Desk) -> None:
    sqlite_desk.ask(CONFIRM, sqlite_desk.person())
    transport = CountingTransport()
    sender = sqlite_desk.sender(transport, pace=Asking(lambda: 3.0), wait=lambda seconds: seconds > 0)
    assert sender.send_due() == Counts()
    assert transport.calls == []
    (notice,) = sqlite_desk.notices()
    assert (notice.state, notice.tries, notice.lease_token) == ("waiting", 0, None)


def test_one_that_cannot_be_made_is_not_in_the_way_of_the_others(sqlite_desk: Desk) -> None:
    sqlite_desk.ask(CONFIRM, sqlite_desk.person(languages="de"))
    sqlite_desk.ask(CONFIRM, sqlite_desk.person(languages="fr"))
    sender = sqlite_desk.sender(CountingTransport())
    made = sender.mails.prepared

    def broken(order: object, facts: object, now: object) -> object:
        if facts.languages == "de":  # type: ignore[attr-defined]  # facts of a reader
            raise ZeroDivisionError
        return made(order, facts, now)  # type: ignore[arg-type]  # as it was called

    sender.mails.prepared = broken  # type: ignore[method-assign, assignment]  # broken on purpose
    assert sender.send_due() == Counts(sent=1, waiting=1)
    assert sqlite_desk.states() == ["waiting", "sent"]


def test_a_frozen_sender_finds_that_its_claim_has_run_out(desk: Desk) -> None:
    desk.ask(CONFIRM, desk.person())
    slow, fast = CountingTransport(), CountingTransport()

    def freeze() -> float:
        desk.let_claims_expire()
        assert desk.sender(fast).send_due() == Counts(sent=1)
        return 0.0

    assert desk.sender(slow, pace=Asking(freeze)).send_due() == Counts()
    assert (len(slow.calls), len(fast.calls)) == (0, 1)


def test_states_are_counted_by_kind(desk: Desk) -> None:
    desk.ask(CONFIRM, desk.person())
    desk.ask(WELCOME, desk.person("active"))
    desk.sender(CountingTransport()).send_due(limit=1)
    with desk.database.read() as session:
        assert count_states(session) == {("confirm", "sent"): 1, ("welcome", "waiting"): 1}
        assert anything_due(session, NOW)


def test_a_subscription_says_the_language_where_the_page_did_not(sqlite_desk: Desk) -> None:
    person = sqlite_desk.person(languages="ar fr")
    sqlite_desk.ask(CONFIRM, person)
    sqlite_desk.ask(CONFIRM, sqlite_desk.person(languages="ar"), language="de")
    sqlite_desk.ask(CONFIRM, sqlite_desk.person(languages="tlh"))
    sqlite_desk.change(Subscription, updated_at=NOW)
    transport = CountingTransport()
    sqlite_desk.sender(transport).send_due()
    assert [call.prepared.subject.split()[0] for call in transport.calls] == ["يُرجى", "Bitte", "Confirmez"]


def test_another_sender_finds_nothing_of_what_was_accepted(sqlite_desk: Desk) -> None:
    sqlite_desk.ask(CONFIRM, sqlite_desk.person())
    world = World()

    def note(addressed: Addressed) -> Outcome:
        assert sqlite_desk.sender(CountingTransport(world)).send_due() == Counts(), "it is claimed"
        return Outcome(Verdict.ACCEPTED, message_id=f"<{addressed.delivery_id}>")

    assert sqlite_desk.sender(CountingTransport(world, answer=note)).send_due() == Counts(sent=1)
    assert sum(world.accepted.values()) == 1
    assert sqlite_desk.notices()[0].message_id == f"<{next(iter(world.accepted))}>"
