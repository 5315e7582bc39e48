"""Setting up, over the wire against the simulator: planned, made, made again, interrupted, and where things differ."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from newsletter.aws.provisioning import State, leftover, make, plan
from newsletter.aws.refusals import AwsRefused
from newsletter.aws.wanted import SenderDomain, sender_domains
from tests.factories.ses import simple
from tests.unit.aws.conftest import DOMAIN, WANTED

if TYPE_CHECKING:
    from newsletter.aws.provisioning import Report
    from newsletter.aws.service import Aws
    from newsletter.aws.wanted import Wanted
    from newsletter.simulator.client import SimulatorClient

WRITING = [
    "CreateQueue", "SetQueueAttributes", "CreateTopic", "SetTopicAttributes", "Subscribe", "SetSubscriptionAttributes",
    "CreateConfigurationSet", "PutConfigurationSetDeliveryOptions", "PutConfigurationSetReputationOptions",
    "PutConfigurationSetSuppressionOptions", "PutConfigurationSetSendingOptions", "PutAccountSendingAttributes",
    "CreateConfigurationSetEventDestination", "UpdateConfigurationSetEventDestination", "CreateEmailIdentity",
    "PutEmailIdentityDkimAttributes", "PutEmailIdentityMailFromAttributes", "PutAccountSuppressionAttributes",
]  # fmt: skip
WRITTEN = 8
"""Calls by which everything is made in a new account."""
TOPIC = "arn:aws:sns:us-east-1:123456789012:newsletter-events"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:newsletter-events"


def test_a_plan_says_what_is_missing_and_changes_nothing(aws: Aws, simulator: SimulatorClient) -> None:
    simulator.add_fault("slow", operations=WRITING, calls=[10_000])  # never happens, and counts
    first, second = list(plan(aws, WANTED)), list(plan(aws, WANTED))
    assert _states(first) == _states(second)
    assert _states(first).pop("suppression list of the account") is State.THERE
    assert set(_states(first).values()) == {State.MISSING, State.THERE}
    assert _writes(simulator) == 0


def test_what_was_planned_is_made_and_a_second_run_changes_nothing(aws: Aws, simulator: SimulatorClient) -> None:
    simulator.add_fault("slow", operations=WRITING, calls=[10_000])
    planned, made = list(plan(aws, WANTED)), list(make(aws, WANTED))
    assert [(each.title, _told(each)) for each in planned] == [(each.title, _told(each)) for each in made]
    assert _writes(simulator) == WRITTEN
    assert set(_states(make(aws, WANTED)).values()) == {State.THERE}
    assert set(_states(plan(aws, WANTED)).values()) == {State.THERE}
    assert _writes(simulator) == WRITTEN


def test_what_was_made_carries_an_event_to_the_queue(aws: Aws) -> None:
    _make(aws)
    aws.ask("sesv2", "send_email", **simple("a@reader.example", ConfigurationSetName="newsletter"))
    url = leftover(aws, WANTED).settings["NEWSLETTER_SES_EVENTS_QUEUE_URL"]
    received = aws.ask("sqs", "receive_message", QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert sorted(json.loads(each["Body"])["eventType"] for each in received) == ["Delivery", "Send"]


def test_what_is_made_is_as_it_should_be(aws: Aws) -> None:
    _make(aws)
    account = _snapshot(aws)
    events = ["BOUNCE", "COMPLAINT", "DELIVERY", "DELIVERY_DELAY", "REJECT", "RENDERING_FAILURE", "SEND"]
    assert account["destinations"] == [("newsletter-events", True, events, TOPIC)]
    assert account["set"] == {
        "ReputationOptions": {"ReputationMetricsEnabled": True},
        "SuppressionOptions": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
        "DeliveryOptions": {"TlsPolicy": "REQUIRE"},
    }
    assert account["queues"]["newsletter-events-dead"]["MessageRetentionPeriod"] == "1209600"
    assert json.loads(account["queues"]["newsletter-events"]["RedrivePolicy"]) == {
        "deadLetterTargetArn": f"{QUEUE}-dead",
        "maxReceiveCount": 50,
    }
    assert account["topic"]["SignatureVersion"] == "2"
    assert account["subscriptions"] == [(QUEUE, "true")]
    assert account["mail_from"] == f"bounce.{DOMAIN}"


def test_options_are_taken(aws: Aws) -> None:
    wanted = replace(
        WANTED, track_opens=True, track_clicks=True, raw_delivery=False, require_tls=False,
        domains=sender_domains([DOMAIN], f"m.{DOMAIN}"),
    )  # fmt: skip
    _make(aws, wanted)
    account = _snapshot(aws)
    assert {"OPEN", "CLICK"} < set(account["destinations"][0][2])
    assert account["set"]["DeliveryOptions"] == {"TlsPolicy": "OPTIONAL"}
    assert account["subscriptions"] == [(QUEUE, "false")]
    assert account["mail_from"] == f"m.{DOMAIN}"


@pytest.mark.parametrize("call", range(1, WRITTEN + 1))
def test_an_interrupted_run_names_its_step_and_goes_on(aws: Aws, simulator: SimulatorClient, call: int) -> None:
    simulator.add_fault(
        "answer", operations=WRITING, calls=[call], http_status=400, code="LimitExceeded", message="Enough"
    )
    with pytest.raises(AwsRefused, match=r"(queue|topic|set|destination|subscription|identity|MAIL FROM).*Enough"):
        _make(aws)
    simulator.clear_faults()
    half, account = list(make(aws, WANTED)), _snapshot(aws)
    assert sum(each.state is State.MADE for each in half) == WRITTEN - call + 1
    assert _everything_is_there(aws)
    assert account["subscriptions"] == [(QUEUE, "true")]


@pytest.mark.parametrize("call", range(1, WRITTEN + 1))
def test_an_answer_that_was_lost_makes_nothing_twice(aws: Aws, simulator: SimulatorClient, call: int) -> None:
    simulator.add_fault("drop", operations=WRITING, calls=[call, call + 1])  # the SDK tries again once
    with pytest.raises(AwsRefused):
        _make(aws)
    simulator.clear_faults()
    _make(aws)
    account = _snapshot(aws)
    assert (len(account["subscriptions"]), len(account["destinations"])) == (1, 1)
    assert _everything_is_there(aws)


QUEUE_URL = {"QueueUrl": "newsletter-events"}
IN_SET = {"ConfigurationSetName": "newsletter"}
DESTINATION = {**IN_SET, "EventDestinationName": "newsletter-events"}
DESCRIBED = {"Enabled": True, "MatchingEventTypes": ["SEND", "OPEN"], "SnsDestination": {"TopicArn": TOPIC}}
DIFFERENCES: list[tuple[str, str, dict[str, Any], str]] = [
    ("sqs", "set_queue_attributes", {**QUEUE_URL, "Attributes": {"MessageRetentionPeriod": "60"}}, "two weeks"),
    ("sqs", "set_queue_attributes", {**QUEUE_URL, "Attributes": {"Policy": ""}}, "forged"),
    ("sqs", "set_queue_attributes", {**QUEUE_URL, "Attributes": {"RedrivePolicy": ""}}, "for ever"),
    ("sns", "set_topic_attributes", {"TopicArn": TOPIC, "AttributeName": "Policy", "AttributeValue": "{}"}, "forged"),
    ("sns", "set_topic_attributes",
     {"TopicArn": TOPIC, "AttributeName": "SignatureVersion", "AttributeValue": "1"}, "SHA-1"),
    ("sesv2", "put_configuration_set_delivery_options", {**IN_SET, "TlsPolicy": "OPTIONAL"}, "in the clear"),
    ("sesv2", "put_configuration_set_reputation_options", {**IN_SET, "ReputationMetricsEnabled": False}, "rates"),
    ("sesv2", "put_configuration_set_suppression_options", {**IN_SET, "SuppressedReasons": []}, "holds back"),
    ("sesv2", "update_configuration_set_event_destination",
     {**DESTINATION, "EventDestination": DESCRIBED}, "cannot be acted on"),
    ("sesv2", "update_configuration_set_event_destination",
     {**DESTINATION, "EventDestination": DESCRIBED | {"Enabled": False}}, "publishes nothing"),
    ("sesv2", "put_email_identity_dkim_attributes", {"EmailIdentity": DOMAIN, "SigningEnabled": False}, "not signed"),
    ("sesv2", "put_account_suppression_attributes", {"SuppressedReasons": ["BOUNCE"]}, "reputation"),
]  # fmt: skip


@pytest.mark.parametrize(("service", "operation", "said", "why"), DIFFERENCES)
def test_what_differs_is_shown_and_changed_with_its_reason(
    aws: Aws, service: str, operation: str, said: dict[str, Any], why: str
) -> None:
    _make(aws)
    aws.ask(service, operation, **said)
    planned = [each for each in plan(aws, WANTED) if each.state is not State.THERE]
    assert [each.state for each in planned] == [State.DIFFERENT]
    assert any(why in change.why for change in planned[0].changes)
    assert [each.state for each in make(aws, WANTED) if each.title == planned[0].title] == [State.CHANGED]
    assert _everything_is_there(aws)


def test_what_somebody_chose_beside_ours_is_kept(aws: Aws) -> None:
    _make(aws)
    aws.ask("sesv2", "update_configuration_set_event_destination", **DESTINATION, EventDestination=DESCRIBED)
    delivery = {"TlsPolicy": "OPTIONAL", "MaxDeliverySeconds": 3600}
    aws.ask("sesv2", "put_configuration_set_delivery_options", **IN_SET, **delivery)
    mail_from = {"MailFromDomain": f"other.{DOMAIN}", "BehaviorOnMxFailure": "REJECT_MESSAGE"}
    aws.ask("sesv2", "put_email_identity_mail_from_attributes", EmailIdentity=DOMAIN, **mail_from)
    _make(aws)
    account = _snapshot(aws)
    assert {"OPEN", "BOUNCE"} < set(account["destinations"][0][2])
    assert account["set"]["DeliveryOptions"] == {"TlsPolicy": "REQUIRE", "MaxDeliverySeconds": 3600}
    assert account["mail_from"] == f"other.{DOMAIN}"
    (changed,) = (
        each
        for each in plan(aws, replace(WANTED, domains=(SenderDomain(name=DOMAIN, mail_from=f"new.{DOMAIN}"),)))
        if each.state is State.DIFFERENT
    )
    assert changed.changes[0].why == "asked for by --mail-from"


def test_a_destination_of_another_name_that_publishes_to_the_topic_is_taken_for_ours(aws: Aws) -> None:
    _make(aws)
    aws.ask("sesv2", "delete_configuration_set_event_destination", **DESTINATION)
    aws.ask(
        "sesv2",
        "create_configuration_set_event_destination",
        **IN_SET,
        EventDestinationName="by-hand",
        EventDestination=DESCRIBED,
    )
    _make(aws)
    ((name, _, events, _),) = _snapshot(aws)["destinations"]
    assert name == "by-hand", "two destinations would tell everything twice"
    assert "BOUNCE" in events


def test_a_destination_that_publishes_elsewhere_comes_back_to_the_topic(aws: Aws) -> None:
    _make(aws)
    other = aws.ask("sns", "create_topic", Name="other")["TopicArn"]
    described = DESCRIBED | {"SnsDestination": {"TopicArn": other}}
    aws.ask("sesv2", "update_configuration_set_event_destination", **DESTINATION, EventDestination=described)
    _make(aws)
    assert _snapshot(aws)["destinations"][0][3] == TOPIC


def test_who_paused_sending_had_a_reason_it_is_shown_and_left(aws: Aws) -> None:
    _make(aws)
    aws.ask("sesv2", "put_configuration_set_sending_options", **IN_SET, SendingEnabled=False)
    (left,) = (each for each in make(aws, WANTED) if each.state is not State.THERE)
    assert left.state is State.LEFT
    assert "--sending-enabled" in left.changes[0].why
    assert left.as_json()["changes"][0]["by_hand"] is True
    assert aws.ask("sesv2", "get_configuration_set", **IN_SET)["SendingOptions"] == {"SendingEnabled": False}


def test_the_records_for_the_dns_are_complete_when_the_identity_is_made(aws: Aws) -> None:
    _make(aws)
    kinds = [record.type for record in leftover(aws, WANTED).records]
    assert kinds == ["CNAME"] * 3 + ["MX", "TXT", "TXT"]
    assert leftover(aws, WANTED).waiting_for_tokens == ()


def test_before_the_identity_is_made_its_keys_are_waited_for(aws: Aws) -> None:
    left = leftover(aws, WANTED)
    assert left.waiting_for_tokens == (DOMAIN,)
    assert [record.type for record in left.records] == ["MX", "TXT", "TXT"]
    assert left.settings["NEWSLETTER_SES_EVENTS_QUEUE_URL"] is None


def _make(aws: Aws, wanted: Wanted = WANTED) -> None:
    for _ in make(aws, wanted):
        pass


def _states(reports: Any) -> dict[str, State]:  # noqa: ANN401 - an iterator or a list
    return {each.title: each.state for each in reports}


def _told(report: Report) -> list[tuple[str, str | None, str, str]]:
    return [(change.what, change.there, change.wanted, change.why) for change in report.changes]


def _everything_is_there(aws: Aws) -> bool:
    return all(each.state is State.THERE for each in plan(aws, WANTED))


def _writes(simulator: SimulatorClient) -> int:
    (fault,) = simulator.faults()
    seen: int = fault["calls_seen"]
    return seen


def _snapshot(aws: Aws) -> dict[str, Any]:
    queues = {
        url.rpartition("/")[2]: aws.ask("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])[
            "Attributes"
        ]
        for url in aws.ask("sqs", "list_queues")["QueueUrls"]
    }
    found = aws.ask("sesv2", "get_configuration_set", **IN_SET)
    destinations = aws.ask("sesv2", "get_configuration_set_event_destinations", **IN_SET)["EventDestinations"]
    subscriptions = aws.ask("sns", "list_subscriptions_by_topic", TopicArn=TOPIC)["Subscriptions"]
    return {
        "queues": queues,
        "topic": aws.ask("sns", "get_topic_attributes", TopicArn=TOPIC)["Attributes"],
        "set": {name: found[name] for name in ("ReputationOptions", "SuppressionOptions", "DeliveryOptions")},
        "destinations": [
            (each["Name"], each["Enabled"], each["MatchingEventTypes"], each["SnsDestination"]["TopicArn"])
            for each in destinations
        ],
        "subscriptions": [(each["Endpoint"], _raw(aws, each["SubscriptionArn"])) for each in subscriptions],
        "mail_from": aws.ask("sesv2", "get_email_identity", EmailIdentity=DOMAIN)["MailFromAttributes"][
            "MailFromDomain"
        ],
    }


def _raw(aws: Aws, arn: str) -> str:
    raw: str = aws.ask("sns", "get_subscription_attributes", SubscriptionArn=arn)["Attributes"]["RawMessageDelivery"]
    return raw
