"""Events: their form is the documented one, and each kind comes when it should."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from newsletter.simulator.events import API_NAMES
from newsletter.simulator.publishing import SUBJECT, VALIDATION
from tests.factories.ses import bulk, entry, inline, raw, simple
from tests.fixtures.simulator import client, feedback_queue

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsletter.simulator.client import SimulatorClient

DOCUMENTED = Path(__file__).parents[2] / "fixtures" / "ses_events"
EICAR = r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
FATES: dict[str, dict[str, Any]] = {
    "Send": {"delivered": True},
    "Delivery": {"delivered": True},
    "Bounce": {"bounce": "Permanent/General"},
    "Complaint": {"complaint": "abuse"},
    "Reject": {"rejected": True},
    "Open": {"opened": True},
    "Click": {"clicked": True},
    "Rendering Failure": {"missing": "Attribute 'name' is not present in the rendering data."},
    "DeliveryDelay": {"delayed": True},
}


def received(simulator: SimulatorClient, queue: str) -> list[str]:
    """Return the bodies of all messages that are in the queue, and delete them."""
    sqs, bodies = client("sqs", simulator), list[str]()
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        bodies += [message["Body"] for message in messages]
        entries = [{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(messages)]
        sqs.delete_message_batch(QueueUrl=queue, Entries=entries)
    return bodies


def events(simulator: SimulatorClient, queue: str) -> list[dict[str, Any]]:
    simulator.flush()
    return [json.loads(body) for body in received(simulator, queue)]


def form(value: object, name: str = "") -> object:
    """Return the names in a payload, without its values; which tags there are is not part of the form."""
    if isinstance(value, dict) and name not in {"tags", "linkTags"}:
        return {key: form(inner, key) for key, inner in value.items()}
    if isinstance(value, list) and value:
        return [form(value[0])]
    return name in {"tags", "linkTags"} or type(value).__name__


def documented(name: str) -> dict[str, Any]:
    described: dict[str, Any] = json.loads((DOCUMENTED / f"{name.replace(' ', '')}.json").read_text())
    return described


def test_every_kind_of_event_has_a_documented_example() -> None:
    assert set(FATES) == set(API_NAMES) == {documented(kind)["eventType"] for kind in FATES}


@pytest.mark.parametrize("kind", FATES)
def test_an_event_has_the_documented_form(simulator: SimulatorClient, kind: str) -> None:
    queue = feedback_queue(simulator, kinds=[API_NAMES[kind]], raw=True)
    if kind == "Rendering Failure":
        ses = client("sesv2", simulator)
        parts = {"Subject": "This week", "Html": "{{name}}"}
        ses.create_email_template(TemplateName="weekly", TemplateContent=parts)
        request = simple("ada@reader.example") | {
            "Content": {"Template": {"TemplateName": "weekly", "TemplateData": "{}"}}
        }
    else:
        request = simple("ada@reader.example", EmailTags=[{"Name": "delivery", "Value": "c12-3456"}])
        simulator.set_fates({"ada@reader.example": FATES[kind]})
    if kind == "Reject":
        request["Content"]["Simple"]["Body"]["Text"]["Data"] = EICAR
    sent = client("sesv2", simulator).send_email(**request, ConfigurationSetName="events")["MessageId"]
    (event,) = events(simulator, queue)
    expected = documented(kind)
    assert form(event) == form(expected)
    assert event["eventType"] == kind
    assert event["mail"]["messageId"] == sent
    assert event["mail"]["destination"] == ["ada@reader.example"]
    own = set(event["mail"]["tags"]) - {"delivery"}
    assert own == (set(expected["mail"]["tags"]) | {"ses:operation"}) - {"delivery"}
    if kind != "Rendering Failure":
        assert event["mail"]["tags"]["delivery"] == ["c12-3456"]


@pytest.mark.parametrize("kind", ["Bounce", "Complaint", "Delivery"])
def test_an_identity_notification_has_the_documented_form(simulator: SimulatorClient, kind: str) -> None:
    ses, sns, sqs = (client(service, simulator) for service in ("sesv2", "sns", "sqs"))
    topic, queue = sns.create_topic(Name="old")["TopicArn"], sqs.create_queue(QueueName="old")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    ses.create_email_identity(EmailIdentity="review.example")
    simulator.set_identity("review.example", notification_topics={kind: topic})
    simulator.set_fates({"ada@reader.example": FATES[kind]})
    ses.send_bulk_email(**bulk("ada@reader.example"))
    (notification,) = events(simulator, queue)
    assert form(notification) == form(documented(f"notification-{kind}"))
    assert notification["notificationType"] == kind


def test_send_of_a_templated_mail_knows_no_subject_and_later_events_do(simulator: SimulatorClient) -> None:
    queue = feedback_queue(simulator, kinds=["SEND", "DELIVERY"], raw=True)
    request = bulk(
        entry("ada@reader.example", headers={"List-Id": "<x>"}),
        content=inline(subject="For {{name}}"),
        ConfigurationSetName="events",
    )
    client("sesv2", simulator).send_bulk_email(**request)
    sent, delivered = events(simulator, queue)
    assert "subject" not in sent["mail"]["commonHeaders"]
    assert "sourceArn" not in sent["mail"]
    assert {"name": "List-Id", "value": "<x>"} in sent["mail"]["headers"]
    assert delivered["mail"]["commonHeaders"]["subject"] == "For ada"
    assert delivered["mail"]["tags"]["ses:operation"] == ["SendBulkEmail"]


def test_events_of_a_raw_mail_show_no_headers(simulator: SimulatorClient) -> None:
    queue = feedback_queue(simulator, kinds=["SEND"], raw=True)
    client("sesv2", simulator).send_email(**raw("ada@reader.example", ConfigurationSetName="events"))
    (sent,) = events(simulator, queue)
    assert sent["mail"]["headers"] == []


def test_a_mail_to_several_is_told_of_together_where_that_is_the_same(simulator: SimulatorClient) -> None:
    queue = feedback_queue(simulator, kinds=["SEND", "DELIVERY", "BOUNCE", "COMPLAINT"], raw=True)
    simulator.set_fates({
        "gone@a.example": {"bounce": "Permanent/General"},
        "left@b.example": {"bounce": "Permanent/General"},
        "full@a.example": {"bounce": "Transient/MailboxFull"},
        "angry@c.example": {"complaint": "abuse"},
    })  # fmt: skip
    people = (
        "gone@a.example",
        "left@b.example",
        "full@a.example",
        "angry@c.example",
        "calm@c.example",
        "fine@d.example",
    )
    client("sesv2", simulator).send_email(**simple(*people, ConfigurationSetName="events"))
    told = events(simulator, queue)
    bounced = [{r["emailAddress"] for r in e["bounce"]["bouncedRecipients"]} for e in told if "bounce" in e]
    assert bounced == [{"gone@a.example", "left@b.example"}, {"full@a.example"}]
    assert [e["delivery"]["recipients"] for e in told if "delivery" in e] == [
        ["angry@c.example", "calm@c.example"],
        ["fine@d.example"],
    ]
    (complaint,) = [e["complaint"] for e in told if "complaint" in e]
    assert {r["emailAddress"] for r in complaint["complainedRecipients"]} == {"angry@c.example", "calm@c.example"}
    assert told[0]["eventType"] == "Send"


@pytest.mark.parametrize(
    ("mailbox", "expected"),
    [
        ("success", ["Send", "Delivery"]),
        ("bounce+label", ["Send", "Bounce Permanent/General"]),
        ("ooto", ["Send", "Delivery", "Bounce Transient/General"]),
        ("complaint", ["Send", "Delivery", "Complaint"]),
        ("suppressionlist", ["Send", "Bounce Permanent/Suppressed"]),
    ],
)
def test_the_mailbox_simulator_answers(simulator: SimulatorClient, mailbox: str, expected: list[str]) -> None:
    queue = feedback_queue(simulator, kinds=["SEND", "DELIVERY", "BOUNCE", "COMPLAINT"], raw=True)
    address = f"{mailbox}@simulator.amazonses.com"
    client("sesv2", simulator).send_email(**simple(address, ConfigurationSetName="events"))
    assert [
        e["eventType"] + (f" {e['bounce']['bounceType']}/{e['bounce']['bounceSubType']}" if "bounce" in e else "")
        for e in events(simulator, queue)
    ] == expected


def test_a_suppressed_address_bounces_or_complains_by_its_reason(simulator: SimulatorClient) -> None:
    queue = feedback_queue(simulator, kinds=["DELIVERY", "BOUNCE", "COMPLAINT"], raw=True)
    ses = client("sesv2", simulator)
    ses.put_suppressed_destination(EmailAddress="gone@r.example", Reason="BOUNCE")
    ses.put_suppressed_destination(EmailAddress="angry@r.example", Reason="COMPLAINT")
    ses.send_bulk_email(**bulk("gone@r.example", "angry@r.example", ConfigurationSetName="events"))
    bounced, complained = events(simulator, queue)
    assert bounced["bounce"]["bounceSubType"] == "OnAccountSuppressionList"
    assert complained["complaint"]["complaintSubType"] == "OnAccountSuppressionList"
    assert "complaintFeedbackType" not in complained["complaint"]


def test_only_what_a_destination_asks_for_is_published(simulator: SimulatorClient) -> None:
    queue = feedback_queue(simulator, kinds=["BOUNCE"], raw=True)
    ses = client("sesv2", simulator)
    ses.send_bulk_email(**bulk("a@r.example", "bounce@simulator.amazonses.com", ConfigurationSetName="events"))
    ses.send_bulk_email(**bulk("bounce@simulator.amazonses.com"))
    assert [e["eventType"] for e in events(simulator, queue)] == ["Bounce"]
    assert simulator.status()["events_told"] == {"Bounce": 1}


def test_wrapped_events_have_the_subject_of_ses(simulator: SimulatorClient) -> None:
    queue = feedback_queue(simulator, kinds=["SEND"])
    client("sesv2", simulator).send_bulk_email(**bulk("a@r.example", ConfigurationSetName="events"))
    (body,) = received(simulator, queue)
    envelope = json.loads(body)
    assert envelope["Type"] == "Notification"
    assert envelope["Subject"] == SUBJECT
    assert json.loads(envelope["Message"])["eventType"] == "Send"


def test_a_new_destination_is_tried_with_plain_text(simulator: SimulatorClient) -> None:
    queue = feedback_queue(simulator, kinds=["SEND"])
    topic = client("sns", simulator).list_topics()["Topics"][0]["TopicArn"]
    destination = {"MatchingEventTypes": ["SEND"], "SnsDestination": {"TopicArn": topic}}
    client("sesv2", simulator).create_configuration_set_event_destination(
        ConfigurationSetName="events", EventDestinationName="second", EventDestination=destination
    )
    (body,) = received(simulator, queue)
    assert json.loads(body)["Message"] == VALIDATION
    assert "Subject" not in json.loads(body)


def test_event_bridge_brings_the_same_event_in_its_envelope(simulator: SimulatorClient) -> None:
    ses, sqs = client("sesv2", simulator), client("sqs", simulator)
    queue = sqs.create_queue(QueueName="bus")["QueueUrl"]
    simulator.set_event_bus("bus")
    ses.create_configuration_set(ConfigurationSetName="weekly")
    bus = {"EventBusArn": "arn:aws:events:us-east-1:123456789012:event-bus/default"}
    described = {"Enabled": True, "MatchingEventTypes": ["BOUNCE"], "EventBridgeDestination": bus}
    ses.create_configuration_set_event_destination(
        ConfigurationSetName="weekly", EventDestinationName="bus", EventDestination=described
    )
    ses.send_bulk_email(**bulk("bounce@simulator.amazonses.com", ConfigurationSetName="weekly"))
    (envelope,) = events(simulator, queue)
    assert (envelope["source"], envelope["detail-type"]) == ("aws.ses", "Email Bounced")
    assert envelope["resources"] == ["arn:aws:ses:us-east-1:123456789012:configuration-set/weekly"]
    assert envelope["detail"]["eventType"] == "Bounce"


def test_an_event_of_ones_own_is_published_as_it_is(simulator: SimulatorClient) -> None:
    queue = feedback_queue(simulator, kinds=["SEND"], raw=True)
    simulator.publish_event("events", {"eventType": "Novelty", "novelty": {"x": 1}})
    assert events(simulator, queue) == [{"eventType": "Novelty", "novelty": {"x": 1}}]


PEOPLE = [f"reader{number}@{'abc'[number % 3]}.example" for number in range(200)]


def told_in(simulator: SimulatorClient, people: list[str]) -> list[tuple[str, str]]:
    """Send to people, ten a call, and return what is told of whom, in the order in which it is told."""
    queue = feedback_queue(simulator, kinds=["SEND", "DELIVERY", "BOUNCE"], raw=True)
    ses = client("sesv2", simulator)
    for start in range(0, len(people), 10):
        entries = [entry(address, tag=address.partition("@")[0]) for address in people[start : start + 10]]
        ses.send_bulk_email(**bulk(*entries, ConfigurationSetName="events"))
    return [(e["eventType"], e["mail"]["destination"][0]) for e in events(simulator, queue)]


def test_events_come_late_twice_never_and_out_of_order(start_simulator: Callable[..., SimulatorClient]) -> None:
    quiet = told_in(start_simulator(seed=5, hard_bounces=0.1), PEOPLE)
    noisy = told_in(start_simulator(seed=5, hard_bounces=0.1, jitter=30.0, doubled=0.2, late=0.1, lost=0.1), PEOPLE)
    assert max(Counter(quiet).values()) == 1
    assert len(quiet) == 400
    assert set(noisy) < set(quiet)
    assert 300 < len(set(noisy)) < 390
    assert Counter(Counter(noisy).values())[2] > 40
    first_told = {address: kind for kind, address in reversed(noisy)}
    assert sum(kind != "Send" for kind in first_told.values()) > 20


def test_what_is_told_is_what_the_record_says(start_simulator: Callable[..., SimulatorClient]) -> None:
    simulator = start_simulator(hard_bounces=0.1, soft_bounces=0.1, complaints=0.1, delays=0.1, jitter=5.0, doubled=0.3)
    queue = feedback_queue(simulator, kinds=["BOUNCE", "COMPLAINT", "DELIVERY", "DELIVERY_DELAY"], raw=True)
    ses = client("sesv2", simulator)
    for start in range(0, 200, 50):
        ses.send_bulk_email(**bulk(*PEOPLE[start : start + 50], ConfigurationSetName="events"))
    told = {(e["mail"]["messageId"], e["eventType"]) for e in events(simulator, queue)}
    recorded = set()
    for mail in simulator.mails():
        (fate,) = mail["fates"]
        said = {"Bounce": "bounce", "Complaint": "complaint", "DeliveryDelay": "delayed", "Delivery": "delivered"}
        recorded |= {(mail["id"], kind) for kind, name in said.items() if fate.get(name)}
    assert told == recorded
    assert len({kind for _, kind in told}) == 4


def test_noise_is_the_same_for_the_same_seed_whatever_the_order(
    start_simulator: Callable[..., SimulatorClient],
) -> None:
    noise = {"jitter": 30.0, "doubled": 0.2, "lost": 0.2, "hard_bounces": 0.1, "seed": 9}
    first = told_in(start_simulator(**noise), PEOPLE)
    assert Counter(told_in(start_simulator(**noise), PEOPLE[::-1])) == Counter(first)
    assert Counter(told_in(start_simulator(**noise | {"seed": 10}), PEOPLE)) != Counter(first)


def test_a_late_event_comes_when_its_time_has_come(start_simulator: Callable[..., SimulatorClient]) -> None:
    simulator = start_simulator(late=1.0, late_by=3600.0)
    queue = feedback_queue(simulator, kinds=["SEND"], raw=True)
    client("sesv2", simulator).send_bulk_email(**bulk("a@r.example", ConfigurationSetName="events"))
    assert received(simulator, queue) == []
    assert simulator.status()["events_waiting"] == 1
    simulator.advance(3601)
    simulator.wait_for(lambda status: status["events_told"].get("Send") == 1)
    assert len(received(simulator, queue)) == 1
