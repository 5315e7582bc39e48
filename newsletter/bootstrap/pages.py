"""What the pages do: the verbs of a person, bound to the database, the clock, the secret and the post."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes, policy
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from newsletter.bootstrap.page_limits import let_in, may_be_written_to
from newsletter.bootstrap.people import post
from newsletter.bootstrap.privacy import erasures
from newsletter.bootstrap.sending import campaign_mails
from newsletter.delivery import campaigns
from newsletter.delivery.again import mail_of
from newsletter.delivery.variants import Variants
from newsletter.issues.examples import examples, latest_finalized
from newsletter.personalization.links import CONFIRM, PREFERENCES, UNSUBSCRIBE, VIEW
from newsletter.rendering.catalogs import all_languages, catalog_languages
from subscribers import joining, leaving, moving
from subscribers.address import mailable, normalised
from subscribers.errors import NotFound
from subscribers.leaving import UNDO_WITHIN
from subscribers.lifecycle import Status
from subscribers.limits import keyed_by
from subscribers.lists import ListStore
from subscribers.models import Confirmation, Subscriber, Subscription, Suppression
from subscribers.origin import Origin
from subscribers.preferences import Vocabulary
from subscribers.repository import memberships
from subscribers.service import resume
from subscribers.wishes import set_wishes, wishes_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from newsletter.bootstrap.installation import Newsletter
    from newsletter.issues.examples import Example
    from subscribers.joining import Confirmed, Look
    from subscribers.limits import Keyed
    from subscribers.networks import Source
    from subscribers.ports import Post
    from subscribers.publication import Publication
    from subscribers.repository import Member
    from subscribers.tokens import Signer
    from subscribers.wishes import Wishes

_PAGE, _ONE_CLICK = "page", "one-click"
"""Where a wish came from, in the consent log."""


class Reader(NamedTuple):
    """A person and what they have of one list."""

    publication: Publication
    subscriber_id: int
    email: str
    status: Status
    suppressed: bool
    wishes: Wishes
    may_return: bool
    """They left, and one button takes it back."""

    @property
    def languages(self) -> tuple[str, ...]:
        """What they read, best first."""
        return self.wishes.languages


class Question(NamedTuple):
    """What a link in a mail asks."""

    look: Look
    reader: Reader
    address: str
    """That the answer is about: theirs, or the one that is to be."""


class ShownMail(NamedTuple):
    """A mail that was sent, for a browser."""

    html: str
    logo_url: str | None


@dataclass(frozen=True, kw_only=True)
class Pages:
    """The verbs. Any thread may call them; what they raise is of `subscribers.errors`, and `page_limits.Later`."""

    newsletter: Newsletter
    post: Post
    signer: Signer
    keyed: Keyed
    variants: Variants

    def now(self) -> datetime:
        """Return the current time."""
        return self.newsletter.now()

    def lists(self) -> Sequence[Publication]:
        """Return every list, by slug."""
        with self.newsletter.database.read() as session:
            return ListStore(session).all()

    def list_called(self, slug: str) -> Publication:
        """Return the list called `slug`. Raises NotFound."""
        with self.newsletter.database.read() as session:
            return ListStore(session).get(slug)

    def subscribe(
        self, publication: Publication, email: str, *, name: str, language: str, topics: Iterable[str], said: Origin,
        source: Source | None,
    ) -> None:  # fmt: skip
        """Ask at an address whether its owner wants the list; whatever is known of it, what is seen is the same.

        `said`: the words agreed to. Raises InvalidAddress, Refused for choices there are not, Later.
        """
        address, now = mailable(normalised(email)), self.now()
        database = self.newsletter.database
        let_in(database, self.keyed, source, now)
        with database.write() as session:
            if not may_be_written_to(session, self.keyed, address, now):
                return
            joining.request(
                session, publication, address, vocabulary=_vocabulary(publication),
                origin=_origin(source, said), post=self.post, now=now, name=name, languages=[language], topics=topics,
                erased=erasures(self.newsletter),
            )  # fmt: skip

    def question(self, token: str) -> Question:
        """Return what a link asks, for the page with the button. Raises InvalidToken, NotFound."""
        (number,) = self.signer.read(CONFIRM, token)
        with self.newsletter.database.read() as session:
            look = joining.look(session, number, self.now())
            address = session.get_one(Confirmation, number).email
        reader = self.reader(look.list_id, look.subscriber_id)
        return Question(look, reader, address or reader.email)

    def confirm(self, token: str, *, said: Origin, source: Source | None) -> Confirmed:
        """Do what a link asks. Raises InvalidToken, NotFound, Expired, AlreadyUsed, AlreadyExists, Refused."""
        (number,) = self.signer.read(CONFIRM, token)
        origin, erased = _origin(source, said), erasures(self.newsletter)
        with self.newsletter.database.write() as session:
            return joining.confirm(session, number, origin=origin, post=self.post, now=self.now(), erased=erased)

    def preferences(self, token: str) -> Reader:
        """Return whose preferences a link opens. Raises InvalidToken, NotFound."""
        return self.reader(*self.signer.read(PREFERENCES, token))

    def reader(self, list_id: int, subscriber_id: int) -> Reader:
        """Return a person and what they have of a list. Raises NotFound for who is not there (any more)."""
        with self.newsletter.database.read() as session:
            publication = ListStore(session).by_id(list_id)
            wishes = wishes_of(session, list_id, subscriber_id)
            subscription = session.get_one(Subscription, (list_id, subscriber_id))
            person = session.get_one(Subscriber, subscriber_id)
            suppressed = session.query(Suppression).filter_by(email=person.email).count() > 0
        left = subscription.left_at
        return Reader(
            publication=publication,
            subscriber_id=subscriber_id,
            email=person.email,
            status=Status(subscription.status),
            suppressed=suppressed,
            wishes=wishes,
            may_return=not suppressed and left is not None and self.now() <= left + UNDO_WITHIN,
        )

    def examples(self, reader: Reader, language: str) -> Mapping[str, Example]:
        """Return a headline of each topic from the latest issue of the list."""
        publication = reader.publication
        with self.newsletter.database.read() as session:
            issue = latest_finalized(session, publication.id)
        return examples(issue, (language, *reader.languages, publication.default_language)) if issue else {}

    def others(self, reader: Reader) -> Sequence[tuple[Member, Publication]]:
        """Return what the same person has of other lists, by slug."""
        with self.newsletter.database.read() as session:
            store = ListStore(session)
            found = [each for each in memberships(session, reader.email) if each.list != reader.publication.slug]
            return [(each, store.get(each.list)) for each in found]

    def choose(self, reader: Reader, wishes: Wishes, *, said: Origin, source: Source | None) -> bool:
        """Make `wishes` what somebody wants. Return whether that is new. Raises Refused for what there is not."""
        with self.newsletter.database.write() as session:
            return set_wishes(
                session, _subscription(session, reader), wishes, vocabulary=_vocabulary(reader.publication),
                origin=_origin(source, said), now=self.now(),
            )  # fmt: skip

    def resume(self, reader: Reader, *, said: Origin, source: Source | None) -> bool:
        """End a break. Return whether there was one."""
        with self.newsletter.database.write() as session:
            return resume(session, _subscription(session, reader), source=_origin(source, said), now=self.now())

    def change_address(self, reader: Reader, email: str, *, said: Origin, source: Source | None) -> None:
        """Ask at a new address whether it is theirs. Raises InvalidAddress, TooMany, Later."""
        address, now = mailable(normalised(email)), self.now()
        database = self.newsletter.database
        let_in(database, self.keyed, source, now)
        with database.write() as session:
            if not may_be_written_to(session, self.keyed, address, now):
                return
            moving.request_change(
                session, reader.publication.id, reader.subscriber_id, address,
                origin=_origin(source, said), post=self.post, now=now,
            )  # fmt: skip

    def leaving(self, token: str) -> tuple[int, int, int]:
        """Return (list, campaign, subscriber) of a link that unsubscribes. Raises InvalidToken."""
        list_id, campaign_id, subscriber_id = self.signer.read(UNSUBSCRIBE, token)
        return list_id, campaign_id, subscriber_id

    def leave(self, token: str, *, source: Source | None, one_click: bool) -> bool:
        """Take somebody off a list. Return whether they were on it; who is gone is not. Raises InvalidToken."""
        list_id, campaign_id, subscriber_id = self.leaving(token)
        origin = _origin(source, Origin(_ONE_CLICK if one_click else _PAGE))
        with self.newsletter.database.write() as session:
            return leaving.leave(
                session, list_id, subscriber_id, campaign_id=campaign_id or None, origin=origin, now=self.now()
            )

    def undo(self, token: str, *, said: Origin, source: Source | None) -> bool:
        """Take leaving back. Raises InvalidToken, NotFound, Refused, Expired."""
        list_id, _, subscriber_id = self.leaving(token)
        with self.newsletter.database.write() as session:
            return leaving.undo(session, list_id, subscriber_id, origin=_origin(source, said), now=self.now())

    def give_reason(self, token: str, reason: str, words: str) -> bool:
        """Note why somebody left, and in their own words. Raises InvalidToken, Refused for what is no reason."""
        list_id, _, subscriber_id = self.leaving(token)
        with self.newsletter.database.write() as session:
            return leaving.give_reason(session, list_id, subscriber_id, reason, words, now=self.now())

    def mail(self, token: str) -> ShownMail:
        """Make the mail again that a link belongs to. Raises InvalidToken, and NotFound for who is gone."""
        campaign_id, subscriber_id = self.signer.read(VIEW, token)
        with self.newsletter.database.read() as session:
            info = campaigns.find(session, campaign_id)
            envelope = campaigns.envelope(session, campaign_id)
        again = mail_of(self.newsletter.database, info, subscriber_id, partial(self.variants.prepared, info))
        body = message_from_bytes(again.content, policy=policy.default).get_body(("html",))
        if body is None:
            raise NotFound("That mail has no form for browsers.")
        branding = (envelope or {}).get("publication", {}).get("branding", {})
        return ShownMail(body.get_content(), branding.get("logo_url"))

    def preferences_token(self, list_id: int, subscriber_id: int) -> str:
        """Return what opens somebody's preferences."""
        return self.signer.sign(PREFERENCES, list_id, subscriber_id)

    def unsubscribe_token(self, list_id: int, subscriber_id: int) -> str:
        """Return what leads out, from a page and not from a mail."""
        return self.signer.sign(UNSUBSCRIBE, list_id, 0, subscriber_id)


def pages(newsletter: Newsletter) -> Pages:
    """Return the verbs of the pages. Raises FixConfiguration where links cannot be signed."""
    signer = newsletter.signer()
    return Pages(
        newsletter=newsletter,
        post=post(newsletter),
        signer=signer,
        keyed=keyed_by(signer),
        variants=Variants(newsletter.database, partial(campaign_mails, newsletter)),
    )


def _vocabulary(publication: Publication) -> Vocabulary:
    return Vocabulary.of(publication, catalog_languages(), all_languages())


def _origin(source: Source | None, said: Origin) -> Origin:
    return Origin(said.source, ip=source.network if source else "", wording=said.wording, language=said.language)


def _subscription(session: Session, reader: Reader) -> Subscription:
    found = session.get(Subscription, (reader.publication.id, reader.subscriber_id), with_for_update=True)
    if found is None:
        raise NotFound("There is no such subscription any more: subscribe again on the list's page.")
    return found
