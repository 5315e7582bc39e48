"""What each event is taken for; docs/feedback.md says the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from newsletter.delivery.guarding.first_wave import DELIVERED
from newsletter.delivery.setbacks import UNSENT
from newsletter.feedback.events import Event, Kind, read_message
from newsletter.feedback.facts import FACTS, Fact, Fate, fate_of
from newsletter.feedback.rules import Meaning, detail_of, failure_of, meaning_of, words_of
from newsletter.simulator.outcomes import BOUNCES
from tests.factories.events import ses_event

PAGE = (Path(__file__).parents[3] / "docs" / "feedback.md").read_text("utf-8")
MEANT = {
    "Permanent/General": Meaning.HARD,
    "Permanent/NoEmail": Meaning.HARD,
    "Permanent/Suppressed": Meaning.WITHHELD,
    "Permanent/EmailValidationSuppressed": Meaning.WITHHELD,
    "Permanent/OnAccountSuppressionList": Meaning.LISTED,
    "Permanent/OnTenantSuppressionList": Meaning.LISTED,
    "Permanent/UnsubscribedRecipient": Meaning.LEFT,
    "Permanent/SomethingNew": Meaning.SOFT,
    "Transient/General": Meaning.SOFT,
    "Transient/MailboxFull": Meaning.SOFT,
    "Transient/CustomTimeoutExceeded": Meaning.SOFT,
    "Transient/MessageTooLarge": Meaning.REFUSED,
    "Transient/ContentRejected": Meaning.REFUSED,
    "Transient/AttachmentRejected": Meaning.REFUSED,
    "Undetermined/Undetermined": Meaning.SOFT,
}


def bounce(kind: str, status: str = "5.1.1") -> Event:
    bounce_type, _, subtype = kind.partition("/")
    body = ses_event("Bounce", said={"status": status}, bounceType=bounce_type, bounceSubType=subtype)
    (event,) = read_message(body).events
    return event


@pytest.mark.parametrize(("kind", "meaning"), MEANT.items())
def test_every_kind_of_bounce_has_its_rule(kind: str, meaning: Meaning) -> None:
    status = "4.2.2" if kind.startswith("Transient") else "5.1.1"
    assert meaning_of(bounce(kind, status)) is meaning
    assert detail_of(bounce(kind, status)) == kind


def test_every_bounce_of_the_simulator_is_among_them() -> None:
    assert {name for name in BOUNCES if name not in MEANT} == set()


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        ("5.1.1", Meaning.HARD),
        ("5.2.1", Meaning.HARD),
        ("5.4.1", Meaning.HARD),
        ("5.5.0", Meaning.HARD),
        ("5.0.0", Meaning.HARD),
        ("", Meaning.HARD),
        ("5.7.1", Meaning.REFUSED),
        ("5.7.26", Meaning.REFUSED),
        ("5.7.515", Meaning.REFUSED),
        ("5.6.0", Meaning.REFUSED),
        ("5.3.4", Meaning.REFUSED),
        ("5.2.3", Meaning.REFUSED),
    ],
)
def test_a_permanent_bounce_for_the_mails_sake_says_nothing_of_the_address(status: str, meaning: Meaning) -> None:
    assert meaning_of(bounce("Permanent/General", status)) is meaning


@pytest.mark.parametrize("status", ["4.4.7", "4.4.1", "4.2.2", "4.2.1", "5.3.0"])
def test_a_passing_bounce_counts_against_the_address_whatever_its_status(status: str) -> None:
    assert meaning_of(bounce("Transient/General", status)) is Meaning.SOFT


def test_a_passing_bounce_for_a_policy_does_not() -> None:
    assert meaning_of(bounce("Transient/General", "4.7.28")) is Meaning.REFUSED


@pytest.mark.parametrize(
    ("feedback", "meaning"),
    [
        ("abuse", Meaning.COMPLAINT),
        ("fraud", Meaning.COMPLAINT),
        ("virus", Meaning.COMPLAINT),
        ("other", Meaning.COMPLAINT),
        ("something-new", Meaning.COMPLAINT),
        (None, Meaning.COMPLAINT),
        ("not-spam", Meaning.NOT_SPAM),
        ("auth-failure", Meaning.REMARK),
    ],
)
def test_complaints(feedback: str | None, meaning: Meaning) -> None:
    (event,) = read_message(ses_event("Complaint", complaintFeedbackType=feedback)).events
    assert meaning_of(event) is meaning
    assert detail_of(event) == (feedback or "")


def test_a_complaint_that_ses_remembers_was_no_mail() -> None:
    (event,) = read_message(ses_event("Complaint", complaintSubType="OnAccountSuppressionList")).events
    assert (meaning_of(event), detail_of(event)) == (Meaning.LISTED, "OnAccountSuppressionList")


@pytest.mark.parametrize("kind", ["Open", "Click"])
@pytest.mark.parametrize(
    ("field", "automated"),
    [({}, False), ({"isAutomated": True}, True), ({"automatedOpen": "true"}, True), ({"automated": False}, False)],
)
def test_what_ses_says_no_person_did(kind: str, field: dict[str, Any], automated: bool) -> None:  # noqa: FBT001 - a parameter
    (event,) = read_message(ses_event(kind, **field)).events
    assert ("machine" in meaning_of(event)) is automated


def test_words_for_a_person() -> None:
    said = {"diagnosticCode": "smtp; 550 5.1.1 user unknown"}
    (event,) = read_message(ses_event("Bounce", said=said)).events
    assert words_of(event) == "Permanent/General: smtp; 550 5.1.1 user unknown"
    (failure,) = read_message(ses_event("Rendering Failure")).events
    assert failure_of(failure) == "Rendering Failure: Attribute 'name' is not present in the rendering data."
    (reject,) = read_message(ses_event("Reject")).events
    assert failure_of(reject) == "Reject: Bad content"
    (bare,) = read_message(ses_event("Bounce", said={"diagnosticCode": None, "status": "x" * 900})).events
    assert len(words_of(bare)) == 500


@pytest.mark.parametrize(
    ("facts", "fate"),
    [
        (Fact(0), Fate.UNHEARD),
        (Fact.DELIVERED, Fate.DELIVERED),
        (Fact.DELIVERED | Fact.DELAYED, Fate.DELIVERED),
        (Fact.DELIVERED | Fact.SOFT, Fate.DELIVERED),
        (Fact.DELIVERED | Fact.HARD, Fate.HARD),
        (Fact.DELIVERED | Fact.COMPLAINED, Fate.DELIVERED),
        (Fact.COMPLAINED, Fate.DELIVERED),
        (Fact.SOFT | Fact.DELAYED, Fate.SOFT),
        (Fact.DELAYED, Fate.DELAYED),
        (Fact.WITHHELD, Fate.WITHHELD),
        (Fact.REFUSED | Fact.DELIVERED, Fate.REFUSED),
        (Fact.REJECTED, Fate.UNSENT),
        (Fact.UNRENDERED, Fate.UNSENT),
    ],
)
def test_of_all_that_is_known_one_thing_became_of_a_mail(facts: Fact, fate: Fate) -> None:
    assert fate_of(facts) is fate


def test_the_ledger_and_the_index_know_which_facts_mean_not_sent() -> None:
    assert {fact for fact in Fact if fact >= UNSENT} == {Fact.REJECTED, Fact.UNRENDERED}
    assert all(fate_of(fact) is Fate.UNSENT for fact in Fact if fact >= UNSENT)


def test_the_planner_knows_which_fact_is_a_sign_of_life() -> None:
    assert Fact.DELIVERED == DELIVERED


def test_every_meaning_is_described() -> None:
    described = set(re.findall(r"`([a-z ]+)`", PAGE.partition("## What an event means")[2].partition("\n## ")[0]))
    assert {meaning.value for meaning in Meaning} <= described
    assert set(FACTS) <= set(Meaning)
    assert set(Kind) >= {Kind.OTHER}
