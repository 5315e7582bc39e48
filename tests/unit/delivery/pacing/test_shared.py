"""One row for all processes, on both databases: what each is told, and that together they keep to it."""

from __future__ import annotations

import multiprocessing
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import chain

import pytest
from sqlalchemy import func, select

from newsletter.delivery.account import AccountUnavailable
from newsletter.delivery.pacing.gauge import Gauge, Rules
from newsletter.delivery.pacing.models import PaceMinute
from newsletter.delivery.pacing.rate import Lane, allowance
from newsletter.delivery.pacing.rows import Rows, read_gauge
from newsletter.delivery.pacing.shared import SharedPace
from newsletter.delivery.pacing.state import pace_state
from newsletter.delivery.pacing.warmup import Warmup
from newsletter.errors import Hold, StopCampaign
from subscribers.clock import utc_now
from subscribers.database import Database
from tests.fakes.pacing import FakeAccount, Stopped, account, let_pass, slots_of_a_process
from tests.fixtures.patience import PATIENCE

FAST = 100_000.0


def pace(database: Database, lane: Lane = Lane.BULK, **more: object) -> SharedPace:
    values: dict[str, object] = {"account": FakeAccount(account(max_rate=FAST)), **more}
    rules, rows = values.pop("rules", Rules()), values.pop("rows", Rows(database, utc_now))
    return SharedPace(rows, rules, lane, **values)  # type: ignore[arg-type]  # by name, as it takes them


def gauge(database: Database) -> Gauge:
    with database.read() as session:
        return read_gauge(session)


def most_within_a_second(slots: list[tuple[datetime, int]]) -> int:
    second = timedelta(seconds=1)
    return max(sum(n for at, n in slots if begin <= at < begin + second) for begin, _ in slots)


def test_processes_and_threads_together_never_exceed_a_second(database: Database, database_url: str) -> None:
    limit, calls = 200.0, 60
    rules = Rules(cap=limit)
    lanes = [Lane.BULK, Lane.BULK, Lane.BULK, Lane.PREVIEW]
    with ProcessPoolExecutor(4, mp_context=multiprocessing.get_context("spawn")) as pool:
        asked = [pool.submit(slots_of_a_process, database_url, rules, lane, calls, 3) for lane in lanes]
        slots = sorted(chain.from_iterable(each.result(PATIENCE) for each in asked))
    total = sum(n for _, n in slots)
    assert len(slots) == 4 * calls
    assert most_within_a_second(slots) <= limit
    bulk = sorted(chain.from_iterable(each.result() for each in asked[:3]))
    took = (bulk[-1][0] - bulk[0][0]).total_seconds()
    assert sum(n for _, n in bulk[:-1]) <= allowance(limit, Lane.BULK).rate * took + 1e-6
    with database.read() as session:
        filed = session.scalar(select(func.coalesce(func.sum(PaceMinute.recipients), 0))) or 0
        after = read_gauge(session)
    assert filed + after.this_minute == after.since_look == total, "nobody's promise was lost"


def test_nobody_gets_the_moment_they_asked_at_instead_of_the_one_they_were_answered_at(database: Database) -> None:
    """Whoever waited for the row has a clock that is older than the slot that was just given away."""
    rows = Rows(database, utc_now)
    moments: list[datetime] = []

    def ask() -> None:
        with rows.held() as row:
            moments.append(row.now)

    with rows.held() as mine:
        waiting = threading.Thread(target=ask)
        waiting.start()
        time.sleep(0.2)
    waiting.join()
    assert moments[0] - mine.now >= timedelta(seconds=0.2)


def test_the_clock_of_a_machine_is_not_what_postgresql_goes_by(postgresql_database: Database) -> None:
    wrong = SharedPace(Rows(postgresql_database, lambda: datetime(1999, 1, 1, tzinfo=UTC)), Rules(cap=10.0))
    assert wrong.reserve(2_000) == 0
    assert 0 < wrong.reserve(1) <= 2_000 / 8.5
    assert abs(gauge(postgresql_database).at - utc_now()) < timedelta(minutes=1)  # type: ignore[operator]  # written


def test_a_slot_of_the_ledgers_transaction_is_like_any_other_and_goes_back_with_it(database: Database) -> None:
    now = utc_now()
    shared = pace(database, account=None, rules=Rules(cap=10.0), rows=Stopped(database, lambda: now))
    with database.transact() as connection:
        assert shared.reserve_within(connection, 8) == 0
    with database.engine.connect() as connection:
        assert shared.reserve_within(connection, 8) is not None
        connection.rollback()
    assert gauge(database).since_look == 8
    assert shared.reserve(1) == pytest.approx(8 / 8.5, abs=1e-5), "one line for both ways"
    assert shared.joins is database.is_sqlite, "nobody waits for the disk while PostgreSQL's row is held"


def test_a_transaction_of_the_ledger_neither_asks_the_account_nor_takes_that_from_whoever_does(
    database: Database,
) -> None:
    asked = FakeAccount(account(max_rate=FAST))
    shared = pace(database, account=asked)
    with database.transact() as connection:
        assert shared.reserve_within(connection, 1) is None
    assert (asked.looks, gauge(database)) == (0, Gauge())
    assert shared.reserve(1) == 0
    assert asked.looks == 1


def test_threads_that_begin_together_ask_the_account_once(database: Database) -> None:
    asked = FakeAccount()
    shared = pace(database, account=asked)
    together = threading.Barrier(6)

    def reserve(_: int) -> float:
        together.wait()
        return shared.reserve(1)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(reserve, range(6)))
    assert asked.looks == 1
    assert gauge(database).since_look == 6


def test_workers_ask_the_account_in_turn_once_a_minute(database: Database) -> None:
    asked = FakeAccount()
    workers = [pace(database, account=asked) for _ in range(5)]
    for _ in range(3):
        for worker in workers:
            worker.reserve(1)
        let_pass(database, timedelta(seconds=61))
    assert asked.looks == 3


def test_an_account_that_does_not_answer_stops_a_campaign_before_it_begins(database: Database) -> None:
    asked = FakeAccount(AccountUnavailable("no route to SES."))
    with pytest.raises(StopCampaign, match=r"may send\. It did not: no route to SES"):
        pace(database, account=asked).reserve(1)
    with database.read() as session:
        (warning,) = pace_state(session, utc_now()).warnings
    assert "no route to SES" in warning


def test_an_account_that_stops_answering_stops_nobody_who_is_under_way(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    asked = FakeAccount()
    shared = pace(database, account=asked)
    shared.reserve(1)
    asked.state = AccountUnavailable("no route to SES.")
    for _ in range(5):
        let_pass(database, timedelta(minutes=5))
        shared.reserve(1)
    assert asked.looks == 6
    assert set(caplog.messages) == {
        "Sending goes on with what Amazon SES allowed when it was asked last: no route to SES."
    }
    asked.state = account()
    let_pass(database, timedelta(minutes=5))
    shared.reserve(1)
    with database.read() as session:
        assert pace_state(session, utc_now()).warnings == ()
    let_pass(database, timedelta(hours=2))
    asked.state = AccountUnavailable("no route to SES.")
    with pytest.raises(StopCampaign):
        shared.reserve(1)


def test_a_suspended_account_stops_the_campaign_with_what_to_do(database: Database) -> None:
    with pytest.raises(StopCampaign, match="Support Center"):
        pace(database, account=FakeAccount(account(enforcement="SHUTDOWN"))).reserve(1)


def test_the_quota_holds_until_it_has_room_and_everybody_can_see_it(database: Database) -> None:
    asked = FakeAccount(account(quota=100, max_rate=FAST))
    shared = pace(database, account=asked)
    shared.reserve(100)
    let_pass(database, timedelta(hours=3))
    asked.state = account(quota=100, sent=100, max_rate=FAST)
    with pytest.raises(Hold, match="quota of 24 hours") as hold:
        shared.reserve(1)
    now = utc_now()
    assert timedelta(hours=20, minutes=58) < hold.value.until - now < timedelta(hours=21, minutes=2)
    with database.read() as session:
        state = pace_state(session, now)
        assert pace_state(session, hold.value.until).hold is None
    assert state.hold is not None
    assert state.hold.as_json() == {"reason": str(hold.value), "until": hold.value.until.isoformat()}
    assert hold.value.until.tzinfo is UTC
    let_pass(database, timedelta(hours=21, minutes=2))
    asked.state = account(quota=100, sent=0, max_rate=FAST)
    assert shared.reserve(1) == 0
    with database.read() as session:
        assert pace_state(session, utc_now()).hold is None


def test_what_others_have_taken_is_seen_by_all(database: Database) -> None:
    asked = FakeAccount(account(quota=100, max_rate=FAST))
    first, second = pace(database, account=asked), pace(database, account=asked)
    first.reserve(60)
    second.reserve(1)
    assert second.largest_call() == 39
    second.reserve(39)
    with pytest.raises(Hold):
        first.reserve(1)


def test_what_is_scheduled_keeps_its_part_of_the_quota(database: Database) -> None:
    def later(session: object, now: datetime) -> int:
        assert session is not None
        assert abs(now - utc_now()) < timedelta(minutes=1)
        return 80

    asked = FakeAccount(account(quota=100, max_rate=FAST))
    shared = pace(database, account=asked, reserved_for_later=later)
    shared.reserve(20)
    with pytest.raises(Hold, match="80 are kept for what is scheduled"):
        shared.reserve(1)
    pace(database, Lane.PREVIEW, account=asked).reserve(1)


def test_warm_up_counts_what_all_of_them_sent_today(database: Database) -> None:
    today = utc_now().date()
    rules = Rules(warmup=Warmup(today, (30, 40)))
    workers = [pace(database, rules=rules, account=None) for _ in range(3)]
    for worker in workers:
        worker.reserve(10)
    with pytest.raises(Hold, match="warm-up allows 30 recipients") as hold:
        workers[0].reserve(1)
    assert hold.value.until == datetime.combine(today + timedelta(days=1), datetime.min.time(), UTC)
    let_pass(database, timedelta(days=1))
    tomorrow = pace(
        database, rules=Rules(warmup=Warmup(date.fromordinal(today.toordinal() - 1), (30, 40))), account=None
    )
    assert tomorrow.reserve(40) == 0


def test_a_refusal_slows_everybody_down_and_is_said_until_it_is_over(database: Database) -> None:
    asked = FakeAccount(account(max_rate=14.0))
    now = utc_now()
    first, second = (pace(database, account=asked, rows=Stopped(database, lambda: now)) for _ in range(2))
    first.reserve(1)
    let_pass(database, timedelta(seconds=10))
    first.throttled()
    assert 0 < second.reserve(1) <= 2
    assert asked.looks == 2
    with database.read() as session:
        (warning,) = pace_state(session, now).warnings
    assert "50%" in warning
    let_pass(database, timedelta(seconds=30))
    with database.read() as session:
        (warning,) = pace_state(session, now).warnings
    assert "80%" in warning
    let_pass(database, timedelta(seconds=30))
    with database.read() as session:
        assert pace_state(session, now).warnings == ()


def test_used_up_holds_though_the_account_counts_less(database: Database) -> None:
    shared = pace(database)
    shared.reserve(1)
    let_pass(database, timedelta(seconds=10))
    shared.used_up()
    with pytest.raises(Hold, match="says that the quota of 24 hours is used up") as hold:
        shared.reserve(1)
    assert hold.value.until > utc_now() + timedelta(minutes=4)


def test_minutes_are_filed_and_in_the_end_forgotten(database: Database) -> None:
    shared = pace(database)
    for _ in range(4):
        shared.reserve(7)
        let_pass(database, timedelta(hours=15))
    shared.reserve(1)
    with database.read() as session:
        assert list(session.scalars(select(PaceMinute.recipients))) == [7, 7, 7]


def test_the_first_call_is_as_large_as_others_have_learnt(database: Database) -> None:
    assert pace(database).largest_call() == 1
    pace(database, account=FakeAccount(account(max_rate=100.0))).reserve(1)
    assert pace(database).largest_call() == 16


@pytest.mark.parametrize(
    ("state", "words"), [({"enforcement": "PROBATION"}, "review"), ({"production": False}, "sandbox")]
)
def test_what_a_person_should_know_of_the_account_is_said(
    database: Database, state: dict[str, object], words: str
) -> None:
    pace(database, account=FakeAccount(account(**state))).reserve(1)  # type: ignore[arg-type]  # by name
    with database.read() as session:
        (warning,) = pace_state(session, utc_now()).warnings
        assert pace_state(session, utc_now() + timedelta(hours=2)).warnings == (), "no news any more"
    assert words in warning


def test_without_an_account_nothing_is_asked_and_without_a_limit_nothing_waits(database: Database) -> None:
    free = pace(database, account=None)
    assert [free.reserve(10_000) for _ in range(3)] == [0, 0, 0]
