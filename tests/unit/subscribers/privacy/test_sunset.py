"""Who says nothing for months is asked once, and goes if they do not answer; who reads is left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from subscribers.lifecycle import Status
from subscribers.privacy.sunset import ask_the_silent, let_the_unanswered_go, listen, seen, silence, silent_since
from subscribers.publication import Policies
from tests.factories.people import NOW
from tests.unit.subscribers.conftest import Desk

ADA = "ada@reader.example"


@pytest.fixture
def evening(desk: Desk) -> Desk:
    """A list that asks after six months, and listens from today on."""
    desk.publication = replace(desk.publication, policies=Policies(sunset_months=6))
    with desk.database.write() as session:
        listen(session, desk.publication, desk.now)
    return desk


def _ask(desk: Desk) -> int:
    with desk.database.write() as session:
        return ask_the_silent(session, desk.publication, post=desk.post, now=desk.now, limit=10)


def _let_go(desk: Desk, *, reached: bool = True) -> int:
    with desk.database.write() as session:
        _, gone = let_the_unanswered_go(
            session, desk.publication, reached=lambda _, asked: asked if reached else (), now=desk.now, limit=10
        )
    return gone


def test_who_is_silent_is_asked_once_and_goes_without_an_answer(evening: Desk) -> None:
    number = evening.joined(ADA)
    evening.wait(days=180)
    assert _ask(evening) == 0
    evening.wait(days=10)
    with evening.database.read() as session:
        assert silence(session, evening.publication, evening.now).silent == 1
    assert (_ask(evening), _ask(evening)) == (1, 0)
    assert evening.post.kinds()[-1] == "re-permission"
    evening.wait(days=29)
    assert _let_go(evening) == 0
    evening.wait(days=1)
    assert (_let_go(evening), _let_go(evening)) == (1, 0)
    assert evening.status(ADA) is Status.UNSUBSCRIBED
    assert list(evening.log(number))[-1] == "unsubscribed"


@pytest.mark.parametrize("sign", ["read", "wrote", "answered"])
def test_a_sign_of_life_after_the_question_keeps_them(evening: Desk, sign: str) -> None:
    number = evening.joined(ADA)
    evening.wait(days=190)
    assert _ask(evening) == 1
    evening.wait(days=3)
    if sign == "read":
        with evening.database.write() as session:
            assert seen(session, [(evening.publication.id, number)], evening.now) == 1
    elif sign == "wrote":
        evening.wish(number, topics=("ct",))
    else:
        evening.confirm()
    evening.wait(days=40)
    assert _let_go(evening) == 0
    assert _ask(evening) == 0
    evening.wait(days=160)
    assert _ask(evening) == 1, "months later they are asked anew"


def test_who_reads_is_not_asked(evening: Desk) -> None:
    number = evening.joined(ADA)
    for _ in range(8):
        evening.wait(days=100)
        with evening.database.write() as session:
            assert [seen(session, [(evening.publication.id, number)], evening.now) for _ in range(2)] == [1, 0]
        assert _ask(evening) == 0


def test_who_was_not_reached_was_not_asked(evening: Desk) -> None:
    evening.joined(ADA)
    evening.wait(days=190)
    assert _ask(evening) == 1
    evening.wait(days=31)
    assert _let_go(evening, reached=False) == 0
    assert evening.status(ADA) is Status.ACTIVE
    assert _ask(evening) == 1


def test_nobody_is_silent_for_longer_than_somebody_listens(desk: Desk) -> None:
    number = desk.joined(ADA)
    desk.wait(days=1000)
    desk.publication = replace(desk.publication, policies=Policies(sunset_months=6))
    with desk.database.write() as session:
        assert seen(session, [(desk.publication.id, number)], desk.now) == 0, "not noted before"
        listen(session, desk.publication, desk.now)
    assert _ask(desk) == 0
    desk.wait(days=190)
    assert _ask(desk) == 1


def test_without_the_policy_nothing_is_noted_and_nobody_asked(evening: Desk) -> None:
    number = evening.joined(ADA)
    evening.publication = replace(evening.publication, policies=Policies())
    with evening.database.write() as session:
        assert listen(session, evening.publication, evening.now) is None
        assert seen(session, [(evening.publication.id, number)], evening.now) == 0
    evening.wait(days=1000)
    assert (_ask(evening), _let_go(evening)) == (0, 0)


def test_months_are_those_of_the_calendar(evening: Desk) -> None:
    end_of_august = datetime(2026, 8, 31, tzinfo=NOW.tzinfo)
    assert silent_since(evening.publication, end_of_august) == datetime(2026, 2, 28, tzinfo=NOW.tzinfo)
    assert silent_since(evening.publication, NOW.replace(month=1)).year == NOW.year - 1
