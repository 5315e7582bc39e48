"""People and admins doing things in any order: who gets mail stays what a simple model of it says.

The model knows three facts of a person: whether they are on the list, whether they have left since their last own wish,
and why their address is suppressed. Whatever happens, mail goes to them only if all three allow it.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
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

from subscribers import service
from subscribers.errors import Refused
from subscribers.importing import import_subscribers
from subscribers.lifecycle import Standing
from subscribers.models import Consent, Subscription
from subscribers.preferences import Vocabulary
from subscribers.repository import consents, current_standing, find
from subscribers.suppression import Reason, reinstate, suppress
from tests.factories.people import NOW, make_list

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from subscribers.database import Database
    from subscribers.publication import Publication

_persons = itertools.count()


@dataclass
class Person:
    """What the model knows."""

    email: str
    on_the_list: bool = False
    left: bool = False
    suppressed: Reason | None = None
    paused_until: datetime | None = None

    def standing(self, now: datetime) -> Standing:
        if self.left or not self.on_the_list:
            return Standing.UNSUBSCRIBED
        if self.suppressed:
            return Standing.SUPPRESSED
        return Standing.PAUSED if self.paused_until and self.paused_until > now else Standing.ACTIVE


class Life(RuleBasedStateMachine):
    """One person and one list; the test below says in which database."""

    database: Database
    folder: Path
    publication: Publication
    vocabulary: Vocabulary

    @initialize()
    def a_person_nobody_knows(self) -> None:
        self.person = Person(f"person-{next(_persons)}@example.org")
        self.now = NOW
        self.logged = 0

    @rule(hours=st.integers(1, 50))
    def time_goes_by(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def an_admin_adds_them(self) -> None:
        self._add(returning=False)

    @precondition(lambda self: self.person.left)
    @rule()
    def they_ask_to_come_back(self) -> None:
        self._add(returning=True)

    def _add(self, *, returning: bool) -> None:
        allowed = not self.person.suppressed and (returning or not self.person.left)
        try:
            with self.database.write() as session:
                service.add(
                    session,
                    self.publication,
                    self.person.email.upper(),
                    vocabulary=self.vocabulary,
                    source="desk",
                    now=self.now,
                    returning=returning,
                )
        except Refused:
            assert not allowed
        else:
            assert allowed
            self.person.on_the_list, self.person.left = True, False

    @rule(topics=st.sampled_from(["", "ct", "ct;mri"]))
    def a_file_brings_them(self, topics: str) -> None:
        self._import("active", topics)

    @rule()
    def a_file_says_that_they_left(self) -> None:
        self._import("unsubscribed", "")
        self._leave()

    def _import(self, status: str, topics: str) -> None:
        file = self.folder / "person.csv"
        file.write_text(f"email,topics,status\n{self.person.email},{topics},{status}\n")
        result = self.folder / "result.csv"
        report = import_subscribers(
            self.database, self.publication, file, vocabulary=self.vocabulary, result=result, now=self.now
        )
        assert report.rows == 1
        assert report.rejected == 0
        assert report.added == (not self.person.on_the_list)
        self.person.on_the_list = True

    @precondition(lambda self: self.person.on_the_list)
    @rule()
    def they_leave(self) -> None:
        with self.database.write() as session:
            was_there = not self.person.left
            assert service.unsubscribe(session, self._subscription(session), source="page", now=self.now) == was_there
        self._leave()

    @precondition(lambda self: self.person.on_the_list and not self.person.left)
    @rule(hours=st.sampled_from([1_000, 1, 0]))
    def they_pause(self, hours: int) -> None:
        until = self.now + timedelta(hours=hours)
        allowed = hours > 0 and not self.person.left and not self.person.suppressed
        try:
            with self.database.write() as session:
                service.pause(session, self._subscription(session), until=until, source="page", now=self.now)
        except Refused:
            assert not allowed
        else:
            assert allowed
            self.person.paused_until = until

    @precondition(lambda self: self.person.paused_until)
    @rule()
    def they_resume(self) -> None:
        with self.database.write() as session:
            service.resume(session, self._subscription(session), source="page", now=self.now)
        self.person.paused_until = None

    @precondition(lambda self: self.person.on_the_list)
    @rule(topics=st.lists(st.sampled_from(["ct", "mri", "xray"]), max_size=2))
    def they_choose(self, topics: list[str]) -> None:
        try:
            with self.database.write() as session:
                subscription = self._subscription(session)
                service.choose(
                    session, subscription, vocabulary=self.vocabulary, topics=topics, source="page", now=self.now
                )
        except Refused:
            assert "xray" in topics

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
        if self.person.suppressed is Reason.COMPLAINT and self.person.on_the_list:
            self.person.left = True
        self.person.suppressed = None

    @invariant()
    def mail_goes_to_whom_the_model_says(self) -> None:
        with self.database.read() as session:
            person = find(session, self.person.email)
            assert (person is None) == (not self.person.on_the_list)
            if person is not None:
                current = current_standing(session, self.publication.id, [person.id], self.now)[person.id]
                assert current.standing is self.person.standing(self.now)
                assert current.email == self.person.email

    @invariant()
    def the_log_only_grows(self) -> None:
        with self.database.read() as session:
            person = find(session, self.person.email)
            lines: list[Consent] = list(consents(session, person.id)) if person else []
        assert len(lines) >= self.logged
        assert not lines or lines[0].action in ("subscribed", "unsubscribed")
        self.logged = len(lines)

    def _leave(self) -> None:
        self.person.left, self.person.paused_until = True, None

    def _subscription(self, session: Session) -> Subscription:
        return service.subscription_of(session, self.publication, self.person.email)


def test_mail_goes_only_to_those_who_want_it(database: Database, tmp_path: Path) -> None:
    limits = settings(max_examples=50, stateful_step_count=30, suppress_health_check=[HealthCheck.too_slow])
    publication = make_list(database)
    place = {"database": database, "folder": tmp_path, "publication": publication}
    machine = type("LifeHere", (Life,), {**place, "vocabulary": Vocabulary.of(publication)})
    run_state_machine_as_test(machine, settings=limits)
