"""Proves the way of events with real mails to SES's mailbox simulator, whose events have to come back on the queue.

https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html#send-email-simulator. The queue has another
consumer, and nothing is to be stolen from it. What is not ours is received once at most, kept hidden while we wait,
and given back at the end; if this process dies, it shows again by itself. Only events of our own mails are deleted:
they say nothing that anybody else needs. What the consumer was faster with, the database tells.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newsletter.aws.doctor.findings import Finding, fail, ok, warn
from newsletter.feedback.events import Kind, Unreadable, read_message

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence

    from newsletter.aws.service import Aws

    TakenIn = Callable[[Collection[str]], Mapping[str, Collection[Kind]]]
    """Returns which events of these mails, by SES's ids, are in the database already."""

_HOST = "simulator.amazonses.com"
_EXPECTED = {
    "success": frozenset({Kind.SEND, Kind.DELIVERY}),
    "bounce": frozenset({Kind.SEND, Kind.BOUNCE}),
    "complaint": frozenset({Kind.SEND, Kind.COMPLAINT}),
}
"""Which events each kind of probe has to bring."""
_MOST_HELD = 200
"""More of others' messages than this are not taken out of the consumer's sight."""
_BATCH = 10
_LONGEST_POLL = 5
_MARGIN = 15
"""Seconds that a message stays hidden beyond our wait, so that it does not come to us twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probing:
    """How to prove it."""

    sender: str
    """An address that lists are sent from."""
    configuration_set: str
    queue_url: str
    label: str
    """Letters and digits that no other run had."""
    seconds: int
    taken_in: TakenIn
    timer: Callable[[], float] = time.monotonic


def examine(aws: Aws, probing: Probing) -> Generator[Finding, None, None]:
    """Send a mail of each kind, wait for its events, and say which came."""
    sent = {_send(aws, probing, kind): kind for kind in _EXPECTED}
    heard = _Heard(sent)
    busy = _listen(aws, probing, heard)
    missing = heard.missing()
    if not missing:
        events = sum(map(len, _EXPECTED.values()))
        by_others = ", in part to who consumes it" if heard.by_others else ""
        yield ok("event path", f"{len(sent)} mails to {_HOST} brought all {events} events to the queue{by_others}")
    elif busy:
        yield warn(
            "event path",
            f"more than {_MOST_HELD} other events wait, and ours were not among the first ones: {missing}",
            "Let `newsletter feedback consume --until-empty` take them in, then send probes again.",
        )
    else:
        yield fail(
            "event path",
            f"events that did not come in {probing.seconds} seconds: {missing}",
            "Mend what failed above. Where nothing did, the consumer of another installation may have taken them in: "
            "stop what consumes the queue for a minute, and send probes again.",
        )


@dataclass(slots=True)
class _Heard:
    """What came of our mails."""

    sent: Mapping[str, str]
    """What kind of probe a message id is of."""
    events: dict[str, set[Kind]] = field(default_factory=dict)
    by_others: bool = False
    """Whether some of them were taken in before we received them."""

    def take(self, body: str) -> bool:
        """Note an event of one of ours; return False for anything else."""
        try:
            events = [event for event in read_message(body).events if event.message_id in self.sent]
        except Unreadable:
            return False
        for event in events:
            self.events.setdefault(event.message_id, set()).add(event.kind)
        return bool(events)

    def add(self, taken_in: Mapping[str, Collection[Kind]]) -> None:
        """Note what somebody else took in."""
        for message_id, kinds in taken_in.items():
            new = set(kinds) - self.events.setdefault(message_id, set())
            self.events[message_id] |= new
            self.by_others = self.by_others or bool(new)

    def missing(self) -> str:
        """Return in words what did not come."""
        lacking = (
            (kind, sorted(_EXPECTED[kind] - self.events.get(message_id, set())))
            for message_id, kind in self.sent.items()
        )
        return "; ".join(f"{', '.join(events)} of {kind}@" for kind, events in lacking if events)


def _send(aws: Aws, probing: Probing, kind: str) -> str:
    text = "A probe of newsletter aws doctor: it goes to the mailbox simulator of Amazon SES, and to nobody else."
    said = aws.ask(
        "sesv2",
        "send_email",
        FromEmailAddress=probing.sender,
        Destination={"ToAddresses": [f"{kind}+{probing.label}@{_HOST}"]},
        Content={"Simple": {"Subject": {"Data": f"Probe {probing.label}"}, "Body": {"Text": {"Data": text}}}},
        EmailTags=[{"Name": "probe", "Value": probing.label}],
        ConfigurationSetName=probing.configuration_set,
    )
    message_id: str = said["MessageId"]
    return message_id


def _listen(aws: Aws, probing: Probing, heard: _Heard) -> bool:
    """Receive until everything came or the time is over; return whether too much of others' was in the way."""
    held: list[str] = []
    until = probing.timer() + probing.seconds
    try:
        while heard.missing() and (left := until - probing.timer()) > 0:
            ours: list[str] = []
            for message in _receive(aws, probing.queue_url, left):
                (ours if heard.take(message["Body"]) else held).append(message["ReceiptHandle"])
            for entries in _entries(ours):
                aws.ask("sqs", "delete_message_batch", QueueUrl=probing.queue_url, Entries=entries)
            if heard.missing():
                heard.add(probing.taken_in(heard.sent))
            if len(held) >= _MOST_HELD:
                return True
        return False
    finally:
        for entries in _entries(held, VisibilityTimeout=0):
            aws.ask("sqs", "change_message_visibility_batch", QueueUrl=probing.queue_url, Entries=entries)


def _receive(aws: Aws, queue_url: str, left: float) -> Sequence[Mapping[str, str]]:
    said = aws.ask(
        "sqs",
        "receive_message",
        QueueUrl=queue_url,
        MaxNumberOfMessages=_BATCH,
        WaitTimeSeconds=min(_LONGEST_POLL, int(left)),
        VisibilityTimeout=int(left) + _MARGIN,
    )
    messages: Sequence[Mapping[str, str]] = said.get("Messages", ())
    return messages


def _entries(handles: Sequence[str], **more: object) -> Iterator[list[dict[str, object]]]:
    """Yield the receipt handles in batches, as SQS takes them."""
    for start in range(0, len(handles), _BATCH):
        yield [
            {"Id": str(number), "ReceiptHandle": handle, **more}
            for number, handle in enumerate(handles[start : start + _BATCH])
        ]
