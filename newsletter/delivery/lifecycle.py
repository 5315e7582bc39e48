"""The life of a campaign: scheduled → planning → sending ⇄ paused → sent, or cancelled. Pure."""

from __future__ import annotations

from enum import StrEnum

from newsletter.errors import Refused


class State(StrEnum):
    """Where a campaign stands."""

    SCHEDULED = "scheduled"
    PLANNING = "planning"
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"
    CANCELLED = "cancelled"


class Event(StrEnum):
    """What can happen to a campaign."""

    START = "start"
    PLANNED = "planned"
    """The plan is written, all of it."""
    PAUSE = "pause"
    RESUME = "resume"
    REPLAN = "replan"
    """Resumed, but paused before there was a plan."""
    FINISH = "finish"
    """Every planned delivery has an outcome."""
    REOPEN = "reopen"
    """Some of those outcomes were taken back, to be tried again."""
    CANCEL = "cancel"


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.SCHEDULED, Event.START): State.PLANNING,
    (State.SCHEDULED, Event.CANCEL): State.CANCELLED,
    (State.PLANNING, Event.PLANNED): State.SENDING,
    # whoever is planning finds the state changed at the end and takes the whole plan back
    (State.PLANNING, Event.PAUSE): State.PAUSED,
    (State.PLANNING, Event.CANCEL): State.CANCELLED,
    (State.SENDING, Event.PAUSE): State.PAUSED,
    (State.SENDING, Event.FINISH): State.SENT,
    (State.SENDING, Event.CANCEL): State.CANCELLED,
    # a person asks for those who failed, or says that nobody in doubt got it
    (State.SENT, Event.REOPEN): State.SENDING,
    (State.PAUSED, Event.RESUME): State.SENDING,
    (State.PAUSED, Event.REPLAN): State.PLANNING,
    (State.PAUSED, Event.CANCEL): State.CANCELLED,
}

_A_PERSONS = (Event.START, Event.PAUSE, Event.RESUME, Event.CANCEL)
"""What somebody can ask for by that name."""

UNDER_WAY = frozenset({State.PLANNING, State.SENDING})
ENDED = frozenset({State.SENT, State.CANCELLED})
"""Nothing goes on by itself in these."""


def sources(event: Event) -> tuple[State, ...]:
    """Return the states in which `event` can happen: the condition of the UPDATE that carries it out."""
    return tuple(state for state, possible in TRANSITIONS if possible is event)


def target(event: Event) -> State:
    """Return the state that `event` leads to; it is the same from wherever it happens."""
    (state,) = {to for (_, possible), to in TRANSITIONS.items() if possible is event}
    return state


def after(state: State, event: Event) -> State:
    """Return the state after `event`; raises Refused where it cannot happen."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        possible = " or ".join(f"`{word}`" for word in sorted(_A_PERSONS) if (state, word) in TRANSITIONS)
        raise Refused(
            f"A campaign that is {state} cannot be given `{event}`{f', only {possible}' if possible else ''}."
        ) from None
