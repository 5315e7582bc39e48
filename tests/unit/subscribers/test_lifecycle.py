"""The table of transitions, read as sentences."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.errors import Refused
from subscribers.lifecycle import TRANSITIONS, Event, Standing, Status, after, standing

NOW = datetime(2026, 3, 6, 7, 0, tzinfo=UTC)
BY_THEIR_OWN_WISH = {Event.CONFIRM, Event.ADD_BACK, Event.UNDO}


def test_everything_that_can_happen_has_a_row() -> None:
    assert set(TRANSITIONS) == set(Event)


def test_leaving_is_always_possible() -> None:
    assert {after(Event.LEAVE, status) for status in (None, *Status)} == {Status.UNSUBSCRIBED}


def test_nobody_is_active_without_having_confirmed_or_an_admin_who_answers_for_it() -> None:
    ways = {event for event, row in TRANSITIONS.items() if row.get(Status.PENDING) is Status.ACTIVE}
    assert ways == {Event.CONFIRM, Event.ADD, Event.ADD_BACK}


def test_a_request_that_anybody_can_make_moves_nobody() -> None:
    assert all(after(Event.REQUEST, status) is status for status in Status)


def test_nobody_comes_back_from_having_left_but_by_their_own_wish() -> None:
    ways = {
        event
        for event, row in TRANSITIONS.items()
        if row.get(Status.UNSUBSCRIBED, Status.UNSUBSCRIBED) != Status.UNSUBSCRIBED
    }
    assert ways == BY_THEIR_OWN_WISH


def test_a_file_changes_nobodys_standing() -> None:
    assert all(after(Event.IMPORT, status) is status for status in Status)


def test_a_suppressed_address_is_active_again_only_when_that_is_lifted() -> None:
    ways = {event for event, row in TRANSITIONS.items() if row.get(Status.SUPPRESSED) is Status.ACTIVE}
    assert ways == {Event.LIFT}


def test_who_complained_does_not_come_back_when_the_suppression_is_lifted() -> None:
    assert after(Event.LIFT_COMPLAINT, after(Event.SUPPRESS, Status.ACTIVE)) is Status.UNSUBSCRIBED


@given(st.lists(st.sampled_from(sorted(set(Event) - BY_THEIR_OWN_WISH))))
def test_after_leaving_nothing_that_others_do_makes_active(events: list[Event]) -> None:
    status = Status.UNSUBSCRIBED
    for event in events:
        try:
            status = after(event, status)
        except Refused:
            continue
        assert status is not Status.ACTIVE


def test_what_has_no_way_is_refused() -> None:
    with pytest.raises(Refused, match="unsubscribed has no step “add”"):
        after(Event.ADD, Status.UNSUBSCRIBED)
    with pytest.raises(Refused, match="not there"):
        after(Event.SUPPRESS, None)


@pytest.mark.parametrize(
    ("status", "suppressed", "until", "expected"),
    [
        (Status.ACTIVE, False, None, Standing.ACTIVE),
        (Status.ACTIVE, False, NOW, Standing.ACTIVE),
        (Status.ACTIVE, False, NOW + timedelta(seconds=1), Standing.PAUSED),
        (Status.ACTIVE, True, None, Standing.SUPPRESSED),
        (Status.SUPPRESSED, False, None, Standing.SUPPRESSED),
        (Status.UNSUBSCRIBED, True, NOW + timedelta(days=1), Standing.UNSUBSCRIBED),
        (Status.PENDING, False, None, Standing.UNSUBSCRIBED),
    ],
)
def test_standing(status: Status, suppressed: bool, until: datetime | None, expected: Standing) -> None:  # noqa: FBT001 - a column
    assert standing(status, suppressed=suppressed, paused_until=until, now=NOW) is expected


def test_only_an_active_unsuppressed_subscription_that_is_not_paused_gets_mail() -> None:
    cases = product(Status, (True, False), (None, NOW, NOW + timedelta(days=1)))
    good = [case for case in cases if standing(case[0], suppressed=case[1], paused_until=case[2], now=NOW) == "active"]
    assert good == [(Status.ACTIVE, False, None), (Status.ACTIVE, False, NOW)]
