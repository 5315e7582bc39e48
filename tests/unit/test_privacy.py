"""What is kept of a person is told to them, and gone when they are erased: in whatever table, on both databases."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import LargeBinary, inspect, select, update
from sqlalchemy.orm import Session

from newsletter.bootstrap.privacy import HOLDERS
from newsletter.delivery.models import Campaign, Delivery, Planned, Reopening
from newsletter.delivery.notices.posting import NoticePost
from newsletter.feedback.intake import Intake
from newsletter.feedback.models import AccountSuppression
from newsletter.feedback.packing import unpack
from subscribers import joining, moving, service
from subscribers.database import Base, Database
from subscribers.errors import Refused
from subscribers.lifecycle import Reason
from subscribers.models import Formerly
from subscribers.origin import Origin
from subscribers.preferences import Vocabulary
from subscribers.privacy.erased import Erasures
from subscribers.privacy.erasing import erase, held_of, lock_out
from subscribers.privacy.person import Person, person_of
from subscribers.suppression import find_suppression, suppress
from subscribers.tokens import Signer
from tests.factories.events import KINDS, ses_event
from tests.factories.people import NOW, make_list
from tests.fixtures.patience import PATIENCE
from tests.fixtures.thoroughness import examples
from tests.unit.feedback.conftest import Sent, make_sent

CHECKOUT = Path(__file__).resolve().parents[2]
for path in (path for package in ("newsletter", "subscribers") for path in (CHECKOUT / package).rglob("models.py")):
    importlib.import_module(".".join(path.relative_to(CHECKOUT).with_suffix("").parts))

importlib.import_module("subscribers.attempts")

WHOSE = {
    "account_lists": "nobody's: how far the reading of the account's list has come",
    "account_suppressions": "a person's",
    "alarms": "nobody's: figures of campaigns",
    "attempts": "nobody's for longer than a day: keyed hashes of who came how often",
    "campaigns": "a person's: SES may name whom it refused",
    "chores": "nobody's: what is done once a day",
    "chunks": "nobody's: ranges of positions",
    "confirmations": "a person's",
    "consents": "a person's",
    "deliveries": "a person's",
    "erased": "nobody's without the secret key: keyed hashes",
    "feedback_addresses": "a person's",
    "feedback_clicks": "nobody's: counted for everybody together",
    "feedback_counts": "a person's: a domain may be theirs alone",
    "feedback_events": "a person's",
    "feedback_notices": "nobody's: numbers of messages",
    "feedback_quarantine": "a person's",
    "feedback_streams": "nobody's: how queues do",
    "feedback_strikes": "a person's",
    "feedback_totals": "nobody's: counts",
    "formerly": "a person's",
    "issue_revisions": "nobody's: what is published",
    "issues": "nobody's: what is published",
    "ledger_totals": "nobody's: counts",
    "lists": "nobody's: the publisher's own address",
    "notices": "a person's",
    "occurrences": "nobody's: when lists sent",
    "pace": "nobody's: how fast mail goes",
    "pace_minutes": "nobody's: how much mail went",
    "plan": "a person's",
    "receipts": "a person's",
    "reopenings": "a person's",
    "report_totals": "nobody's: counts",
    "schedules": "nobody's: when lists send",
    "subscribers": "a person's",
    "subscriptions": "a person's",
    "sunsets": "nobody's: since when a list listens",
    "suppressions": "a person's",
    "variants": "nobody's: choices that many share",
}
"""Every table there is. A new one is added here; is it a person's, its room offers a holder for it."""


def test_every_table_is_known_to_be_somebodys_or_nobodys(sqlite_database: Database) -> None:
    assert set(inspect(sqlite_database.engine).get_table_names()) - {"alembic_version"} == set(WHOSE)
    assert set(Base.metadata.tables) == set(WHOSE), "or the tests below do not look at them"


def test_every_table_that_is_a_persons_has_a_holder() -> None:
    held = [holder.table for holder in HOLDERS]
    assert sorted(held) == sorted(table for table, whose in WHOSE.items() if whose.startswith("a person's"))
    assert all(holder.what for holder in HOLDERS)


VOCABULARY = Vocabulary(topics=frozenset({"ct", "mri"}), languages=frozenset({"fr", "en"}))
SIGNER = Signer("a secret of more than thirty-two characters")
ERASURES = Erasures(lambda: SIGNER)
STREAM = "https://queue.example/1/events"


@pytest.fixture
def sent(database: Database) -> Sent:
    return make_sent(database, 3)


def _everything(database: Database) -> Iterator[tuple[str, str]]:
    """Yield (table, text) of every value in the database, whatever it is packed in."""
    with database.read() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(*table.columns)):
                for column, value in zip(table.columns, row, strict=True):
                    packed = isinstance(column.type, LargeBinary) and column.name == "body" and value is not None
                    yield table.name, (unpack(value) if packed else str(value)).casefold()


def _erase(database: Database, email: str) -> dict[str, int]:
    with database.write() as session:
        lock_out(session)
        return dict(erase(session, person_of(session, email), HOLDERS, ERASURES, now=NOW))


def _happens(sent: Sent, what: str, who: str, name: str) -> None:
    """Let something happen that leaves a trace of a person."""
    if what.startswith("mail "):
        with sent.database.read() as session:
            number = person_of(session, who).number
        delivery_id = None if number is None else f"{sent.label}.{number}"
        kind = what.removeprefix("mail ")
        _comes(sent, ses_event(kind, who.upper(), delivery_id=delivery_id, said={"diagnosticCode": f"550 no {who}"}))
    elif what == "unreadable":
        _comes(sent, f'{{"mail": {{"destination": ["{who}"]}}}}')
    else:
        with sent.database.write() as session:
            _TRACES[what](session, sent, person_of(session, who), name)


def _comes(sent: Sent, body: str) -> None:
    Intake(sent.database, lambda: NOW, STREAM, erased=ERASURES).take([body])


def _join(session: Session, sent: Sent, who: Person, name: str) -> None:
    said = {"name": name, "source": f"paper of {who.email}", "returning": True}
    service.add(session, sent.stage.publication, who.email, vocabulary=VOCABULARY, now=NOW, **said)  # type: ignore[arg-type]  # by name, as it takes them


def _request(session: Session, sent: Sent, who: Person, _name: str) -> None:
    said = {"origin": Origin(f"page {who.email}"), "post": NoticePost(), "erased": ERASURES}
    joining.request(session, sent.stage.publication, who.email, vocabulary=VOCABULARY, now=NOW, **said)  # type: ignore[arg-type]  # by name, as it takes them


def _had_another_address(session: Session, _sent: Sent, who: Person, name: str) -> None:
    if who.number is not None:
        session.add(Formerly(subscriber_id=who.number, email=f"old-{who.email}", name=name, until=NOW))
        suppress(session, f"old-{who.email}", Reason.BOUNCE, source="cli", now=NOW)


def _asks_for_another_address(session: Session, sent: Sent, who: Person, _name: str) -> None:
    if who.number is not None:
        here, origin = (sent.stage.publication.id, who.number), Origin("page")
        moving.request_change(session, *here, f"next-{who.email}", origin=origin, post=NoticePost(), now=NOW)


def _suppressed_there(session: Session, _sent: Sent, who: Person, _name: str) -> None:
    row = {"region": "eu-west-3", "email": who.email, "written": who.email, "since": NOW, "seen_at": NOW}
    session.merge(AccountSuppression(is_ours=False, **row))


def _fail(session: Session, sent: Sent, who: Person, _name: str) -> None:
    if who.number is not None:
        key, local = {"campaign_id": sent.campaign, "subscriber_id": who.number}, who.email.partition("@")[0]
        session.merge(Planned(position=who.number, variant_no=1, **key))
        session.merge(Delivery(state="failed", reason=f"550 5.1.1 mailbox {local} unknown", at=NOW, **key))
        session.add(Reopening(state="failed", reason=f"550 <{who.email}>", at=NOW, reopened_at=NOW, why="try", **key))


_TRACES: dict[str, Callable[[Session, Sent, Person, str], object]] = {
    "join": _join,
    "rename": lambda session, sent, who, name: _join(session, sent, who, f"Dr {name}"),
    "request": _request,
    "move": _had_another_address,
    "move on": _asks_for_another_address,
    "suppress": lambda session, _sent, who, name: suppress(
        session, who.email, Reason.MANUAL, source="cli", now=NOW, detail=f"{name} asked"
    ),
    "account": _suppressed_there,
    "sandbox": lambda session, _sent, who, _name: session.execute(
        update(Campaign).values(state_reason=f"MessageRejected: not verified: {who.email}")
    ),
    "fail": _fail,
}
_MARK = count(1)
_HAPPENINGS = st.lists(
    st.sampled_from([*_TRACES, "unreadable", *(f"mail {kind}" for kind in KINDS)]), min_size=1, max_size=8
)


@settings(max_examples=examples(10), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(happenings=_HAPPENINGS, joins=st.booleans(), private=st.booleans())
def test_after_erasing_nothing_tells_who_it_was(sent: Sent, happenings: list[str], joins: bool, private: bool) -> None:  # noqa: FBT001 - drawn
    mark = f"q{next(_MARK)}x"
    who = f"zoe-{mark}@{f'{mark}-home' if private else 'reader'}.example"
    name = f"Zoë Mark{mark}"
    for what in ["join"] * joins + happenings:
        try:
            _happens(sent, what, who, name)
        except Refused:  # whoever is suppressed cannot be added
            continue
    _erase(sent.database, who)
    left = [(table, value) for table, value in _everything(sent.database) if mark in value]
    assert left == []
    with sent.database.read() as session:
        assert sum(len(each.rows) for each in held_of(session, person_of(session, who), HOLDERS)) == 0
        assert who in ERASURES.find(session, [who])
    assert set(_erase(sent.database, who).values()) == {0}, "a second time it is nothing"


@settings(max_examples=examples(10), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=5, unique=True), tagged=st.booleans())
def test_what_comes_late_brings_nobody_back(sent: Sent, kinds: list[str], tagged: bool) -> None:  # noqa: FBT001 - drawn
    mark = f"q{next(_MARK)}x"
    who = f"zoe-{mark}@{mark}-home.example"
    _happens(sent, "join", who, "Zoë")
    with sent.database.read() as session:
        number = person_of(session, who).number
    _erase(sent.database, who)
    events = [
        ses_event(kind, who.title(), delivery_id=f"{sent.label}.{number}" if tagged else None, said={"status": "5.1.1"})
        for kind in kinds
    ]
    intake = Intake(sent.database, lambda: NOW, STREAM, erased=ERASURES)
    intake.take([f'{{"mail": {{"destination": ["{who}"], "to": "Zoe <{who.upper()}>"}}}}'])  # unreadable
    first, again = intake.take(events), intake.take(events)
    assert (first.applied, again.applied, again.duplicates) == (len(kinds), 0, len(kinds)), "it counts, and once"
    assert [(table, value) for table, value in _everything(sent.database) if mark in value] == []
    suppressed = "complaint" if "Complaint" in kinds else "bounce" if "Bounce" in kinds else ""
    with sent.database.read() as session:
        assert ERASURES.find(session, [who]) == {who: suppressed}


def test_who_is_back_is_heard_again(sent: Sent) -> None:
    who = "zoe@reader.example"
    _erase(sent.database, who)
    _happens(sent, "join", who, "Zoë")
    _happens(sent, "mail Complaint", who, "Zoë")
    with sent.database.read() as session:
        found = find_suppression(session, who)
    assert found is not None


def test_a_previous_secret_still_knows_the_erased(sqlite_database: Database) -> None:
    who, old = "zoe@reader.example", "an old secret of more than thirty-two characters"
    new = "a new secret of more than thirty-two characters"
    with sqlite_database.write() as session:
        Erasures(lambda: Signer(old)).remember(session, {who: None}, now=NOW)
    rotated, forgotten = Erasures(lambda: Signer(new, old)), Erasures(lambda: Signer(new))
    with sqlite_database.write() as session:
        rotated.remember(session, {who: "complaint"}, now=NOW)
        assert rotated.find(session, [who, "ada@reader.example"]) == {who: "complaint"}
        assert forgotten.find(session, [who]) == {}
        assert rotated.lift(session, [who]) == 1


def test_whoever_looked_first_writes_before_the_erasure(postgresql_database: Database) -> None:
    """Else a batch that had found nobody erased would write an address down after it was erased."""
    database, who = postgresql_database, "zoe@reader.example"
    publication = make_list(database)
    erasing = Thread(target=_erase, args=(database, who))
    with database.write() as session:
        assert ERASURES.find(session, [who]) == {}
        erasing.start()
        erasing.join(0.3)
        assert erasing.is_alive(), "it waits"
        said = {"vocabulary": VOCABULARY, "source": "cli", "now": NOW, "erased": ERASURES}
        service.add(session, publication, who, **said)  # type: ignore[arg-type]  # by name, as it takes them
    erasing.join(PATIENCE)
    with database.read() as session:
        assert person_of(session, who).number is None
