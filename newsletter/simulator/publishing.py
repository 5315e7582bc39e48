"""From an accepted call to events in queues and at web addresses, each when its time has come."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from newsletter.simulator.addresses import bare_or_same, scenario
from newsletter.simulator.clock import iso
from newsletter.simulator.errors import bad_request
from newsletter.simulator.events import API_NAMES, EventBody, feedback_id, notification
from newsletter.simulator.outcomes import DELIVERED
from newsletter.simulator.suppression import REASONS, Suppressed
from newsletter.simulator.timeline import events_of, told_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newsletter.simulator.accepted import Call
    from newsletter.simulator.configuration import Destination
    from newsletter.simulator.queue import Body
    from newsletter.simulator.state import State
    from newsletter.simulator.timeline import Event

SUBJECT = "Amazon SES Email Event Notification"
VALIDATION = "Successfully validated SNS topic for Amazon SES event publishing."
"""What SES publishes to a topic, as plain text without a subject, when it becomes an event destination."""
_MOMENTS_A_SECOND = 200
"""What is told later is told in moments so long, all events of a moment together."""
_REASONS = {"Bounce": "BOUNCE", "Complaint": "COMPLAINT"}
_SUPPRESSING = frozenset({"General", "NoEmail"})
_DETAIL_TYPES = {
    "Send": "Email Sent",
    "Delivery": "Email Delivered",
    "Bounce": "Email Bounced",
    "Complaint": "Email Complaint Received",
    "Reject": "Email Rejected",
    "Open": "Email Opened",
    "Click": "Email Clicked",
    "Rendering Failure": "Email Rendering Failed",
    "DeliveryDelay": "Email Delivery Delayed",
}


class Publisher:
    """Tells what happened to the mails of a state."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.told: Counter[str] = Counter()
        """Events published, by kind; one that is told twice, or to two destinations, counts once each time."""
        self.waiting = 0
        """Events still to be told."""
        self._moments: dict[int, list[Event]] = {}

    def follow(self, call: Call) -> None:
        """Put down what will happen to the mails of a call, and tell at once what is told at once."""
        state, wanted = self._state, self._wanted(call)
        unheard = wanted.isdisjoint({"Send", "Delivery"})
        at_once: list[Event] = []
        for mail in call.mails:
            if unheard and mail.fates == (DELIVERED,):
                continue
            for event in events_of(mail, state.options):
                if event.kind not in wanted:
                    continue
                for due in told_at(event, state.options, state.chance):
                    if due <= call.time:
                        at_once.append(event)
                    else:
                        self._put_down(event, due)
        self.tell(at_once, call.time)

    def tell(self, events: Iterable[Event], now: float) -> None:
        """Publish events to whoever wants them; put who bounced or complained onto the suppression list."""
        wishes: dict[tuple[str, str], _Wishes] = {}
        for event in events:
            if event.kind in _REASONS:
                self._suppress(event)
            call = event.mail.call
            whose = (call.configuration_set, call.source)
            wanted = wishes.get(whose) or wishes.setdefault(whose, self._wishes(call))
            for destination in wanted.destinations.get(event.kind, ()):
                self._publish(destination, event.kind, EventBody(event, self._state), now)
            if event.kind in wanted.notified:
                body = _Written(json.dumps(notification(event, self._state)))
                self._to_topic(wanted.notified[event.kind], body, now, SUBJECT)

    def publish(self, configuration_set: str, event: dict[str, Any], now: float) -> None:
        """Publish an event of the caller's own making as if it had happened."""
        kind = str(event.get("eventType", ""))
        for destination in self._state.configuration_sets.get(configuration_set).destinations.values():
            self._publish(destination, kind, _Written(json.dumps(event)), now)

    def validate(self, destination: Destination, now: float) -> None:
        """Send what SES sends to a topic when it becomes a destination; raise if there is no such topic."""
        if destination.topic_arn:
            if destination.topic_arn not in {topic.arn for topic in self._state.topics.listed()}:
                raise bad_request(f"SNS topic <{destination.topic_arn}> not found.")
            self._to_topic(destination.topic_arn, _Written(VALIDATION), now, "")

    def _put_down(self, event: Event, due: float) -> None:
        """Have an event told later, together with all others of the same moment."""
        moment = math.ceil(due * _MOMENTS_A_SECOND)
        told_then = self._moments.get(moment)
        if told_then is None:
            told_then = self._moments[moment] = []
            self._state.agenda.add(moment / _MOMENTS_A_SECOND, partial(self._tell_moment, moment))
        told_then.append(event)
        self.waiting += 1

    def _tell_moment(self, moment: int, now: float) -> None:
        events = self._moments.pop(moment)
        self.waiting -= len(events)
        self.tell(events, now)

    def _wanted(self, call: Call) -> set[str]:
        """Return the kinds of events that somebody gets or that change the suppression list."""
        wishes = self._wishes(call)
        return {*_REASONS, *wishes.destinations, *wishes.notified}

    def _wishes(self, call: Call) -> _Wishes:
        configuration_set = self._state.configuration_sets.find(call.configuration_set)
        destinations: dict[str, list[Destination]] = {}
        for destination in configuration_set.destinations.values() if configuration_set else ():
            for kind, name in API_NAMES.items():
                if destination.enabled and name in destination.event_types:
                    destinations.setdefault(kind, []).append(destination)
        identity = self._state.identities.find(bare_or_same(call.source))
        return _Wishes(destinations, identity.notification_topics if identity else {})

    def _publish(self, destination: Destination, kind: str, body: Body, now: float) -> None:
        self.told[kind] += 1
        if destination.topic_arn:
            self._to_topic(destination.topic_arn, body, now, SUBJECT)
        elif destination.is_event_bridge and self._state.event_bus:
            self._state.queues.get(self._state.event_bus).send(_OnBus(kind, body, now, self._state), now)

    def _to_topic(self, arn: str, body: Body, now: float, subject: str) -> None:
        topic = self._state.topics.find(arn)
        if topic is not None:  # deleted since: the event is lost, as with SES
            self._state.topics.publish(topic, body, now, subject)

    def _suppress(self, event: Event) -> None:
        """Put the recipients of a hard bounce or complaint onto the list, except those of the mailbox simulator."""
        reason = _REASONS[event.kind]
        if reason not in self._state.account.suppressed_reasons:
            return
        if event.bounce is not None and not (event.bounce.is_hard and event.bounce.subtype in _SUPPRESSING):
            return
        if event.fate.complaint == "suppressed":
            return
        for address in event.recipients:
            if scenario(address) is None and not self._state.suppression.reason(address, REASONS):
                entry = Suppressed(address, reason, event.time, event.mail.id, feedback_id(event))
                self._state.suppression.put(entry)


@dataclass(frozen=True, slots=True)
class _Wishes:
    """Who gets events of one configuration set and one sender: destinations and notification topics, by kind."""

    destinations: dict[str, list[Destination]]
    notified: dict[str, str]


class _Written:
    """A body that is text already."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def render(self) -> str:
        return self._text


class _OnBus:
    """An event in EventBridge's envelope, as a rule for a queue passes it on.

    https://docs.aws.amazon.com/ses/latest/dg/monitoring-eventbridge.html
    """

    __slots__ = ("_body", "_kind", "_number", "_state", "_time")

    def __init__(self, kind: str, body: Body, time: float, state: State) -> None:
        self._kind = kind
        self._body = body
        self._time = time
        self._state = state
        self._number = state.topics.next_number()

    def render(self) -> str:
        detail = json.loads(self._body.render())
        options = self._state.options
        name = detail.get("mail", {}).get("tags", {}).get("ses:configuration-set", [""])[0]
        envelope = {
            "version": "0",
            "id": self._state.topics.id_of(self._number),
            "detail-type": _DETAIL_TYPES.get(self._kind, self._kind),
            "source": "aws.ses",
            "account": options.account_id,
            "time": iso(self._time)[:19] + "Z",
            "region": options.region,
            "resources": [f"arn:aws:ses:{options.region}:{options.account_id}:configuration-set/{name}"],
            "detail": detail,
        }
        return json.dumps(envelope)
