"""Compiling an issue into an edition: view, compose, MJML, inline, cut; the plain text beside it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from newsletter.rendering import plaintext
from newsletter.rendering.balance import check_balanced
from newsletter.rendering.catalogs import catalog
from newsletter.rendering.compose import compose, inline_sheet
from newsletter.rendering.edition import Edition, EditionItem
from newsletter.rendering.fragments import cut
from newsletter.rendering.inline import inline_styles
from newsletter.rendering.markers import Marks
from newsletter.rendering.mjml import to_html
from newsletter.rendering.view import view

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from newsletter.issues.model import Document, Issue
    from newsletter.rendering.catalogs import Catalog
    from newsletter.rendering.view import MailView
    from subscribers.publication import Publication


def compile_positions(
    issue: Issue, publication: Publication, positions: Collection[int] | None, *, content_language: str, language: str
) -> Edition:
    """Compile the items at `positions`, None for all of them."""
    mail = view(issue, publication, content_language=content_language, language=language, positions=positions)
    marks = Marks()
    labels = catalog(language)
    html = cut(_html(mail, marks), marks)
    check_balanced(html)
    return Edition(
        content_language=content_language,
        language=language,
        direction=mail.reader.direction,
        subject=mail.subject,
        items=tuple(_items(mail, issue.documents[content_language])),
        html=html,
        text=cut(plaintext.compose(mail, marks), marks),
        counts=_counts(mail, labels),
        greeting=labels.gettext("Hello,"),
        greeting_named=labels.gettext("Hello {name},"),
    )


def _html(mail: MailView, marks: Marks) -> str:
    titles = {item.position: item.title for section in mail.sections for item in section.items}
    return inline_styles(to_html(compose(mail, marks), marks, titles), inline_sheet(mail))


def _items(mail: MailView, document: Document) -> Iterator[EditionItem]:
    items = {position: item for position, _, item in document.items()}
    for section in mail.sections:
        for shown in section.items:
            item = items[shown.position]
            yield EditionItem(shown.position, shown.kind, shown.title, frozenset(item.topics), item.must_read)


def _counts(mail: MailView, labels: Catalog) -> Mapping[str, tuple[str, ...]]:
    numbers = Counter(item.kind for section in mail.sections for item in section.items)
    return {kind.value: tuple(labels.count(kind, n) for n in range(number + 1)) for kind, number in numbers.items()}
