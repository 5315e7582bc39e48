"""What is kept for a while only goes when its time is over, and not before; a log is never changed but for networks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from subscribers.database import Database
from subscribers.errors import NotFound
from subscribers.lifecycle import Status
from subscribers.models import Confirmation, Consent, Formerly, Subscriber
from subscribers.privacy.retention import due_of, of_list, of_people, run
from tests.factories.people import NOW
from tests.unit.subscribers.conftest import Desk

ADA, ZOE = "ada@reader.example", "zoe@reader.example"


def _let_go(desk: Desk) -> dict[str, int]:
    rules = [*of_list(desk.publication, desk.now), *of_people([desk.publication], desk.now)]
    with desk.database.read() as session:
        due = dict(due_of(session, rules))
    assert dict(run(desk.database, rules, lambda _: False)) == due, "the plan says what happens"
    return {what: rows for what, rows in due.items() if rows}


def test_a_request_that_nobody_confirmed_goes_with_its_person(desk: Desk) -> None:
    desk.request(ADA)
    desk.joined(ZOE)
    desk.wait(days=desk.publication.policies.unconfirmed_days)
    assert _let_go(desk) == {}
    desk.wait(seconds=1)
    assert _let_go(desk) == {"unconfirmed": 1}
    with desk.database.read() as session:
        assert set(session.scalars(select(Subscriber.email))) == {ZOE}
        assert len(session.scalars(select(Confirmation)).all()) == 1


def test_who_asks_again_is_kept_again(desk: Desk) -> None:
    desk.request(ADA)
    desk.wait(days=desk.publication.policies.unconfirmed_days)
    desk.request(ADA)
    desk.wait(days=1)
    assert _let_go(desk) == {}


def test_who_had_left_before_stays_somebody_who_left(desk: Desk) -> None:
    """Else an old file would bring them back."""
    desk.leave(desk.joined(ADA))
    desk.wait(days=1)
    desk.request(ADA)
    desk.wait(days=desk.publication.policies.unconfirmed_days + 1)
    assert _let_go(desk) == {}
    assert desk.status(ADA) is Status.UNSUBSCRIBED


def test_networks_go_and_the_log_stays(desk: Desk) -> None:
    number = desk.joined(ADA)
    before = list(desk.log(number))
    desk.wait(days=desk.publication.policies.ip_days, seconds=1)
    assert _let_go(desk)["networks"] == len(before)
    assert list(desk.log(number)) == before
    with desk.database.read() as session:
        assert {(row.ip, row.wording) for row in session.scalars(select(Consent))} == {("", "I want this letter (v1)")}


def test_links_and_former_names_go_when_they_have_had_their_time(desk: Desk) -> None:
    number = desk.joined(ADA)
    link = desk.post.orders[0].confirmation_id
    with desk.database.write() as session:
        session.add(Formerly(subscriber_id=number, email=ZOE, name="Ada", until=NOW))
    desk.wait(days=desk.publication.policies.confirm_days + 91)
    assert _let_go(desk)["confirmations"] == 1
    desk.wait(weeks=desk.publication.policies.ledger_weeks)
    assert _let_go(desk)["former names"] == 1
    with pytest.raises(NotFound):
        desk.confirm(link)


@pytest.mark.parametrize("column", [column.name for column in Consent.__table__.columns])
def test_the_database_itself_refuses_to_change_the_log(desk: Desk, column: str) -> None:
    desk.joined(ADA)
    value: object = {"at": NOW - timedelta(days=1), "action": "paused", "ip": "203.0.113.0/24"}.get(column, 4711)
    value = str(value) if column in {"source", "wording", "detail", "language"} else value
    changed = update(Consent).values(**{column: value})
    with pytest.raises(DBAPIError, match=r"append-only|FOREIGN KEY"), desk.database.write() as session:
        session.execute(changed)


def test_stopped_at_once_nothing_goes(database: Database) -> None:
    assert dict(run(database, of_people([], NOW), lambda _: True)) == {
        "confirmations": 0,
        "former names": 0,
        "attempts": 0,
    }
