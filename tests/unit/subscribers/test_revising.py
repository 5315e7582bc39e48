"""Topics renamed, merged and retired, and what becomes of everybody's choice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.delivery.mails import Mails
from newsletter.delivery.plan import Preference
from subscribers import revising
from subscribers.errors import AlreadyExists, NotFound, Refused
from subscribers.lists import ListStore
from subscribers.models import Subscription
from subscribers.preferences import Vocabulary
from subscribers.publication import Publication, Topic
from subscribers.repository import consents
from tests.factories import editions
from tests.factories.issues import sample_issue
from tests.factories.people import NOW, Choice, make_list, make_people

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsletter.rendering.edition import Edition
    from subscribers.database import Database
    from subscribers.revising import Revision

SLUGS = ("cardiac", "ct", "mri", "reporting")
LIST = Publication(
    id=1,
    slug="imaging",
    name="Imaging",
    sender_name="Imaging",
    sender_email="letter@example.org",
    languages=("fr",),
    topics=tuple(Topic(slug, keywords={"fr": (slug,)}) for slug in SLUGS),
)
REVISIONS = (
    revising.rename(LIST, "mri", "irm"),
    revising.merge(LIST, ["mri", "cardiac"], "ct"),
    revising.retire(LIST, "mri"),
)
slugs = st.frozensets(st.sampled_from(SLUGS))


@given(chosen=slugs, excluded=slugs, revision=st.sampled_from(REVISIONS))
def test_a_choice_stays_one_and_holds_only_what_there_is(
    chosen: frozenset[str], excluded: frozenset[str], revision: Revision
) -> None:
    excluded -= chosen
    topics, left_out = revision.applied(" ".join(sorted(chosen)), " ".join(sorted(excluded)))
    known = {topic.slug for topic in revision.topics}
    assert bool(topics) == bool(chosen), "a choice of something never becomes one of everything"
    assert set(topics.split()) | set(left_out.split()) <= known
    assert not set(topics.split()) & set(left_out.split())
    assert revision.applied(topics, left_out) == (topics, left_out), "a second time changes nothing"


@given(chosen=slugs, excluded=slugs, revision=st.sampled_from(REVISIONS[:2]))
def test_nobody_loses_what_they_chose_or_leaves_out_what_they_did_not_name(
    chosen: frozenset[str], excluded: frozenset[str], revision: Revision
) -> None:
    excluded -= chosen
    topics, left_out = revision.applied(" ".join(sorted(chosen)), " ".join(sorted(excluded)))
    assert {revision.moves.get(slug, slug) for slug in chosen} == set(topics.split())
    for slug in left_out.split():
        assert slug in excluded or (slug in revision.moves.values() and revision.merged <= excluded)


@pytest.mark.parametrize(
    ("revision", "expected"),
    [
        (REVISIONS[0], ["", "irm", "ct irm", "cardiac"]),
        (REVISIONS[1], ["", "ct", "ct", "ct"]),
        (REVISIONS[2], ["", "mri", "ct", "cardiac"]),
    ],
)
def test_everybody_s_choice_goes_with_it_and_says_so(
    database: Database, revision: Revision, expected: Sequence[str]
) -> None:
    publication = make_list(database)
    made = _again(publication, revision)
    make_people(database, publication, 8, [Choice(topics=topics) for topics in ("", "mri", "ct mri", "cardiac")])
    with database.read() as session:
        foreseen = revising.touched(session, publication.id, made)
    changed = revising.carry_out(database, publication, made, NOW)
    assert changed == foreseen
    with database.read() as session:
        choices = [session.get_one(Subscription, (publication.id, number)).topics for number in range(1, 9)]
        said = [[line.source for line in consents(session, number)] for number in range(1, 9)]
    assert choices == [*expected, *expected]
    assert [number for number in range(1, 9) if said[number - 1]] == changed
    assert {line for lines in said for line in lines} == {made.said}
    assert revising.carry_out(database, publication, made, NOW) == [], "once more, and there is nothing left to do"


def test_what_was_begun_and_killed_is_ended_by_the_same_command(sqlite_database: Database) -> None:
    publication = make_list(sqlite_database)
    make_people(sqlite_database, publication, 2, [Choice(topics="mri")])
    with sqlite_database.write() as session:
        half = ListStore(session).revise("imaging", revising.rename(publication, "mri", "irm").topics)
    assert revising.carry_out(sqlite_database, half, revising.rename(half, "mri", "irm"), NOW) == [1, 2]


def test_a_page_or_file_of_before_means_the_new_topic() -> None:
    renamed = _with(REVISIONS[0])
    assert Vocabulary.of(renamed).choose_topics(["mri", "ct"]) == "ct irm"
    retired = Vocabulary.of(_with(REVISIONS[2]))
    assert "mri" not in retired.topics
    assert retired.choose_topics(["mri"]) == "mri", "who has nothing else may keep it"


def test_an_issue_of_before_still_reaches_the_readers_of_its_topics() -> None:
    before, after = _mails(LIST.topics), _mails(revising.rename(LIST, "ct", "scanner").topics)
    of_ct = before.choose(Preference("fr", "ct"))
    assert of_ct != before.choose(Preference("fr", ""))
    assert after.choose(Preference("fr", "scanner")) == of_ct
    assert after.choose(Preference("fr", "ct")) == of_ct, "and those whose choice is not written anew yet"
    without = before.choose(Preference("fr", "", "ct"))
    assert after.choose(Preference("fr", "", "scanner")) == without != before.choose(Preference("fr", ""))


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(NotFound, match="no topic “xray”"):
        revising.rename(LIST, "xray", "x")
    with pytest.raises(AlreadyExists, match="merge"):
        revising.rename(LIST, "mri", "ct")
    with pytest.raises(Refused, match="take in"):
        revising.merge(LIST, ["ct"], "ct")
    with pytest.raises(Refused, match="“mri” is retired"):
        revising.merge(_with(REVISIONS[2]), ["ct"], "mri")


def test_a_rename_is_taken_back(sqlite_database: Database) -> None:
    publication = make_list(sqlite_database)
    make_people(sqlite_database, publication, 2, [Choice(topics="mri")])
    for old, new in (("mri", "irm"), ("irm", "mri")):
        with sqlite_database.read() as session:
            now = ListStore(session).get("imaging")
        assert revising.carry_out(sqlite_database, now, revising.rename(now, old, new), NOW) == [1, 2]
    with sqlite_database.read() as session:
        assert session.get_one(Subscription, (publication.id, 1)).topics == "mri"
        after = ListStore(session).get("imaging")
    (mri,) = (topic for topic in after.topics if topic.slug == "mri")
    assert mri.formerly == ("irm",)


def test_a_former_name_is_taken_away_when_no_choice_holds_it(sqlite_database: Database) -> None:
    publication = make_list(sqlite_database)
    make_people(sqlite_database, publication, 1, [Choice(topics="mri")])
    with sqlite_database.write() as session:
        half = ListStore(session).revise("imaging", revising.rename(publication, "mri", "irm").topics)
    emptied = [replace(topic, formerly=(), formerly_named=True) for topic in half.topics]
    with sqlite_database.write() as session, pytest.raises(Refused, match="in the choices of 1 subscribers"):
        ListStore(session).edit("imaging", topics=emptied)
    revising.carry_out(sqlite_database, half, revising.rename(half, "mri", "irm"), NOW)
    with sqlite_database.write() as session:
        unnamed = [replace(topic, formerly=()) for topic in half.topics]
        assert ListStore(session).edit("imaging", topics=unnamed).topics == half.topics
        assert not any(topic.formerly for topic in ListStore(session).edit("imaging", topics=emptied).topics)


def test_merging_keeps_the_words_that_suggest() -> None:
    (ct,) = (topic for topic in REVISIONS[1].topics if topic.slug == "ct")
    assert ct.keywords["fr"] == ("ct", "mri", "cardiac")
    assert ct.formerly == ("mri", "cardiac")


def _again(publication: Publication, revision: Revision) -> Revision:
    """Return the same revision of another list."""
    if revision.retired:
        return revising.retire(publication, revision.retired)
    (new,) = set(revision.moves.values())
    if new in SLUGS:
        return revising.merge(publication, revision.moves, new)
    (old,) = revision.moves
    return revising.rename(publication, old, new)


def _with(revision: Revision) -> Publication:
    return replace(LIST, topics=revision.topics)


def _mails(topics: Sequence[Topic]) -> Mails:
    def nothing_is_compiled(_content: str, _reader: str) -> Edition:
        raise AssertionError

    envelope = editions.envelope(topics=tuple(topics))
    return Mails(sample_issue(), envelope, catalogs=("fr", "en"), compile_edition=nothing_is_compiled)
