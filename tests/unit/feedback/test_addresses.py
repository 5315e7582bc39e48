"""Addresses that bounce or complain get no mail any more, and get it again when it turns out otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from newsletter.feedback.intake import Intake
from newsletter.feedback.models import Strike
from subscribers.models import Consent, Subscriber, Subscription, Suppression
from subscribers.suppression import Reason, reinstate, suppress
from tests.factories.events import ses_event
from tests.factories.people import NOW, email
from tests.unit.feedback.conftest import STREAM, Sent, of_week, weeks

if TYPE_CHECKING:
    from collections.abc import Mapping

SOFT: dict[str, Any] = {"bounceType": "Transient", "bounceSubType": "MailboxFull", "said": {"status": "4.2.2"}}
OUT_OF_OFFICE: dict[str, Any] = {"bounceType": "Transient", "bounceSubType": "General", "said": {"status": "4.4.7"}}


def suppressed(sent: Sent) -> dict[str, tuple[str, str]]:
    with sent.database.read() as session:
        return {row.email: (row.reason, row.detail) for row in session.scalars(select(Suppression))}


def status(sent: Sent, person: int) -> str:
    with sent.database.read() as session:
        return session.scalars(select(Subscription.status).where(Subscription.subscriber_id == person)).one()


def strikes(sent: Sent, person: int) -> int:
    with sent.database.read() as session:
        return len(session.scalars(select(Strike).where(Strike.subscriber_id == person)).all())


@pytest.mark.parametrize("subtype", ["General", "NoEmail", "OnAccountSuppressionList", "OnTenantSuppressionList"])
def test_a_permanent_bounce_suppresses_with_what_was_said(sent: Sent, subtype: str) -> None:
    sent.take(sent.event("Bounce", 1, bounceSubType=subtype))
    assert suppressed(sent) == {email(1): ("bounce", f"Permanent/{subtype}: smtp; 550 5.1.1 no such user")}
    assert (status(sent, 1), status(sent, 2)) == ("suppressed", "active")
    with sent.database.read() as session:
        (line,) = session.scalars(select(Consent).where(Consent.subscriber_id == 1))
    assert (line.action, line.source) == ("suppressed", "bounce, SES")


@pytest.mark.parametrize(
    "subtype", ["Suppressed", "EmailValidationSuppressed", "UnsubscribedRecipient", "SomethingNew"]
)
def test_an_odd_permanent_bounce_does_not_at_once(sent: Sent, subtype: str) -> None:
    sent.take(sent.event("Bounce", 1, bounceSubType=subtype))
    assert suppressed(sent) == {}
    assert strikes(sent, 1) == (subtype != "UnsubscribedRecipient")


def test_who_left_by_the_page_of_ses_leaves_the_list(sent: Sent) -> None:
    sent.take(sent.event("Bounce", 1, bounceSubType="UnsubscribedRecipient"))
    assert (status(sent, 1), status(sent, 2)) == ("unsubscribed", "active")
    sent.take(ses_event("Bounce", email(2), bounceSubType="UnsubscribedRecipient"))
    assert status(sent, 2) == "active", "of no campaign: of which list?"


@pytest.mark.parametrize(
    "about",
    [
        {"bounceType": "Transient", "bounceSubType": "MessageTooLarge"},
        {"bounceType": "Transient", "bounceSubType": "ContentRejected"},
        {"bounceType": "Transient", "bounceSubType": "AttachmentRejected"},
        {"said": {"status": "5.7.1", "diagnosticCode": "smtp; 550 5.7.1 blocked by policy"}},
        {"said": {"status": "5.3.4", "diagnosticCode": "smtp; 552 5.3.4 too big"}},
    ],
)
def test_what_the_mail_itself_was_refused_for_never_counts_against_the_address(sent: Sent, about: Any) -> None:  # noqa: ANN401 - see ses_event
    for week in weeks(sent, 6):
        sent.take(of_week(week, "Bounce", **about))
    assert suppressed(sent) == {}
    assert strikes(sent, 1) == 0


def test_an_address_we_do_not_know_is_suppressed_as_well(sent: Sent) -> None:
    """A test mail, a notification of an identity, somebody erased: it must not be imported again."""
    sent.take(ses_event("Bounce", "Gone@Nowhere.Example"))
    assert set(suppressed(sent)) == {"gone@nowhere.example"}


def test_what_is_no_address_is_nobodys(sent: Sent) -> None:
    assert sent.take(ses_event("Bounce", "not an address")).applied == 1
    assert suppressed(sent) == {}


def test_soft_bounces_count_in_a_row_until_they_are_one_for_good(sent: Sent) -> None:
    for week in weeks(sent, 5):
        assert suppressed(sent) == {}
        sent.take(of_week(week, "Bounce", **SOFT))
    ((reason, detail),) = suppressed(sent).values()
    assert reason == "bounce"
    assert detail.startswith("took no mail 5 times in a row; the last time: Transient/MailboxFull")
    assert status(sent, 1) == "suppressed"


def test_how_many_is_a_setting(sent: Sent) -> None:
    two = Intake(sent.database, sent.stage.time.clock, STREAM, soft_bounces=2)
    first, second = weeks(sent, 2)
    two.take([of_week(first, "Bounce", **SOFT)])
    assert suppressed(sent) == {}
    two.take([of_week(second, "Bounce", **SOFT)])
    assert set(suppressed(sent)) == {email(1)}


def test_the_same_mail_counts_once(sent: Sent) -> None:
    (week,) = weeks(sent, 1)
    sent.take(*(of_week(week, "Bounce", after=n, **SOFT) for n in range(1, 9)))
    assert strikes(sent, 1) == 1


def test_a_delivery_begins_the_count_anew(sent: Sent) -> None:
    *early, delivered, late = weeks(sent, 6)
    for week in early:
        sent.take(of_week(week, "Bounce", **SOFT))
    sent.take(of_week(delivered, "Delivery"))
    assert strikes(sent, 1) == 0
    sent.take(of_week(late, "Bounce", **SOFT))
    assert strikes(sent, 1) == 1
    assert suppressed(sent) == {}


def test_a_bounce_heard_of_after_a_later_delivery_does_not_count(sent: Sent) -> None:
    early, late = weeks(sent, 2)
    sent.take(of_week(late, "Delivery"))
    sent.take(of_week(early, "Bounce", **SOFT))
    assert strikes(sent, 1) == 0


def test_a_delivery_heard_of_late_takes_the_suppression_back(sent: Sent) -> None:
    found = weeks(sent, 6)
    sent.take(*(of_week(week, "Bounce", **SOFT) for week in (*found[:2], *found[3:])))
    assert set(suppressed(sent)) == {email(1)}
    sent.take(of_week(found[2], "Delivery"))
    assert suppressed(sent) == {}
    assert status(sent, 1) == "active"
    assert strikes(sent, 1) == 3


def test_an_out_of_office_reply_is_no_bounce_in_either_order(sent: Sent) -> None:
    for week in weeks(sent, 6):
        sent.take(of_week(week, "Delivery", 1), of_week(week, "Bounce", 2, **OUT_OF_OFFICE))
        sent.take(of_week(week, "Bounce", 1, **OUT_OF_OFFICE), of_week(week, "Delivery", 2))
    assert (strikes(sent, 1), strikes(sent, 2)) == (0, 0)
    assert suppressed(sent) == {}


def test_a_hard_bounce_stands_whatever_was_delivered(sent: Sent) -> None:
    sent.take(sent.event("Delivery", 1), sent.event("Bounce", 1), sent.event("Bounce", 2), sent.event("Delivery", 2))
    assert set(suppressed(sent)) == {email(1), email(2)}


def test_who_has_another_address_by_now_has_a_clean_slate(sent: Sent) -> None:
    with sent.database.write() as session:
        session.execute(update(Subscriber).where(Subscriber.id == 1).values(email="new@example.org"))
    for week in weeks(sent, 6):
        sent.take(of_week(week, "Bounce", **SOFT))
    assert suppressed(sent) == {}
    sent.take(sent.event("Bounce", 1))
    assert set(suppressed(sent)) == {email(1)}, "the old one"
    assert status(sent, 1) == "active"


@pytest.mark.parametrize("kind", ["abuse", "fraud", "virus", "other", None])
def test_a_complaint_ends_all_mail_and_is_a_way_of_leaving(sent: Sent, kind: str | None) -> None:
    sent.take(sent.event("Complaint", 1, complaintFeedbackType=kind))
    ((reason, _),) = suppressed(sent).values()
    assert reason == "complaint"
    assert status(sent, 1) == "suppressed"
    with sent.database.write() as session:
        reinstate(session, email(1), source="test", now=NOW)
    assert status(sent, 1) == "unsubscribed"


def test_a_complaint_outweighs_a_bounce(sent: Sent) -> None:
    sent.take(sent.event("Bounce", 1))
    sent.take(sent.event("Complaint", 1))
    assert suppressed(sent)[email(1)][0] == "complaint"


@pytest.mark.parametrize("late", [False, True], ids=["in order", "the other way round"])
def test_not_spam_takes_a_complaint_back(sent: Sent, late: bool) -> None:  # noqa: FBT001 - a parameter
    complaint = sent.event("Complaint", 1, after=10)
    taken_back = sent.event("Complaint", 1, after=20, complaintFeedbackType="not-spam")
    for body in (taken_back, complaint) if late else (complaint, taken_back):
        sent.take(body)
    assert suppressed(sent) == {}
    assert status(sent, 1) == "active"
    sent.take(sent.event("Complaint", 1, after=30))
    assert suppressed(sent)[email(1)][0] == "complaint"


def test_not_spam_does_not_undo_a_bounce(sent: Sent) -> None:
    sent.take(sent.event("Bounce", 1), sent.event("Complaint", 1, after=5))
    sent.take(sent.event("Complaint", 1, after=20, complaintFeedbackType="not-spam"))
    assert suppressed(sent)[email(1)][0] == "bounce"


def test_a_failed_authentication_is_no_complaint(sent: Sent) -> None:
    sent.take(sent.event("Complaint", 1, complaintFeedbackType="auth-failure"))
    assert suppressed(sent) == {}


def test_a_complaint_that_names_a_whole_provider_touches_who_got_the_mail(sent: Sent) -> None:
    everybody = [{"emailAddress": email(person)} for person in range(1, 7)]
    sent.take(sent.event("Complaint", 3, complainedRecipients=everybody))
    assert set(suppressed(sent)) == {email(3)}


def test_what_a_person_took_off_the_list_begins_afresh(sent: Sent) -> None:
    *five, again, last = weeks(sent, 7)
    sent.take(*(of_week(week, "Bounce", **SOFT) for week in five))
    with sent.database.write() as session:
        reinstate(session, email(1), source="test", now=NOW)
    sent.take(of_week(again, "Bounce", **SOFT))
    assert suppressed(sent) == {}
    assert strikes(sent, 1) == 1
    sent.take(of_week(last, "Bounce"))
    assert set(suppressed(sent)) == {email(1)}, "a new bounce counts"


def test_what_a_person_blocked_stays_blocked(sent: Sent) -> None:
    with sent.database.write() as session:
        suppress(session, email(1), Reason.MANUAL, source="test", now=NOW, detail="asked by telephone")
    (week,) = weeks(sent, 1)
    sent.take(sent.event("Bounce", 1))
    assert suppressed(sent)[email(1)] == ("manual", "asked by telephone")
    sent.take(of_week(week, "Delivery"))
    assert email(1) in suppressed(sent)


def test_the_books_know_what_was_not_sent_after_all(sent: Sent) -> None:
    from newsletter.delivery.books import books

    sent.take(sent.event("Rendering Failure", 1), sent.event("Reject", 2))
    outcomes: Mapping[int, tuple[str, str | None]] = {
        row.subscriber_id: (row.state, row.reason) for row in sent.stage.deliveries(sent.campaign)
    }
    assert outcomes[1] == ("failed", "Rendering Failure: Attribute 'name' is not present in the rendering data.")
    assert outcomes[2] == ("failed", "Reject: Bad content")
    with sent.database.read() as session:
        balance = books(session, sent.campaign)
    assert balance.balanced
    assert (balance.sent, balance.failed) == (4, 2)
    assert suppressed(sent) == {}


@pytest.mark.parametrize("to", ["bounce@simulator.amazonses.com", "Complaint+first@SIMULATOR.amazonses.com"])
@pytest.mark.parametrize("kind", ["Bounce", "Complaint"])
def test_the_addresses_of_sess_own_tests_stay_what_they_are(sent: Sent, kind: str, to: str) -> None:
    sent.take(ses_event(kind, to), ses_event(kind, "somebody@simulator.amazonses.com.example"))
    assert list(suppressed(sent)) == ["somebody@simulator.amazonses.com.example"]
