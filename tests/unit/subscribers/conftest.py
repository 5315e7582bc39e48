"""A list, a post office and somebody at a page: what the tests of the verbs start from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from subscribers import joining, leaving, moving, wishes
from subscribers.lifecycle import Status
from subscribers.models import Subscription
from subscribers.origin import Origin
from subscribers.preferences import Vocabulary
from subscribers.publication import Policies
from subscribers.repository import consents, find
from tests.factories.people import NOW, make_list
from tests.fakes.post import FakePost

if TYPE_CHECKING:
    from collections.abc import Sequence

    from subscribers.database import Database
    from subscribers.joining import Confirmed
    from subscribers.publication import Publication

PAGE = Origin("page", ip="192.0.2.0/24", wording="I want this letter (v1)", language="fr")


@dataclass
class Desk:
    """One list, its verbs each in a transaction of its own, and a clock that a test moves."""

    database: Database
    publication: Publication
    post: FakePost = field(default_factory=FakePost)
    now: datetime = NOW

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)

    def request(self, email: str, **given: Any) -> None:  # noqa: ANN401 - of `joining.request`
        with self.database.write() as session:
            joining.request(
                session,
                self.publication,
                email,
                vocabulary=self.vocabulary,
                post=self.post,
                now=self.now,
                **{"origin": PAGE, **given},
            )

    def confirm(self, confirmation_id: int | None = None) -> Confirmed:
        """Press the button in the newest mail, or in another one."""
        number = self.post.last.confirmation_id if confirmation_id is None else confirmation_id
        assert number is not None
        with self.database.write() as session:
            return joining.confirm(session, number, origin=PAGE, post=self.post, now=self.now)

    def joined(self, email: str, **given: Any) -> int:  # noqa: ANN401 - likewise
        """Return the number of somebody who has come by request and confirmation."""
        self.request(email, **given)
        return self.confirm().subscriber_id

    def leave(self, subscriber_id: int, campaign_id: int | None = None) -> bool:
        with self.database.write() as session:
            return leaving.leave(
                session, self.publication.id, subscriber_id, campaign_id=campaign_id, origin=PAGE, now=self.now
            )

    def undo(self, subscriber_id: int) -> bool:
        with self.database.write() as session:
            return leaving.undo(session, self.publication.id, subscriber_id, origin=PAGE, now=self.now)

    def change_address(self, subscriber_id: int, email: str) -> None:
        with self.database.write() as session:
            moving.request_change(
                session, self.publication.id, subscriber_id, email, origin=PAGE, post=self.post, now=self.now
            )

    def wish(self, subscriber_id: int, **wanted: Any) -> bool:  # noqa: ANN401 - of `wishes.Wishes`
        with self.database.write() as session:
            subscription = session.get_one(Subscription, (self.publication.id, subscriber_id))
            return wishes.set_wishes(
                session,
                subscription,
                wishes.Wishes(**wanted),
                vocabulary=self.vocabulary,
                origin=PAGE,
                now=self.now,
            )

    def wishes(self, subscriber_id: int) -> wishes.Wishes:
        with self.database.read() as session:
            return wishes.wishes_of(session, self.publication.id, subscriber_id)

    def subscription(self, email: str) -> Subscription | None:
        with self.database.read() as session:
            person = find(session, email)
            return None if person is None else session.get(Subscription, (self.publication.id, person.id))

    def status(self, email: str) -> Status | None:
        found = self.subscription(email)
        return None if found is None else Status(found.status)

    def log(self, subscriber_id: int) -> Sequence[str]:
        with self.database.read() as session:
            return [line.action for line in consents(session, subscriber_id)]

    @property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary.of(self.publication, ("de", "ar"))


@pytest.fixture
def desk(sqlite_database: Database) -> Desk:
    """Return a list that asks for a confirmation and offers a monthly edition; `test_life` runs on PostgreSQL too."""
    return Desk(sqlite_database, make_list(sqlite_database, policies=Policies(digest_offered=True)))
