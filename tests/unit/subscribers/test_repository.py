"""The audience, and the questions about people."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING

from subscribers import lifecycle, repository
from subscribers.bulk import reserve_subscriber_ids
from subscribers.lifecycle import Standing, Status
from subscribers.models import Subscriber, Subscription
from subscribers.repository import Current, PreferenceGroup
from tests.factories.people import MIXED, NOW, Choice, email, make_list, make_people

if TYPE_CHECKING:
    from subscribers.database import Database

INSTANTS = (None, NOW - timedelta(days=1), NOW, NOW + timedelta(seconds=1))
EVERYTHING = [
    Choice(status=status, suppressed=suppressed, paused_until=until)
    for status, suppressed, until in product(Status, (False, True), INSTANTS)
]


def standing(choice: Choice) -> Standing:
    return lifecycle.standing(
        Status(choice.status), suppressed=choice.suppressed, paused_until=choice.paused_until, now=NOW
    )


def test_the_database_and_the_rules_agree_on_who_stands_how(database: Database) -> None:
    publication = make_list(database)
    make_people(database, publication, len(EVERYTHING), EVERYTHING)
    with database.read() as session:
        found = {
            reader.subscriber_id: reader.standing for reader in repository.stream_audience(session, publication.id, NOW)
        }
        now = repository.current_standing(session, publication.id, range(1, len(EVERYTHING) + 1), NOW)
    for number, choice in enumerate(EVERYTHING, start=1):
        assert now[number] == Current(email(number), f"Person {number}", standing(choice))
        assert found.get(number) == (None if choice.status == "pending" else standing(choice))


def test_the_audience_streams_what_each_chose(database: Database) -> None:
    publication = make_list(database)
    make_people(database, publication, 250)
    with database.read() as session:
        readers = list(repository.stream_audience(session, publication.id, NOW, batch=40))
    assert len(readers) == len({reader.subscriber_id for reader in readers})
    chosen = Counter((reader.languages, reader.topics, reader.standing) for reader in readers)
    # two and a half times the hundred of the deck
    deck = [choice for choice in MIXED for _ in range(choice.weight)]
    dealt = [deck[number % 100] for number in range(250)]
    assert chosen == Counter((c.languages, c.topics, standing(c)) for c in dealt if c.status != "pending")


def test_groups_are_the_audience_counted(database: Database) -> None:
    publication = make_list(database)
    make_people(database, publication, 300)
    with database.read() as session:
        groups = repository.preference_groups(session, publication.id, NOW)
        readers = Counter(reader[1:] for reader in repository.stream_audience(session, publication.id, NOW))
    assert {group[:4]: group.people for group in groups} == readers
    assert PreferenceGroup("fr en", "cardiac", "", Standing.ACTIVE, 45) in groups


def test_an_audience_is_of_one_list(database: Database) -> None:
    one, other = make_list(database, "one"), make_list(database, "other")
    make_people(database, one, 3)
    make_people(database, other, 2, [Choice()], first=4)
    with database.read() as session:
        assert len(list(repository.stream_audience(session, one.id, NOW))) == 3
        assert repository.preference_groups(session, other.id, NOW) == [
            PreferenceGroup("fr", "", "", Standing.ACTIVE, 2)
        ]
        current = repository.current_standing(session, one.id, [1, 4], NOW)
    assert (current[1].standing, current[4].standing) == (Standing.ACTIVE, Standing.UNSUBSCRIBED)


def test_an_erased_person_is_erased_and_their_number_never_given_again(database: Database) -> None:
    publication = make_list(database)
    make_people(database, publication, 3, [Choice()])
    with database.write() as session:
        session.delete(session.get_one(Subscriber, 3))
    make_people(database, publication, 1, [Choice()], first=9)
    with database.write() as session:
        assert min(reserve_subscriber_ids(session, 2)) > 4
        current = repository.current_standing(session, publication.id, [2, 3, 4], NOW)
    assert current[3] == Current("", "", Standing.ERASED)
    assert (current[2].email, current[4].email) == (email(2), email(9))


def test_nobody_is_asked_about(database: Database) -> None:
    publication = make_list(database)
    with database.read() as session:
        assert repository.current_standing(session, publication.id, [], NOW) == {}


def test_members_come_by_the_page(database: Database) -> None:
    publication = make_list(database)
    make_people(database, publication, 25)
    with database.read() as session:
        first = repository.members(session, publication.id, limit=10)
        second = repository.members(session, publication.id, after=first[-1].subscriber_id, limit=20)
    assert [member.subscriber_id for member in (*first, *second)] == list(range(1, 26))
    assert first[0].email == email(1)
    assert (first[0].list, first[0].status, first[0].since) == ("imaging", Status.ACTIVE, NOW)


def test_a_person_is_shown_with_all_their_lists(database: Database) -> None:
    one, other = make_list(database, "b-list"), make_list(database, "a-list")
    make_people(database, one, 1, [Choice(suppressed=True, paused_until=NOW + timedelta(days=2))])
    with database.write() as session:
        person = repository.find(session, email(1))
        assert person is not None
        session.add(
            Subscription(
                list_id=other.id, subscriber_id=person.id, status="unsubscribed", created_at=NOW, updated_at=NOW
            )
        )
    with database.read() as session:
        first, second = repository.memberships(session, email(1))
        assert repository.memberships(session, "nobody@example.org") == []
        assert repository.find(session, "nobody@example.org") is None
    assert (first.list, first.status) == ("a-list", Status.UNSUBSCRIBED)
    assert (second.list, second.suppressed, second.paused_until) == ("b-list", "bounce", NOW + timedelta(days=2))


def test_a_list_is_counted_by_status(database: Database) -> None:
    publication = make_list(database)
    make_people(database, publication, 100)
    with database.read() as session:
        counts = repository.status_counts(session, publication.id)
        assert repository.status_counts(session, publication.id + 1) == dict.fromkeys(Status, 0)
    assert counts == {Status.PENDING: 1, Status.ACTIVE: 95, Status.UNSUBSCRIBED: 3, Status.SUPPRESSED: 1}
