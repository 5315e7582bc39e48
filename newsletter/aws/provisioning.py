"""Setting up: look at each step, and do what is to be done, one after the other.

Nothing is kept of a run. What is there is looked at, so that a second run changes nothing and an interrupted one goes
on.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from newsletter.aws.records import dkim_records, dmarc_record, mail_from_records
from newsletter.aws.refusals import AwsRefused
from newsletter.aws.steps import queues
from newsletter.aws.steps.account import SuppressionList
from newsletter.aws.steps.configuration_set import ConfigurationSet, EventDestination
from newsletter.aws.steps.identity import Identity, MailFrom, identity, mail_from_of
from newsletter.aws.steps.topic import Subscription, Topic

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsletter.aws.place import Place
    from newsletter.aws.records import Record
    from newsletter.aws.service import Aws
    from newsletter.aws.steps.change import Change, Step
    from newsletter.aws.wanted import SenderDomain, Wanted


class State(StrEnum):
    """How a step was found, or how it was left."""

    THERE = "there"
    MISSING = "missing"
    DIFFERENT = "different"
    MADE = "made"
    CHANGED = "changed"
    LEFT = "left"
    """It differs in what a person has to decide."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one step came to."""

    title: str
    state: State
    changes: tuple[Change, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it for scripts."""
        changes = [
            {"what": each.what, "is": each.there, "should": each.wanted, "why": each.why, "by_hand": each.make is None}
            for each in self.changes
        ]
        return {"step": self.title, "state": self.state.value, "changes": changes}


def steps(wanted: Wanted, place: Place) -> Sequence[Step]:
    """Return the steps in the order in which each finds what it needs.

    The queue is subscribed after the configuration set publishes: SES tries a new destination with a message that is
    no event.
    """
    return (
        queues.dead_letters(wanted.names),
        queues.events(wanted.names, place),
        Topic(wanted.names, place),
        ConfigurationSet(wanted),
        EventDestination(wanted=wanted, place=place),
        Subscription(wanted.names, place, wanted.raw_delivery),
        SuppressionList(),
        *(step for domain in wanted.domains for step in (Identity(domain), MailFrom(domain))),
    )


def plan(aws: Aws, wanted: Wanted) -> Iterator[Report]:
    """Yield what each step would do, and do nothing."""
    for step in steps(wanted, aws.place):
        changes = tuple(step.look(aws))
        yield Report(step.title, _state(changes, State.MISSING, State.DIFFERENT), changes)


def make(aws: Aws, wanted: Wanted) -> Iterator[Report]:
    """Do what is to be done, and yield what each step has done. Raises AwsRefused, which names the step."""
    for step in steps(wanted, aws.place):
        try:
            changes = tuple(step.look(aws))
            for each in changes:
                if each.make is not None:
                    each.make()
        except AwsRefused as error:
            raise type(error)(f"{step.title}: {error.said}", error.do) from error
        yield Report(step.title, _state(changes, State.MADE, State.CHANGED), changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """What is left for a person: records for the DNS, settings for the environment."""

    records: tuple[Record, ...]
    waiting_for_tokens: tuple[str, ...]
    """Domains whose DKIM records are known once their identity is made."""
    settings: dict[str, str | None]
    """A value is None where it is known once the thing is made."""


def leftover(aws: Aws, wanted: Wanted) -> Leftover:
    """Return what is left for a person, as things stand."""
    records: list[Record] = []
    waiting = []
    for domain in wanted.domains:
        there = identity(aws, domain.name)
        if there is None:
            waiting.append(domain.name)
        records += _records(domain, there or {}, aws.region)
    return Leftover(
        records=tuple(records),
        waiting_for_tokens=tuple(waiting),
        settings={
            "AWS_DEFAULT_REGION": aws.region,
            "NEWSLETTER_TRANSPORT": "ses",
            "NEWSLETTER_SES_CONFIGURATION_SET": wanted.names.configuration_set,
            "NEWSLETTER_SES_EVENTS_QUEUE_URL": queues.queue_url(aws, wanted.names.queue),
        },
    )


def _records(domain: SenderDomain, there: dict[str, Any] | Any, region: str) -> list[Record]:  # noqa: ANN401 - an answer
    mail_from = domain.mail_from or mail_from_of(there) or domain.default_mail_from
    return [*dkim_records(domain.name, there), *mail_from_records(mail_from, region), dmarc_record(domain.name)]


def _state(changes: Sequence[Change], whole: State, part: State) -> State:
    if not changes:
        return State.THERE
    if all(each.make is None for each in changes):
        return State.LEFT
    return whole if any(each.there is None and not each.what for each in changes) else part
