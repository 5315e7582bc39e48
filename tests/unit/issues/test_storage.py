"""Issues in the database, on both kinds of it: revisions, names, lists, an editor's word."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from newsletter.errors import NotFound, Refused
from newsletter.issues import queries
from newsletter.issues.codec import content_hash, dumps
from newsletter.issues.document import Parsed
from newsletter.issues.findings import Finding
from newsletter.issues.lifecycle import State
from newsletter.issues.lineup import DoesNotLineUp
from newsletter.issues.model import Document
from newsletter.issues.models import IssueRevision
from newsletter.issues.queries import StoredIssue
from newsletter.issues.storage import Added, IssueStore
from newsletter.issues.topics import Choice
from subscribers.database import Database
from subscribers.lists import ListStore
from subscribers.publication import Publication
from tests.factories import people
from tests.factories.issues import DATE, sample_document, small_document, unmarked, vocabulary

NOW = dt.datetime(2026, 3, 6, 12, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(hours=1)
SLUG = "2026-03-06"


def parsed(document: Document, date: dt.date = DATE, warnings: tuple[Finding, ...] = ()) -> Parsed:
    return Parsed(name=f"{date}.{document.language}.txt", date=date, document=document, warnings=warnings)


def make_list(database: Database, slug: str = "weekly") -> Publication:
    return people.make_list(database, slug, topics=vocabulary())


def add(
    database: Database,
    *documents: Document,
    publication: Publication | None = None,
    date: dt.date = DATE,
    warnings: tuple[Finding, ...] = (),
) -> Added:
    with database.write() as session:
        texts = [parsed(document, date, warnings) for document in documents]
        return IssueStore(session).add(texts, publication, NOW)


def finalize(database: Database) -> StoredIssue:
    with database.write() as session:
        return IssueStore(session).finalize(SLUG, LATER)


def get(database: Database, reference: str = SLUG, list_slug: str | None = None) -> StoredIssue:
    with database.read() as session:
        return queries.get(session, reference, list_slug)


def choose(database: Database, choices: dict[int, Choice]) -> StoredIssue:
    with database.write() as session:
        return IssueStore(session).choose(SLUG, choices, LATER)


FRENCH, ENGLISH = unmarked(sample_document("fr")), unmarked(sample_document("en"))


def test_what_is_added_is_read_back(database: Database) -> None:
    added = add(database, FRENCH, ENGLISH, publication=make_list(database))
    assert get(database) == added.stored
    assert (added.stored.slug, added.stored.revision, added.stored.state) == (SLUG, 1, State.DRAFT)
    assert added.stored.content_hash == content_hash(dumps(added.stored.issue))
    assert added.changed


def test_the_same_texts_again_change_nothing(database: Database) -> None:
    first = add(database, FRENCH, ENGLISH)
    for again in (add(database, FRENCH, ENGLISH), add(database, ENGLISH), add(database, FRENCH)):
        assert (again.stored, again.changed) == (first.stored, False)
    finalize(database)
    assert add(database, FRENCH).stored.revision == 1


def test_a_translation_joins_the_draft(database: Database) -> None:
    add(database, FRENCH)
    added = add(database, ENGLISH)
    assert (added.stored.revision, list(added.stored.issue.documents)) == (1, ["fr", "en"])


def test_a_translation_that_does_not_line_up_changes_nothing(database: Database) -> None:
    before = add(database, FRENCH).stored
    with pytest.raises(DoesNotLineUp):
        add(database, small_document("en"))
    assert get(database) == before


def test_a_finalized_revision_stays_as_it_is(database: Database) -> None:
    add(database, FRENCH, publication=make_list(database))
    frozen = finalize(database)
    assert (frozen.state, frozen.finalized_at) == (State.FINALIZED, LATER)
    changed = add(database, replace(FRENCH, title="Corrigé")).stored
    assert (changed.revision, changed.state) == (2, State.DRAFT)
    with database.write() as session:
        assert queries.by_revision(session, frozen.revision_id) == frozen
        assert queries.finalized(session, SLUG)[1].id == frozen.revision_id


def test_finalizing_twice_is_once(database: Database) -> None:
    add(database, FRENCH)
    first = finalize(database)
    with database.write() as session:
        assert IssueStore(session).finalize(SLUG, LATER + dt.timedelta(days=1)) == first


def test_an_empty_issue_is_not_finalized(database: Database) -> None:
    add(database, replace(FRENCH, sections=()))
    with pytest.raises(Refused, match="nothing in this issue"):
        finalize(database)
    assert get(database).state is State.DRAFT


def test_an_editors_word_stands(database: Database) -> None:
    add(database, FRENCH, publication=make_list(database))
    chosen = choose(database, {1: Choice(topics=("ct",)), 3: Choice(must_read=True), 9: Choice(topics=())})
    assert chosen.edited == {1, 3, 9}
    added = add(database, replace(FRENCH, title="Corrigé"), ENGLISH).stored
    for document in added.issue.documents.values():
        items = [item for _, _, item in document.items()]
        assert (items[1].topics, items[3].must_read, items[9].topics) == (("ct",), True, ())
    assert added.edited == {1, 3, 9}


def test_choosing_after_finalizing_makes_a_new_draft(database: Database) -> None:
    add(database, FRENCH)
    frozen = finalize(database)
    assert choose(database, {1: Choice(must_read=False)}).revision == 1  # nothing changed
    draft = choose(database, {1: Choice(must_read=True)})
    assert (draft.revision, draft.state) == (2, State.DRAFT)
    assert finalize(database).content_hash != frozen.content_hash


def test_suggesting_anew_leaves_the_editors_choices(database: Database) -> None:
    publication = make_list(database)
    add(database, FRENCH, publication=publication)
    choose(database, {1: Choice(topics=("ct",))})
    with database.write() as session:
        ListStore(session).edit("weekly", topics=[*(each for each in vocabulary() if each.slug in {"ct", "cardiac"})])
        suggested = IssueStore(session).suggest(SLUG, LATER)
    topics = [item.topics for _, _, item in suggested.issue.documents["fr"].items()]
    assert topics[1] == ("ct",)
    assert {slug for each in topics for slug in each} == {"ct", "cardiac"}


def test_binding_an_issue_without_a_list(database: Database) -> None:
    add(database, FRENCH)
    assert get(database).list_id is None
    publication = make_list(database)
    with database.write() as session:
        bound = IssueStore(session).bind(SLUG, publication, LATER)
    assert bound.list_id == publication.id
    assert any(item.topics for _, _, item in bound.issue.documents["fr"].items())
    assert get(database, f"weekly/{SLUG}") == get(database) == get(database, SLUG, "weekly") == bound


def test_adding_for_a_list_takes_over_the_issue_without_one(database: Database) -> None:
    unbound = add(database, FRENCH).stored
    publication = make_list(database)
    bound = add(database, ENGLISH, publication=publication).stored
    assert (bound.id, bound.list_id) == (unbound.id, publication.id)
    assert add(database, ENGLISH).stored == bound  # without a list named it is the same issue


def test_topics_the_list_does_not_have_keep_it_from_being_bound(database: Database) -> None:
    add(database, sample_document("fr"))
    finalize(database)
    publication = make_list(database)
    with database.write() as session:
        lists = ListStore(session)
        lists.edit("weekly", topics=[])
        with pytest.raises(Refused, match="no topic"):
            queries.finalized(session, SLUG)
        lists.edit("weekly", topics=publication.topics)
        assert queries.finalized(session, SLUG)[0].id == publication.id
    assert get(database).list_id == publication.id


def test_sending_asks_for_a_finalized_revision_and_a_list(database: Database) -> None:
    add(database, FRENCH)
    with database.write() as session, pytest.raises(Refused, match="issue finalize 2026-03-06"):
        queries.finalized(session, SLUG)
    finalize(database)
    with database.write() as session, pytest.raises(Refused, match="There is no list yet"):
        queries.finalized(session, SLUG)
    make_list(database, "one")
    two = make_list(database, "two")
    with database.write() as session:
        with pytest.raises(Refused, match="There are: one, two"):
            queries.finalized(session, SLUG)
        publication, revision, slug = queries.finalized(session, SLUG, "two")
    assert (publication.id, revision.state, slug) == (two.id, "finalized", SLUG)


def test_a_name_that_several_lists_have(database: Database) -> None:
    for slug in ("one", "two"):
        add(database, FRENCH, publication=make_list(database, slug))
    with pytest.raises(Refused, match=f"one/{SLUG}, two/{SLUG}"):
        get(database)
    assert get(database, f"two/{SLUG}") == get(database, SLUG, "two")
    with pytest.raises(Refused, match="names the list “one”"):
        get(database, f"one/{SLUG}", "two")


def test_an_issue_that_is_not_there(database: Database) -> None:
    with pytest.raises(NotFound, match="newsletter issue add"):
        get(database)
    add(database, FRENCH)
    with pytest.raises(NotFound, match=f"The latest: {SLUG}"):
        get(database, "2026-03-07")
    with database.read() as session, pytest.raises(NotFound):
        queries.by_revision(session, 99)


def test_the_list_of_issues(database: Database) -> None:
    add(database, FRENCH, publication=make_list(database))
    add(database, FRENCH, ENGLISH, date=dt.date(2026, 3, 13))
    with database.read() as session:
        found = [
            (info.list, info.issue, info.revision, info.state, info.languages) for info in queries.all_issues(session)
        ]
    assert found == [
        (None, "2026-03-13", 1, State.DRAFT, ("fr", "en")),
        ("weekly", SLUG, 1, State.DRAFT, ("fr",)),
    ]


def test_what_scripts_get_to_see(database: Database) -> None:
    warnings = (Finding(7, "missing-address", "No address.", "a.txt"),)
    added = add(database, FRENCH, warnings=warnings)
    assert added.as_json() == {
        "issue": SLUG,
        "revision": 1,
        "languages": ["fr"],
        "counts": {"summary": 1, "articles": 2, "announcements": 2, "media": 2, "societies": 1, "leaders": 2},
        "warnings": [{"line": 7, "code": "missing-address", "message": "No address.", "file": "a.txt"}],
    }


def test_two_issues_without_a_list_cannot_share_a_name(database: Database) -> None:
    add(database, FRENCH)
    copy = text("INSERT INTO issues (slug, date, created_at) SELECT slug, date, created_at FROM issues")
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(copy)


def test_nothing_is_written_over_in_a_frozen_revision(database: Database) -> None:
    add(database, FRENCH)
    finalize(database)
    for title in ("a", "b"):
        add(database, replace(FRENCH, title=title))
    with database.read() as session:
        rows = session.scalars(select(IssueRevision).order_by(IssueRevision.revision)).all()
        assert [(row.revision, row.state) for row in rows] == [(1, "finalized"), (2, "draft")]
        assert all(row.content_hash == content_hash(row.content) for row in rows)


def test_no_file_is_no_issue(database: Database) -> None:
    with pytest.raises(Refused, match="at least one file"):
        add(database)


def test_two_who_add_at_the_same_moment_make_one_issue(database: Database) -> None:
    publication = make_list(database)
    with ThreadPoolExecutor(4) as pool:
        texts = [FRENCH, ENGLISH, FRENCH, ENGLISH]
        added = list(pool.map(lambda document: add(database, document, publication=publication), texts))
    assert {each.stored.id for each in added} == {added[0].stored.id}
    assert sorted(get(database).issue.documents) == ["en", "fr"]
    with database.read() as session:
        assert [row.revision for row in session.scalars(select(IssueRevision))] == [1]
