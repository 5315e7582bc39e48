"""The doctor in a world where all is well, and in that world with one thing broken: each check both ways."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from newsletter.aws.doctor import events
from newsletter.aws.doctor import webhook as webhook_checks
from newsletter.aws.doctor.findings import Level
from newsletter.aws.doctor.installation import Sender
from newsletter.aws.policies import queue_policy
from newsletter.aws.reaching import reach
from newsletter.aws.service import Aws
from subscribers.clock import utc_now
from tests.fakes.web_server import web_server
from tests.fakes.webhook import webhook
from tests.unit.aws.conftest import DOMAIN

if TYPE_CHECKING:
    from tests.unit.aws.conftest import World

OK, WARN, FAIL = Level.OK, Level.WARN, Level.FAIL
Break = Callable[["World"], object]
IN_SET = {"ConfigurationSetName": "newsletter"}
TOPIC = "arn:aws:sns:us-east-1:123456789012:newsletter-events"
MAIL_FROM = f"bounce.{DOMAIN}"
EVERYBODY = json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": ["sns:Publish", "sqs:*"]}]})


def test_where_all_is_well_every_check_says_so(world: World) -> None:
    found = world.examined()
    assert [each for each in found if each.level is not OK] == []
    assert [each.check for each in found] == [
        "transport", "credentials", "clock", "production access", "quota", "enforcement", "sending", "suppression",
        "configuration set", "event types", "topic", "queue", "backlog", "dead letters", "subscription", "one-click",
        "identity", "DKIM", "MAIL FROM", "DMARC", "alignment", "Gmail and Yahoo", "Microsoft",
    ]  # fmt: skip


def _account(**said: object) -> Break:
    return lambda world: world.simulator.set_account(**said)


def _options(**said: object) -> Break:
    return lambda world: world.simulator.set_options(**said)


def _ask(service: str, operation: str, **said: object) -> Break:
    return lambda world: world.ask(service, operation, **said)


def _queue(**attributes: str) -> Break:
    return _ask("sqs", "set_queue_attributes", QueueUrl="newsletter-events", Attributes=attributes)


def _topic(name: str, value: str) -> Break:
    return _ask("sns", "set_topic_attributes", TopicArn=TOPIC, AttributeName=name, AttributeValue=value)


def _destination(**changes: object) -> Break:
    described = {
        "Enabled": True,
        "MatchingEventTypes": [
            "SEND", "DELIVERY", "BOUNCE", "COMPLAINT", "REJECT", "RENDERING_FAILURE", "DELIVERY_DELAY"
        ],
        "SnsDestination": {"TopicArn": TOPIC},
    }  # fmt: skip
    return _ask(
        "sesv2", "update_configuration_set_event_destination",
        **IN_SET, EventDestinationName="newsletter-events", EventDestination=described | changes,
    )  # fmt: skip


def _eventbridge(world: World) -> None:
    _destination(MatchingEventTypes=["SEND"])(world)
    bus = {"EventBusArn": "arn:aws:events:us-east-1:123456789012:event-bus/default"}
    described = {"Enabled": True, "MatchingEventTypes": ["BOUNCE"], "EventBridgeDestination": bus}
    where = {**IN_SET, "EventDestinationName": "bus"}
    world.ask("sesv2", "create_configuration_set_event_destination", **where, EventDestination=described)


def _unsubscribed(world: World) -> None:
    (there,) = world.ask("sns", "list_subscriptions_by_topic", TopicArn=TOPIC)["Subscriptions"]
    world.ask("sns", "unsubscribe", SubscriptionArn=there["SubscriptionArn"])


def _filled(queue: str, count: int) -> Break:
    def fill(world: World) -> None:
        for start in range(0, count, 10):
            entries = [{"Id": str(n), "MessageBody": "{}"} for n in range(start, min(start + 10, count))]
            world.ask("sqs", "send_message_batch", QueueUrl=queue, Entries=entries)

    return fill


def _clock(**ahead: float) -> Break:
    def set_clock(world: World) -> None:
        world.clock = lambda: utc_now() + timedelta(**ahead)

    return set_clock


def _identity(**said: object) -> Break:
    return lambda world: world.simulator.set_identity(DOMAIN, **said)


def _zone(name: str, kind: str, *values: str) -> Break:
    return lambda world: world.zone.put(name, kind, *values)


def _answers(**statuses: int) -> Break:
    return lambda world: world.site.answers.update(statuses)


def _dkim_of_another(world: World) -> None:
    name = next(name for name, kind in world.zone.records if kind == "CNAME")
    world.zone.put(name, "CNAME", "elsewhere.example.")


def _moved_parent(world: World) -> None:
    """DMARC says that only the very same domain counts, and mails are signed by the one above."""
    _parent(world)
    world.zone.put(f"_dmarc.{DOMAIN}", "TXT", "v=DMARC1; p=none; adkim=s; aspf=s")


def _parent(world: World) -> None:
    """Only the domain above the sender's is known, with all of its records; DMARC is published up there."""
    world.ask("sesv2", "delete_email_identity", EmailIdentity=DOMAIN)
    made = world.ask("sesv2", "create_email_identity", EmailIdentity="example.org")
    for token in made["DkimAttributes"]["Tokens"]:
        world.zone.put(f"{token}._domainkey.example.org", "CNAME", f"{token}.dkim.amazonses.com.")
    world.zone.put(f"_dmarc.{DOMAIN}", "TXT")
    world.zone.put("_dmarc.example.org", "TXT", "v=DMARC1; p=reject")


def _address_only(world: World) -> None:
    world.ask("sesv2", "delete_email_identity", EmailIdentity=DOMAIN)
    world.ask("sesv2", "create_email_identity", EmailIdentity=f"weekly@{DOMAIN}")


def _both(*breaks: Break) -> Break:
    return lambda world: [each(world) for each in breaks]


BROKEN: list[tuple[str, Level, Break]] = [
    ("clock", WARN, _clock(minutes=1)),
    ("clock", WARN, _clock(minutes=-1)),
    ("clock", FAIL, _clock(minutes=10)),
    ("production access", FAIL, _account(production_access=False)),
    ("quota", FAIL, _options(max_24_hour_send=4_999.0)),
    ("quota", OK, _options(max_24_hour_send=5_000.0)),
    ("quota", WARN, _both(_options(max_24_hour_send=5_000.0), _account(sent=1))),
    ("quota", WARN, _options(max_send_rate=0.2)),
    ("enforcement", WARN, _account(enforcement="PROBATION")),
    ("enforcement", FAIL, _account(enforcement="SHUTDOWN")),
    ("sending", FAIL, _account(sending_enabled=False)),
    ("suppression", WARN, _ask("sesv2", "put_account_suppression_attributes", SuppressedReasons=["BOUNCE"])),
    ("suppression", WARN, _ask("sesv2", "put_configuration_set_suppression_options", **IN_SET, SuppressedReasons=[])),
    ("configuration set", FAIL, _ask("sesv2", "delete_configuration_set", **IN_SET)),
    ("configuration set", FAIL,
     _ask("sesv2", "put_configuration_set_sending_options", **IN_SET, SendingEnabled=False)),
    ("configuration set", WARN,
     _ask("sesv2", "put_configuration_set_reputation_options", **IN_SET, ReputationMetricsEnabled=False)),
    ("event types", WARN, _destination(MatchingEventTypes=["SEND", "DELIVERY", "BOUNCE", "COMPLAINT"])),
    ("event types", FAIL, _destination(MatchingEventTypes=["SEND", "DELIVERY", "COMPLAINT"])),
    ("event types", FAIL, _destination(Enabled=False)),
    ("event types", FAIL, _eventbridge),
    ("topic", FAIL, _topic("Policy", "")),
    ("topic", FAIL, _topic("KmsMasterKeyId", "alias/aws/sns")),
    ("topic", WARN, _topic("Policy", EVERYBODY)),
    ("topic", FAIL, _ask("sns", "delete_topic", TopicArn=TOPIC)),
    ("subscription", FAIL, _ask("sns", "delete_topic", TopicArn=TOPIC)),
    ("subscription", FAIL, _unsubscribed),
    ("queue", FAIL, _queue(Policy="")),
    ("queue", FAIL, _queue(Policy="no JSON")),
    ("queue", FAIL, _queue(Policy=json.dumps(queue_policy("q", topic="arn:aws:sns:us-east-1:123456789012:other")))),
    ("queue", WARN, _queue(Policy=EVERYBODY)),
    ("queue", FAIL, _ask("sqs", "delete_queue", QueueUrl="newsletter-events")),
    ("backlog", OK, _filled("newsletter-events", 1_000)),
    ("backlog", WARN, _filled("newsletter-events", 1_001)),
    ("dead letters", FAIL, _filled("newsletter-events-dead", 1)),
    ("dead letters", WARN, _queue(RedrivePolicy="")),
    ("one-click", FAIL, _answers(GET=301)),
    ("one-click", FAIL, _answers(POST=308)),
    ("one-click", FAIL, _answers(POST=405)),
    ("one-click", FAIL, _answers(POST=502)),
    ("one-click", OK, _answers(GET=200, POST=200)),
    ("Gmail and Yahoo", FAIL, _answers(POST=308)),
    ("Microsoft", OK, _answers(POST=308)),
    ("identity", FAIL, _identity(status="PENDING")),
    ("identity", FAIL, _ask("sesv2", "delete_email_identity", EmailIdentity=DOMAIN)),
    ("identity", OK, _parent),
    ("DKIM", OK, _parent),
    ("DMARC", OK, _parent),
    ("alignment", OK, _parent),
    ("MAIL FROM", WARN, _parent),
    ("Microsoft", OK, _parent),
    ("alignment", FAIL, _moved_parent),
    ("Microsoft", FAIL, _moved_parent),
    ("identity", OK, _address_only),
    ("DKIM", FAIL, _address_only),
    ("DKIM", FAIL, _identity(status="PENDING")),
    ("DKIM", FAIL, _ask("sesv2", "put_email_identity_dkim_attributes", EmailIdentity=DOMAIN, SigningEnabled=False)),
    ("DKIM in DNS", FAIL, _dkim_of_another),
    ("Gmail and Yahoo", FAIL, _dkim_of_another),
    ("MAIL FROM", FAIL, _identity(mail_from_status="FAILED")),
    ("MAIL FROM in DNS", FAIL, _zone(MAIL_FROM, "MX")),
    ("MAIL FROM in DNS", FAIL, _zone(MAIL_FROM, "MX", "10 mail.example.org.")),
    ("MAIL FROM in DNS", FAIL,
     _zone(MAIL_FROM, "MX", "10 feedback-smtp.us-east-1.amazonses.com.", "20 mail.example.org.")),
    ("MAIL FROM in DNS", FAIL, _zone(MAIL_FROM, "TXT", "v=spf1 include:elsewhere.example ~all")),
    ("MAIL FROM in DNS", FAIL, _zone(MAIL_FROM, "TXT", "v=spf1 include:amazonses.com ~all", "v=spf1 -all")),
    ("MAIL FROM", OK, _zone(MAIL_FROM, "TXT", "some note", "v=spf1 include:a.example include:amazonses.com -all")),
    ("MAIL FROM", OK, _zone(MAIL_FROM, "MX", "5 FEEDBACK-SMTP.us-east-1.amazonses.com.")),
    ("DMARC", FAIL, _zone(f"_dmarc.{DOMAIN}", "TXT")),
    ("DMARC", FAIL, _zone(f"_dmarc.{DOMAIN}", "TXT", "v=DMARC1; p=none", "v=DMARC1; p=reject")),
    ("DMARC", FAIL, _zone(f"_dmarc.{DOMAIN}", "TXT", "v=DMARC1; p=nothing")),
    ("DMARC", FAIL, _zone(f"_dmarc.{DOMAIN}", "TXT", "p=none")),
    ("Microsoft", FAIL, _zone(f"_dmarc.{DOMAIN}", "TXT")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("check", "level", "break_it"), [pytest.param(*each, id=f"{n}-{each[0]}") for n, each in enumerate(BROKEN)]
)
def test_what_is_broken_is_found(world: World, check: str, level: Level, break_it: Break) -> None:
    break_it(world)
    assert world.level(check) is level


SETTINGS: list[tuple[str, Level, dict[str, Any]]] = [
    ("transport", WARN, {"transport": "outbox"}),
    ("configuration set", FAIL, {"configuration_set": ""}),
    ("queue", WARN, {"queue_url": ""}),
    ("subscription", FAIL, {"queue_url": ""}),
    ("queue", FAIL, {"queue_url": "https://sqs.us-east-1.amazonaws.com/123456789012/none"}),
    ("one-click", FAIL, {"public_url": "http://news.example.org"}),
    ("one-click", FAIL, {"public_url": "https://127.0.0.1:9"}),
    ("identity", WARN, {"senders": ()}),
    ("identity", FAIL, {"senders": (Sender(domain="elsewhere.example"),)}),
]


@pytest.mark.parametrize(("check", "level", "changes"), SETTINGS, ids=[f"{each[0]}" for each in SETTINGS])
def test_settings_that_cannot_be_right_are_found(
    world: World, check: str, level: Level, changes: dict[str, Any]
) -> None:
    assert world.level(check, **changes) is level


def test_events_that_are_posted_to_a_web_address_need_no_queue(world: World) -> None:
    with web_server() as site:
        world.ask("sns", "subscribe", TopicArn=TOPIC, Protocol="http", Endpoint=f"{site.url}/ses")
        assert world.level("subscription", queue_url="") is FAIL, "it has not been confirmed"
        world.simulator.wait_for(lambda _: bool(site.asked))
        token = json.loads(site.asked[0][2])["Token"]
        world.ask("sns", "confirm_subscription", TopicArn=TOPIC, Token=token)
        assert world.level("subscription", queue_url="") is OK


def test_a_certificate_that_nobody_trusts_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    assert world.level("one-click") is FAIL


def test_the_doctor_posts_to_a_link_that_is_nobodys(world: World) -> None:
    world.examined()
    assert world.site.asked == [
        ("GET", "/unsubscribe/doctor", b""),
        ("POST", "/unsubscribe/doctor", b"List-Unsubscribe=One-Click"),
    ]


def test_a_filter_on_the_subscription_is_found(world: World) -> None:
    class Filtering(Aws):
        """SNS with a filter, which the simulator does not take."""

        def ask(self, service: str, operation: str, **said: object) -> dict[str, Any]:
            answer = super().ask(service, operation, **said)
            if operation == "get_subscription_attributes":
                answer["Attributes"]["FilterPolicy"] = json.dumps({"eventType": ["Bounce"]})
            return answer

    arn = world.aws.place.arn("sqs", "newsletter-events")
    for there, level in ((world.aws, OK), (Filtering(), FAIL)):
        (found,) = events.subscription(there, [TOPIC], arn)
        assert (found.check, found.level) == ("subscription", level)
        there.close()


@pytest.mark.parametrize(
    "operation",
    [
        "GetAccount", "GetConfigurationSet", "GetConfigurationSetEventDestinations", "GetTopicAttributes",
        "ListSubscriptionsByTopic", "GetSubscriptionAttributes", "GetQueueAttributes", "GetQueueUrl",
        "GetEmailIdentity",
    ],
)  # fmt: skip
def test_a_missing_permission_is_a_line_and_the_doctor_goes_on(world: World, operation: str) -> None:
    world.simulator.add_fault(
        "answer", operations=[operation], http_status=403, code="AccessDenied", message="not authorized"
    )
    found = world.examined()
    named = [each for each in found if f":{operation}" in each.said]
    assert {each.level for each in named} == {FAIL}
    assert all("docs/aws.md" in each.do for each in named)
    assert found[-1].about == DOMAIN, "what comes after it was looked at all the same"


@pytest.mark.parametrize("name", [f"_dmarc.{DOMAIN}", MAIL_FROM])
def test_a_dns_that_does_not_answer_is_a_line(world: World, name: str) -> None:
    world.zone.broken.add(name)
    found = world.examined()
    assert [each.check for each in found if "gives no answer" in each.said] == [
        "DMARC" if name.startswith("_dmarc") else "MAIL FROM"
    ]


@pytest.mark.parametrize(
    ("variable", "words"),
    [("AWS_SECRET_ACCESS_KEY", "artial credentials"), ("AWS_DEFAULT_REGION", "No AWS region is set")],
)
def test_without_credentials_or_region_what_needs_neither_is_looked_at_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch, variable: str, words: str
) -> None:
    monkeypatch.delenv(variable)
    world.afresh = True
    found = world.examined()
    assert [(each.check, each.level) for each in found] == [
        ("transport", OK), ("credentials", FAIL), ("one-click", OK), ("DMARC", OK),
    ]  # fmt: skip
    assert words in found[1].said
    assert found[1].do


@pytest.mark.parametrize(
    ("code", "message", "words"),
    [
        ("ExpiredToken", "The security token included in the request is expired", "does not take the credentials"),
        ("SignatureDoesNotMatch", "Signature expired: 20260101T000000Z is now earlier than", "clock"),
        ("SomethingElse", "Enough", "Enough"),
    ],
)
def test_credentials_that_aws_does_not_take_are_a_line(world: World, code: str, message: str, words: str) -> None:
    world.simulator.add_fault("answer", operations=["GetCallerIdentity"], http_status=403, code=code, message=message)
    assert world.level("credentials") is FAIL
    (found,) = [each for each in world.examined() if each.check == "credentials"]
    assert words in f"{found.said} {found.do}"


def test_an_aws_that_is_not_reached_is_a_line(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    world.afresh = True
    assert world.level("credentials") is FAIL


def test_the_webhook_has_to_answer_and_to_be_subscribed(world: World) -> None:
    def levels(answer: int) -> list[Level]:
        hook.answers[:] = [answer]
        return [each.level for each in webhook_checks.examine(place, (TOPIC,), reach, world.aws)]

    with webhook() as hook:
        place = hook.url.rpartition("/")[0]
        assert levels(404) == [FAIL]
        assert levels(400) == [OK, FAIL]
        world.ask("sns", "subscribe", TopicArn=TOPIC, Protocol="http", Endpoint=f"{place}/feedback/sns")
        assert levels(400) == [OK, FAIL]
        asked = next(each for each in iter(hook.next, None) if b"Token" in each.body)
        world.ask("sns", "confirm_subscription", TopicArn=TOPIC, Token=asked.json()["Token"])
        assert levels(400) == [OK, OK]


def test_without_topics_nothing_is_said_of_a_webhook(world: World) -> None:
    assert "webhook" not in {each.check for each in world.examined()}
    assert "webhook" in {each.check for each in world.examined(topics=(TOPIC,))}
