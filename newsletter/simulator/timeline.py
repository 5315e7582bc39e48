"""From an accepted mail to the events that follow, and when each of them is told. Pure and seeded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.simulator.addresses import domain
from newsletter.simulator.outcomes import BOUNCES, DELIVERED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from newsletter.simulator.accepted import Mail
    from newsletter.simulator.chance import Chance
    from newsletter.simulator.options import Options
    from newsletter.simulator.outcomes import Bounce, Fate

_TICK = 0.001
"""What comes after something else is at least this much later, also without any latency."""


class Event:
    """Something that happened to a mail at some of its recipients."""

    __slots__ = ("bounce", "fate", "kind", "mail", "recipients", "time")

    def __init__(
        self,
        kind: str,
        mail: Mail,
        recipients: tuple[str, ...],
        time: float,
        *,
        fate: Fate,
        bounce: Bounce | None = None,
    ) -> None:
        self.kind = kind
        """The event's type as events say it: `Send`, `Delivery`, `Bounce`, `Rendering Failure`, …"""
        self.mail = mail
        self.recipients = recipients
        self.time = time
        self.fate = fate
        """Of the first of these recipients; the others share what matters of it."""
        self.bounce = bounce


def events_of(mail: Mail, options: Options) -> list[Event]:
    """Return what happens to a mail, with the time of each event.

    Bounces of one kind are one event, deliveries and complaints one for each domain. Most providers hide who
    complained: a complaint names everybody at that domain who got the mail.
    """
    time, first = mail.call.time, mail.fates[0]
    if first.missing:
        return [Event("Rendering Failure", mail, mail.recipients, time, fate=first)]
    if first.rejected:
        return [Event("Reject", mail, mail.recipients, time, fate=first)]
    sent = Event("Send", mail, mail.recipients, time, fate=first)
    if len(mail.fates) == 1 and first is DELIVERED:
        return [sent, Event("Delivery", mail, mail.recipients, time + options.latency + _TICK, fate=first)]
    return [sent, *_afterwards(mail, options.latency)]


def told_at(event: Event, options: Options, chance: Chance) -> tuple[float, ...]:
    """Return when an event is published: as a rule once, at its time; late, twice or never as the options say."""
    if not (options.jitter or options.late or options.doubled or options.lost):
        return (event.time,)
    about = (event.kind, event.recipients[0].lower(), repr(event.mail.tags))
    jitter, late, doubled, lost = chance.draws("told", *about)
    if lost < options.lost:
        return ()
    told = event.time + jitter * options.jitter + (options.late_by if late < options.late else 0.0)
    if doubled >= options.doubled:
        return (told,)
    again = chance.draws("again", *about)[0]
    return (told, told + again * max(options.jitter, _TICK))


def _afterwards(mail: Mail, latency: float) -> Iterator[Event]:
    """Return what follows Send: each kind of event for those recipients that it says the same of."""

    def event(kind: str, step: int, indexes: list[int], bounce: Bounce | None = None) -> Event:
        fate = mail.fates[indexes[0]]
        time = mail.call.time + (step + fate.delayed) * (latency + _TICK)
        return Event(kind, mail, tuple(mail.recipients[index] for index in indexes), time, fate=fate, bounce=bounce)

    for kind, step, about in _KINDS:
        for indexes in _together(mail, about):
            yield event(kind, step, indexes, mail.fates[indexes[0]].bounce if kind == "Bounce" else None)
    for indexes in _together(mail, lambda _, fate: "auto" if fate.auto_reply else None):
        yield event("Bounce", 2, indexes, BOUNCES["Transient/General"])
    for indexes in _together(mail, lambda address, fate: domain(address) if fate.delivered else None):
        complaining = [index for index in indexes if mail.fates[index].complaint]
        if complaining:  # told of everybody there, beginning with the one who did
            yield event("Complaint", 2, [complaining[0], *(index for index in indexes if index != complaining[0])])
    for indexes in _together(mail, lambda _, fate: fate.complaint if fate.complaint == "suppressed" else None):
        yield event("Complaint", 1, indexes)


def _together(mail: Mail, about: Callable[[str, Fate], object]) -> Iterable[list[int]]:
    """Return the recipients, by index, of whom `about` says the same; those of whom it says None are left out."""
    groups: dict[object, list[int]] = {}
    for index, (address, fate) in enumerate(zip(mail.recipients, mail.fates, strict=True)):
        if (same := about(address, fate)) is not None:
            groups.setdefault(same, []).append(index)
    return groups.values()


_KINDS: tuple[tuple[str, int, Callable[[str, Fate], object]], ...] = (
    ("DeliveryDelay", 0, lambda _, fate: "delayed" if fate.delayed else None),
    ("Bounce", 1, lambda _, fate: fate.bounce),
    ("Delivery", 1, lambda address, fate: domain(address) if fate.delivered else None),
    ("Open", 2, lambda address, fate: address if fate.opened else None),
    ("Click", 3, lambda address, fate: address if fate.clicked else None),
)
