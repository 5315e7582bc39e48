"""Events as SES writes them.

Fields and their order are those of the documented examples and of recordings of the live service; what differs from
kind to kind (Send knows no subject of a templated mail, failures show no headers) is kept.
https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-examples.html
"""

from __future__ import annotations

import json
import re
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from newsletter.simulator.addresses import bare_or_same, domain
from newsletter.simulator.clock import iso
from newsletter.simulator.received import header_pairs, rendered, subject_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsletter.simulator.state import State
    from newsletter.simulator.timeline import Event

API_NAMES = {
    "Send": "SEND",
    "Reject": "REJECT",
    "Bounce": "BOUNCE",
    "Complaint": "COMPLAINT",
    "Delivery": "DELIVERY",
    "Open": "OPEN",
    "Click": "CLICK",
    "Rendering Failure": "RENDERING_FAILURE",
    "DeliveryDelay": "DELIVERY_DELAY",
}
"""The event types of the API by those of the events."""
_WITHOUT_HEADERS = frozenset({"Rendering Failure", "DeliveryDelay"})
_WITHOUT_ARN = frozenset({"Open", "Click"})
_BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
_LINK = re.compile(r"""href=["'](https?://[^"']+)["']""")
_RETRIED_FOR = 14 * 60 * 60


class EventBody:
    """An event that is written out when somebody receives it."""

    __slots__ = ("_event", "_state")

    def __init__(self, event: Event, state: State) -> None:
        self._event = event
        self._state = state

    def render(self) -> str:
        """Return the event as JSON text."""
        return json.dumps(payload(self._event, self._state), ensure_ascii=False, separators=(",", ":"))


def payload(event: Event, state: State) -> dict[str, Any]:
    """Return an event as configuration sets publish it."""
    key, about = _ABOUT[event.kind]
    return {"eventType": event.kind, "mail": mail_object(event, state), key: about(event, state)}


def notification(event: Event, state: State) -> dict[str, Any]:
    """Return a Bounce, Complaint or Delivery in the older form of identity notifications: without tags and headers.

    https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html
    """
    key, about = _ABOUT[event.kind]
    mail = mail_object(event, state)
    for name in ("headersTruncated", "headers", "commonHeaders", "tags"):
        del mail[name]
    mail |= {"sourceIp": "192.0.2.10", "callerIdentity": "simulator"}
    said = about(event, state)
    if event.kind != "Complaint":
        said["remoteMtaIp"] = "192.0.2.25"
    return {"notificationType": event.kind, key: said, "mail": mail}


def feedback_id(event: Event) -> str:
    """Return the id of a bounce or complaint: the same whenever this event is told."""
    about = "\0".join((event.mail.id, event.kind, *event.recipients))
    digest = blake2b(about.encode(), digest_size=16).hexdigest()
    hyphened = "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:]))
    return f"0100{int(event.time * 1000):012x}-{hyphened}-000000"


def mail_object(event: Event, state: State) -> dict[str, Any]:
    """Return the `mail` object: what was sent, by whom, to whom."""
    mail = event.mail
    source = mail.call.source
    sender = bare_or_same(source)
    told: dict[str, Any] = {
        "timestamp": iso(mail.call.time),
        "source": source,
        "sourceArn": f"arn:aws:ses:{state.options.region}:{state.options.account_id}:identity/{sender}",
        "sendingAccountId": state.options.account_id,
        "messageId": mail.id,
        "destination": list(mail.recipients),
        "headersTruncated": False,
    }
    if event.kind in _WITHOUT_ARN or (event.kind == "Send" and mail.call.kind == "template"):
        del told["sourceArn"]
    if event.kind not in _WITHOUT_HEADERS:
        told |= _headers(event, state)
    return told | {"tags": _tags(event, sender)}


def _headers(event: Event, state: State) -> dict[str, Any]:
    mail = event.mail
    call, entry = state.record.details(mail)
    to = list(entry.get("to", mail.recipients))
    common = {"from": [call["source"]], "to": to, "messageId": mail.id}
    if call["kind"] == "raw":  # recordings of raw mails show no headers
        return {"headers": [], "commonHeaders": common}
    headers = [("From", call["source"]), ("To", ", ".join(to))]
    if call["reply_to"]:
        headers.append(("Reply-To", ", ".join(call["reply_to"])))
    if event.kind != "Send" or call["kind"] == "simple":
        common["subject"] = subject_of(state.record, call, entry)
        headers.append(("Subject", common["subject"]))
    headers += [*header_pairs(call, entry), ("MIME-Version", "1.0")]
    if event.kind != "Send" or call["kind"] == "simple":
        headers.append(
            ("Content-Type", f'multipart/alternative; boundary="----=_Part_{mail.call.number}_{mail.index}"')
        )
    return {"headers": [{"name": name, "value": value} for name, value in headers], "commonHeaders": common}


def _tags(event: Event, sender: str) -> dict[str, list[str]]:
    mail = event.mail
    ours = {
        "ses:operation": mail.call.operation,
        "ses:configuration-set": mail.call.configuration_set,
        "ses:source-ip": "192.0.2.10",
        "ses:from-domain": domain(sender),
        "ses:caller-identity": "simulator",
    }
    if event.kind == "Delivery":
        ours["ses:outgoing-ip"] = "192.0.2.20"
    return {name: [value] for name, value in (ours | mail.all_tags).items() if value}


def _bounce(event: Event, _state: State) -> dict[str, Any]:
    bounce = event.bounce
    assert bounce is not None  # noqa: S101 - a Bounce has one
    return {
        "bounceType": bounce.type,
        "bounceSubType": bounce.subtype,
        "bouncedRecipients": [
            {"emailAddress": a, "action": "failed", "status": bounce.status, "diagnosticCode": bounce.diagnostic}
            for a in event.recipients
        ],
        "timestamp": iso(event.time),
        "feedbackId": feedback_id(event),
        "reportingMTA": f"dsn; mta.{domain(event.recipients[0])}",
    }


def _complaint(event: Event, _state: State) -> dict[str, Any]:
    suppressed = event.fate.complaint == "suppressed"
    told: dict[str, Any] = {
        "complainedRecipients": [{"emailAddress": address} for address in event.recipients],
        "timestamp": iso(event.time),
        "feedbackId": feedback_id(event),
        "complaintSubType": "OnAccountSuppressionList" if suppressed else None,
    }
    if suppressed:
        return told
    return told | {
        "userAgent": "Example Feedback Loop (V0.01)",
        "complaintFeedbackType": event.fate.complaint,
        "arrivalDate": iso(event.time),
    }


def _delivery(event: Event, _state: State) -> dict[str, Any]:
    return {
        "timestamp": iso(event.time),
        "processingTimeMillis": int((event.time - event.mail.call.time) * 1000),
        "recipients": list(event.recipients),
        "smtpResponse": "250 2.6.0 Message received",
        "reportingMTA": "a8-70.smtp-out.amazonses.com",
    }


def _delay(event: Event, _state: State) -> dict[str, Any]:
    return {
        "timestamp": iso(event.time),
        "delayType": "TransientCommunicationFailure",
        "expirationTime": iso(event.mail.call.time + _RETRIED_FOR),
        "delayedRecipients": [
            {
                "emailAddress": address,
                "status": "4.4.1",
                "diagnosticCode": "smtp; 421 4.4.1 Unable to connect to remote host",
            }
            for address in event.recipients
        ],
        "reportingMTA": "a8-70.smtp-out.amazonses.com",
    }


def _click(event: Event, state: State) -> dict[str, Any]:
    call, entry = state.record.details(event.mail)
    html = "" if call["kind"] == "raw" else rendered(state.record, call, entry)[2]
    links = _LINK.findall(html) or ["https://news.example/"]
    chosen = links[int(state.chance.draws("link", event.mail.id)[0] * len(links))]
    return {
        "ipAddress": "192.0.2.1",
        "timestamp": iso(event.time),
        "userAgent": _BROWSER,
        "link": chosen,
        "linkTags": None,
    }


def _failure(event: Event, state: State) -> dict[str, Any]:
    call, _ = state.record.details(event.mail)
    return {"templateName": state.record.content_of(call["content"]).name, "errorMessage": event.fate.missing}


_ABOUT: dict[str, tuple[str, Callable[[Event, State], dict[str, Any]]]] = {
    "Send": ("send", lambda _event, _state: {}),
    "Reject": ("reject", lambda _event, _state: {"reason": "Bad content"}),
    "Bounce": ("bounce", _bounce),
    "Complaint": ("complaint", _complaint),
    "Delivery": ("delivery", _delivery),
    "DeliveryDelay": ("deliveryDelay", _delay),
    "Open": ("open", lambda event, _: {"ipAddress": "192.0.2.1", "timestamp": iso(event.time), "userAgent": _BROWSER}),
    "Click": ("click", _click),
    "Rendering Failure": ("failure", _failure),
}
