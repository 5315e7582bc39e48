"""Topics, and messages to web addresses: the handshake, true signatures, retries."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from tests.factories.ses import bulk
from tests.fakes.webhook import webhook
from tests.fixtures.patience import PATIENCE
from tests.fixtures.simulator import client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocore.client import BaseClient

    from newsletter.simulator.client import SimulatorClient
    from tests.fakes.webhook import Webhook


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as listening:
        yield listening


@pytest.fixture
def sns(simulator: SimulatorClient) -> BaseClient:
    return client("sns", simulator)


def subscribed(sns: BaseClient, hook: Webhook, **attributes: str) -> tuple[str, str]:
    """Subscribe the web address to a topic, confirm it, and return the ARNs of topic and subscription."""
    topic = sns.create_topic(Name="events")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=hook.url, Attributes=attributes)
    asked = hook.next().json()
    return topic, sns.confirm_subscription(TopicArn=topic, Token=asked["Token"])["SubscriptionArn"]


def fetched(url: str) -> bytes:
    with urlopen(url) as response:  # noqa: S310 - the simulator's own address
        body: bytes = response.read()
    return body


def verify(message: dict[str, str]) -> None:
    """Check a signature as the documentation says, with nothing of the simulator's own code.

    https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
    """
    if message["Type"] == "Notification":
        names = [
            "Message",
            "MessageId",
            *(["Subject"] if "Subject" in message else []),
            "Timestamp",
            "TopicArn",
            "Type",
        ]
    else:
        names = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    signed = "".join(f"{name}\n{message[name]}\n" for name in names).encode()
    key = x509.load_pem_x509_certificate(fetched(message["SigningCertURL"])).public_key()
    assert isinstance(key, RSAPublicKey)
    algorithm = hashes.SHA1() if message["SignatureVersion"] == "1" else hashes.SHA256()  # noqa: S303 - version 1 is so
    key.verify(b64decode(message["Signature"]), signed, PKCS1v15(), algorithm)


def test_a_web_address_is_asked_first(sns: BaseClient, hook: Webhook) -> None:
    topic = sns.create_topic(Name="events")["TopicArn"]
    answer = sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=hook.url)["SubscriptionArn"]
    assert answer == "pending confirmation"
    posted = hook.next()
    asked = posted.json()
    assert set(asked) == {"Type", "MessageId", "Token", "TopicArn", "Message", "SubscribeURL", "Timestamp",
                          "SignatureVersion", "Signature", "SigningCertURL"}  # fmt: skip
    assert posted.headers["x-amz-sns-message-type"] == asked["Type"] == "SubscriptionConfirmation"
    assert posted.headers["x-amz-sns-message-id"] == asked["MessageId"]
    assert posted.headers["x-amz-sns-topic-arn"] == topic
    assert posted.headers["content-type"] == "text/plain; charset=UTF-8"
    verify(asked)
    sns.publish(TopicArn=topic, Message="unheard")
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsPending"] == "1"
    assert (
        sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"][0]["SubscriptionArn"] == "PendingConfirmation"
    )
    assert b"ConfirmSubscriptionResult" in fetched(asked["SubscribeURL"])
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsConfirmed"] == "1"
    sns.publish(TopicArn=topic, Message="heard")
    assert hook.next().json()["Message"] == "heard"
    assert hook.is_empty


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("subject", ["", "News"])
def test_notifications_are_truly_signed(sns: BaseClient, hook: Webhook, version: str, subject: str) -> None:
    topic, subscription = subscribed(sns, hook)
    sns.set_topic_attributes(TopicArn=topic, AttributeName="SignatureVersion", AttributeValue=version)
    sent = sns.publish(TopicArn=topic, Message="Hello, é!\nTwo lines", **({"Subject": subject} if subject else {}))
    posted = hook.next()
    message = posted.json()
    assert (message["Type"], message["MessageId"]) == ("Notification", sent["MessageId"])
    assert message["SignatureVersion"] == version
    assert ("Subject" in message) == bool(subject)
    assert posted.headers["x-amz-sns-subscription-arn"] == subscription
    verify(message)
    with pytest.raises(InvalidSignature):
        verify(message | {"Message": "Hello, e!\nTwo lines"})


def test_the_certificate_has_the_form_of_amazons_and_is_its_own(
    sns: BaseClient, hook: Webhook, simulator: SimulatorClient, start_simulator: Callable[..., SimulatorClient]
) -> None:
    topic, _ = subscribed(sns, hook)
    sns.publish(TopicArn=topic, Message="x")
    url = hook.next().json()["SigningCertURL"]
    assert re.fullmatch(rf"{simulator.url}/SimpleNotificationService-[0-9a-f]{{32}}\.pem", url)
    ours = simulator.certificate()
    assert ours["url"] == url
    assert start_simulator().certificate()["pem"] != ours["pem"]


def test_messages_can_name_amazons_address_for_the_certificate(
    sns: BaseClient, hook: Webhook, simulator: SimulatorClient
) -> None:
    topic, _ = subscribed(sns, hook)
    amazons = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"
    simulator.certificate(url=amazons)
    sns.publish(TopicArn=topic, Message="x")
    assert hook.next().json()["SigningCertURL"] == amazons


def test_raw_delivery_brings_the_message_alone(sns: BaseClient, hook: Webhook) -> None:
    topic, _ = subscribed(sns, hook, RawMessageDelivery="true")
    sns.publish(TopicArn=topic, Message='{"eventType": "Send"}')
    posted = hook.next()
    assert posted.body == b'{"eventType": "Send"}'
    assert posted.headers["x-amz-sns-rawdelivery"] == "true"


def test_events_of_mails_arrive(sns: BaseClient, hook: Webhook, simulator: SimulatorClient) -> None:
    topic, _ = subscribed(sns, hook)
    ses = client("sesv2", simulator)
    ses.create_configuration_set(ConfigurationSetName="weekly")
    described = {"Enabled": True, "MatchingEventTypes": ["BOUNCE"], "SnsDestination": {"TopicArn": topic}}
    ses.create_configuration_set_event_destination(
        ConfigurationSetName="weekly", EventDestinationName="feedback", EventDestination=described
    )
    assert hook.next().json()["Message"].startswith("Successfully validated SNS topic")
    ses.send_bulk_email(**bulk("bounce@simulator.amazonses.com", ConfigurationSetName="weekly"))
    message = hook.next().json()
    verify(message)
    assert json.loads(message["Message"])["eventType"] == "Bounce"


def _retried(times: int, status: dict[str, Any]) -> bool:
    return bool(status["webhooks"].get("retried") == times)


def test_what_fails_with_5xx_is_brought_again(sns: BaseClient, hook: Webhook, simulator: SimulatorClient) -> None:
    topic, _ = subscribed(sns, hook)
    hook.answers[:] = [503, 500]
    sns.publish(TopicArn=topic, Message="x")
    first = hook.next().json()["MessageId"]
    for retried in (1, 2):
        simulator.wait_for(partial(_retried, retried))
        simulator.advance(20)
        assert hook.next().json()["MessageId"] == first
    counts = simulator.wait_for(lambda status: status["webhooks"].get("delivered") == 2)["webhooks"]
    assert counts == {"waiting": 0, "delivered": 2, "retried": 2}


@pytest.mark.parametrize("status", [400, 403, 404])
def test_what_is_refused_with_4xx_is_not_brought_again(
    sns: BaseClient, hook: Webhook, simulator: SimulatorClient, status: int
) -> None:
    topic, _ = subscribed(sns, hook)
    hook.answers[:] = [status]
    sns.publish(TopicArn=topic, Message="x")
    hook.next()
    assert "retried" not in simulator.wait_for(lambda shown: shown["webhooks"].get("failed") == 1)["webhooks"]


def test_what_cannot_be_brought_ends_among_the_dead_letters(start_simulator: Callable[..., SimulatorClient]) -> None:
    simulator = start_simulator(webhook_retries=1, webhook_retry_seconds=0.01, webhook_timeout=PATIENCE)
    sns, sqs = client("sns", simulator), client("sqs", simulator)
    queue = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    with webhook() as hook:
        topic, _ = subscribed(sns, hook, RedrivePolicy=json.dumps({"deadLetterTargetArn": arn}))
    sns.publish(TopicArn=topic, Message="nobody listens")
    (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"]
    assert json.loads(message["Body"])["Message"] == "nobody listens"


def test_a_redirection_is_not_followed(sns: BaseClient, hook: Webhook, simulator: SimulatorClient) -> None:
    topic, _ = subscribed(sns, hook)
    hook.answers[:] = [302]
    hook.location = hook.url + "/elsewhere"
    sns.publish(TopicArn=topic, Message="x")
    hook.next()
    simulator.wait_for(lambda status: status["webhooks"].get("delivered") == 2)
    assert hook.is_empty


def test_who_is_unsubscribed_is_told_and_gets_no_more(sns: BaseClient, hook: Webhook) -> None:
    topic, subscription = subscribed(sns, hook)
    sns.unsubscribe(SubscriptionArn=subscription)
    told = hook.next().json()
    assert told["Type"] == "UnsubscribeConfirmation"
    verify(told)
    sns.publish(TopicArn=topic, Message="x")
    assert sns.list_subscriptions()["Subscriptions"] == []
    assert hook.is_empty


def test_attributes_of_topics_and_subscriptions(sns: BaseClient, hook: Webhook) -> None:
    topic = sns.create_topic(Name="events", Attributes={"DisplayName": "Feedback"})["TopicArn"]
    assert sns.create_topic(Name="events")["TopicArn"] == topic
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["DisplayName"] == "Feedback"
    subscription = sns.subscribe(
        TopicArn=topic, Protocol="http", Endpoint=hook.url, ReturnSubscriptionArn=True
    )["SubscriptionArn"]  # fmt: skip
    sns.set_subscription_attributes(
        SubscriptionArn=subscription, AttributeName="RawMessageDelivery", AttributeValue="true"
    )
    shown = sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]
    assert (shown["PendingConfirmation"], shown["RawMessageDelivery"]) == ("true", "true")
    sns.delete_topic(TopicArn=topic)
    assert sns.list_topics()["Topics"] == []
    hook.next()


def test_refusals_have_the_classes_of_boto3(sns: BaseClient, hook: Webhook) -> None:
    missing = "arn:aws:sns:us-east-1:123456789012:none"
    with pytest.raises(sns.exceptions.NotFoundException, match="Topic does not exist"):
        sns.publish(TopicArn=missing, Message="x")
    with pytest.raises(sns.exceptions.NotFoundException, match="Subscription does not exist"):
        sns.get_subscription_attributes(SubscriptionArn=missing + ":x")
    topic = sns.create_topic(Name="events")["TopicArn"]
    with pytest.raises(sns.exceptions.InvalidParameterException, match="Invalid token"):
        sns.confirm_subscription(TopicArn=topic, Token="none")
    with pytest.raises(sns.exceptions.InvalidParameterException, match="email is not simulated"):
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@b.example")
    with pytest.raises(sns.exceptions.InvalidParameterException, match="must match the specified protocol"):
        sns.subscribe(TopicArn=topic, Protocol="https", Endpoint=hook.url)
    with pytest.raises(sns.exceptions.InvalidParameterException, match="FilterPolicy is not simulated"):
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=hook.url, Attributes={"FilterPolicy": '{"a": ["b"]}'})
    with pytest.raises(sns.exceptions.ClientError, match="InvalidAction"):
        sns.list_platform_applications()


def test_the_caller_is_known(simulator: SimulatorClient) -> None:
    assert client("sts", simulator).get_caller_identity()["Account"] == "123456789012"
