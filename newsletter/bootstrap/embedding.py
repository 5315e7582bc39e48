"""The form that somebody puts on a page of their own: plain HTML, no script, posted to the page of the list."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from newsletter.errors import Refused
from newsletter.personalization.languages import languages_for
from newsletter.rendering.catalogs import catalog_languages, direction, page_catalog

if TYPE_CHECKING:
    from newsletter.bootstrap.installation import Newsletter
    from subscribers.publication import Publication

EMBEDDED = "embedded form"
"""Purpose of the token of such a form, with (list)."""
SEEN = "seen"
"""Name of the field with the token of any form."""
TRAP = "homepage"
"""Name of the field that stays empty: people do not see it, machines fill it in."""


def embedded_form(newsletter: Newsletter, publication: Publication, language: str | None = None) -> str:
    """Return the form in `language`; None: in the list's first one, or English where pages are not in that.

    Its token has no time, and is taken only from a browser that says it comes from another site; a form that was put
    up works for as long as the secret does. Raises Refused for a language that pages are not in, FixConfiguration where
    nothing can be signed.
    """
    known = catalog_languages()
    if language is None:
        language = languages_for((), default=publication.default_language, catalogs=known, written=known).reader
    if language not in known:
        raise Refused(f"No page is in “{language}”: choose one of {', '.join(known)}.")
    _ = page_catalog(language).gettext
    action = f"{newsletter.settings.public_url.rstrip('/')}/subscribe/{publication.slug}?lang={language}"
    token = newsletter.signer().sign(EMBEDDED, publication.id)
    email, hint = (
        _("Your e-mail address"),
        _("We will send you one mail, with a button to confirm. Nothing else is sent before you press it."),
    )
    trap, name = escape(_("Leave this field empty")), f"newsletter-{publication.slug}"
    lines = [
        f'<form method="post" action="{escape(action)}" lang="{language}" dir="{direction(language)}">',
        f'  <p><label for="{name}">{escape(email)}</label>',
        f'  <input id="{name}" name="email" type="email" autocomplete="email" required maxlength="254" dir="ltr"></p>',
        f"  <p>{escape(hint)}</p>",
        f'  <p hidden><label>{trap} <input name="{TRAP}" autocomplete="off"></label></p>',
        f'  <input type="hidden" name="{SEEN}" value="{token}">',
        f"  <p><button>{escape(_('Subscribe'))}</button></p>",
        "</form>",
    ]
    return "\n".join(lines) + "\n"
