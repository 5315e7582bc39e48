"""People and admins doing things in any order: who gets mail stays what a simple model of it says.

The model has a person's own last word (none, asked, in, out), why their address is suppressed, and the links that lie
in their mailboxes. Whatever happens, mail goes to them only if all of it allows that.
"""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete

from subscribers import joining, leaving, moving, service
from subscribers.confirmations import A_DAY, APART
from subscribers.errors import Refused
from subscribers.importing import import_subscribers
from subscribers.lifecycle import Standing, Status
from subscribers.models import Subscriber, Subscription
from subscribers.origin import Origin
from subscribers.ports import NoticeKind
from subscribers.preferences import Vocabulary
from subscribers.repository import consents, current_standing, find
from subscribers.suppression import Reason, reinstate, suppress
from tests.factories.people import NOW, make_list
from tests.fakes.post import FakePost
from tests.fixtures.thoroughness import examples

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session

    from subscribers.database import Database
    from subscribers.publication import Publication

_addresses = itertools.count()
_PAGE = Origin("page", ip="192.0.2.0/24", wording="v1", language="fr")
_WEEK = timedelta(days=7)


def _fresh() -> str:
    return f"person-{next(_addresses)}@example.org"


@dataclass
class Link:
    """A button in a mailbox."""

    number: int
    address: str | None
    """That it would move them to."""
    until: datetime
    used: bool = False


@dataclass
class Person:
    """What the model knows."""

    email: str
    word: str = ""
    """Their own last one: `asked`, `in` or `out`; "": nobody asked them."""
    suppressed: Reason | None = None
    paused_until: datetime | None = None
    undo_until: datetime | None = None
    links: list[Link] = field(default_factory=list)

    def standing(self, now: datetime) -> Standing:
        if self.word != "in":
            return Standing.UNSUBSCRIBED
        if self.suppressed:
            return Standing.SUPPRESSED
        return Standing.PAUSED if self.paused_until and self.paused_until > now else Standing.ACTIVE

    def leaves(self, now: datetime, *, by_link: bool) -> None:
        if self.word != "out":
            takes_back = by_link and self.word == "in" and not self.suppressed
            self.undo_until = now + timedelta(days=30) if takes_back else None
        self.word, self.paused_until = "out", None
        self.end_links(now, of_list=True)

    def end_links(self, now: datetime, *, of_list: bool) -> None:
        for link in self.links:
            if not (of_list and link.address):
                link.until = min(link.until, now)


class Life(RuleBasedStateMachine):
    """One person and one list; the test below says in which database."""

    database: Database
    folder: Path
    publication: Publication
    vocabulary: Vocabulary

    @initialize()
    def a_person_nobody_knows(self) -> None:
        self.person = Person(_fresh())
        self.now = NOW
        self.post = FakePost()
        self.log: list[tuple[int, str]] = []

    @rule(hours=st.sampled_from([1, 5, 50, 24 * 20]))
    def time_goes_by(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def somebody_types_their_address(self) -> None:
        orders = len(self.post.orders)
        with self.database.write() as session:
            joining.request(
                session,
                self.publication,
                self.person.email.upper(),
                vocabulary=self.vocabulary,
                origin=_PAGE,
                post=self.post,
                now=self.now,
            )
        put = [order.kind for order in self.post.orders[orders:]]
        if self.person.suppressed:
            assert not put, "who is suppressed gets no mail"
        elif self.person.word == "in":
            assert put == [NoticeKind.ALREADY], "who is on the list is told so, and asked nothing"
        self._collect(orders)

    @precondition(lambda self: self.person.links)
    @rule(data=st.data())
    def a_button_is_pressed(self, data: st.DataObject) -> None:
        link = data.draw(st.sampled_from(self.person.links))
        person, orders = self.person, len(self.post.orders)
        stands = person.email == link.address if link.address else person.word == "in"
        works = not link.used and self.now < link.until
        blocked = link.address not in (None, person.email) and person.suppressed is Reason.MANUAL
        with self._allowed((works and not blocked) or (link.used and stands)), self.database.write() as session:
            confirmed = joining.confirm(session, link.number, origin=_PAGE, post=self.post, now=self.now)
            assert confirmed.again == stands
        if not works or blocked:
            assert len(self.post.orders) == orders
            return
        link.used = True
        if link.address is None:
            person.word, person.undo_until = "in", person.undo_until if stands else None
        elif not stands:
            person.end_links(self.now, of_list=False)
            if person.suppressed is Reason.COMPLAINT and person.word == "in":
                person.leaves(self.now, by_link=False)
            person.email, person.suppressed = link.address, None
        self._collect(orders)

    @rule(returning=st.booleans())
    def an_admin_adds_them(self, *, returning: bool) -> None:
        allowed = not self.person.suppressed and (returning or self.person.word != "out")
        with self._allowed(allowed), self.database.write() as session:
            service.add(
                session,
                self.publication,
                self.person.email.upper(),
                vocabulary=self.vocabulary,
                source="desk",
                now=self.now,
                returning=returning,
            )
        if allowed:
            self.person.word, self.person.undo_until = "in", None

    @rule(topics=st.sampled_from(["", "ct", "ct;mri"]))
    def a_file_brings_them(self, topics: str) -> None:
        self._import("active", topics)
        self.person.word = self.person.word or "in"

    @rule()
    def a_file_says_that_they_left(self) -> None:
        self._import("unsubscribed", "")
        if self.person.word != "out":
            self.person.leaves(self.now, by_link=False)

    def _import(self, status: str, topics: str) -> None:
        file = self.folder / "person.csv"
        file.write_text(f"email,topics,status\n{self.person.email},{topics},{status}\n")
        result = self.folder / "result.csv"
        report = import_subscribers(
            self.database, self.publication, file, vocabulary=self.vocabulary, result=result, now=self.now
        )
        assert report.rows == 1
        assert report.rejected == 0
        assert report.added == (not self.person.word)

    @precondition(lambda self: self.person.word)
    @rule(by_link=st.booleans())
    def they_leave(self, *, by_link: bool) -> None:
        with self.database.write() as session:
            subscription = self._subscription(session)
            if by_link:
                number = subscription.subscriber_id
                left = leaving.leave(session, self.publication.id, number, campaign_id=7, origin=_PAGE, now=self.now)
            else:
                left = service.unsubscribe(session, subscription, source="page", now=self.now)
            assert left == (self.person.word != "out")
        self.person.leaves(self.now, by_link=True)

    @precondition(lambda self: self.person.word)
    @rule()
    def they_take_it_back(self) -> None:
        person = self.person
        in_time = person.undo_until is not None and self.now <= person.undo_until
        may = not person.suppressed and (person.word == "in" or (person.word == "out" and in_time))
        with self._allowed(may), self.database.write() as session:
            number = self._subscription(session).subscriber_id
            assert leaving.undo(session, self.publication.id, number, origin=_PAGE, now=self.now) == (
                person.word == "out"
            )
        if may:
            person.word, person.undo_until = "in", None

    @precondition(lambda self: self.person.word)
    @rule()
    def they_ask_for_another_address(self) -> None:
        orders = len(self.post.orders)
        asked = sum(
            self.now - order.now < timedelta(days=1)
            for order in self.post.orders
            if order.kind is NoticeKind.NEW_ADDRESS
        )
        with self._allowed(asked < A_DAY), self.database.write() as session:
            number = self._subscription(session).subscriber_id
            moving.request_change(
                session, self.publication.id, number, _fresh(), origin=_PAGE, post=self.post, now=self.now
            )
        self._collect(orders)

    @precondition(lambda self: self.person.word in ("in", "out"))
    @rule(hours=st.sampled_from([1_000, 1, 0]))
    def they_pause(self, hours: int) -> None:
        until = self.now + timedelta(hours=hours)
        allowed = hours > 0 and self.person.word == "in" and not self.person.suppressed
        with self._allowed(allowed), self.database.write() as session:
            service.pause(session, self._subscription(session), until=until, source="page", now=self.now)
        if allowed:
            self.person.paused_until = until

    @precondition(lambda self: self.person.paused_until)
    @rule()
    def they_resume(self) -> None:
        with self.database.write() as session:
            service.resume(session, self._subscription(session), source="page", now=self.now)
        self.person.paused_until = None

    @precondition(lambda self: self.person.word)
    @rule(topics=st.lists(st.sampled_from(["ct", "mri", "xray"]), max_size=2))
    def they_choose(self, topics: list[str]) -> None:
        with self._allowed("xray" not in topics), self.database.write() as session:
            subscription = self._subscription(session)
            service.choose(
                session, subscription, vocabulary=self.vocabulary, topics=topics, source="page", now=self.now
            )

    @rule(reason=st.sampled_from(Reason))
    def the_address_is_suppressed(self, reason: Reason) -> None:
        with self.database.write() as session:
            suppress(session, self.person.email, reason, source="feedback", now=self.now)
        if self.person.suppressed is None or reason is Reason.COMPLAINT:
            self.person.suppressed = reason

    @precondition(lambda self: self.person.suppressed)
    @rule()
    def the_suppression_is_lifted(self) -> None:
        with self.database.write() as session:
            reinstate(session, self.person.email, source="desk", now=self.now)
        if self.person.suppressed is Reason.COMPLAINT:
            if self.person.word in ("in", "out"):
                self.person.leaves(self.now, by_link=False)
            self.person.undo_until = None
        self.person.suppressed = None

    @precondition(lambda self: self.person.word)
    @rule()
    def they_are_forgotten(self) -> None:
        with self.database.write() as session:
            session.execute(delete(Subscriber).where(Subscriber.email == self.person.email))
            links = [link.number for link in self.person.links]
        for number in links:
            with self._allowed(allowed=False), self.database.write() as session:
                joining.confirm(session, number, origin=_PAGE, post=self.post, now=self.now)
        self.person = Person(self.person.email, suppressed=self.person.suppressed)
        self.post, self.log = FakePost(), []

    @invariant()
    def mail_goes_to_whom_the_model_says(self) -> None:
        with self.database.read() as session:
            person = find(session, self.person.email)
            assert (person is None) == (not self.person.word)
            if person is not None:
                current = current_standing(session, self.publication.id, [person.id], self.now)[person.id]
                assert current.standing is self.person.standing(self.now)
                assert current.email == self.person.email
                status = self._subscription(session).status
                assert not (status == Status.ACTIVE and self.person.suppressed), "a suppression shows in the status"

    @invariant()
    def the_log_only_grows_and_tells_their_last_word(self) -> None:
        with self.database.read() as session:
            person = find(session, self.person.email)
            lines = [(line.id, line.action) for line in consents(session, person.id)] if person else []
        assert lines[: len(self.log)] == self.log, "nothing that was written changes"
        self.log = lines
        word = ""
        for _, action in lines:
            word = _SAYS.get(action, word) if action != "requested" else word or "asked"
        assert word == self.person.word, "nobody is on the list whose consent is not on record"

    @invariant()
    def nobody_is_pestered(self) -> None:
        for address, kinds in ((None, {NoticeKind.CONFIRM}), *((link.address, _ASKS) for link in self.person.links)):
            sent = [order.now for order in self.post.orders if order.kind in kinds and order.email == address]
            for before, after in itertools.pairwise(sent):
                assert after - before >= APART
            for first, last in zip(sent, sent[A_DAY:], strict=False):
                assert last - first >= timedelta(days=1)

    def _collect(self, orders: int) -> None:
        """Put what was sent since into the mailbox, and see what that says of them."""
        for order in self.post.orders[orders:]:
            if order.confirmation_id is not None:
                self.person.links.append(Link(order.confirmation_id, order.email, self.now + _WEEK))
                if order.kind is NoticeKind.CONFIRM:
                    self.person.word = self.person.word or "asked"

    @contextmanager
    def _allowed(self, allowed: object) -> Iterator[None]:
        """Hold what is done to whether it may be; a refusal never repeats an address."""
        refused = ""
        try:
            yield
        except Refused as refusal:
            refused = str(refusal)
        assert bool(refused) != bool(allowed), refused
        assert "@" not in refused

    def _subscription(self, session: Session) -> Subscription:
        return service.subscription_of(session, self.publication, self.person.email)


_SAYS = {"subscribed": "in", "confirmed": "in", "unsubscribed": "out"}
_ASKS = {NoticeKind.CONFIRM, NoticeKind.NEW_ADDRESS}


def test_mail_goes_only_to_those_who_want_it(database: Database, tmp_path: Path) -> None:
    usual = 15 if database.is_sqlite else 6  # each step of theirs costs a round trip, and says the same
    limits = settings(
        max_examples=examples(usual), stateful_step_count=30, suppress_health_check=[HealthCheck.too_slow]
    )
    publication = make_list(database)
    place = {"database": database, "folder": tmp_path, "publication": publication}
    machine = type("LifeHere", (Life,), {**place, "vocabulary": Vocabulary.of(publication)})
    run_state_machine_as_test(machine, settings=limits)
