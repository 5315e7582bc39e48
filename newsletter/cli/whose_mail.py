"""Whose mail is meant, for `preview` and `test-send`: a reader of some language and topics, or a subscriber."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from newsletter.bootstrap.sending import mails
from newsletter.cli.choosing import Separated, chosen_list, list_option
from newsletter.cli.output import tell
from newsletter.delivery.plan import Preference
from newsletter.delivery.rhythm import rhythm
from newsletter.errors import NotFound, Refused
from newsletter.issues import queries
from newsletter.issues.queries import is_digest
from newsletter.rendering.catalogs import catalog_languages
from subscribers.address import normalised
from subscribers.lists import ListStore
from subscribers.preferences import Vocabulary
from subscribers.publication import Publication, Topic
from subscribers.repository import memberships

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from newsletter.bootstrap.installation import Newsletter
    from newsletter.delivery.mails import Mails
    from newsletter.delivery.plan import Variant
    from newsletter.issues.model import Issue
    from newsletter.issues.queries import StoredIssue


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """A mail that somebody wants to see."""

    issue: StoredIssue
    mails: Mails
    variant: Variant
    name: str
    """Of the reader who is greeted; may be empty."""
    email: str


def whose_mail(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give `command` the options that `meant` takes."""
    for option in (
        click.option("--as", "as_email", metavar="EMAIL", help="As this subscriber gets it."),
        click.option("--topics", type=Separated(), help="As a reader of these topics gets it; left out: all of them."),
        click.option("--language", help="As a reader of this language gets it; left out: the list's default."),
        list_option,
    ):
        command = option(command)
    return command


def meant(
    newsletter: Newsletter,
    reference: str,
    *,
    list_slug: str | None,
    language: str | None,
    topics: tuple[str, ...] | None,
    as_email: str | None,
) -> Meant:
    """Return the mail that the options name. Raises NotFound, and Refused where there would be none."""
    if as_email and (language or topics):
        raise click.UsageError("--as takes the language and topics that the subscriber chose: leave out the others.")
    with newsletter.database.read() as session:
        found = queries.get(session, reference, list_slug)
        publication = _publication(session, found, list_slug)
        name = ""
        if as_email:
            name, preference = _subscriber(session, publication, as_email, found.id)
        else:
            preference = _preference(publication, language, topics or ())
    opened = mails(newsletter, found.issue, publication)
    variant = opened.choose(preference)
    if variant is None:
        raise Refused(
            f"Nothing of issue {found.slug} but the summary is for them, and the list {publication.slug} then sends no "
            f"mail (`newsletter list edit --nothing-left summary` changes that)."
        )
    if variant.content_language != variant.language:
        tell(f"The reader's language is {variant.language}; the issue's text is shown in {variant.content_language}.")
    return Meant(issue=found, mails=opened, variant=variant, name=name, email=as_email or "reader@example.org")


def _publication(session: Session, found: StoredIssue, list_slug: str | None) -> Publication:
    lists = ListStore(session)
    if found.list_id is not None:
        return lists.by_id(found.list_id)
    return chosen_list(lists, list_slug) if list_slug or lists.all() else _stand_in(found.issue)


def _stand_in(issue: Issue) -> Publication:
    """Return a list for an issue that is looked at before there is any."""
    tell("There is no list yet, so that name and colours are not yours: create one with `newsletter list create`.")
    carried = {
        topic for document in issue.documents.values() for _, _, item in document.items() for topic in item.topics
    }
    return Publication(
        id=0,
        slug="preview",
        name="Newsletter",
        sender_name="Newsletter",
        sender_email="newsletter@example.org",
        languages=tuple(issue.documents),
        topics=tuple(Topic(slug) for slug in sorted(carried)),
    )


def _subscriber(session: Session, publication: Publication, email: str, issue_id: int) -> tuple[str, Preference]:
    found = [each for each in memberships(session, normalised(email)) if each.list == publication.slug]
    if not found:
        raise NotFound(f"{email} is not on the list {publication.slug}.")
    (member,) = found
    if member.suppressed or member.status != "active" or member.paused_until:
        tell(f"As things stand {email} gets no mail: `newsletter subscribers show {email}` says why.")
    if member.digest not in rhythm(session, publication.id, issue_id).gets:
        instead = "every issue, and not a digest" if is_digest(session, issue_id) else "the month's digest instead"
        tell(f"As things stand {email} does not get this mail: they get {instead}.")
    return member.name, Preference(member.languages, member.topics, member.excluded)


def _preference(publication: Publication, language: str | None, topics: tuple[str, ...]) -> Preference:
    vocabulary = Vocabulary.of(publication, catalog_languages())
    return Preference(vocabulary.choose_languages([language] if language else []), vocabulary.choose_topics(topics))
