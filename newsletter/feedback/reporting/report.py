"""The report of a campaign: who got it, what became of it, who left. It balances at every moment, in every part."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from newsletter.delivery import campaigns
from newsletter.delivery.books import books
from newsletter.delivery.models import VariantRow
from newsletter.feedback.mailboxes import UNKNOWN
from newsletter.feedback.models import FeedbackCount
from newsletter.feedback.reporting.clicks import clicks
from newsletter.feedback.reporting.counting import gone, outcomes
from newsletter.feedback.reporting.figures import FORGOTTEN, PENDING, Figures
from newsletter.feedback.rules import Meaning

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from newsletter.delivery.books import Books
    from newsletter.delivery.campaigns import CampaignInfo
    from newsletter.feedback.reporting.clicks import Clicks
    from subscribers.database import Database

NO_LANGUAGE = "none"
"""Of people who were skipped before one was chosen for them, and of what is kept no longer."""


@dataclass(frozen=True, slots=True)
class VariantFigures:
    """What became of a variant: the items that a group of readers got."""

    number: int
    language: str
    content_language: str
    items: int
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of a campaign."""

    campaign: CampaignInfo
    books: Books
    total: Figures
    languages: Mapping[str, Figures]
    variants: Sequence[VariantFigures]
    providers: Mapping[str, Figures]
    """By whose mailboxes they are; the most mails first."""
    days: Mapping[date, Mapping[str, int]]
    """What happened on each day, in UTC: mails that were sent, events by what they were taken for, people who left."""
    details: Mapping[str, Mapping[str, int]]
    """Events by what they were taken for and by SES's own words, where it has some."""
    links: Sequence[Clicks]
    """The links that were followed, the most often first."""

    def happened(self, meaning: Meaning) -> int:
        """Return how many events of that meaning came on all days."""
        return sum(events.get(meaning, 0) for events in self.days.values())

    def as_json(self) -> dict[str, Any]:
        """Return the documented form."""
        return {
            "campaign": self.campaign.id,
            "list": self.campaign.list,
            "issue": self.campaign.issue,
            "revision": self.campaign.revision,
            "state": self.books.state.value,
            "total": self.total.as_json(),
            "skipped": dict(self.books.skipped),
            "languages": [{"language": name, **each.as_json()} for name, each in self.languages.items()],
            "variants": [
                {
                    "variant": each.number,
                    "language": each.language,
                    "content_language": each.content_language,
                    "items": each.items,
                    **each.figures.as_json(),
                }
                for each in self.variants
            ],
            "providers": [{"provider": name, **each.as_json()} for name, each in self.providers.items()],
            "days": [{"day": day.isoformat(), "events": dict(events)} for day, events in self.days.items()],
            "details": {meaning: dict(words) for meaning, words in self.details.items()},
            "opens": {"opened": self.happened(Meaning.OPENED), "by_machine": self.happened(Meaning.OPENED_BY_MACHINE)},
            "links": [each.as_json() for each in self.links],
        }


def report(database: Database, campaign: str) -> Report:
    """Return the report of a campaign, by its number or `latest`, all of it as of one moment. Raises NotFound."""
    with database.read() as session:
        if not database.is_sqlite:  # there a transaction sees one state of the database anyway
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        return _report(session, campaigns.find(session, campaign))


def _report(session: Session, info: CampaignInfo) -> Report:
    ledger = books(session, info.id)
    by_variant: dict[int | None, Figures] = defaultdict(Figures)
    by_provider: dict[str, Figures] = defaultdict(Figures)
    days: dict[date, Counter[str]] = defaultdict(Counter)
    for each in outcomes(session, info.id, under_way=ledger.pending > 0):
        for figures in (by_variant[each.variant_no], by_provider[each.provider]):
            figures.add_outcome(each.state, each.facts, each.mails)
        if each.day is not None and each.state == "sent":
            days[each.day]["handed over"] += each.mails
    for left in gone(session, info.id):
        for figures in (by_variant[left.variant_no], by_provider[left.provider]):
            figures.add("unsubscribed", left.people)
        days[left.day]["left the list"] += left.people
    details = _events(session, info.id, days)
    _add_what_is_gone(ledger, by_variant, by_provider)
    variants, languages = _named(session, info.id, by_variant)
    return Report(
        campaign=info,
        books=ledger,
        total=_sum(by_variant.values()),
        languages=languages,
        variants=variants,
        providers=dict(sorted(by_provider.items(), key=lambda item: (-item[1].planned, item[0]))),
        days={day: dict(days[day]) for day in sorted(days)},
        details=details,
        links=clicks(session, info),
    )


def _events(session: Session, campaign_id: int, days: dict[date, Counter[str]]) -> Mapping[str, Mapping[str, int]]:
    """Add the events of each day to `days`; return those that SES has words for, by these."""
    alike = (FeedbackCount.day, FeedbackCount.meaning, FeedbackCount.detail)
    query = select(*alike, func.sum(FeedbackCount.events)).where(FeedbackCount.campaign_id == campaign_id)
    details: dict[str, Counter[str]] = defaultdict(Counter)
    for day, meaning, detail, events in session.execute(query.group_by(*alike)):
        if events:
            days[day][meaning] += int(events)
        if events and detail:
            details[meaning][detail] += int(events)
    return {meaning: dict(details[meaning].most_common()) for meaning in sorted(details)}


def _add_what_is_gone(ledger: Books, *parts: dict[Any, Figures]) -> None:
    """Count what the books still know and no row shows any more, under nobody's variant and provider."""
    for figures, nobody in zip(parts, (None, UNKNOWN), strict=True):
        kept = _sum(figures.values())
        told = {
            FORGOTTEN: ledger.sent - kept.sent,
            "skipped": sum(ledger.skipped.values()) - kept.counts.get("skipped", 0),
            "failed": ledger.failed - kept.counts.get("failed", 0),
            "uncertain": ledger.uncertain - kept.counts.get("uncertain", 0),
            PENDING: ledger.pending - kept.counts.get(PENDING, 0),
        }
        for name, mails in told.items():
            if mails:
                figures[nobody].add(name, mails)


def _named(
    session: Session, campaign_id: int, by_variant: Mapping[int | None, Figures]
) -> tuple[Sequence[VariantFigures], Mapping[str, Figures]]:
    """Return the figures of each variant, and of each language, those without one last."""
    query = select(VariantRow).where(VariantRow.campaign_id == campaign_id).order_by(VariantRow.variant_no)
    variants = [
        VariantFigures(
            row.variant_no,
            row.language,
            row.content_language,
            len(row.items),
            by_variant.get(row.variant_no, Figures()),
        )
        for row in session.scalars(query)
    ]
    languages = {
        language: _sum(each.figures for each in variants if each.language == language)
        for language in sorted({each.language for each in variants})
    }
    if None in by_variant:
        languages[NO_LANGUAGE] = by_variant[None]
    return variants, languages


def _sum(parts: Iterable[Figures]) -> Figures:
    total = Figures()
    for each in parts:
        for name, mails in each.counts.items():
            total.add(name, mails)
    return total
