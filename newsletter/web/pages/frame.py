"""A page: a template in a language, in the colours of a list, with the headers that belong to it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from newsletter.rendering.catalogs import catalog_languages, direction, page_catalog
from newsletter.web.pages.environment import environment
from newsletter.web.pages.languages import page_language
from newsletter.web.pages.style import addresses

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from starlette.responses import Response

    from newsletter.rendering.catalogs import Catalog
    from newsletter.web.pages.asked import Asked
    from subscribers.publication import Publication


class Wrong(NamedTuple):
    """Something of a form that has to be mended."""

    field: str
    """The id of what has to be mended."""
    message: str


class LanguageLink(NamedTuple):
    """The same page in another language."""

    code: str
    name: str
    """In itself."""
    address: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What a page has around it."""

    asked: Asked
    root: str
    """The path that the public address of this installation begins with, "" for none."""
    publication: Publication | None = None
    persons: tuple[str, ...] = ()
    """The languages of the person that the page is about, best first."""
    private: bool = True
    """Whether it is for one person: kept by nobody, found by no search engine."""

    @property
    def language(self) -> str:
        """The language it is shown in."""
        return page_language(
            chosen=self.asked.query.get("lang", ""),
            persons=self.persons,
            accepted=self.asked.headers.get("accept-language", ""),
            **({"default": self.publication.default_language} if self.publication else {}),
        )

    @property
    def catalog(self) -> Catalog:
        """The labels, dates and numbers of that language."""
        return page_catalog(self.language)

    def show(
        self,
        template: str,
        *,
        status: int = 200,
        wrong: Iterable[Wrong] = (),
        lasting: bool = False,
        **values: Any,  # noqa: ANN401 - what a template takes
    ) -> Response:
        """Return the page. `wrong`: what has to be mended of the form that was sent.

        `lasting`: an answer to a form that its address shows to whoever opens it, in any language; else only what was
        opened can be had in another one, and no answer is lost by it.
        """
        language, catalog, errors = self.language, self.catalog, list(wrong)
        text = environment().get_template(template).render(
            language=language,
            direction=direction(language),
            languages=_links(self.asked, language) if lasting or self.asked.method != "POST" else (),
            publication=self.publication,
            tagline=_tagline(self.publication, language),
            private=self.private,
            root=self.root,
            sheets=addresses(self.publication),
            here=f"?lang={language}",
            errors=errors,
            wrong={each.field: each.message for each in errors},
            fill=fill,
            bdi=bdi,
            mailbox=mailbox,
            catalog=catalog,
            _=catalog.gettext,
            **values,
        )  # fmt: skip
        # what it is in depends on what the browser accepts, and a page of a person's is nobody else's
        headers = {"Content-Language": language, "Cache-Control": "no-store" if self.private else "no-cache"}
        if self.private:
            headers["X-Robots-Tag"] = "noindex, nofollow"
        else:
            headers["Vary"] = "Accept-Language"
        return HTMLResponse(text, status, headers)


def fill(message: str, **values: object) -> Markup:
    """Fill a label; values that are no mark-up are escaped."""
    return escape(message).format(**values)


def bdi(text: str) -> Markup:
    """Return a text whose direction is its own: an address among Arabic."""
    return Markup("<bdi>{}</bdi>").format(text)


def language_options(frame: Frame, codes: Iterable[str]) -> Sequence[tuple[str, str]]:
    """Return (code, name) of languages, named in the one of the page and as they stand alone."""
    return [(code, _capital(frame.catalog.language_name(code))) for code in codes]


def language_list(frame: Frame, codes: Iterable[str]) -> str:
    """Return languages in a row."""
    separator = "، " if frame.language == "ar" else ", "
    return separator.join(frame.catalog.language_name(code) for code in codes)


def mailbox(address: str) -> Markup:
    """Return an address, kept on one line where there is room for it."""
    return Markup('<bdi class="mailbox">{}</bdi>').format(address)


@cache
def own_name(code: str) -> str:
    """Return what a language calls itself, as it stands alone."""
    return _capital(page_catalog(code).language_name(code))


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _links(asked: Asked, current: str) -> Sequence[LanguageLink]:
    others = {name: value for name, value in asked.query.items() if name != "lang"}
    return [
        LanguageLink(code, own_name(code), f"?{urlencode({**others, 'lang': code})}", code == current)
        for code in catalog_languages()
    ]


def _tagline(publication: Publication | None, language: str) -> str:
    return publication.branding.tagline.get(language, "") if publication else ""
