"""What SNS posts to a web address, read and judged by what is signed. Pure: certificates and numbers are handed in.

Anybody can post anything here, and anybody can have SNS post here, with a signature that is Amazon's own: so the topic
has to be one of the settings, and every place that is gone to is made from that topic, never from the message.
https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

LARGEST = 1 << 20
"""Bytes of a message: SNS takes 256 KiB, and quoting it in JSON can make more of it."""
OLDEST = timedelta(minutes=75)
"""SNS tries for an hour at most, and the time in a message stays that of the first try."""
_FROM_THE_FUTURE = timedelta(minutes=5)
_TOPIC = re.compile(r"arn:(aws|aws-cn|aws-us-gov):sns:([a-z]{2}(?:-[a-z]+)+-[0-9]+):[0-9]{12}:[A-Za-z0-9_-]{1,256}")
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9a-zA-Z]{8,64}\.pem")
_ONE_LINE = re.compile(r"[^\r\n]*")
_LONGEST_ID = 64
_VERSIONS = frozenset({"1", "2"})


class Kind(StrEnum):
    """What a message is, in the words of SNS."""

    NOTIFICATION = "Notification"
    SUBSCRIBED = "SubscriptionConfirmation"
    UNSUBSCRIBED = "UnsubscribeConfirmation"


_HANDSHAKE = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_SIGNED = {
    Kind.NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    Kind.SUBSCRIBED: _HANDSHAKE,
    Kind.UNSUBSCRIBED: _HANDSHAKE,
}
_MAY_LACK = frozenset({"Subject"})


class Malformed(Exception):  # noqa: N818 - typed by what to do: answer that it is no message of SNS
    """Nothing that SNS posts."""


class Untrusted(Exception):  # noqa: N818 - typed by what to do: refuse it, for good
    """Read, and not to be believed; the message says why, and holds nothing of the content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whom to believe."""

    topics: Collection[str]
    """Their ARNs."""
    test_endpoint: str = ""
    """For tests alone: what stands in for SNS, with a certificate of its own, on this machine."""

    def place_of(self, topic: str) -> str:
        """Return where SNS answers for a topic: certificates and confirmations are there, and nowhere else."""
        found = _TOPIC.fullmatch(topic)
        if found is None:
            raise Untrusted("its topic is none of SNS")
        partition, region = found.groups()
        china = ".cn" if partition == "aws-cn" else ""
        return self.test_endpoint or f"https://sns.{region}.amazonaws.com{china}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A message as it came; nothing of it is to be believed before `judge` and the signature."""

    kind: Kind
    id: str
    topic: str
    at: datetime
    message: str
    token: str
    subscribe_url: str
    certificate_url: str
    version: str
    signature: bytes
    signed: bytes
    """What the signature is over, to the byte."""


def read_posted(body: bytes, headers: Mapping[str, str]) -> Posted:
    """Read a request; `headers` by their names in small letters. Raises Malformed, Untrusted."""
    if headers.get("x-amz-sns-rawdelivery", "").lower() == "true":
        raise Untrusted("it is a raw delivery, which SNS does not sign: switch RawMessageDelivery off")
    said = _object(body)
    kind = _kind(said, headers)
    for name in (*_SIGNED[kind], "SignatureVersion", "Signature", "SigningCertURL"):
        _see(said, name)
    if said["SignatureVersion"] not in _VERSIONS:
        raise Untrusted("its signature is of an unknown version")
    return Posted(
        kind=kind,
        id=said["MessageId"],
        topic=said["TopicArn"],
        at=_moment(said["Timestamp"]),
        message=said["Message"],
        token=said.get("Token", ""),
        subscribe_url=said.get("SubscribeURL", ""),
        certificate_url=said["SigningCertURL"],
        version=said["SignatureVersion"],
        signature=_bytes(said["Signature"]),
        signed="".join(f"{name}\n{said[name]}\n" for name in _SIGNED[kind] if name in said).encode(),
    )


def judge(posted: Posted, trust: Trust, *, now: datetime) -> None:
    """Refuse what is refused whoever signed it, before anything is fetched. Raises Untrusted."""
    if posted.topic not in trust.topics:
        raise Untrusted("its topic is not in NEWSLETTER_SNS_TOPICS")
    if posted.at < now - OLDEST:
        raise Untrusted("it is too old")
    if posted.at > now + _FROM_THE_FUTURE:
        raise Untrusted("it is from the future: see this machine's clock")
    place = trust.place_of(posted.topic)
    path = posted.certificate_url.removeprefix(place)
    if path == posted.certificate_url or _CERTIFICATE.fullmatch(path) is None:
        raise Untrusted(f"its certificate is not one of {place}")


def confirmation_url(posted: Posted, trust: Trust) -> str:
    """Return what confirms the subscription, made anew: a link that leads anywhere else is not followed, but refused.

    Raises Untrusted.
    """
    place = trust.place_of(posted.topic)
    query = {"Action": "ConfirmSubscription", "TopicArn": posted.topic, "Token": posted.token}
    link = urlsplit(posted.subscribe_url)
    is_there = f"{link.scheme}://{link.netloc}{link.path.rstrip('/')}" == place and not link.fragment
    if not is_there or sorted(parse_qsl(link.query)) != sorted(query.items()):
        raise Untrusted("its SubscribeURL leads elsewhere than to confirm this subscription")
    return f"{place}/?{urlencode(query)}"


def _object(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Malformed("it is not JSON") from error
    if not isinstance(said, dict):
        raise Malformed("it is not an object")
    return said


def _kind(said: Mapping[str, Any], headers: Mapping[str, str]) -> Kind:
    if said.get("Type") not in list(Kind):
        raise Malformed("its Type is none of SNS")
    kind = Kind(said["Type"])
    if headers.get("x-amz-sns-message-type", kind) != kind:
        raise Untrusted("its header names another type")
    return kind


def _see(said: Mapping[str, Any], name: str) -> None:
    """See that a field is there, a text, and of one line: else one field could pass for two in what is signed."""
    if name not in said and name in _MAY_LACK:
        return
    text = said.get(name)
    if not isinstance(text, str) or (name != "Message" and not _ONE_LINE.fullmatch(text)):
        raise Malformed(f"it has no {name} as SNS writes it")
    if name == "MessageId" and not 0 < len(text) <= _LONGEST_ID:
        raise Malformed("it has no MessageId as SNS writes it")
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise Malformed(f"its {name} holds half a character")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Malformed("it has no Timestamp as SNS writes it") from error
    if moment.tzinfo is None:
        raise Malformed("its Timestamp is of no time zone")
    return moment


def _bytes(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError as error:
        raise Malformed("it has no Signature as SNS writes it") from error
