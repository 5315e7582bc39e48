"""What writes to one person outside campaigns."""

from __future__ import annotations

import secrets
import time
from dataclasses import replace
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

from newsletter.bootstrap.pacing import pace
from newsletter.bootstrap.sending import mails_of, open_transport
from newsletter.delivery.envelopes import new_envelope
from newsletter.delivery.notices.latest import latest_issue
from newsletter.delivery.notices.ledger import NoticeLedger, anything_due
from newsletter.delivery.notices.lifecycle import LATEST_ISSUE
from newsletter.delivery.notices.mails import NoticeMails
from newsletter.delivery.notices.posting import NoticePost
from newsletter.delivery.notices.sending import NoticeSender
from newsletter.delivery.plan import Preference
from subscribers.lists import ListStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsletter.bootstrap.installation import Newsletter
    from newsletter.delivery.mails import Mails
    from newsletter.delivery.notices.deciding import Facts, Order
    from newsletter.delivery.transport import Transport
    from newsletter.issues.model import Issue
    from newsletter.personalization.message import Prepared
    from subscribers.ports import Post
    from subscribers.publication import Publication

_NO_CAMPAIGN = 0


def post(newsletter: Newsletter) -> Post:  # noqa: ARG001 - as everything here is made
    """Return what verbs ask for mails: they are sent after the commit, by a worker or `notice_sender`."""
    return NoticePost()


def notice_sender(
    newsletter: Newsletter, wait: Callable[[float], bool] | None = None, *, through: Transport | None = None
) -> NoticeSender:
    """Return what sends the mails that are due; close it, or use it as a context.

    `wait`: waits that many seconds and returns whether to stop. `through`: a transport that somebody else closes.
    """
    return NoticeSender(
        ledger=NoticeLedger(
            newsletter.database, token=partial(secrets.token_hex, 16), seconds=newsletter.settings.claim_seconds
        ),
        mails=NoticeMails(
            newsletter.settings.public_url,
            newsletter.signer(),
            publication=partial(_publication, newsletter),
            latest_issue=_LatestIssues(newsletter).mail,
        ),
        transport=through or open_transport(newsletter),
        pace=pace(newsletter, "preview"),
        clock=newsletter.clock,
        wait=wait or Event().wait,
        timer=time.monotonic,
        label=f"notices-{newsletter.now():%Y%m%d}-{secrets.token_hex(4)}",
        owns_transport=through is None,
    )


def notices_due(newsletter: Newsletter) -> bool:
    """Return whether a mail could be sent now, or is being sent."""
    with newsletter.database.read() as session:
        return anything_due(session, newsletter.now())


def _publication(newsletter: Newsletter, list_id: int) -> Publication:
    with newsletter.database.read() as session:
        return ListStore(session).by_id(list_id)


class _LatestIssues:
    """The last issue of each list, opened once: compiling it takes longer than sending it."""

    def __init__(self, newsletter: Newsletter) -> None:
        self._newsletter = newsletter
        self._opened: dict[int, tuple[tuple[Publication, Issue], Mails]] = {}
        """By list."""

    def mail(self, publication: Publication, order: Order, facts: Facts) -> Prepared | None:
        """Return the mail of the last issue that was sent to the list, for this reader; None: nothing for them."""
        with self._newsletter.database.read() as session:
            issue = latest_issue(session, publication.id, order.subscriber_id)
        if issue is None:
            return None
        mails = self._mails(publication, issue)
        variant = mails.choose(Preference(facts.languages, facts.topics, facts.excluded))
        return None if variant is None else mails.prepared(variant)

    def _mails(self, publication: Publication, issue: Issue) -> Mails:
        known = self._opened.get(publication.id)
        if known is not None and known[0] == (publication, issue):
            return known[1]
        newsletter = self._newsletter
        envelope = new_envelope(publication, newsletter.settings.public_url, newsletter.signer(), _NO_CAMPAIGN)
        mails = mails_of(issue, replace(envelope, campaign_ref=LATEST_ISSUE))
        self._opened[publication.id] = (publication, issue), mails
        return mails
