"""The life of a campaign, as the table says it."""

from __future__ import annotations

from itertools import product

import pytest

from newsletter.delivery.lifecycle import ENDED, TRANSITIONS, Event, State, after, sources, target
from newsletter.errors import Refused


def test_the_way_from_planning_to_sent_with_a_pause_between() -> None:
    state = State.SCHEDULED
    for event in (Event.START, Event.PLANNED, Event.PAUSE, Event.RESUME, Event.FINISH):
        state = after(state, event)
    assert state is State.SENT


def test_nothing_leads_out_of_the_end_but_taking_outcomes_back() -> None:
    assert {(state, event) for state, event in TRANSITIONS if state in ENDED} == {(State.SENT, Event.REOPEN)}


@pytest.mark.parametrize("state", sorted(set(State) - ENDED))
def test_whatever_has_not_ended_can_be_cancelled(state: State) -> None:
    assert after(state, Event.CANCEL) is State.CANCELLED


def test_only_a_campaign_that_is_sending_can_be_finished() -> None:
    assert sources(Event.FINISH) == (State.SENDING,)


@pytest.mark.parametrize("event", list(Event))
def test_every_event_leads_to_one_state_from_wherever_it_may_happen(event: Event) -> None:
    assert {after(state, event) for state in sources(event)} == {target(event)}


def test_what_the_table_does_not_have_is_refused_with_what_is_possible() -> None:
    for state, event in product(State, Event):
        if (state, event) not in TRANSITIONS:
            with pytest.raises(Refused, match=f"{state} cannot be given `{event}`"):
                after(state, event)
    with pytest.raises(Refused, match=r"cannot be given `pause`\.$"):
        after(State.SENT, Event.PAUSE)
    with pytest.raises(Refused, match="cannot be given `start`, only `cancel` or `pause`"):
        after(State.SENDING, Event.START)
