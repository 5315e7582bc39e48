"""Lists, kept and changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from subscribers.errors import AlreadyExists, InvalidAddress, NotFound, Refused
from subscribers.lists import ListStore
from subscribers.publication import Branding, Draft, NothingLeft, Topic
from tests.factories.people import NOW, Choice, make_list, make_people

if TYPE_CHECKING:
    from subscribers.database import Database


def draft(**fields: Any) -> Draft:  # noqa: ANN401 - of any field
    basics = {"slug": "imaging", "name": "Imaging", "sender_name": "Desk", "sender_email": "desk@example.org"}
    return Draft(**{**basics, "languages": ("fr",), **fields})


def test_a_list_is_found_as_it_was_made(database: Database) -> None:
    topics = (
        Topic("mri", labels={"fr": "IRM"}, keywords={"fr": ("IRM", "résonance magnétique")}),
        Topic("ct", labels={"fr": "Scanner"}),
    )
    branding = Branding(accent="#123456", logo_url="https://example.org/logo.png", tagline={"fr": "Le fil"})
    made = draft(
        languages=("fr", "en"),
        topics=topics,
        branding=branding,
        reply_to="Answers@Example.org",
        postal_address="1 rue de l’Exemple",
        nothing_left=NothingLeft.SKIP,
    )
    with database.write() as session:
        created = ListStore(session).create(made, NOW)
    with database.read() as session:
        found = ListStore(session).get("imaging")
        assert ListStore(session).by_id(created.id) == found
        assert ListStore(session).all() == [found]
    assert found == created
    assert (found.topics, found.branding, found.languages) == (topics, branding, ("fr", "en"))
    assert (found.reply_to, found.nothing_left) == ("answers@example.org", NothingLeft.SKIP)
    assert found.default_language == "fr"


def test_a_slug_is_taken_once(database: Database) -> None:
    make_list(database, "imaging")
    with pytest.raises(AlreadyExists, match="imaging"), database.write() as session:
        ListStore(session).create(draft(), NOW)


def test_a_list_that_is_not_there_is_named_with_those_that_are(sqlite_database: Database) -> None:
    with sqlite_database.read() as session:
        with pytest.raises(NotFound, match="newsletter list create"):
            ListStore(session).get("imaging")
        with pytest.raises(NotFound, match="number 7"):
            ListStore(session).by_id(7)
    make_list(sqlite_database, "weekly")
    with sqlite_database.read() as session, pytest.raises(NotFound, match="There are: weekly"):
        ListStore(session).get("imaging")


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"slug": "Imaging"}, "slug"),
        ({"slug": "-a"}, "slug"),
        ({"slug": "a" * 65}, "slug"),
        ({"name": " "}, "name"),
        ({"name": "a\r\nBcc: b"}, "name"),
        ({"sender_name": "a\nb"}, "sender's name"),
        ({"languages": ()}, "needs a language"),
        ({"languages": ("french",)}, "“french” is no language code"),
        ({"topics": (Topic("a b"),)}, "“a b” cannot be a topic's slug"),
        ({"topics": (Topic("a"), Topic("a"))}, "“a” stands there twice"),
        ({"branding": Branding(accent="blue")}, "“blue” is no colour"),
        ({"branding": Branding(accent="#fff;}")}, "no colour"),
        ({"branding": Branding(logo_url="javascript:alert(1)")}, "logo"),
        ({"branding": Branding(logo_url="https://example.org/a b")}, "logo"),
        ({"branding": Branding(logo_width=0)}, "600 pixels"),
    ],
)
def test_what_cannot_be_a_list_is_refused(sqlite_database: Database, fields: dict[str, Any], what: str) -> None:
    with pytest.raises(Refused, match=what), sqlite_database.write() as session:
        ListStore(session).create(draft(**fields), NOW)


def test_a_sender_has_to_have_an_address(sqlite_database: Database) -> None:
    with pytest.raises(InvalidAddress), sqlite_database.write() as session:
        ListStore(session).create(draft(sender_email="desk"), NOW)


def test_languages_have_one_spelling(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        assert ListStore(session).create(draft(languages=("FR", "pt_BR", "fr")), NOW).languages == ("fr", "pt-br")


def test_what_is_named_is_changed_and_nothing_else(database: Database) -> None:
    before = make_list(database)
    with database.write() as session:
        after = ListStore(session).edit("imaging", name="Images", reply_to=None)
    assert after.name == "Images"
    assert (after.topics, after.branding, after.id) == (before.topics, before.branding, before.id)
    with database.read() as session:
        assert ListStore(session).get("imaging") == after


def test_a_list_keeps_its_slug(sqlite_database: Database) -> None:
    make_list(sqlite_database)
    with pytest.raises(Refused, match="keeps its slug"), sqlite_database.write() as session:
        ListStore(session).edit("imaging", slug="other")


def test_a_topic_that_somebody_chose_stays(database: Database) -> None:
    publication = make_list(database, topics=(Topic("ct"), Topic("mri"), Topic("mr")))
    make_people(database, publication, 2, [Choice(topics="ct mri")])
    with pytest.raises(Refused, match="“mri” was chosen, or left out, by 2 subscribers"), database.write() as session:
        ListStore(session).edit("imaging", topics=(Topic("ct"), Topic("mr")))
    with database.write() as session:
        edited = ListStore(session).edit("imaging", topics=(Topic("ct"), Topic("mri"), Topic("new")))
    assert [topic.slug for topic in edited.topics] == ["ct", "mri", "new"]


def test_a_vocabulary_can_be_relabelled(database: Database) -> None:
    publication = make_list(database, topics=(Topic("ct"),))
    make_people(database, publication, 1, [Choice(topics="ct")])
    with database.write() as session:
        edited = ListStore(session).edit("imaging", topics=(Topic("ct", labels={"fr": "Scanner"}),))
    assert edited.topics[0].label("fr") == "Scanner"
