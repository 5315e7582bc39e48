"""Every form in which SES tells something, in one vocabulary; whatever else comes is kept, or refused in words."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.feedback.events import KEY_BYTES, Event, Kind, Unreadable, read_message
from newsletter.feedback.packing import pack, unpack
from tests.factories.events import KINDS, enveloped, on_bus, ses_event
from tests.factories.people import NOW

FORMS = Path(__file__).parents[2] / "fixtures" / "ses_events"
VALIDATION = "Successfully validated SNS topic for Amazon SES event publishing."
EXPECTED = {
    "Send": Kind.SEND,
    "Delivery": Kind.DELIVERY,
    "Bounce": Kind.BOUNCE,
    "Complaint": Kind.COMPLAINT,
    "DeliveryDelay": Kind.DELAY,
    "Reject": Kind.REJECT,
    "RenderingFailure": Kind.RENDERING_FAILURE,
    "Open": Kind.OPEN,
    "Click": Kind.CLICK,
}


def one(body: str) -> Event:
    (event,) = read_message(body).events
    return event


@pytest.mark.parametrize("name", EXPECTED)
def test_every_documented_event_is_read(name: str) -> None:
    event = one((FORMS / f"{name}.json").read_text())
    assert event.kind is EXPECTED[name]
    assert event.message_id == "0100018f9c2d4a10-5f1c2b7e-3d0a-4c55-9a61-2f7be0c4d911-000000"
    assert event.recipient == "ada@reader.example"
    assert event.delivery_id == "c12-3456"
    assert event.mail_at == datetime(2026, 5, 22, 6, 0, 1, 250_000, UTC)
    assert event.at is not None
    assert event.at >= event.mail_at
    assert len(event.key) == KEY_BYTES


@pytest.mark.parametrize("name", ["Bounce", "Complaint", "Delivery"])
def test_a_notification_of_an_identity_is_the_same_event_as_that_of_the_configuration_set(name: str) -> None:
    told = one((FORMS / f"notification-{name}.json").read_text())
    assert told.key == one((FORMS / f"{name}.json").read_text()).key
    assert told.kind is EXPECTED[name]
    assert told.delivery_id is None


@pytest.mark.parametrize("kind", KINDS)
def test_envelopes_change_nothing(kind: str) -> None:
    event = ses_event(kind, delivery_id="x.1")
    bare = read_message(event)
    assert bare.text == event
    assert read_message(enveloped(event)) == bare
    assert one(on_bus(event)) == one(event)
    assert one(enveloped(on_bus(event))) == one(event)


def test_what_comes_through_eventbridge_is_known_to_be_best_effort() -> None:
    event = ses_event("Send")
    assert read_message(on_bus(event)).best_effort
    assert not read_message(enveloped(event)).best_effort


def test_a_topic_that_gives_the_message_as_an_object() -> None:
    envelope = json.loads(enveloped(ses_event("Send")))
    envelope["Message"] = json.loads(envelope["Message"])
    assert one(json.dumps(envelope)) == one(ses_event("Send"))


@pytest.mark.parametrize("body", [VALIDATION, f"{VALIDATION}\n", enveloped(VALIDATION)])
def test_the_validation_of_a_topic_is_no_event_of_a_mail(body: str) -> None:
    event = one(body)
    assert event.kind is Kind.VALIDATION
    assert event.key == one(VALIDATION).key
    assert not event.recipient


def test_several_recipients_are_several_events() -> None:
    people = ("ada@reader.example", "Ben@Reader.example", "zoe@other.example")
    bounce = json.loads(ses_event("Bounce", destination=people))
    bounce["bounce"]["bouncedRecipients"] = [
        {"emailAddress": "ben@reader.example", "status": "5.1.1"},
        {"emailAddress": "ada@reader.example", "status": "5.2.2"},
    ]
    events = read_message(json.dumps(bounce)).events
    assert [(event.recipient, event.said["status"]) for event in events] == [
        ("ada@reader.example", "5.2.2"),
        ("Ben@Reader.example", "5.1.1"),
    ]
    assert len({event.key for event in events}) == 2
    sent = read_message(ses_event("Send", destination=people)).events
    assert [event.recipient for event in sent] == list(people)


def test_one_event_for_two_recipients_is_the_same_as_one_for_each() -> None:
    together = json.loads(ses_event("Bounce", "a@x.example", destination=("a@x.example", "b@x.example")))
    entries = together["bounce"]["bouncedRecipients"]
    alone = json.dumps(together)
    together["bounce"]["bouncedRecipients"] = [*entries, {**entries[0], "emailAddress": "b@x.example"}]
    keys = [event.key for event in read_message(json.dumps(together)).events]
    assert one(alone).key == keys[0] != keys[1]


def test_a_complaint_that_names_everybody_at_a_provider_is_about_those_who_got_the_mail() -> None:
    complaint = json.loads(ses_event("Complaint", destination=("ada@reader.example",)))
    complaint["complaint"]["complainedRecipients"] = [
        {"emailAddress": "somebody@reader.example"},
        {"emailAddress": "ada@reader.example"},
    ]
    assert one(json.dumps(complaint)).recipient == "ada@reader.example"


def test_of_a_mail_to_one_the_event_is_about_that_one_whomever_it_names() -> None:
    """The mailbox behind a forwarding address bounces, a provider blacks the address out."""
    event = one(ses_event("Bounce", "behind@forward.example", destination=("ada@reader.example",)))
    assert event.recipient == "ada@reader.example"
    assert event.said["status"] == "5.1.1"


def test_of_a_mail_to_several_nobody_is_taken_for_somebody_else() -> None:
    event = one(ses_event("Bounce", "behind@forward.example", destination=("a@x.example", "b@x.example")))
    assert event.recipient == ""


def test_names_around_addresses_do_not_matter() -> None:
    named = ses_event("Send", destination=("Ada Lovelace <ada@reader.example>",))
    assert one(named).key == one(ses_event("Send")).key


def test_unknown_fields_and_unknown_kinds_are_kept() -> None:
    event: dict[str, Any] = json.loads(ses_event("Delivery"))
    event["delivery"]["somethingNew"] = {"a": 1}
    event["mail"]["somethingNew"] = [None]
    event["new"] = True
    known = one(json.dumps(event))
    assert known.key == one(ses_event("Delivery")).key
    assert known.about["somethingNew"] == {"a": 1}
    event["eventType"] = "Teleported"
    unknown = one(json.dumps(event))
    assert (unknown.kind, unknown.name, unknown.recipient) == (Kind.OTHER, "Teleported", "ada@reader.example")
    assert unknown.key == one(json.dumps(event)).key
    advice = {"detail-type": "Sending Status Disabled", "source": "aws.ses", "detail": {"version": "1.0"}}
    assert one(json.dumps(advice)).name == "Sending Status Disabled"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (ses_event("Open", after=60), ses_event("Open", after=61)),
        (ses_event("Click", link="https://a.example/"), ses_event("Click", link="https://b.example/")),
        (ses_event("Bounce", feedbackId="1"), ses_event("Bounce", feedbackId="2")),
        (ses_event("Send"), ses_event("Delivery")),
        (ses_event("Send", message_id="m1"), ses_event("Send", message_id="m2")),
        (ses_event("Send", "a@x.example", message_id="m"), ses_event("Send", "b@x.example", message_id="m")),
    ],
)
def test_what_is_not_the_same_event(first: str, second: str) -> None:
    assert one(first).key != one(second).key


def test_keys_of_later_mails_lie_behind_those_of_earlier_ones() -> None:
    ids = [
        f"0100{milliseconds:012x}-5f1c2b7e-3d0a" for milliseconds in range(1_700_000_000_000, 1_800_000_000_000, 10**10)
    ]
    keys = [one(ses_event("Send", message_id=each)).key for each in ids]
    assert keys == sorted(keys)
    assert one(ses_event("Send", message_id="an id of another form")).key[:3] == bytes(3)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2018-10-08T14:05:45 +0000", datetime(2018, 10, 8, 14, 5, 45, tzinfo=UTC)),
        ("2018-10-08T16:05:45+02:00", datetime(2018, 10, 8, 14, 5, 45, tzinfo=UTC)),
        ("2018-10-08T14:05:45", datetime(2018, 10, 8, 14, 5, 45, tzinfo=UTC)),
        ("yesterday", NOW),
        ("0001-01-01T00:00:00+14:00", NOW),
        (12, NOW),
    ],
)
def test_times_in_any_form_or_none(written: object, meant: datetime) -> None:
    assert one(ses_event("Delivery", timestamp=written)).at == meant


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "not JSON"),
        ("hello", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("9" * 5000, "not JSON"),
        ("[1]", "no object"),
        ("{}", "says what it is"),
        ('{"eventType": 7}', "says what it is"),
        ('{"eventType": "Send"}', "a Send without mail.messageId"),
        ('{"eventType": "Send", "mail": {"messageId": ""}}', "a Send without mail.messageId"),
        ('{"eventType": "Bounce", "mail": {"messageId": "m"}}', "a Bounce without its object “bounce”"),
        (enveloped("hello"), "not JSON"),
        (enveloped(enveloped(enveloped(enveloped("{}")))), "an envelope in an envelope"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(body: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        read_message(body)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_PATHS = st.sampled_from(
    [(), ("mail",), ("mail", "tags"), ("mail", "tags", "delivery"), ("mail", "destination"), ("bounce",), ("delivery",),
     ("mail", "timestamp"), ("mail", "messageId"), ("bounce", "bouncedRecipients"), ("delivery", "recipients"),
     ("bounce", "feedbackId"), ("click", "link")]
)  # fmt: skip


@given(kind=st.sampled_from(KINDS), path=_PATHS, value=_JSON)
def test_whatever_stands_where_it_should_not_is_read_or_refused(
    kind: str, path: tuple[str, ...], value: object
) -> None:
    event: Any = json.loads(ses_event(kind))
    if path:
        place = event
        for name in path[:-1]:
            place = place.get(name, {})
        place[path[-1]] = value
    else:
        event = value
    try:
        reading = read_message(json.dumps(event))
    except Unreadable:
        return
    assert reading.events
    assert all(len(each.key) == KEY_BYTES for each in reading.events)


@given(st.text(alphabet=st.characters()))
def test_packing_gives_back_every_text(text: str) -> None:
    assert unpack(pack(text)) == text


def test_packing_makes_events_small() -> None:
    for path in FORMS.glob("*.json"):
        text = json.dumps(json.loads(path.read_text()), separators=(",", ":"))
        assert len(pack(text)) * 2.5 < len(text), path.name
