"""What the ledger keeps of people: numbers, which are nobody's when they are gone, and what was said of mails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, false, or_, select

from newsletter.delivery.models import Campaign, Delivery, Planned, Receipt, Reopening
from newsletter.delivery.notices.models import Notice
from subscribers.privacy.holder import Deleted, Numbered, by_number, told

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement, ScalarResult
    from sqlalchemy.orm import Session

    from subscribers.privacy.holder import Holder, Row, Whose
    from subscribers.privacy.person import Person

_BOOKS_BALANCE = "The row, with a number that is nobody's any more: the books of the campaign balance."
_SAID = "what was said of it was erased"


def _of_every_campaign(model: type[Any]) -> Whose:
    """Return whose rows are; campaign by campaign, for that is how these tables are indexed."""

    def whose(person: Person) -> ColumnElement[bool]:
        if person.number is None:
            return false()
        return and_(model.campaign_id.in_(select(Campaign.id)), model.subscriber_id == person.number)

    return whose


@dataclass(frozen=True, kw_only=True)
class _Outcomes:
    """Rows that say why a mail did not go: often in words of somebody else's server, which may hold the address."""

    model: type[Delivery | Reopening]
    what: str
    stays: str = _BOOKS_BALANCE

    @property
    def table(self) -> str:
        """Its name."""
        return self.model.__tablename__

    def rows(self, session: Session, person: Person) -> Iterator[Row]:
        """Yield all that is kept of a person."""
        yield from told(session, self.model, _of_every_campaign(self.model)(person))

    def erase(self, session: Session, person: Person) -> int:
        """Take those words away that tell who it was."""
        mine = _of_every_campaign(self.model)(person)
        changed = 0
        rows: ScalarResult[Delivery | Reopening] = session.scalars(select(self.model).where(mine))
        for row in rows:
            if row.state != "skipped" and person.is_named_in(row.reason or ""):
                row.reason, changed = _SAID, changed + 1
        session.flush()
        return changed


@dataclass(frozen=True)
class _Pauses:
    """Why campaigns are paused: in its sandbox, SES names whom it does not write to."""

    table: str = Campaign.__tablename__
    what: str = "That a campaign was stopped by a refusal that names you."
    stays: str = "The campaign."

    def rows(self, session: Session, person: Person) -> Iterator[Row]:
        """Yield what names a person."""
        for campaign in self._naming(session, person):
            yield {"label": campaign.label, "state_reason": campaign.state_reason}

    def erase(self, session: Session, person: Person) -> int:
        """Take the words away."""
        found = list(self._naming(session, person))
        for campaign in found:
            campaign.state_reason = _SAID
        session.flush()
        return len(found)

    def _naming(self, session: Session, person: Person) -> Iterator[Campaign]:
        reasons = select(Campaign).where(Campaign.state_reason.contains("@"))
        return (each for each in session.scalars(reasons) if person.is_written_to_in(each.state_reason))


HOLDERS: Sequence[Holder] = (
    Numbered(
        model=Planned,
        what="Which mails were planned for you, and which of their forms you were to get.",
        whose=_of_every_campaign(Planned),
        stays=_BOOKS_BALANCE,
    ),
    _Outcomes(model=Delivery, what="What became of every mail that was planned for you."),
    Numbered(
        model=Receipt,
        what="That a mail to you was accepted by Amazon SES, and what came back of it.",
        whose=_of_every_campaign(Receipt),
        stays=_BOOKS_BALANCE,
    ),
    _Outcomes(model=Reopening, what="Mails that failed and were sent to you once more."),
    _Pauses(),
    Deleted(
        model=Notice,
        what="Mails to you outside of the issues: to confirm, to welcome you, about your address.",
        whose=lambda person: or_(by_number(Notice)(person), Notice.email.in_(person.addresses)),
    ),
)
