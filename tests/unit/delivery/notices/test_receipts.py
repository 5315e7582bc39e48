"""What SES says afterwards settles a notice in doubt, whichever comes first."""

from __future__ import annotations

from newsletter.delivery.notices.by_hand import send_again
from newsletter.delivery.notices.sending import Counts
from newsletter.delivery.transport import Addressed, Outcome, Verdict
from newsletter.feedback.intake import Intake, Tally
from subscribers.ports import NoticeKind
from tests.factories.desk import Desk
from tests.factories.events import ses_event
from tests.fakes.transports import CountingTransport


def take(desk: Desk, kind: str, delivery_id: str) -> Tally:
    event = ses_event(kind, "p1@example.org", delivery_id=delivery_id, message_id="0100-ses")
    return Intake(desk.database, desk.time.clock, "stream").take([event])


def name_of(desk: Desk) -> str:
    (notice,) = desk.notices()
    return f"{notice.label}.{notice.id}"


def outcome(desk: Desk) -> tuple[str, str | None, str | None]:
    (notice,) = desk.notices()
    return notice.state, notice.message_id, notice.reason


def lost(_: Addressed) -> Outcome:
    return Outcome(Verdict.UNCERTAIN, reason="no answer")


def test_an_event_proves_that_it_was_accepted(desk: Desk) -> None:
    desk.ask(NoticeKind.CONFIRM, desk.person())
    assert desk.sender(CountingTransport(answer=lost)).send_due() == Counts(uncertain=1)
    assert take(desk, "Send", name_of(desk)) == Tally(applied=1)
    assert outcome(desk) == ("sent", "0100-ses", None)
    take(desk, "Delivery", name_of(desk))
    assert outcome(desk) == ("sent", "0100-ses", None)


def test_one_of_an_earlier_try_does_not_settle_what_somebody_sends_again(desk: Desk) -> None:
    desk.ask(NoticeKind.CONFIRM, desk.person())
    desk.sender(CountingTransport(answer=lost)).send_due()
    first = name_of(desk)
    with desk.database.write() as session:
        send_again(session, [1], now=desk.time.clock())
    take(desk, "Send", first)
    assert outcome(desk) == ("waiting", None, None)
    assert desk.sender(CountingTransport()).send_due() == Counts(sent=1)


def test_one_that_comes_before_the_time_out_is_kept(desk: Desk) -> None:
    desk.ask(NoticeKind.CONFIRM, desk.person())

    def told_first(addressed: Addressed) -> Outcome:
        take(desk, "Send", addressed.delivery_id)
        return lost(addressed)

    desk.sender(CountingTransport(answer=told_first)).send_due()
    assert outcome(desk)[:2] == ("sent", "0100-ses")


def test_one_that_comes_while_its_sender_is_dead_is_believed(desk: Desk) -> None:
    class Dies(BaseException):
        pass

    def told_and_dead(addressed: Addressed) -> Outcome:
        take(desk, "Send", addressed.delivery_id)
        raise Dies

    desk.ask(NoticeKind.CONFIRM, desk.person())
    try:
        desk.sender(CountingTransport(answer=told_and_dead)).send_due()
    except Dies:
        desk.let_claims_expire()
    assert desk.sender(CountingTransport()).send_due() == Counts()
    assert outcome(desk)[:2] == ("sent", "0100-ses")


def test_events_of_others_change_nothing(desk: Desk) -> None:
    desk.ask(NoticeKind.CONFIRM, desk.person())
    desk.sender(CountingTransport(answer=lost)).send_due()
    label, _, number = name_of(desk).rpartition(".")
    for other in (f"{label}9.{number}", f"{label}.99", f"campaign.{number}", f"{label}.{'9' * 30}"):
        take(desk, "Send", other)
    assert outcome(desk) == ("uncertain", None, "no answer")


def test_a_bounce_of_a_notice_counts_for_its_address(desk: Desk) -> None:
    desk.ask(NoticeKind.CONFIRM, desk.person())
    desk.sender(CountingTransport()).send_due()
    take(desk, "Bounce", name_of(desk))
    desk.ask(NoticeKind.CONFIRM, 1)
    assert desk.sender(CountingTransport()).send_due() == Counts(dropped=1)
    assert desk.notices()[1].reason == "the address is suppressed"
