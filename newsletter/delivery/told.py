"""What a transport said, as the ledger keeps it: of a call that was made, and of one whose worker died."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from newsletter.delivery.ledger import Result
from newsletter.delivery.transport import UNTRIED, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from newsletter.delivery.ledger import Person
    from newsletter.delivery.transport import Outcome

_INTERRUPTED = "the sender was interrupted while it handed the mail over"
_STATES = {Verdict.ACCEPTED: "sent", Verdict.REJECTED: "failed", Verdict.UNCERTAIN: "uncertain"}


class Told(NamedTuple):
    """The people of a call, by what is to follow."""

    results: list[Result]
    untried: list[Person]
    """As if the call had not been."""
    put_off: list[Person]
    """To be tried again later."""


def told(people: Sequence[Person], outcomes: Sequence[Outcome], *, may_put_off: bool) -> Told:
    """Sort the people of a call that was made; where nobody may be put off (any more), they failed."""
    found = Told([], [], [])
    for person, outcome in zip(people, outcomes, strict=True):
        if outcome.verdict in UNTRIED:
            found.untried.append(person)
        elif outcome.verdict is Verdict.RETRY and may_put_off:
            found.put_off.append(person)
        else:
            state = _STATES.get(outcome.verdict, "failed")
            found.results.append(Result(person.subscriber_id, state, outcome.reason, outcome.message_id))
    return found


def settled(subscribers: Mapping[str, int], known: Mapping[str, bool]) -> list[Result]:
    """Return the outcomes of an interrupted call by what is `known` of its deliveries; by their ids, both.

    Who certainly got nothing has no outcome, and their turn comes again; of whom nothing is known stays uncertain.
    """
    return [
        Result(subscriber, "sent") if known.get(delivery_id) else Result(subscriber, "uncertain", _INTERRUPTED)
        for delivery_id, subscriber in subscribers.items()
        if known.get(delivery_id) is not False
    ]
