"""Two connections at once: the same address asked for, the same button pressed, two people at one address."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from subscribers.errors import AlreadyExists, Expired, Refused
from subscribers.lifecycle import Status
from subscribers.models import Subscriber
from subscribers.repository import find
from tests.factories.people import make_list
from tests.unit.subscribers.conftest import Desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from subscribers.database import Database

EMAIL = "nora@example.org"
AT_ONCE = 4


@pytest.fixture
def desk(postgresql_database: Database) -> Desk:
    """Return a list in a database that lets several write at once."""
    return Desk(postgresql_database, make_list(postgresql_database))


def at_once(*verbs: Callable[[], object]) -> list[object]:
    """Begin all of them together; return what each returned, or was refused with."""
    barrier = Barrier(len(verbs))

    def run(verb: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return verb()
        except Refused as refusal:
            return refusal

    with ThreadPoolExecutor(len(verbs)) as threads:
        return list(threads.map(run, verbs))


def test_one_address_asked_for_at_once_is_one_person_with_one_mail(desk: Desk) -> None:
    for number in range(5):
        email = f"person-{number}@example.org"
        assert at_once(*[partial(desk.request, email)] * AT_ONCE) == [None] * AT_ONCE
    with desk.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Subscriber)) == 5
    assert desk.post.kinds() == ["confirm"] * 5


def test_one_button_pressed_at_once_joins_once(desk: Desk) -> None:
    desk.request(EMAIL)
    results = at_once(*[desk.confirm] * AT_ONCE)
    assert sorted(result.again for result in results) == [False, True, True, True]  # type: ignore[attr-defined]  # none of them is an error
    assert desk.post.kinds() == ["confirm", "welcome"]
    assert desk.log(desk.post.last.subscriber_id) == ["requested", "confirmed"]


def test_leaving_and_confirming_at_once_end_in_one_of_the_two(desk: Desk) -> None:
    for number in range(5):
        email = f"person-{number}@example.org"
        desk.request(email)
        order = desk.post.orders[-1]
        _, confirmed = at_once(partial(desk.leave, order.subscriber_id), partial(desk.confirm, order.confirmation_id))
        assert desk.status(email) is Status.UNSUBSCRIBED, "who leaves is out, whichever came first"
        assert isinstance(confirmed, Expired) or desk.post.kinds()[-1] == "welcome"


def test_two_people_who_move_to_one_address_at_once_do_not_become_one(desk: Desk) -> None:
    people = [desk.joined(f"person-{number}@example.org") for number in range(2)]
    desk.wait(hours=1)
    numbers = []
    for subscriber in people:
        desk.wait(minutes=10)
        desk.change_address(subscriber, EMAIL)
        numbers.append(desk.post.last.confirmation_id)
    results = at_once(*(partial(desk.confirm, number) for number in numbers))
    assert sum(isinstance(result, AlreadyExists) for result in results) == 1
    with desk.database.read() as session:
        assert find(session, EMAIL) is not None
        assert session.scalar(select(func.count()).select_from(Subscriber)) == 2


def test_a_request_for_two_lists_at_once_is_one_person(desk: Desk) -> None:
    other = replace(desk, publication=make_list(desk.database, "other"))
    assert at_once(lambda: desk.request(EMAIL), lambda: other.request(EMAIL)) == [None, None]
    assert len(desk.post.orders) == 1, "the second is within five minutes"
