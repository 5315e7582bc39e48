"""Whoever sends may die at any step, again and again. Nobody gets a mail twice, and no mail is left without a state."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DataError

from newsletter.delivery.notices.ledger import NoticeLedger
from newsletter.delivery.notices.lifecycle import State
from newsletter.delivery.transport import Outcome, Verdict
from subscribers.ports import NoticeKind
from tests.factories.desk import Desk
from tests.fakes.mortal import Killed, Life, MortalDatabase
from tests.fakes.transports import CountingTransport, World
from tests.fixtures.thoroughness import examples

if TYPE_CHECKING:
    from newsletter.delivery.notices.deciding import Order
    from newsletter.delivery.transport import Addressed

_ENDS = {"sent", "uncertain", "failed", "dropped"}


def run(desk: Desk, world: World, life: Life, *, idempotent: bool, answers: list[Verdict] | None = None) -> bool:
    """Send what is due in a process with that life; return whether it lived to the end."""
    left = iter(answers or ())

    def answer(_: Addressed) -> Outcome:
        return Outcome(next(left, Verdict.ACCEPTED))

    transport = CountingTransport(world, answer=answer, idempotent=idempotent, between=life.step)
    mortal = MortalDatabase(desk.database.engine, life)
    with suppress(Killed):
        desk.sender(transport, ledger=NoticeLedger(mortal, desk.token)).send_due()
        return True
    return False


def check(desk: Desk, world: World) -> None:
    """What must be so at every moment."""
    assert set(world.accepted.values()) <= {1}, "somebody got it twice"
    accepted = {int(delivery_id.rpartition(".")[2]) for delivery_id in world.accepted}
    assert len(accepted) == sum(world.accepted.values()), "somebody got it twice, under two names"
    states = {notice.id: notice.state for notice in desk.notices()}
    assert {number for number, state in states.items() if state == "sent"} <= accepted, "sent, yet nobody got it"
    for number in accepted:
        assert states[number] in {"sent", "uncertain", "claimed"}, "it may be sent once more"


@pytest.mark.parametrize("idempotent", [True, False], ids=["with evidence", "without evidence"])
def test_a_sender_killed_at_any_one_step(desk: Desk, idempotent: bool) -> None:  # noqa: FBT001 - a parameter of the test
    step, doubts = 0, 0
    while True:
        step += 1
        desk.forget()
        desk.ask(NoticeKind.CONFIRM, desk.person())
        world = World()
        whole = run(desk, world, Life(step), idempotent=idempotent)
        check(desk, world)
        desk.let_claims_expire()
        assert run(desk, world, Life(), idempotent=idempotent)
        check(desk, world)
        states = Counter(desk.states())
        assert set(states) <= {"sent", "uncertain"}
        assert states["uncertain"] <= (0 if idempotent else 1), "only the one it died with is in doubt"
        doubts += states["uncertain"]
        if whole:
            break
    assert step > 9
    assert idempotent or doubts, "it never died in a call"


class Refusing(NoticeLedger):
    """A database that takes no outcome, for a reason that does not pass."""

    def end(self, order: Order, state: State, *, reason: str | None = None, message_id: str | None = None) -> None:
        raise DataError("UPDATE", {"order": order.id, "to": state}, ValueError(reason or message_id or "no"))


def test_an_outcome_that_cannot_be_written_is_no_reason_to_send_again(sqlite_desk: Desk) -> None:
    desk, world = sqlite_desk, World()
    desk.ask(NoticeKind.CONFIRM, desk.person())
    with pytest.raises(DataError):
        desk.sender(CountingTransport(world), ledger=Refusing(desk.database, desk.token)).send_due()
    desk.let_claims_expire()
    assert run(desk, world, Life(), idempotent=False)
    assert sum(world.accepted.values()) == 1
    assert desk.states() == ["uncertain"]


@settings(max_examples=examples(10), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lives=st.lists(st.integers(1, 16), max_size=4),
    answers=st.lists(st.sampled_from(Verdict), max_size=6),
    idempotent=st.booleans(),
)
def test_any_chain_of_deaths_and_answers(
    sqlite_desk: Desk,
    lives: list[int],
    answers: list[Verdict],
    idempotent: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    desk, world = sqlite_desk, World()
    desk.forget()
    for kind in (NoticeKind.CONFIRM, NoticeKind.WELCOME):
        desk.ask(kind, desk.person("pending" if kind is NoticeKind.CONFIRM else "active"))
    for steps in lives:
        run(desk, world, Life(steps), idempotent=idempotent, answers=answers)
        check(desk, world)
        desk.let_claims_expire()
    for _ in range(3):  # what was put back waits, and is tried again
        assert run(desk, world, Life(), idempotent=idempotent)
        check(desk, world)
        desk.let_claims_expire()
    assert set(desk.states()) <= _ENDS
    assert len(desk.notices()) == 2
