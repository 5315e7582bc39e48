"""Events as SES writes them (tests/fixtures/ses_events), with what matters in a test laid over them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

from tests.factories.people import NOW

_FORMS = Path(__file__).parents[1] / "fixtures" / "ses_events"
_OBJECTS = {
    "Send": "send",
    "Delivery": "delivery",
    "Bounce": "bounce",
    "Complaint": "complaint",
    "DeliveryDelay": "deliveryDelay",
    "Reject": "reject",
    "Rendering Failure": "failure",
    "Open": "open",
    "Click": "click",
}
_PEOPLE = {
    "Bounce": "bouncedRecipients",
    "Complaint": "complainedRecipients",
    "DeliveryDelay": "delayedRecipients",
}
KINDS = tuple(_OBJECTS)


def ses_event(
    kind: str,
    recipient: str = "ada@reader.example",
    *,
    delivery_id: str | None = None,
    message_id: str | None = None,
    mail_at: datetime = NOW,
    after: float = 2.0,
    destination: tuple[str, ...] = (),
    said: dict[str, Any] | None = None,
    **about: Any,  # noqa: ANN401 - the fields of the event's object
) -> str:
    """Return an event of a configuration set: of that mail to `recipient`, `after` seconds later.

    `about` goes over the fields of its object, `said` over those of the recipient's entry in it.
    """
    event: dict[str, Any] = json.loads((_FORMS / f"{kind.replace(' ', '')}.json").read_text("utf-8"))
    mail = event["mail"]
    mail |= {
        "timestamp": iso(mail_at),
        "messageId": message_id or message_id_of(delivery_id or recipient, mail_at),
        "destination": list(destination or (recipient,)),
    }
    mail["tags"].pop("delivery")
    if delivery_id is not None:
        mail["tags"]["delivery"] = [delivery_id]
    found = event[_OBJECTS[kind]]
    if "timestamp" in found:
        found["timestamp"] = iso(mail_at + timedelta(seconds=after))
    if "feedbackId" in found:
        found["feedbackId"] = f"feedback-{kind}-{mail['messageId']}-{after:g}"
    if kind in _PEOPLE:
        found[_PEOPLE[kind]] = [{**found[_PEOPLE[kind]][0], "emailAddress": recipient, **(said or {})}]
    elif kind == "Delivery":
        found["recipients"] = [recipient]
    found |= about
    return json.dumps(event)


def enveloped(event: str, *, topic: str = "arn:aws:sns:us-east-1:123456789012:events") -> str:
    """Return an event as SNS wraps it."""
    return json.dumps(
        {
            "Type": "Notification",
            "MessageId": "c8f1a2b3-0000-5000-8000-000000000001",
            "TopicArn": topic,
            "Subject": "Amazon SES Email Event Notification",
            "Message": event,
            "Timestamp": iso(NOW),
            "SignatureVersion": "1",
            "Signature": "c2lnbmF0dXJl",
            "SigningCertURL": "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0.pem",
        }
    )


def on_bus(event: str) -> str:
    """Return an event as EventBridge brings it."""
    return json.dumps(
        {
            "version": "0",
            "id": "c8f1a2b3-0000-5000-8000-000000000002",
            "detail-type": "Email Sent",
            "source": "aws.ses",
            "account": "123456789012",
            "time": iso(NOW),
            "region": "us-east-1",
            "resources": [],
            "detail": json.loads(event),
        }
    )


def message_id_of(mail: str, at: datetime) -> str:
    """Return a message id in SES's form, the same for the same mail."""
    mark = blake2b(mail.encode(), digest_size=4).hexdigest()
    return f"0100{int(at.timestamp() * 1000):012x}-{mark}-0000-0000-0000-000000000000-000000"


def iso(at: datetime) -> str:
    """Return a time as SES writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
