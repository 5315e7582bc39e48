"""What an admin or a person does to one subscription."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from subscribers import service
from subscribers.errors import InvalidAddress, NotFound, Refused
from subscribers.lifecycle import Fate
from subscribers.preferences import Vocabulary
from subscribers.repository import consents, find, memberships
from subscribers.suppression import Reason, reinstate, suppress, suppressions
from tests.factories.people import NOW, make_list

if TYPE_CHECKING:
    from collections.abc import Callable

    from subscribers.database import Database
    from subscribers.models import Subscription
    from subscribers.repository import Member

ANN = "ann@example.org"
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


class Desk:
    """A list and somebody who works at it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.publication = make_list(database)
        self.vocabulary = Vocabulary.of(self.publication, ["de"])

    def add(self, email: str = ANN, **more: Any) -> Fate:  # noqa: ANN401 - the verb's own
        details = {"vocabulary": self.vocabulary, "source": "desk", "now": NOW, **more}
        with self.database.write() as session:
            return service.add(session, self.publication, email, **details)

    def do(self, verb: Callable[..., bool], email: str = ANN, **more: Any) -> bool:  # noqa: ANN401 - by name, as the verb takes them
        with self.database.write() as session:
            subscription = service.subscription_of(session, self.publication, email)
            return verb(session, subscription, **{"source": "desk", "now": LATER, **more})

    def choose(self, **more: Any) -> bool:  # noqa: ANN401 - by name, as the verb takes them
        return self.do(service.choose, vocabulary=self.vocabulary, **more)

    def suppress(self, reason: Reason, email: str = ANN) -> bool:
        with self.database.write() as session:
            return suppress(session, email, reason, source="desk", now=LATER)

    def reinstate(self, email: str = ANN) -> None:
        with self.database.write() as session:
            reinstate(session, email, source="desk", now=LATER)

    def member(self, email: str = ANN) -> Member:
        with self.database.read() as session:
            (member,) = memberships(session, email)
        return member

    def log(self, email: str = ANN) -> list[tuple[str, str, str]]:
        with self.database.read() as session:
            person = find(session, email)
            assert person is not None
            return [(line.action, line.source, line.detail) for line in consents(session, person.id)]


def test_who_is_added_is_active_and_the_log_says_from_where(desk: Desk) -> None:
    assert desk.add(" Ann@Example.org", name=" Ann  B ", languages=["de", "en"], topics=["mri", "ct"]) is Fate.ADDED
    member = desk.member()
    assert (member.email, member.name, member.status) == (ANN, "Ann B", "active")
    assert (member.languages, member.topics, member.since) == ("de en", "ct mri", NOW)
    assert desk.log() == [("subscribed", "desk", "")]


def test_the_same_again_changes_nothing(desk: Desk) -> None:
    desk.add(name="Ann", topics=["ct"])
    assert desk.add(name="Ann", topics=["ct"]) is Fate.UNCHANGED
    assert desk.add() is Fate.UNCHANGED
    assert desk.member().topics == "ct"
    assert len(desk.log()) == 1


def test_who_is_there_gets_what_is_named(desk: Desk) -> None:
    desk.add(name="Ann", languages=["fr"], topics=["ct"])
    assert desk.add(topics=["mri"], now=LATER) is Fate.UPDATED
    assert desk.add(name="Ann B", now=LATER) is Fate.UPDATED
    member = desk.member()
    assert (member.name, member.languages, member.topics) == ("Ann B", "fr", "mri")
    assert desk.log()[1:] == [("preferences", "desk", "topics: ct → mri")]


@pytest.mark.parametrize("more", [{"topics": ["xray"]}, {"languages": ["it"]}])
def test_nobody_chooses_what_the_list_does_not_have(desk: Desk, more: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="There is no"):
        desk.add(**more)
    desk.add()
    with pytest.raises(Refused, match="There is no"):
        desk.choose(**more)


def test_no_refusal_repeats_an_address(desk: Desk) -> None:
    desk.add()
    desk.do(service.unsubscribe)
    desk.suppress(Reason.MANUAL, "bob@example.org")
    for email, kind in ((ANN, Refused), ("bob@example.org", Refused), ("zoe@@example.org", InvalidAddress)):
        with pytest.raises(kind) as refusal:
            desk.add(email)
        assert "example.org" not in str(refusal.value)
    with pytest.raises(NotFound) as refusal:
        desk.do(service.unsubscribe, "nobody@example.org")
    assert "nobody@" not in str(refusal.value)


def test_who_left_comes_back_only_by_their_own_wish(desk: Desk) -> None:
    desk.add(topics=["ct"])
    assert desk.do(service.unsubscribe)
    assert not desk.do(service.unsubscribe)
    with pytest.raises(Refused, match="has left the list"):
        desk.add()
    assert desk.member().status == "unsubscribed"
    assert desk.add(returning=True, now=LATER + timedelta(hours=1)) is Fate.UPDATED
    assert (desk.member().status, desk.member().topics) == ("active", "ct")
    assert [action for action, _, _ in desk.log()] == ["subscribed", "unsubscribed", "subscribed"]


def test_leaving_ends_a_pause(desk: Desk) -> None:
    desk.add()
    desk.do(service.pause, until=LATER + timedelta(days=1))
    desk.do(service.unsubscribe)
    assert desk.member().paused_until is None


def test_choices_are_changed_one_by_one_and_back_to_all(desk: Desk) -> None:
    desk.add(languages=["fr"], topics=["ct"])
    assert desk.choose(languages=["en", "fr"])
    assert desk.choose(topics=[])
    assert not desk.choose(topics=[])
    assert (desk.member().languages, desk.member().topics) == ("en fr", "")
    assert [detail for _, _, detail in desk.log()[1:]] == ["languages: fr → en fr", "topics: ct → –"]


def test_a_pause_ends_by_itself_or_by_hand(desk: Desk) -> None:
    desk.add()
    until = LATER + timedelta(days=7)
    assert desk.do(service.pause, until=until)
    assert not desk.do(service.pause, until=until)
    assert desk.member().paused_until == until
    assert desk.do(service.resume)
    assert not desk.do(service.resume)
    assert desk.member().paused_until is None
    assert [action for action, _, _ in desk.log()] == ["subscribed", "paused", "resumed"]


def test_a_pause_needs_an_end_and_somebody_who_gets_mail(desk: Desk) -> None:
    desk.add()
    with pytest.raises(Refused, match="in the future"):
        desk.do(service.pause, until=LATER)
    desk.do(service.unsubscribe)
    with pytest.raises(Refused, match="this one is unsubscribed"):
        desk.do(service.pause, until=LATER + timedelta(days=1))


def test_a_suppressed_address_is_not_added(desk: Desk) -> None:
    assert desk.suppress(Reason.BOUNCE, "ANN@example.org")
    with pytest.raises(Refused, match="suppressed"):
        desk.add()
    desk.reinstate()
    assert desk.add() is Fate.ADDED


def test_suppression_holds_on_all_lists_until_it_is_lifted(desk: Desk) -> None:
    desk.add()
    assert desk.suppress(Reason.BOUNCE)
    assert not desk.suppress(Reason.MANUAL)
    assert (desk.member().status, desk.member().suppressed) == ("suppressed", "bounce")
    desk.reinstate()
    assert (desk.member().status, desk.member().suppressed) == ("active", None)
    assert desk.log()[1:] == [("suppressed", "bounce, desk", ""), ("reinstated", "desk", "")]


def test_who_complained_does_not_come_back(desk: Desk) -> None:
    desk.add()
    desk.suppress(Reason.BOUNCE)
    assert not desk.suppress(Reason.COMPLAINT)
    assert desk.member().suppressed == "complaint"
    desk.reinstate()
    assert desk.member().status == "unsubscribed"


def test_who_left_while_suppressed_has_left(desk: Desk) -> None:
    desk.add()
    desk.suppress(Reason.BOUNCE)
    assert desk.do(service.unsubscribe)
    desk.reinstate()
    assert desk.member().status == "unsubscribed"


def test_what_is_not_suppressed_cannot_be_lifted(desk: Desk) -> None:
    with pytest.raises(NotFound, match="not on the suppression list"):
        desk.reinstate()


def test_the_suppression_list_is_read_oldest_first(desk: Desk) -> None:
    with desk.database.write() as session:
        for name, reason, hours in (("c", "manual", 2), ("a", "bounce", 1), ("b", "complaint", 3)):
            at = NOW + timedelta(hours=hours)
            suppress(session, f"{name}@example.org", Reason(reason), source="desk", now=at, detail=name)
    with desk.database.read() as session:
        found = list(suppressions(session, batch=2))
    assert [(each.email[0], each.reason, each.detail) for each in found] == [
        ("a", Reason.BOUNCE, "a"),
        ("c", Reason.MANUAL, "c"),
        ("b", Reason.COMPLAINT, "b"),
    ]
    assert found[0].since == NOW + timedelta(hours=1)


def test_lists_share_people_and_not_choices(desk: Desk) -> None:
    other = make_list(desk.database, "other")
    desk.add(topics=["ct"])
    with desk.database.write() as session:
        service.add(session, other, ANN, vocabulary=desk.vocabulary, source="desk", now=NOW, topics=["mri"])
        subscription: Subscription = service.subscription_of(session, other, ANN)
        service.unsubscribe(session, subscription, source="desk", now=NOW)
    with desk.database.read() as session:
        mine, others = memberships(session, ANN)
    assert (mine.status, mine.topics, others.status, others.topics) == ("active", "ct", "unsubscribed", "mri")
    assert mine.subscriber_id == others.subscriber_id
