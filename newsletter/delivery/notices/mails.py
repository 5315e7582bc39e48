"""The mail that somebody gets: compiled once per kind, list and language, merged for the person."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from newsletter.delivery.notices.lifecycle import LATEST_ISSUE
from newsletter.personalization.languages import languages_for
from newsletter.personalization.links import Links
from newsletter.personalization.message import Envelope
from newsletter.personalization.notice import notice_mail
from newsletter.rendering.catalogs import SOURCE_LANGUAGE, catalog, catalog_languages
from newsletter.rendering.notice_form import NoticeForm, compile_notice
from newsletter.rendering.notice_words import CONFIRM_SLOT, UNTIL_SLOT
from subscribers.address import shown
from subscribers.ports import NoticeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from newsletter.delivery.notices.deciding import Facts, Order
    from newsletter.personalization.message import Prepared
    from subscribers.publication import Publication
    from subscribers.tokens import Signer

_NO_CAMPAIGN = 0
_DAY = timedelta(days=1)


class NoticeMails:
    """The mails of all lists. Not shared between threads."""

    def __init__(
        self,
        public_url: str,
        signer: Signer,
        *,
        publication: Callable[[int], Publication],
        latest_issue: Callable[[Publication, Order, Facts], Prepared | None],
        compile_form: Callable[[NoticeKind, Publication, str], NoticeForm] = compile_notice,
    ) -> None:
        """`publication`: of a list's number. `latest_issue`: for a reader; None: there is none, or they have it."""
        self._compile = compile_form
        self._public_url = public_url
        self._signer = signer
        self._publication = publication
        self._latest_issue = latest_issue
        self._forms: dict[tuple[str, int, str], tuple[Publication, NoticeForm]] = {}

    def prepared(self, order: Order, facts: Facts, now: datetime) -> Prepared | None:
        """Return the mail, which lacks only what the call adds; None: there is nothing to send.

        Raises Refused when it cannot be made as the list, the public URL or the labels are.
        """
        publication = self._publication(order.list_id)
        if order.kind == LATEST_ISSUE:
            return self._latest_issue(publication, order, facts)
        language = _language(order, facts, publication)
        form = self._form(NoticeKind(order.kind), publication, language)
        links = Links(self._public_url, self._signer, publication.id, _NO_CAMPAIGN)
        envelope = Envelope(publication=publication, links=links, campaign_ref=f"notice-{order.kind}")
        return notice_mail(form, envelope, {**_about(order, facts, links), **_until(facts, language, publication, now)})

    def _form(self, kind: NoticeKind, publication: Publication, language: str) -> NoticeForm:
        """Return the form, compiled anew when the list was edited."""
        key = kind.value, publication.id, language
        known = self._forms.get(key)
        if known is not None and known[0] == publication:
            return known[1]
        form = self._compile(kind, publication, language)
        self._forms[key] = publication, form
        return form


def _language(order: Order, facts: Facts, publication: Publication) -> str:
    """Return the language of the page where it was asked for, else of those that the person chose."""
    catalogs = tuple(dict.fromkeys((SOURCE_LANGUAGE, *catalog_languages())))
    preferred = [language for language in (order.language, *facts.languages.split()) if language]
    chosen = languages_for(preferred, default=publication.default_language, catalogs=catalogs, written=catalogs)
    return chosen.reader


def _about(order: Order, facts: Facts, links: Links) -> Mapping[str, str]:
    values = {**links.urls(order.subscriber_id), "email": shown(facts.email or "")}
    if order.confirmation_id is not None:
        values[CONFIRM_SLOT] = links.confirmation(order.confirmation_id)
    return values


def _until(facts: Facts, language: str, publication: Publication, now: datetime) -> Mapping[str, str]:
    """Return the last day on which the link works to its end, by the list's clock; none is named that has passed."""
    if facts.expires_at is None:
        return {}
    zone = ZoneInfo(publication.timezone or "UTC")
    last = max((facts.expires_at - _DAY).astimezone(zone).date(), now.astimezone(zone).date())
    return {UNTIL_SLOT: catalog(language).date(last)}
