"""Composing a mail as MJML, with its marks, and the style sheet that goes onto its elements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsletter.issues.model import Kind
from newsletter.rendering.addresses import safe_address
from newsletter.rendering.catalogs import catalog
from newsletter.rendering.colours import palettes
from newsletter.rendering.environment import environment
from newsletter.rendering.typography import typeset

if TYPE_CHECKING:
    from newsletter.rendering.markers import Marks
    from newsletter.rendering.view import MailView


WIDEST = 536
"""Pixels: the mail without its margins."""


@dataclass(frozen=True, slots=True)
class ContentsLine:
    """A line of the table of contents."""

    kind: Kind
    positions: frozenset[int]


def compose(mail: MailView, marks: Marks) -> str:
    """Return the MJML of `mail`, cut at `marks`."""
    branding = mail.publication.branding
    lines = contents(mail)
    template = environment().get_template("newsletter/mail.mjml.j2")
    return template.render(
        mail=mail,
        contents=lines,
        contents_positions=frozenset().union(*(line.positions for line in lines)),
        logo_url=safe_address(branding.logo_url),
        logo_width=min(branding.logo_width, WIDEST),
        logo_alt=typeset(branding.logo_alt or mail.name, ""),
        postal_address=[typeset(line, "") for line in mail.publication.postal_address.splitlines() if line.strip()],
        palettes=palettes(branding),
        cut=marks.cut,
        slot=marks.slot,
        _=catalog(mail.reader.language).gettext,
    )


def inline_sheet(mail: MailView) -> str:
    """Return the rules that are written onto the elements of `mail`."""
    colours = palettes(mail.publication.branding).light
    return environment().get_template("newsletter/inline.css.j2").render(mail=mail, colours=colours)


def contents(mail: MailView) -> tuple[ContentsLine, ...]:
    """Return a line for every kind of item but the summary, in the order of the mail."""
    kinds = dict.fromkeys(section.kind for section in mail.sections if section.kind is not Kind.SUMMARY)
    return tuple(ContentsLine(kind, _positions(mail, kind)) for kind in kinds)


def _positions(mail: MailView, kind: Kind) -> frozenset[int]:
    return frozenset(position for section in mail.sections if section.kind is kind for position in section.positions)
