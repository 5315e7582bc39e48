"""The steps of `newsletter demo`, each the one that a command of its own takes in earnest."""

from __future__ import annotations

import dataclasses
import secrets
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from newsletter.bootstrap.sending import mails, sender
from newsletter.delivery import campaigns
from newsletter.delivery.plan import Preference
from newsletter.delivery.recipients import outcomes
from newsletter.errors import Refused
from newsletter.issues import queries
from newsletter.issues.document import parse_document
from newsletter.issues.model import Kind
from newsletter.issues.storage import IssueStore
from newsletter.issues.topics import Choice
from newsletter.personalization.message import Recipient, preview_html, preview_text
from newsletter.rendering.catalogs import catalog_languages
from newsletter.resources import folder
from newsletter.settings import read_settings
from subscribers import service
from subscribers.importing import import_subscribers
from subscribers.lists import ListStore
from subscribers.preferences import Vocabulary
from subscribers.publication_files import read_list, read_topics
from subscribers.repository import memberships
from subscribers.suppression import Reason, suppress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session

    from newsletter.bootstrap.installation import Newsletter
    from newsletter.delivery.campaigns import Progress
    from newsletter.issues.queries import StoredIssue
    from newsletter.settings import Settings
    from subscribers.publication import Publication

BOUNCED = "farid.benali@example.net"
ON_LEAVE = "ingrid.holm@example.org"
PREVIEWED = ("claire.dubois@example.org", "priya.raman@example.com", "layla.haddad@example.net")

_MARK = ".newsletter-demo"
"""A file that says: this folder is the demo's own, and may be begun afresh."""
_OURS = ("newsletter.sqlite*", "outbox", "previews", "subscribers.result.csv")
"""What the demo makes in it, and nothing else is ever taken away."""
_SOURCE = "newsletter demo"
_LEAVE = timedelta(days=30)


def clear(directory: Path) -> bool:
    """Make `directory` ready for a demo; return whether an earlier one was taken away.

    Raises Refused for a folder with other things in it.
    """
    again = (directory / _MARK).is_file()
    if not again and directory.exists() and any(directory.iterdir()):
        raise Refused(f"{directory} holds other things: name an empty or a new folder, as in `newsletter demo FOLDER`.")
    for pattern in _OURS:
        for path in directory.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    directory.mkdir(parents=True, exist_ok=True)
    (directory / _MARK).touch()
    return again


def settings_in(directory: Path) -> Settings:
    """Return the defaults, whatever the environment says: nothing of the user's own is touched."""
    return dataclasses.replace(
        read_settings({}, dotenv=None),
        database_url=f"sqlite:///{directory / 'newsletter.sqlite'}",
        outbox_dir=directory / "outbox",
    )


def make_list(newsletter: Newsletter) -> Publication:
    """Create the list of the examples."""
    examples = folder("examples")
    draft = dataclasses.replace(read_list(examples / "list.toml"), topics=read_topics(examples / "topics.toml"))
    with newsletter.database.write() as session:
        return ListStore(session).create(draft, newsletter.now())


def bring_issue(newsletter: Newsletter, publication: Publication) -> StoredIssue:
    """Add the issue in its languages, mark the safety notice as must-read, finalize."""
    files = sorted(folder("examples").glob("????-??-??.*.txt"))
    texts = [parse_document(file.read_bytes(), name=file.name) for file in files]
    with newsletter.database.write() as session:
        store, now = IssueStore(session), newsletter.now()
        added = store.add(texts, publication, now).stored
        document = next(iter(added.issue.documents.values()))
        notice = next(position for position, kind, _ in document.items() if kind is Kind.ANNOUNCEMENTS)
        store.choose(added.slug, {notice: Choice(must_read=True)}, now)
        return store.finalize(added.slug, now)


def bring_people(newsletter: Newsletter, publication: Publication, directory: Path) -> int:
    """Import the readers; then one address bounces and one reader pauses. Return how many there are."""
    report = import_subscribers(
        newsletter.database,
        publication,
        folder("examples") / "subscribers.csv",
        vocabulary=Vocabulary.of(publication, catalog_languages()),
        result=directory / "subscribers.result.csv",
        now=newsletter.now(),
        source=_SOURCE,
    )
    now = newsletter.now()
    with newsletter.database.write() as session:
        suppress(session, BOUNCED, Reason.BOUNCE, source=_SOURCE, now=now)
        on_leave = service.subscription_of(session, publication, ON_LEAVE)
        service.pause(session, on_leave, until=now + _LEAVE, source=_SOURCE, now=now)
    return report.added


def write_previews(
    newsletter: Newsletter, publication: Publication, issue: StoredIssue, directory: Path
) -> Iterator[Path]:
    """Write some readers' mails, as HTML and as text; yield the HTML files."""
    opened, previews = mails(newsletter, issue.issue, publication), directory / "previews"
    previews.mkdir()
    for email in PREVIEWED:
        with newsletter.database.read() as session:
            (member,) = memberships(session, email)
        variant = opened.choose(Preference(member.languages, member.topics, member.excluded))
        if variant is None:
            raise AssertionError(f"the examples have nothing for {email}")
        prepared, recipient = opened.prepared(variant), Recipient(subscriber_id=0, email=email, name=member.name)
        file = previews / f"{email.partition('@')[0]}.{variant.language}.html"
        file.write_text(preview_html(prepared, recipient), encoding="utf-8")
        file.with_suffix(".txt").write_text(preview_text(prepared, recipient), encoding="utf-8")
        yield file


def send(newsletter: Newsletter, publication: Publication, issue: StoredIssue) -> Progress:
    """Send the issue to everybody, into the outbox."""
    with newsletter.database.write() as session:
        _, revision, slug = queries.finalized(session, issue.slug, publication.slug)
        number = campaigns.begin(
            session, publication.id, revision, slug, token=lambda: secrets.token_hex(4), now=newsletter.now()
        )
    with sender(newsletter) as sending:
        sending.run(number)
    with newsletter.database.read() as session:
        return campaigns.progress(session, number, now=newsletter.now())


def who_got_what(newsletter: Newsletter, publication: Publication, campaign_id: int) -> list[dict[str, Any]]:
    """Return for everybody what they chose, what they got and where it lies, or why not."""
    with newsletter.database.read() as session:
        return [
            {
                "email": each.email,
                "name": each.name,
                **_choice(session, publication, each.email or ""),
                "state": each.state,
                "reason": each.reason,
                "language": each.language,
                "content_language": each.content_language,
                "items": None if each.items is None else list(each.items),
                "file": str(newsletter.settings.outbox_dir / each.message_id) if each.message_id else None,
            }
            for each in outcomes(session, campaign_id)
        ]


def _choice(session: Session, publication: Publication, email: str) -> dict[str, list[str]]:
    (member,) = (each for each in memberships(session, email) if each.list == publication.slug)
    return {"languages": member.languages.split(), "topics": member.topics.split()}
