"""Compiling a mail outside campaigns by the same way as an edition: view, MJML, inline, slots; its text beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.rendering.addresses import safe_address
from newsletter.rendering.balance import check_balanced
from newsletter.rendering.catalogs import catalog
from newsletter.rendering.colours import palettes
from newsletter.rendering.compose import WIDEST
from newsletter.rendering.edition import PREHEADER_SLOT, Fragment
from newsletter.rendering.environment import environment
from newsletter.rendering.inline import inline_styles
from newsletter.rendering.markers import Marks
from newsletter.rendering.mjml import to_html
from newsletter.rendering.notice_form import NoticeForm
from newsletter.rendering.notice_text import compose_text
from newsletter.rendering.notice_view import view
from newsletter.rendering.typography import typeset

if TYPE_CHECKING:
    from newsletter.rendering.notice_view import NoticeView
    from subscribers.ports import NoticeKind
    from subscribers.publication import Publication


def compiled(kind: NoticeKind, publication: Publication, language: str) -> NoticeForm:
    """Compile one kind for one list and language. Raises Refused."""
    marks = Marks()
    mail = view(kind, publication, language, marks)
    html = marks.parts(inline_styles(to_html(_mjml(mail, marks), marks, {}), _sheet(mail)))
    check_balanced([Fragment(frozenset(), html)])
    return NoticeForm(
        kind=kind,
        language=language,
        subject=mail.subject,
        html=html,
        text=marks.parts(compose_text(mail, marks)),
        is_subscribed=mail.is_subscribed,
    )


def _mjml(mail: NoticeView, marks: Marks) -> str:
    branding = mail.publication.branding

    def slot(name: str) -> str:
        return mail.preheader if name == PREHEADER_SLOT else marks.slot(name)

    return (
        environment()
        .get_template("notice/mail.mjml.j2")
        .render(
            mail=mail,
            logo_url=safe_address(branding.logo_url),
            logo_width=min(branding.logo_width, WIDEST),
            logo_alt=typeset(branding.logo_alt or mail.name, ""),
            postal_address=[typeset(line, "") for line in mail.publication.postal_address.splitlines() if line.strip()],
            palettes=palettes(branding),
            slot=slot,
            _=catalog(mail.reader.language).gettext,
        )
    )


def _sheet(mail: NoticeView) -> str:
    colours = palettes(mail.publication.branding).light
    return environment().get_template("notice/inline.css.j2").render(mail=mail, colours=colours)
