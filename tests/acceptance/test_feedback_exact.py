"""What is known of 5,000 mails is exactly what the simulated SES did with them, though told late, twice, shuffled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import func, select

from newsletter.delivery.models import Campaign, Delivery, Receipt
from newsletter.feedback.facts import Fact, Fate, fate_of
from newsletter.feedback.models import FeedbackCount, FeedbackEvent
from newsletter.simulator.client import SimulatorClient
from subscribers.database import Database
from subscribers.models import Subscriber
from tests.acceptance.joined import ISSUE, KINDS, ready
from tests.fixtures.simulator import client, feedback_queue

PEOPLE = 5000
TROUBLED = {
    "seed": 11, "hard_bounces": 0.03, "soft_bounces": 0.02, "complaints": 0.002, "delays": 0.01,
    "jitter": 2.0, "doubled": 0.1, "late": 0.2, "late_by": 3600.0,
}  # fmt: skip
ALL_DELIVERED = {"planned": PEOPLE, "sent": PEOPLE, "skipped": {}, "failed": 0, "uncertain": 0}


class Mail(NamedTuple):
    """A mail by the simulator's own record."""

    recipient: str
    delivery: str
    message_id: str
    fate: Mapping[str, Any]

    @property
    def bounced(self) -> str:
        return str(self.fate.get("bounce", ""))

    @property
    def became(self) -> Fate:
        if not self.bounced:
            return Fate.DELIVERED
        return Fate.HARD if self.bounced.startswith("Permanent") else Fate.SOFT


def test_ledger_suppressions_and_counts_are_the_simulators_own_record(
    tmp_path: Path, database: Database, database_url: str, start_simulator: Callable[..., SimulatorClient]
) -> None:
    simulator = start_simulator(**TROUBLED)
    newsletter = ready(
        tmp_path, database_url, simulator, feedback_queue(simulator, kinds=KINDS, raw=True), people=PEOPLE
    )
    newsletter("campaign", "send", ISSUE, NEWSLETTER_SES_EVENTS_QUEUE_URL="")  # it would take them in itself
    first = newsletter("feedback", "consume", "--until-empty", "--json").json
    simulator.flush()
    second = newsletter("feedback", "consume", "--until-empty", "--json").json

    mails = [
        Mail(mail["recipients"][0], mail["tags"]["delivery"], mail["id"], mail["fates"][0])
        for mail in simulator.mails()
    ]
    happened = _happened(mails)
    assert len({mail.recipient for mail in mails}) == len(mails) == PEOPLE
    assert happened["hard bounce"] > 100
    assert happened["soft bounce"] > 50
    assert happened["complaint"] > 0
    assert second["applied"] > 0, "some came late"
    assert first["applied"] + second["applied"] == sum(happened.values())
    assert first["duplicates"] + second["duplicates"] > 0
    assert first["quarantined"] + second["quarantined"] == 0

    assert _ledger(database) == {mail.delivery: ("sent", mail.message_id) for mail in mails}
    assert _known(database) == {mail.recipient: (mail.message_id, mail.became, *_marks(mail)) for mail in mails}
    suppressed = newsletter("suppression", "list", "--json").json["suppressions"]
    assert {each["email"]: each["reason"] for each in suppressed} == _to_suppress(mails)
    assert len(suppressed) == len(_to_suppress(mails))
    assert {each["email"] for each in suppressed} == _listed_by_ses(simulator)
    assert newsletter("feedback", "stats", "--json").json["kinds"] == dict(sorted(happened.items()))
    assert _counted(database) == _counts(mails)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(FeedbackEvent)) == sum(happened.values())
    status = newsletter("campaign", "status", "--json").json
    assert {name: status[name] for name in ALL_DELIVERED} == ALL_DELIVERED


def _happened(mails: list[Mail]) -> Counter[str]:
    """Return how many events of each kind these mails had, each counted once."""
    kinds = {Fate.DELIVERED: "delivered", Fate.HARD: "hard bounce", Fate.SOFT: "soft bounce"}
    happened = Counter(sent=len(mails))
    for mail in mails:
        happened[kinds[mail.became]] += 1
        happened.update({"delayed": 1} if mail.fate.get("delayed") else {})
        happened.update({"complaint": 1} if mail.fate.get("complaint") else {})
    return happened


def _counts(mails: list[Mail]) -> Counter[tuple[str, str]]:
    """Return bounces and complaints by domain and SES's own word for them."""
    counts: Counter[tuple[str, str]] = Counter()
    for mail in mails:
        domain = mail.recipient.partition("@")[2]
        counts.update([(domain, mail.bounced)] if mail.bounced else [])
        counts.update([(domain, mail.fate["complaint"])] if mail.fate.get("complaint") else [])
    return counts


def _counted(database: Database) -> Counter[tuple[str, str]]:
    spoken_of = FeedbackCount.meaning.in_(["hard bounce", "soft bounce", "complaint"])
    query = select(FeedbackCount.domain, FeedbackCount.detail, func.sum(FeedbackCount.events)).where(spoken_of)
    with database.read() as session:
        rows = session.execute(query.group_by(FeedbackCount.domain, FeedbackCount.detail))
        return Counter({(domain, detail): int(events) for domain, detail, events in rows})


def _marks(mail: Mail) -> tuple[bool, bool]:
    return bool(mail.fate.get("complaint")), bool(mail.fate.get("delayed"))


def _to_suppress(mails: list[Mail]) -> dict[str, str]:
    hard = {mail.recipient: "bounce" for mail in mails if mail.became is Fate.HARD}
    return hard | {mail.recipient: "complaint" for mail in mails if mail.fate.get("complaint")}


def _listed_by_ses(simulator: SimulatorClient) -> set[str]:
    """Return the addresses that SES, too, has put on its list."""
    ses: Any = client("sesv2", simulator)
    listed: set[str] = set()
    more: dict[str, str] = {}
    while True:
        page = ses.list_suppressed_destinations(PageSize=1000, **more)
        listed |= {each["EmailAddress"] for each in page["SuppressedDestinationSummaries"]}
        if not page.get("NextToken"):
            return listed
        more = {"NextToken": page["NextToken"]}


def _ledger(database: Database) -> dict[str, tuple[str, str | None]]:
    query = select(Campaign.label, Delivery.subscriber_id, Delivery.state, Delivery.message_id)
    with database.read() as session:
        rows = session.execute(query.join(Campaign, Campaign.id == Delivery.campaign_id))
        return {f"{label}.{person}": (state, message) for label, person, state, message in rows}


def _known(database: Database) -> dict[str, tuple[str, Fate, bool, bool]]:
    """Return what is known of the mail to each address: its id, what became of it, whether it was complained of."""
    query = select(Subscriber.email, Receipt.message_id, Receipt.facts)
    with database.read() as session:
        rows = session.execute(query.join(Subscriber, Subscriber.id == Receipt.subscriber_id)).all()
    facts = [(email, message, Fact(number)) for email, message, number in rows]
    return {
        email: (message, fate_of(fact), Fact.COMPLAINED in fact, Fact.DELAYED in fact) for email, message, fact in facts
    }
