"""Which messages of SNS are believed: the judgement alone, with real keys and without a network."""

from __future__ import annotations

import contextlib
import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import RetryLater
from newsletter.feedback.certificates import Certificates
from newsletter.feedback.sns import Malformed, Trust, Untrusted, confirmation_url, judge, read_posted
from newsletter.feedback.sns_signature import verify
from newsletter.simulator.signing import Signer
from tests.factories.people import NOW
from tests.fakes.sns import TOPIC, Sns

PLACE = "https://sns.eu-west-3.amazonaws.com"
TRUST = Trust(topics=[TOPIC])
SNS = Sns(PLACE)
PEM = SNS.signer.certificate


def _believe(message: dict[str, str], certificate: bytes = PEM) -> None:
    posted = read_posted(SNS.body_of(message), {})
    judge(posted, TRUST, now=NOW)
    verify(posted, certificate, now=NOW)


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("kind", ["Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"])
def test_what_sns_signed_is_believed(kind: str, version: str) -> None:
    _believe(SNS.message("text", version=version, Type=kind))


def test_a_message_without_a_subject_is_signed_without_one() -> None:
    message = SNS.message("text")
    del message["Subject"]
    _believe(message | {"Signature": SNS.signer.sign(message, "2")})


@given(text=st.text())
def test_any_text_is_signed_as_it_is(text: str) -> None:
    _believe(SNS.message(text))


@given(field=st.sampled_from(["Message", "MessageId", "Subject", "Timestamp", "Type"]), data=st.data())
def test_no_field_can_be_changed_after_signing(field: str, data: st.DataObject) -> None:
    message = SNS.message("text")
    changed = data.draw(st.text(max_size=40).filter(lambda text: text != message[field]))
    with pytest.raises((Malformed, Untrusted)):
        _believe(message | {field: changed})


def test_a_signature_of_another_key_is_refused() -> None:
    with pytest.raises(Untrusted, match="forged"):
        _believe(SNS.message("text"), Signer(NOW).certificate)


def test_a_signature_of_one_version_does_not_pass_for_the_other() -> None:
    with pytest.raises(Untrusted, match="forged"):
        _believe(SNS.message("text", version="1") | {"SignatureVersion": "2"})
    with pytest.raises(Untrusted, match="unknown version"):
        _believe(SNS.message("text") | {"SignatureVersion": "3"})


@pytest.mark.parametrize(
    "url",
    [
        "https://sns.eu-west-3.amazonaws.com.evil.example/SimpleNotificationService-0123456789abcdef.pem",
        "https://evil.example/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.s3.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.s3-eu-west-3.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://s3.amazonaws.com/sns.eu-west-3.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "http://sns.eu-west-3.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-west-3.amazonaws.com:8443/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-west-3.amazonaws.com@evil.example/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-west-3.amazonaws.com/../SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-west-3.amazonaws.com/?Action=ListTopics&x=/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-west-3.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem?x",
        "https://sns.eu-west-3.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem\n",
        "file:///etc/SimpleNotificationService-0123456789abcdef.pem",
        "",
    ],
)  # fmt: skip
def test_a_certificate_of_anywhere_else_is_refused(url: str) -> None:
    with pytest.raises((Malformed, Untrusted), match=r"certificate is not one of|SigningCertURL"):
        _believe(SNS.message("text") | {"SigningCertURL": url})


def test_in_china_the_place_has_another_name() -> None:
    topic = "arn:aws-cn:sns:cn-north-1:123456789012:t"
    assert Trust(topics=[topic]).place_of(topic) == "https://sns.cn-north-1.amazonaws.com.cn"


def test_a_foreign_topic_is_refused_whoever_signed() -> None:
    with pytest.raises(Untrusted, match="NEWSLETTER_SNS_TOPICS"):
        _believe(SNS.message("text", TopicArn="arn:aws:sns:eu-west-3:666666666666:newsletter-events"))


@pytest.mark.parametrize(("age", "why"), [(timedelta(minutes=76), "too old"), (timedelta(minutes=-6), "future")])
def test_what_is_not_of_now_is_refused(age: timedelta, why: str) -> None:
    with pytest.raises(Untrusted, match=why):
        _believe(SNS.message("text", at=NOW - age))


def test_the_last_try_of_sns_is_not_too_old() -> None:
    _believe(SNS.message("text", at=NOW - timedelta(minutes=60)))


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://sns.eu-west-3.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=x",
        f"https://sns.eu-west-3.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=abc&Endpoint=x",
        f"https://sns.eu-west-3.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=other",
        f"https://sns.eu-west-3.amazonaws.com@evil.example/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=abc",
    ],
)
def test_a_subscribe_url_that_leads_elsewhere_is_refused(url: str) -> None:
    posted = read_posted(SNS.body_of(SNS.message("", Type="SubscriptionConfirmation", SubscribeURL=url)), {})
    with pytest.raises(Untrusted, match="SubscribeURL"):
        confirmation_url(posted, TRUST)


def test_the_link_that_confirms_is_made_from_the_topic() -> None:
    posted = read_posted(SNS.body_of(SNS.message("", Type="SubscriptionConfirmation")), {})
    wanted = f"{PLACE}/?Action=ConfirmSubscription&TopicArn={TOPIC.replace(':', '%3A')}&Token=abc"
    assert confirmation_url(posted, TRUST) == wanted


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"{", b"1", b"[" * 100_000, b'{"Type": "Notification"}'])
def test_what_is_no_message_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        read_posted(body, {})


@given(said=st.dictionaries(st.sampled_from(sorted(SNS.message())), st.text() | st.none() | st.integers()))
def test_whatever_is_posted_is_answered_for(said: dict[str, object]) -> None:
    body = json.dumps(SNS.message("text") | said).encode()
    with contextlib.suppress(Malformed, Untrusted):
        read_posted(body, {})


def test_a_header_that_names_another_type_is_refused() -> None:
    with pytest.raises(Untrusted, match="another type"):
        read_posted(SNS.body_of(SNS.message("text")), {"x-amz-sns-message-type": "SubscriptionConfirmation"})


def test_a_raw_delivery_is_refused_for_it_is_not_signed() -> None:
    with pytest.raises(Untrusted, match="RawMessageDelivery"):
        read_posted(b"{}", {"x-amz-sns-rawdelivery": "true"})


def test_a_certificate_out_of_its_time_is_refused() -> None:
    old = Sns(PLACE, Signer(NOW - timedelta(days=3650)))
    with pytest.raises(Untrusted, match="not valid today"):
        _believe(old.message("text"), old.signer.certificate)
    with pytest.raises(Untrusted, match="cannot be read"):
        _believe(SNS.message("text"), b"no certificate")


def test_certificates_are_fetched_once_and_refusals_are_not_kept_for_long() -> None:
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        if "missing" in url and len(asked) < 4:
            raise Untrusted("answered with 404")
        return PEM

    certificates = Certificates(fetch)
    assert [certificates.get("one", now=NOW) for _ in range(3)] == [PEM] * 3
    for _ in range(3):
        with pytest.raises(Untrusted):
            certificates.get("missing", now=NOW)
    assert asked == ["one", "missing"]
    certificates.get("one", now=NOW + timedelta(days=2))
    assert certificates.get("missing", now=NOW + timedelta(days=2)) == PEM


def test_nobody_can_have_sns_asked_for_as_many_certificates_as_they_like() -> None:
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        raise Untrusted("answered with 404")

    certificates = Certificates(fetch)
    for number in range(100):
        with pytest.raises((Untrusted, RetryLater)):
            certificates.get(str(number), now=NOW)
    assert len(asked) == 10
