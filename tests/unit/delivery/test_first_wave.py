"""Who goes first, how the plan is cut for it, and what the admins are written when it went badly."""

from __future__ import annotations

import email as mails
from datetime import datetime, timedelta
from email import policy
from math import ceil
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from newsletter.delivery.guarding.alarms import newest, sound
from newsletter.delivery.guarding.finding import Cause, Figures, Finding
from newsletter.delivery.guarding.first_wave import DELIVERED, SMALLEST, cut, wave_size
from newsletter.delivery.guarding.telling import tell_admins
from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Campaign, Planned, Receipt
from newsletter.delivery.pace import Unpaced
from newsletter.delivery.plan import chunks_of_waves
from newsletter.delivery.planning import write_plan
from newsletter.delivery.transport import Outcome, Verdict
from newsletter.issues.models import IssueRow
from newsletter.personalization.message import write_message
from subscribers.lists import ListStore
from subscribers.models import Subscription
from subscribers.publication import Policies
from tests.factories import editions
from tests.factories.campaigns import Stage, make_revision, make_stage
from tests.factories.people import NOW, Choice
from tests.fakes.transports import CountingTransport

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsletter.delivery.transport import Addressed
    from subscribers.database import Database

TWO = (Choice(topics="mri"), Choice(topics="ct"))
groups = st.lists(st.tuples(st.integers(1, 40), st.just(NOW) | st.none()), max_size=6)


@pytest.mark.parametrize(
    ("people", "share", "size"),
    [(999, 0.1, 0), (1000, 0.1, 500), (5000, 0.1, 500), (50_000, 0.1, 5000), (5000, 0, 0), (5000, 0.5, 2500)],
)
def test_how_many_go_first(people: int, share: float, size: int) -> None:
    assert wave_size(people, share) == size


@given(people=st.integers(0, 10**7), share=st.floats(0, 0.5))
def test_a_wave_is_neither_too_small_to_tell_nor_most_of_the_list(people: int, share: float) -> None:
    size = wave_size(people, share)
    assert size == 0 or SMALLEST <= size <= people / 2


@given(groups=groups, size=st.integers(0, 100), chunk_size=st.integers(1, 20))
def test_the_wave_ends_where_a_chunk_ends(
    groups: Sequence[tuple[int, datetime | None]], size: int, chunk_size: int
) -> None:
    parts, wave_to = cut(groups, size, chunk_size)
    people = sum(count for count, _ in groups)
    assert sum(count for count, _ in parts) == people
    assert all(count > 0 for count, _ in parts)
    ranges = [each for _, each in chunks_of_waves([count for count, _ in parts], chunk_size)]
    ahead = [each for number, each in enumerate(ranges) if wave_to is not None and number <= wave_to]
    assert sum(last - first + 1 for first, last in ahead) == min(size, people)
    assert len(ranges) <= ceil(people / chunk_size) + len(parts)


def _next_issue(stage: Stage, *, digest: bool = False) -> int:
    """Return a planned campaign of the next issue, or of a digest, of which ten people go first."""
    issue_id = _other_issue(stage, digest=digest)
    with stage.database.write() as session:
        session.execute(update(Campaign).values(state=State.SENT))
        first = session.scalars(select(Campaign)).one()
        following = Campaign(
            label="next", list_id=first.list_id, issue_id=issue_id, revision_id=first.revision_id,
            content_hash=first.content_hash, state=State.PLANNING, created_at=NOW,
        )  # fmt: skip
        session.add(following)
        session.flush()
        number = following.id
    mail = stage.mails(stage.info(number))
    write_plan(stage.database, number, mail.choose, now=NOW, chunk_size=4, first_wave=lambda _people: 10)
    return number


def _other_issue(stage: Stage, *, digest: bool) -> int:
    make_revision(stage.database, stage.publication, 1, day=NOW.date() + timedelta(days=7), digest=digest)
    with stage.database.read() as session:
        return session.scalars(select(IssueRow.id).order_by(IssueRow.id.desc()).limit(1)).one()


@pytest.fixture
def stage(database: Database) -> Stage:
    stage = make_stage(database, 30, TWO)
    stage.sender(CountingTransport()).run(stage.begin())
    return stage


def _delivered(stage: Stage) -> set[int]:
    """Let the first campaign have been delivered to some, and return to whom."""
    alive = {3, 4, 7, 8, 11, 12, 15, 16, 19, 20, 23}
    with stage.database.write() as session:
        session.add_all(
            Receipt(campaign_id=1, subscriber_id=person, message_id="m", at=NOW, facts=facts)
            for person, facts in ((person, DELIVERED if person in alive else 4) for person in range(1, 31))
        )
    return alive


@pytest.mark.parametrize("last_was_a_digest", [True, False])
def test_of_a_digest_those_go_first_who_got_the_last_digest(stage: Stage, *, last_was_a_digest: bool) -> None:
    """The other issues were not for them: who got the last of those says nothing."""
    alive = _delivered(stage)
    with stage.database.write() as session:
        ListStore(session).edit(stage.publication.slug, policies=Policies(digest_offered=True))
        session.execute(update(Subscription).values(digest="monthly"))
        if last_was_a_digest:
            session.execute(update(IssueRow).values(digest_month=NOW.date().replace(day=1)))
    first = {row.subscriber_id for row in stage.plan(_next_issue(stage, digest=True))[:10]}
    assert (first < alive) == last_was_a_digest


def test_those_go_first_who_got_the_last_one(stage: Stage) -> None:
    alive = _delivered(stage)
    plan = stage.plan(_next_issue(stage))
    first = [row.subscriber_id for row in plan[:10]]
    assert set(first) < alive
    assert len({row.subscriber_id for row in plan}) == 30
    assert _in_variant_order(plan[:10])
    assert _in_variant_order(plan[10:])


def test_where_nothing_is_known_some_of_every_variant_go_first(stage: Stage) -> None:
    plan = stage.plan(_next_issue(stage))
    assert {row.variant_no for row in plan[:10]} == {row.variant_no for row in plan[10:]}
    assert _in_variant_order(plan[:10])
    assert _in_variant_order(plan[10:])
    assert len({row.subscriber_id for row in plan}) == 30


def test_chunks_of_the_wave_hold_nobody_else(stage: Stage) -> None:
    number = _next_issue(stage)
    with stage.database.read() as session:
        wave_to = session.get_one(Campaign, number).wave_to
    assert [(chunk.first, chunk.last) for chunk in stage.chunks(number)][:4] == [(0, 3), (4, 7), (8, 9), (10, 13)]
    assert wave_to == 2


def _in_variant_order(plan: Sequence[Planned]) -> bool:
    keys = [(row.variant_no, row.subscriber_id) for row in plan]
    return keys == sorted(keys)


def _told(stage: Stage, transport: CountingTransport) -> bool:
    with stage.database.write() as session:
        session.execute(update(Campaign).values(state=State.SENDING))
        finding = Finding(cause=Cause.BOUNCES, reason="40 of 500 mails bounced.", figures=Figures(500, 40, 1))
        sound(session, 1, finding, now=NOW)
        alarm = newest(session, 1)
    assert alarm is not None
    return tell_admins(
        alarm, stage.info(1), ["one@example.org", "two@example.org"], envelope=editions.envelope(),
        transport=transport, pace=Unpaced(), now=NOW, wait=stage.time.wait,
    )  # fmt: skip


def test_admins_get_a_plain_mail_with_reason_figures_and_what_to_do(stage: Stage) -> None:
    transport = CountingTransport()
    assert _told(stage, transport)
    assert [call.recipients[0].recipient.email for call in transport.calls] == ["one@example.org", "two@example.org"]
    call = transport.calls[0]
    to = call.recipients[0]
    written = write_message(call.prepared, to.recipient, delivery_id=to.delivery_id, date=call.date)
    mail = mails.message_from_bytes(written, policy=policy.default)
    assert (mail["to"], mail["auto-submitted"]) == ("one@example.org", "auto-generated")
    assert mail["subject"] == "Alarm: campaign 1 (imaging/2026-03-06) is paused"
    text = mail.get_content()
    assert "40 of 500 mails bounced." in text
    assert "newsletter campaign resume 1 --despite-alarm" in text
    assert "@" not in text, "no reader's address"


@pytest.mark.parametrize(
    ("verdict", "done"), [(Verdict.UNTRIED, False), (Verdict.UNCERTAIN, True), (Verdict.REJECTED, True)]
)
def test_what_could_not_leave_is_told_again(stage: Stage, verdict: Verdict, done: bool) -> None:  # noqa: FBT001 - a parameter
    def answer(_to: Addressed) -> Outcome:
        return Outcome(verdict, reason="because")

    assert _told(stage, CountingTransport(answer=answer)) is done
