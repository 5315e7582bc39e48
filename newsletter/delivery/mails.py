"""What the readers of one issue get: their variant chosen, its edition compiled once, its mail encoded once."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from newsletter.delivery.envelopes import kept
from newsletter.delivery.plan import Variant
from newsletter.personalization.choose import choose
from newsletter.personalization.languages import languages_for
from newsletter.personalization.prepare import prepare
from newsletter.rendering.catalogs import catalog
from newsletter.rendering.edition import EditionItem
from subscribers.publication import current

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from newsletter.delivery.plan import Preference
    from newsletter.issues.model import Issue
    from newsletter.personalization.message import Envelope, Prepared
    from newsletter.rendering.edition import Edition

_KEPT = 16
"""Prepared variants; the plan is in variant order, so a worker needs one at a time."""


class Mails:
    """The mails of one frozen issue for one list. Not shared between threads."""

    def __init__(
        self,
        issue: Issue,
        envelope: Envelope,
        *,
        catalogs: Sequence[str],
        compile_edition: Callable[[str, str], Edition],
    ) -> None:
        """`catalogs`: the languages that labels exist in. `compile_edition`: of (content language, reader's)."""
        self._written = tuple(issue.documents)
        self._now = current(envelope.publication.topics)
        self._items = _items(issue, self._now)
        self._envelope = envelope
        self._catalogs = catalogs
        self._compile = compile_edition
        self._editions: dict[tuple[str, str], Edition] = {}
        self._prepared: OrderedDict[Variant, Prepared] = OrderedDict()

    def choose(self, preference: Preference) -> Variant | None:
        """Return what somebody who chose this gets; None: nothing."""
        publication = self._envelope.publication
        topics, excluded = (
            [self._now.get(slug, slug) for slug in slugs.split()] for slugs in (preference.topics, preference.excluded)
        )
        items = choose(self._items, topics, publication.nothing_left, excluded)
        if not items:
            return None
        languages = languages_for(
            preference.languages.split(),
            default=publication.default_language,
            catalogs=self._catalogs,
            written=self._written,
        )
        return Variant(languages.reader, languages.content, items)

    def snapshot(self) -> dict[str, Any]:
        """Return what they say beside the content, to be kept with the campaign."""
        return kept(self._envelope)

    def prepared(self, variant: Variant) -> Prepared:
        """Return the mail of a variant, which lacks only what is one recipient's own."""
        if variant in self._prepared:
            self._prepared.move_to_end(variant)
            return self._prepared[variant]
        mail = prepare(self.edition(variant.content_language, variant.language), variant.items, self._envelope)
        self._prepared[variant] = mail
        if len(self._prepared) > _KEPT:
            self._prepared.popitem(last=False)
        return mail

    def trial(self, variant: Variant) -> Prepared:
        """Return the mail of a variant marked as a test, in the reader's language, for nobody to mistake it."""
        edition = self.edition(variant.content_language, variant.language)
        mark = catalog(variant.language).gettext("Test")
        return prepare(replace(edition, subject=f"[{mark}] {edition.subject}"), variant.items, self._envelope)

    def edition(self, content_language: str, language: str) -> Edition:
        """Return the issue in one language for readers of one language, compiled at the first call."""
        key = content_language, language
        if key not in self._editions:
            self._editions[key] = self._compile(*key)
        return self._editions[key]


def _items(issue: Issue, now: Mapping[str, str]) -> tuple[EditionItem, ...]:
    """Return what choosing needs to know; topics belong to the position, so any language says it.

    `now`: what topics are called by now, since a finalized issue keeps the slugs of its time.
    """
    document = next(iter(issue.documents.values()))
    return tuple(
        EditionItem(position, kind, item.title, frozenset(now.get(slug, slug) for slug in item.topics), item.must_read)
        for position, kind, item in document.items()
    )
