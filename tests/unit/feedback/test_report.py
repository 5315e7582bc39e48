"""The report of a campaign balances, whatever its ledger holds, and says what was written there."""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from newsletter.delivery.models import Campaign, Delivery, Planned, Receipt
from newsletter.feedback.facts import Fact
from newsletter.feedback.intake import Intake
from newsletter.feedback.mailboxes import FAMILIES, OTHER, UNKNOWN, provider_of
from newsletter.feedback.reporting.domains import by_domain, by_provider
from newsletter.feedback.reporting.figures import COLUMNS, NOT_SENT, OF_SENT, Figures
from newsletter.feedback.reporting.report import NO_LANGUAGE, Report, report
from newsletter.feedback.reporting.table import as_csv
from subscribers.database import Database, open_database
from subscribers.models import Subscription
from tests.factories.events import ses_event
from tests.factories.issues import sample_issue
from tests.factories.ledgers import Booked, make_ledger
from tests.factories.people import NOW
from tests.fixtures.thoroughness import examples
from tests.unit.feedback.conftest import STREAM, Sent

DOMAINS = ("gmail.com", "hotmail.co.uk", "yahoo.fr", "univ.example", None)
LATER = NOW + timedelta(days=2)

booked = st.builds(
    Booked,
    state=st.sampled_from(("sent", "sent", "sent", "skipped", "failed", "uncertain", None)),
    facts=st.one_of(st.none(), st.integers(0, 511)),
    variant=st.integers(0, 1),
    domain=st.sampled_from(DOMAINS),
    left_at=st.sampled_from((None, None, LATER)),
)


def assert_balances(found: Report) -> None:
    assert found.books.balanced
    assert found.total.planned == found.books.planned
    assert found.total.sent == found.books.sent
    for figures in _parts(found):
        shown = figures.as_json()
        assert min(shown.values()) >= 0
        assert shown["planned"] == shown["sent"] + sum(shown[name] for name in NOT_SENT)
        assert shown["sent"] == sum(shown[name] for name in OF_SENT)
    for parts in (found.languages.values(), found.providers.values()):
        for name in COLUMNS:
            assert sum(each.as_json()[name] for each in parts) == found.total.as_json()[name], name


def _parts(found: Report) -> list[Figures]:
    return [
        found.total,
        *found.languages.values(),
        *(each.figures for each in found.variants),
        *found.providers.values(),
    ]


@settings(max_examples=examples(30), suppress_health_check=list(HealthCheck))
@given(people=st.lists(booked, min_size=1, max_size=25))
def test_it_balances_in_every_part_whatever_the_ledger_holds(sqlite_template: Path, people: list[Booked]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "newsletter.sqlite"
        shutil.copyfile(sqlite_template, file)
        database = open_database(f"sqlite:///{file}")
        try:
            make_ledger(database, people)
            found = report(database, "latest")
        finally:
            database.close()
    assert_balances(found)
    assert found.total.planned == len(people)
    states = Counter(each.state or "pending" for each in people)
    assert {name: found.total.counts.get(name, 0) for name in NOT_SENT} == {name: states[name] for name in NOT_SENT}
    by_provider = Counter(UNKNOWN if each.domain is None else provider_of(each.domain) for each in people)
    assert {name: each.planned for name, each in found.providers.items()} == by_provider


def test_it_says_what_became_of_whom(database: Database) -> None:
    people = [
        Booked(facts=Fact.DELIVERED),
        Booked(facts=Fact.DELIVERED | Fact.COMPLAINED, variant=1),
        Booked(facts=Fact.DELIVERED | Fact.DELAYED, left_at=LATER),
        Booked(facts=Fact.HARD, domain="hotmail.fr"),
        Booked(facts=Fact.SOFT, domain="outlook.com", variant=1),
        Booked(facts=Fact.REFUSED, domain="univ.example"),
        Booked(facts=Fact.WITHHELD, domain=None),
        Booked(facts=Fact.DELAYED),
        Booked(facts=0),
        Booked(facts=None),
        Booked(state="failed"),
        Booked(state="uncertain", left_at=LATER),
        Booked(state="skipped"),
        Booked(state=None, variant=1),
    ]
    make_ledger(database, people)
    found = report(database, "latest")
    assert_balances(found)
    assert {name: number for name, number in found.total.as_json().items() if number} == {
        "planned": 14, "sent": 10, "delivered": 3, "hard_bounced": 1, "soft_bounced": 1, "refused": 1, "withheld": 1,
        "delayed": 1, "unheard": 2, "skipped": 1, "failed": 1, "uncertain": 1, "pending": 1, "complained": 1,
        "unsubscribed": 1,
    }  # fmt: skip
    assert {name: each.planned for name, each in found.languages.items()} == {"en": 10, "fr": 3, NO_LANGUAGE: 1}
    assert found.providers["Microsoft"].as_json()["hard_bounced"] == 1
    assert {name: each.sent for name, each in found.providers.items()} == {
        "Gmail": 6, "Microsoft": 2, OTHER: 1, UNKNOWN: 1
    }  # fmt: skip
    assert found.days == {NOW.date(): {"handed over": 10}, LATER.date(): {"left the list": 1}}
    assert found.books.skipped == {"paused": 1}


def test_who_got_another_mail_of_the_list_before_leaving_left_for_that_one(database: Database) -> None:
    make_ledger(database, [Booked(left_at=LATER), Booked(left_at=LATER)])
    _next_week(database, 2)
    assert report(database, "1").total.as_json()["unsubscribed"] == 1
    later = report(database, "2")
    assert later.days[LATER.date()]["left the list"] == 1


def test_who_left_by_the_link_of_a_mail_left_for_that_one_whatever_came_since(database: Database) -> None:
    by_first, by_second = Booked(left_at=LATER, left_by=1), Booked(left_at=LATER, left_by=2)
    make_ledger(database, [by_first, by_first, by_second, Booked(left_at=LATER), Booked(left_at=LATER, left_by=9)])
    _next_week(database, 1, 2, 3, 4)
    assert report(database, "1").total.as_json()["unsubscribed"] == 2
    assert report(database, "2").days[LATER.date()]["left the list"] == 2, "the third by its link, the fourth by none"


def test_a_link_counts_for_the_time_that_it_was_used(database: Database) -> None:
    make_ledger(database, [Booked(left_at=LATER, left_by=1)])
    _next_week(database, 1)
    with database.write() as session:  # came back, and left again by writing to somebody
        mine = session.scalars(select(Subscription)).one()
        mine.left_at, mine.left_campaign = LATER + timedelta(days=9), None
    assert "left the list" not in report(database, "1").days.get(LATER.date(), {})
    assert report(database, "2").days[LATER.date()]["left the list"] == 1


def _next_week(database: Database, *people: int) -> None:
    """Send them another mail of the list."""
    with database.write() as session:
        first = session.get_one(Campaign, 1)
        values = {"list_id": first.list_id, "issue_id": first.issue_id, "revision_id": first.revision_id}
        week = Campaign(
            **values, label="next", content_hash="", state="cancelled", created_at=NOW, planned=1, started_at=NOW
        )
        session.add(week)
        session.flush()
        at = LATER - timedelta(hours=1)
        session.add_all(Delivery(campaign_id=week.id, subscriber_id=person, state="sent", at=at) for person in people)


def test_what_is_kept_no_longer_is_in_the_books_all_the_same(database: Database) -> None:
    """Ledgers are forgotten after a while; the counters of the chunks stay."""
    make_ledger(database, [Booked(facts=Fact.DELIVERED), Booked(facts=Fact.HARD, variant=1)])
    with database.write() as session:
        for model in (Delivery, Planned, Receipt):
            session.execute(delete(model))
    found = report(database, "latest")
    assert_balances(found)
    assert found.total.as_json()["forgotten"] == 2
    assert found.languages[NO_LANGUAGE].sent == found.providers[UNKNOWN].sent == 2


def test_events_show_by_day_and_in_the_words_of_ses(sent: Sent) -> None:
    sent.tell_content(sample_issue())
    sent.take(
        sent.event("Send", 1),
        sent.event("Delivery", 1, after=90_000),
        sent.event("Bounce", 2),
        sent.event("Bounce", 3, bounceType="Transient", bounceSubType="MailboxFull"),
        sent.event("Complaint", 1, after=180_000),
        sent.event("Click", 1, link="https://a.example/"),
        sent.event("Open", 1, isAutomated=True),
    )
    found = report(sent.database, "latest")
    assert_balances(found)
    assert found.details["soft bounce"] == {"Transient/MailboxFull": 1}
    assert found.days[NOW.date() + timedelta(days=1)] == {"delivered": 1}
    assert found.days[NOW.date() + timedelta(days=2)] == {"complaint": 1}
    lines = list(csv.DictReader(as_csv(found).splitlines()))
    assert {line["by"] for line in lines} == {"all", "language", "variant", "provider", "day", "link"}
    (whole,) = (line for line in lines if line["by"] == "all")
    assert {name: int(whole[name]) for name in COLUMNS} == found.total.as_json()
    assert (whole["opened_by_machine"], whole["clicked"], whole["opened"]) == ("1", "1", "0")
    (link,) = (line for line in lines if line["by"] == "link")
    assert (link["which"], link["clicked"], link["clicked_by_machine"]) == ("https://a.example/", "1", "0")
    days = {line["which"]: line for line in lines if line["by"] == "day"}
    assert days[NOW.date().isoformat()]["hard_bounced"] == "1"
    assert days[NOW.date().isoformat()]["sent"] == "6"


def test_a_domain_belongs_to_one_provider() -> None:
    domains = [domain for family in FAMILIES.values() for domain in family]
    assert len(domains) == len(set(domains))
    assert provider_of("GMAIL.com") == "Gmail"
    assert provider_of("live.com.au") == "Microsoft"
    assert provider_of("live.company.example") == OTHER


def test_what_came_back_is_counted_by_provider_and_domain(database: Database) -> None:
    bodies = [
        ses_event(kind, f"p{person}@{domain}")
        for domain, people in (("gmail.com", 3), ("hotmail.fr", 2), ("outlook.com", 1), ("univ.example", 1))
        for person in range(people)
        for kind in ("Send", "Delivery")
    ]
    Intake(database, lambda: NOW, STREAM).take([*bodies, ses_event("Open", "p1@gmail.com")])
    with database.read() as session:
        assert by_provider(session) == {
            "Gmail": {"sent": 3, "delivered": 3},
            "Microsoft": {"sent": 3, "delivered": 3},
            OTHER: {"sent": 1, "delivered": 1},
        }
        assert list(by_domain(session, limit=2)) == ["gmail.com", "hotmail.fr"]
