"""A mail seen again in a browser: that person's own, as it was sent, and gone when they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from hashlib import sha256
from html import unescape
from pathlib import Path

from sqlalchemy import delete

from newsletter.bootstrap.sending import sender
from newsletter.delivery import campaigns
from newsletter.issues.codec import dumps
from newsletter.issues.models import IssueRevision, IssueRow
from newsletter.rendering.typography import typeset
from subscribers.database import Database
from subscribers.lists import ListStore
from subscribers.models import Subscriber
from subscribers.people import rename
from subscribers.publication import Branding, Publication
from tests.factories.issues import DATE, sample_issue, vocabulary
from tests.factories.people import NOW, Choice, email, make_list, make_people
from tests.fixtures.site import Site, served
from tests.fixtures.visitor import Visitor


def make_issue(database: Database, publication: Publication) -> int:
    """Store the sample issue, frozen; return its revision."""
    content = dumps(sample_issue())
    with database.write() as session:
        issue = IssueRow(list_id=publication.id, slug=DATE.isoformat(), date=DATE, created_at=NOW)
        session.add(issue)
        session.flush()
        digest = sha256(content.encode()).hexdigest()
        revision = IssueRevision(
            issue_id=issue.id, revision=1, content=content, content_hash=digest, state="finalized", created_at=NOW,
            finalized_at=NOW,
        )  # fmt: skip
        session.add(revision)
        session.flush()
        return revision.id


def send(site: Site, publication: Publication, revision_id: int, folder: Path) -> dict[str, bytes]:
    """Send a campaign into a folder; return the mails by whom they are to."""
    newsletter = replace(site.newsletter, settings=replace(site.newsletter.settings, outbox_dir=folder))
    with newsletter.database.write() as session:
        revision = session.get_one(IssueRevision, revision_id)
        number = campaigns.begin(
            session, publication.id, revision, DATE.isoformat(), token=lambda: "campaign", now=newsletter.now()
        )
    with sender(newsletter) as sending:
        sending.run(number)
    mails = [each.read_bytes() for each in folder.rglob("*.eml")]
    return {str(message_from_bytes(mail, policy=policy.default)["To"].addresses[0].addr_spec): mail for mail in mails}


def test_everybody_sees_their_own_mail_as_it_was_sent(sqlite_database: Database, tmp_path: Path) -> None:
    branding = Branding(logo_url="https://img.example.org:8443/logo.png")
    publication = make_list(sqlite_database, topics=vocabulary(), branding=branding)
    topic = vocabulary()[0].slug
    make_people(sqlite_database, publication, 2, [Choice(1, "fr"), Choice(1, "ar fr", topic)])
    revision = make_issue(sqlite_database, publication)
    with served(sqlite_database) as site:
        mails = send(site, publication, revision, tmp_path)
        visitor = Visitor(site)
        with sqlite_database.write() as session:  # what was sent stays as it was sent
            ListStore(session).edit("imaging", name="Renamed")
            rename(session, session.get_one(Subscriber, 1), "Somebody Else", NOW + timedelta(days=1))
        seen = {}
        for number in (1, 2):
            page = visitor.get(f"/view/{visitor.token('view', 1, number)}")
            body = message_from_bytes(mails[email(number)], policy=policy.default).get_body(("html",))
            assert body is not None
            assert (page.status, page.text) == (200, body.get_content())
            seen[number] = page
        assert seen[1].text != seen[2].text
        page = seen[2]
        assert f"/unsubscribe/{visitor.token('unsubscribe', publication.id, 1, 2)}" in page.text
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["x-robots-tag"] == "noindex, nofollow"
        policies = dict(each.strip().split(" ", 1) for each in page.headers["content-security-policy"].split(";"))
        assert policies["default-src"] == "'none'"
        assert policies["style-src"] == "'unsafe-inline'"
        assert policies["img-src"] == "https://img.example.org:8443"
        assert "script-src" not in policies
        assert "allow-scripts" not in policies["sandbox"]

        with sqlite_database.write() as session:
            session.execute(delete(Subscriber).where(Subscriber.id == 2))
        assert visitor.get(f"/view/{visitor.token('view', 1, 2)}").status == 410
        assert visitor.get(f"/view/{visitor.token('view', 1, 1)}").status == 200
        assert visitor.get(f"/view/{visitor.token('view', 2, 1)}").status == 410


def test_topics_are_shown_by_a_headline_of_the_latest_issue(sqlite_database: Database) -> None:
    publication = make_list(sqlite_database, topics=vocabulary())
    make_people(sqlite_database, publication, 1, [Choice(1, "en")])
    make_issue(sqlite_database, publication)
    issue = sample_issue()
    with served(sqlite_database) as site:
        visitor = Visitor(site)
        path = f"/preferences/{visitor.token('preferences', publication.id, 1)}"
        for language in ("en", "fr"):
            page = visitor.get(f"{path}?lang={language}")
            first = next(item for _, _, item in issue.documents[language].items() if item.topics and item.title)
            assert typeset(first.title, language) in unescape(page.text)
