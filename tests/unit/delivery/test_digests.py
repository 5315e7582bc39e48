"""What a digest is made of, and how it is kept, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from newsletter.delivery import campaigns
from newsletter.delivery.digests import month_of_list
from newsletter.delivery.models import Campaign
from newsletter.errors import Refused
from newsletter.issues.digest import compose, month_of
from newsletter.issues.document import Parsed
from newsletter.issues.lifecycle import State
from newsletter.issues.queries import finalized, get
from newsletter.issues.storage import IssueStore
from tests.factories.digests import MARCH, digest, week
from tests.factories.issues import vocabulary
from tests.factories.people import NOW, make_list

if TYPE_CHECKING:
    from newsletter.issues.model import Issue
    from newsletter.issues.storage import Added
    from subscribers.database import Database
    from subscribers.publication import Publication


@pytest.fixture
def publication(database: Database) -> Publication:
    return make_list(database, topics=vocabulary())


def bring(database: Database, publication: Publication, issue: Issue, state: str = "sent") -> None:
    """Store and finalize an issue, with a campaign in that state; "" for none."""
    texts = [
        Parsed(name=f"{issue.date}.{code}.md", date=issue.date, document=document)
        for code, document in issue.documents.items()
    ]
    with database.write() as session:
        IssueStore(session).add(texts, publication, NOW)
        IssueStore(session).finalize(str(issue.date), NOW, publication.slug)
        if not state:
            return
        _, revision, slug = finalized(session, str(issue.date), publication.slug)
        number = campaigns.begin(session, publication.id, revision, slug, token=lambda: str(issue.date), now=NOW)
        ended = {"planned": 0, "started_at": NOW, "finished_at": NOW} if state in {"sent", "cancelled"} else {}
        session.execute(update(Campaign).where(Campaign.id == number).values(state=state, **ended))


def composed(database: Database, publication: Publication) -> Added:
    with database.write() as session:
        month = month_of_list(session, publication, MARCH)
        return IssueStore(session).keep_digest(compose(month.sent, MARCH), MARCH, publication, NOW)


def test_it_is_made_of_what_was_sent_in_the_month_and_the_rest_is_named(
    database: Database, publication: Publication
) -> None:
    for number, state in enumerate(["sent", "", "planning", "cancelled", "sent"]):  # the last is of April
        bring(database, publication, week(number), state)
    with database.read() as session:
        found = month_of_list(session, publication, MARCH)
        april = month_of_list(session, publication, month_of(week(4).date))
    assert found.sent == (week(0),)
    assert found.left_out == (
        "issue 2026-03-13 is left out: it was not sent",
        "issue 2026-03-20 is left out: its campaign 2 is planning",
        "issue 2026-03-27 is left out: its campaign 3 is cancelled",
    )
    assert april.sent == (week(4),)


def test_nothing_sent_is_refused_with_what_there_is(database: Database, publication: Publication) -> None:
    bring(database, publication, week(0), "")
    with database.read() as session, pytest.raises(Refused, match="issue 2026-03-06 is left out: it was not sent"):
        month_of_list(session, publication, MARCH)


def test_composed_twice_it_is_the_same_revision_and_with_other_content_the_next(
    database: Database, publication: Publication
) -> None:
    bring(database, publication, week(0))
    first, again = composed(database, publication), composed(database, publication)
    assert (first.stored.slug, first.stored.revision, first.changed) == ("2026-03", 1, True)
    assert (again.stored.revision, again.changed) == (1, False)
    with database.write() as session:
        IssueStore(session).finalize("2026-03", NOW, publication.slug)
    assert composed(database, publication).stored.state is State.FINALIZED
    bring(database, publication, week(1))
    anew = composed(database, publication)
    assert (anew.stored.revision, anew.stored.state, anew.changed) == (2, State.DRAFT, True)
    assert anew.stored.issue == digest(0, 1)


def test_a_correction_made_after_it_was_sent_is_in_the_digest(database: Database, publication: Publication) -> None:
    bring(database, publication, week(0))
    before = composed(database, publication).stored
    bring(database, publication, week(0, "fr", "en", "de"), "")
    after = composed(database, publication).stored
    assert (before.revision, list(before.issue.documents)) == (1, ["fr", "en"])
    assert (after.revision, list(after.issue.documents)) == (1, ["fr", "en", "de"])
    with database.read() as session:
        assert get(session, "imaging/2026-03") == after
