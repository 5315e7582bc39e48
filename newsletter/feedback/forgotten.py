"""What still comes back of mails to people who were erased: it counts, and says no more whose it was."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from newsletter.feedback.rules import Meaning, meaning_of
from subscribers.address import normalised
from subscribers.errors import InvalidAddress
from subscribers.lifecycle import Reason
from subscribers.models import Subscriber

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from newsletter.feedback.events import Event, Reading
    from subscribers.privacy.erased import Erasures

_ADDRESS = re.compile(r"[^\s\"'<>(),:;\\[\]]+@[^\s\"'<>(),:;\\[\]]+")
"""Anything that may be one, in whatever it stands."""
_FOLLOWS = {
    Meaning.COMPLAINT: Reason.COMPLAINT,
    Meaning.HARD: Reason.BOUNCE,
    Meaning.LISTED: Reason.BOUNCE,
}
"""What is noted beside the keyed hash: they would get no mail if they came back."""


def without_the_erased(session: Session, readings: Sequence[Reading], erased: Erasures | None) -> Sequence[Reading]:
    """Return these readings; those that speak of somebody erased without their address and without SES's words.

    Comes first in its transaction: `subscribers.privacy.erased` says why. Who is here again counts as anybody.
    """
    if erased is None:
        return readings
    emails = {event.recipient: _known_as(event.recipient) for reading in readings for event in reading.events}
    gone = erased.find(session, {email for email in emails.values() if email})
    if gone:
        back = set(session.scalars(select(Subscriber.email).where(Subscriber.email.in_(gone.keys()))))
        emails = {written: email for written, email in emails.items() if email in gone and email not in back}
        _note(session, erased, readings, emails)
        return [_stripped(reading, emails) for reading in readings]
    return readings


def whose_words_are_cut(session: Session, bodies: Mapping[str, str], erased: Erasures | None) -> Mapping[str, str]:
    """Return unreadable messages, with the reason of each, without the addresses of people who were erased."""
    if erased is None:
        return bodies
    written = {body: {*_ADDRESS.findall(body)} for body in bodies}
    known = {each: _known_as(each) for found in written.values() for each in found}
    gone = erased.find(session, {email for email in known.values() if email})
    cut: dict[str, str] = {}
    for body, reason in bodies.items():
        text = body
        for each in written[body]:
            if known[each] in gone:
                text = text.replace(each, "(erased)")
        cut[text] = reason
    return cut


def _note(session: Session, erased: Erasures, readings: Sequence[Reading], emails: Mapping[str, str]) -> None:
    for event in (event for reading in readings for event in reading.events if event.recipient in emails):
        if (reason := _FOLLOWS.get(meaning_of(event))) is not None:
            erased.suppress(session, emails[event.recipient], reason)


def _stripped(reading: Reading, emails: Mapping[str, str]) -> Reading:
    if not any(event.recipient in emails for event in reading.events):
        return reading
    events = tuple(_nobodys(event) if event.recipient in emails else event for event in reading.events)
    return replace(reading, text="", events=events)


def _nobodys(event: Event) -> Event:
    """Return an event that keeps its key, so that it counts once, and names nobody."""
    return replace(event, recipient="", said={})


def _known_as(address: str) -> str:
    try:
        return normalised(address)
    except InvalidAddress:
        return ""
