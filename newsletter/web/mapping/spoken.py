"""What an import says of a row, in the language of the page's reader (`subscribers.sentences`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from newsletter.rendering.catalogs import SOURCE_LANGUAGE
from newsletter.web.mapping import words
from newsletter.web.pages.frame import bdi, fill
from subscribers.importing.fields import Field
from subscribers.importing.says import Says
from subscribers.sentences import Sentence

if TYPE_CHECKING:
    from newsletter.rendering.catalogs import Catalog


def spoken(catalog: Catalog, text: str) -> Markup:
    """Return `text` in the catalog's language; marked as English where it is no sentence that can be said in others."""
    if not text or catalog.language == SOURCE_LANGUAGE:
        return escape(_readable(text))
    if not isinstance(text, Sentence):
        return Markup('<span lang="en" dir="ltr">{}</span>').format(_readable(text))
    return fill(catalog.gettext(text.form), **{name: _value(catalog, value) for name, value in text.values.items()})


def _value(catalog: Catalog, value: object) -> Markup:
    match value:
        case Sentence():
            return spoken(catalog, value)
        case Field():
            return escape(words.fields(catalog)[value])
        case Says():
            return escape(words.standings(catalog)[value])
        case int():
            return escape(catalog.number(value))
        case _:
            return bdi(_readable(str(value)))


def _readable(text: str) -> str:
    """Return `text` with a question mark for every byte of the file that is no text."""
    return text.encode(errors="replace").decode()
