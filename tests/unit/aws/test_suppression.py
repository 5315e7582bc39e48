"""Our suppression list and the account's come together, in both directions, and stay so; over a socket."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from newsletter.aws.refusals import NotReached, Throttled
from newsletter.aws.service import Aws
from newsletter.aws.suppression import Sync
from newsletter.aws.suppression_page import Synced
from newsletter.feedback.models import AccountList, AccountSuppression
from newsletter.simulator.client import SimulatorClient
from subscribers.clock import utc_now
from subscribers.database import Database
from subscribers.suppression import Reason, reinstate, suppress, suppressions
from tests.fixtures.patience import PATIENCE
from tests.fixtures.simulator import client


@pytest.fixture
def aws(aws_environment: SimulatorClient) -> Iterator[Aws]:
    assert aws_environment.url
    there = Aws(timeout=PATIENCE)
    yield there
    there.close()


class Killed(Exception):  # noqa: N818 - what it is
    """As if the process was killed."""


class Paged(Aws):
    """Asks for two addresses a page, and breaks off, once, at the call of that number."""

    breaks_at = 0
    calls = 0

    def ask(self, service: str, operation: str, **said: object) -> dict[str, Any]:
        self.calls += 1
        if self.calls == self.breaks_at:
            raise Killed
        return super().ask(service, operation, **{**said, **({"PageSize": 2} if "PageSize" in said else {})})


def sync(database: Database, aws: Aws, **more: Any) -> Sync:  # noqa: ANN401 - the arguments of Sync
    return Sync(database=database, account=aws, clock=utc_now, wait=lambda _: False, **more)


def put(simulator: SimulatorClient, *addresses: str, reason: str = "BOUNCE") -> None:
    ses = client("sesv2", simulator)
    for address in addresses:
        ses.put_suppressed_destination(EmailAddress=address, Reason=reason)


def account(simulator: SimulatorClient) -> dict[str, str]:
    said = client("sesv2", simulator).list_suppressed_destinations()["SuppressedDestinationSummaries"]
    return {each["EmailAddress"]: each["Reason"] for each in said}


def ours(database: Database) -> dict[str, str]:
    with database.read() as session:
        return {each.email: each.reason.value for each in suppressions(session)}


def suppress_here(database: Database, **reasons: Reason) -> None:
    with database.write() as session:
        for name, reason in reasons.items():
            suppress(session, f"{name}@here.example", reason, source="test", now=utc_now())


def let_go(database: Database, email: str) -> None:
    with database.write() as session:
        reinstate(session, email, source="cli", now=utc_now())


def test_both_lists_hold_both_then(database: Database, aws: Aws, simulator: SimulatorClient) -> None:
    put(simulator, "A@There.example")
    put(simulator, "b@there.example", reason="COMPLAINT")
    suppress_here(database, c=Reason.BOUNCE, d=Reason.COMPLAINT, e=Reason.MANUAL)
    planned = sync(database, aws).plan()
    assert len(account(simulator)) == 2
    assert len(ours(database)) == 3
    assert sync(database, aws).run() == planned == Synced(imported=2, put=2)
    assert ours(database) == {
        "a@there.example": "bounce", "b@there.example": "complaint", "c@here.example": "bounce",
        "d@here.example": "complaint", "e@here.example": "manual",
    }  # fmt: skip
    assert account(simulator) == {
        "A@There.example": "BOUNCE", "b@there.example": "COMPLAINT", "c@here.example": "BOUNCE",
        "d@here.example": "COMPLAINT",
    }  # fmt: skip
    assert sync(database, aws).run() == sync(database, aws).plan() == Synced()


def test_what_is_let_go_here_is_taken_off_there_if_it_was_put_there_from_here(
    database: Database, aws: Aws, simulator: SimulatorClient
) -> None:
    put(simulator, "A@there.example")
    suppress_here(database, c=Reason.BOUNCE)
    sync(database, aws).run()
    let_go(database, "a@there.example")
    let_go(database, "c@here.example")
    assert sync(database, aws).plan() == Synced(deleted=1, let_go=1)
    assert sync(database, aws).run() == Synced(deleted=1, let_go=1)
    assert (account(simulator), ours(database)) == ({"A@there.example": "BOUNCE"}, {})
    assert sync(database, aws).run() == Synced(let_go=1), "it is not brought back"
    assert sync(database, aws).run(delete_others=True) == Synced(deleted=1)
    assert account(simulator) == {}


def test_what_the_account_puts_there_again_is_suppressed_here_again(
    database: Database, aws: Aws, simulator: SimulatorClient
) -> None:
    put(simulator, "a@there.example")
    sync(database, aws).run()
    let_go(database, "a@there.example")
    simulator.advance(3600)
    put(simulator, "a@there.example")
    assert sync(database, aws).run() == Synced(imported=1)
    assert ours(database) == {"a@there.example": "bounce"}


def test_what_somebody_else_takes_off_there_is_put_there_again(
    database: Database, aws: Aws, simulator: SimulatorClient
) -> None:
    suppress_here(database, c=Reason.BOUNCE)
    sync(database, aws).run()
    client("sesv2", simulator).delete_suppressed_destination(EmailAddress="c@here.example")
    assert sync(database, aws).run() == Synced(put=1)


def test_the_erased_are_kept_nowhere(database: Database, aws: Aws, simulator: SimulatorClient) -> None:
    put(simulator, "gone@there.example", "a@there.example")
    found = sync(database, aws, is_erased=lambda email: email.startswith("gone")).run()
    assert found == Synced(imported=1, erased=1)
    assert list(ours(database)) == ["a@there.example"]
    with database.read() as session:
        assert session.scalars(select(AccountSuppression.email)).all() == ["a@there.example"]


class Away(Paged):
    """Is out of reach at one call."""

    def ask(self, service: str, operation: str, **said: object) -> dict[str, Any]:
        try:
            return super().ask(service, operation, **said)
        except Killed:
            raise NotReached("nothing answers", "wait") from None


@pytest.mark.parametrize("at", [1, 2])
def test_an_account_out_of_reach_is_asked_again_once_it_has_answered(
    database: Database, aws_environment: SimulatorClient, at: int
) -> None:
    put(aws_environment, *(f"p{number}@there.example" for number in range(5)))
    there = Away(timeout=5)
    there.breaks_at = at
    with contextlib.nullcontext() if at > 1 else pytest.raises(NotReached):
        sync(database, there).run()
    there.close()
    assert (there.calls, len(ours(database))) == ((1, 0) if at == 1 else (4, 5))


@pytest.mark.parametrize("breaks_at", range(1, 7))
def test_broken_off_anywhere_it_goes_on(database: Database, aws_environment: SimulatorClient, breaks_at: int) -> None:
    simulator = aws_environment
    put(simulator, *(f"p{number}@there.example" for number in range(5)))
    suppress_here(database, c=Reason.BOUNCE, d=Reason.BOUNCE, e=Reason.BOUNCE)
    there = Paged(timeout=PATIENCE)
    there.breaks_at = breaks_at
    with contextlib.suppress(Killed):
        sync(database, there).run()
    sync(database, there).run()
    there.close()
    assert len(ours(database)) == len(account(simulator)) == 8
    if breaks_at <= 3:  # the three pages
        assert there.calls == 6 + 1, "pages that were read are not read again"
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(AccountList)) == 0


def test_it_keeps_the_pace_and_waits_where_ses_is_asked_too_much(
    database: Database, aws: Aws, simulator: SimulatorClient
) -> None:
    suppress_here(database, c=Reason.BOUNCE, d=Reason.BOUNCE)
    waited: list[float] = []

    def wait(seconds: float) -> bool:
        if seconds:
            waited.append(seconds)
        return False

    simulator.add_fault("throttle", operations=["PutSuppressedDestination"], next=4)
    paced = Sync(database=database, account=aws, clock=utc_now, wait=wait, rate=2.0)
    assert paced.run() == Synced(put=2)
    assert waited[0] == 0.5
    assert max(waited) > 0.5
    simulator.add_fault("throttle", operations=["ListSuppressedDestinations"], probability=1.0)
    with pytest.raises(Throttled, match="again in a while"):
        paced.run()


def test_it_stops_between_calls(database: Database, aws: Aws, simulator: SimulatorClient) -> None:
    suppress_here(database, c=Reason.BOUNCE, d=Reason.BOUNCE)
    stopped: Callable[[float], bool] = lambda _: len(account(simulator)) > 0  # noqa: E731 - one line
    assert Sync(database=database, account=aws, clock=utc_now, wait=stopped).run() == Synced(put=1)
    assert len(account(simulator)) == 1


def test_a_page_that_is_not_known_any_more_is_the_first_one(
    database: Database, aws: Aws, simulator: SimulatorClient
) -> None:
    put(simulator, "a@there.example")
    with database.write() as session:
        session.add(AccountList(region=aws.region, token="of last week", began_at=utc_now()))
    code = {"code": "InvalidNextTokenException", "http_status": 400, "next": 1}
    simulator.add_fault("answer", operations=["ListSuppressedDestinations"], **code)
    assert sync(database, aws).run() == Synced(imported=1)
