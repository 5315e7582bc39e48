"""A list, somebody on it, and mails that are asked for: what tests of notices begin with."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update

from newsletter.delivery.notices.ledger import NoticeLedger
from newsletter.delivery.notices.mails import NoticeMails
from newsletter.delivery.notices.models import Notice
from newsletter.delivery.notices.posting import NoticePost
from newsletter.delivery.notices.sending import NoticeSender
from newsletter.delivery.pace import Unpaced
from newsletter.rendering.notice_form import NoticeForm, compile_notice
from subscribers.models import Confirmation, Subscriber, Subscription, Suppression
from subscribers.ports import NoticeKind
from subscribers.tokens import Signer
from tests.factories.campaigns import Time
from tests.factories.editions import SECRET
from tests.factories.people import NOW, make_list

if TYPE_CHECKING:
    from email.message import EmailMessage

    from newsletter.delivery.notices.deciding import Facts, Order
    from newsletter.delivery.transport import Transport
    from newsletter.personalization.message import Prepared
    from subscribers.database import Database
    from subscribers.publication import Publication

PUBLIC_URL = "https://news.example.org"
WEEK = timedelta(days=7)
_CONFIRMS = {
    NoticeKind.CONFIRM: "subscribe",
    NoticeKind.NEW_ADDRESS: "address",
    NoticeKind.REPERMISSION: "re-permission",
}


@dataclass
class Desk:
    """Where mails are asked for and sent, on a clock that stands still."""

    database: Database
    publication: Publication
    time: Time = field(default_factory=Time)
    numbers: count[int] = field(default_factory=lambda: count(1))

    def person(self, status: str | None = "pending", *, languages: str = "fr", name: str = "Ada") -> int:
        """Put somebody on the list, or (None) beside it; return their number."""
        number = next(self.numbers)
        with self.database.write() as session:
            person = Subscriber(email=f"p{number}@example.org", name=name, created_at=NOW, updated_at=NOW)
            session.add(person)
            session.flush()
            if status is not None:
                key = {"list_id": self.publication.id, "subscriber_id": person.id}
                session.add(Subscription(**key, status=status, languages=languages, created_at=NOW, updated_at=NOW))
        return person.id

    def ask(
        self, kind: NoticeKind, person: int, *, email: str | None = None, language: str = "", lasts: timedelta = WEEK
    ) -> int:
        """Ask for a mail as the verbs do; return the number of what its link confirms, 0 for nothing."""
        now, number = self.time.clock(), 0
        with self.database.write() as session:
            if kind in _CONFIRMS:
                row = Confirmation(
                    kind=_CONFIRMS[kind],
                    list_id=self.publication.id,
                    subscriber_id=person,
                    email=email,
                    created_at=now,
                    expires_at=now + lasts,
                )
                session.add(row)
                session.flush()
                number = row.id
            NoticePost().put(
                session,
                kind,
                list_id=self.publication.id,
                subscriber_id=person,
                confirmation_id=number or None,
                email=email,
                language=language,
                now=now,
            )
        return number

    def sender(self, transport: Transport, **changes: object) -> NoticeSender:
        values: dict[str, object] = {
            "ledger": NoticeLedger(changes.pop("database", self.database), self.token),  # type: ignore[arg-type]  # a database, where it is given
            "mails": NoticeMails(
                PUBLIC_URL,
                Signer(SECRET),
                publication=lambda _: self.publication,
                latest_issue=_no_issue,
                compile_form=_compiled,
            ),
            "transport": transport,
            "pace": Unpaced(),
            "clock": self.time.clock,
            "wait": self.time.wait,
            "timer": self._timer,
            "label": f"notices-{next(self.numbers)}",
        }
        return NoticeSender(**{**values, **changes})  # type: ignore[arg-type]  # by name, as it takes them

    def notices(self) -> list[Notice]:
        with self.database.read() as session:
            return list(session.scalars(select(Notice).order_by(Notice.id)))

    def states(self) -> list[str]:
        return [notice.state for notice in self.notices()]

    def change(self, model: type, **values: object) -> None:
        """Write these values into all rows of a table."""
        with self.database.write() as session:
            session.execute(update(model).values(values))

    def forget(self) -> None:
        """Begin anew with an empty table."""
        with self.database.write() as session:
            session.execute(delete(Notice))

    def suppress(self, address: str) -> None:
        with self.database.write() as session:
            session.add(Suppression(email=address, reason="bounce", since=NOW))

    def erase(self, person: int) -> None:
        with self.database.write() as session:
            session.delete(session.get_one(Subscriber, person))

    def let_claims_expire(self) -> None:
        """Let the time pass after which mails of the dead may be taken over."""
        self.time.now += timedelta(minutes=5)
        if not self.database.is_sqlite:
            with self.database.write() as session:
                claimed = Notice.state == "claimed"
                session.execute(update(Notice).where(claimed).values(lease_until=func.now() - timedelta(minutes=1)))

    def _timer(self) -> float:
        return self.time.now.timestamp()

    def token(self) -> str:
        return f"token-{next(self.numbers)}"


def make_desk(database: Database, **fields: object) -> Desk:
    return Desk(database, make_list(database, **fields))  # type: ignore[arg-type]  # by name, as it takes them


def read(message: bytes) -> EmailMessage:
    return email.message_from_bytes(message, policy=email.policy.default)


def body(message: EmailMessage, subtype: str = "plain") -> str:
    part = message.get_body((subtype,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


_FORMS: dict[tuple[NoticeKind, str, str], tuple[Publication, NoticeForm]] = {}


def _compiled(kind: NoticeKind, publication: Publication, language: str) -> NoticeForm:
    """Compile what no test has compiled yet."""
    key = kind, publication.slug, language
    if key not in _FORMS or _FORMS[key][0] != publication:
        _FORMS[key] = publication, compile_notice(kind, publication, language)
    return _FORMS[key][1]


def _no_issue(_publication: Publication, _order: Order, _facts: Facts) -> Prepared | None:
    return None
