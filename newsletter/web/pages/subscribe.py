"""`/subscribe/<list>`: asked for here, confirmed by the button that the mail leads to."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from starlette.responses import PlainTextResponse

from newsletter.bootstrap.embedding import SEEN, TRAP
from newsletter.rendering.catalogs import catalog_languages
from newsletter.web.pages import errors
from newsletter.web.pages.addresses import unusable
from newsletter.web.pages.frame import Wrong, bdi, fill, language_options, mailbox
from newsletter.web.pages.guard import Sent, seen, sent
from subscribers.errors import InvalidAddress, NotFound, Refused
from subscribers.origin import Origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from newsletter.web.pages.asked import Asked
    from newsletter.web.pages.frame import Frame
    from newsletter.web.pages.site import Site
    from subscribers.publication import Publication

_SOURCE = "page"
_NO_JSON = (
    "This address takes the form of its page (application/x-www-form-urlencoded), and no JSON: `newsletter list form` "
    "prints one for other pages. Programs add people with `newsletter subscribers add EMAIL --json`.\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Values:
    """What stands in the form."""

    email: str = ""
    name: str = ""
    language: str = ""
    topics: Sequence[str] = field(default_factory=tuple)


class _Topic(NamedTuple):
    slug: str
    label: str
    description: str


def subscribe(site: Site, asked: Asked) -> Response:
    """Show the form, or take it."""
    try:
        publication = site.pages.list_called(asked.path["list"])
    except NotFound:
        return errors.missing(site.frame(asked))
    if asked.headers.get("content-type", "").startswith("application/json"):
        return PlainTextResponse(_NO_JSON, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, {"Cache-Control": "no-store"})
    frame = site.frame(asked, publication, private=False)
    if asked.method != "POST":
        return _form(site, frame, publication, _Values(language=frame.language))
    return _take(site, site.frame(asked, publication), publication, asked)


def wording(frame: Frame, publication: Publication) -> str:
    """Return the words that are agreed to, as they are shown and as they are kept."""
    text = frame.catalog.gettext(
        "I want to receive {list} by e-mail. Every mail has a link that ends this. My address is used for nothing else."
    )
    return text.format(list=publication.name)


def _take(site: Site, frame: Frame, publication: Publication, asked: Asked) -> Response:
    _ = frame.catalog.gettext
    values = _Values(
        email=asked.one("email"),
        name=asked.one("name"),
        language=asked.one("language") or frame.language,
        topics=asked.many("topic"),
    )
    how = sent(asked, site.pages.signer, publication.id, site.now())
    if how in (Sent.STALE, Sent.TOO_SOON):
        again = _("Please check it and press the button once more.")
        return _form(site, frame, publication, values, [Wrong("send", again)])
    if how is Sent.BY_A_PERSON:
        try:
            site.pages.subscribe(
                publication, values.email, name=values.name, language=values.language, topics=values.topics,
                said=Origin(_SOURCE, wording=wording(frame, publication), language=frame.language),
                source=asked.source,
            )  # fmt: skip
        except InvalidAddress as refusal:
            why = unusable(frame, refusal) if values.email else _("Enter your e-mail address.")
            return _form(site, frame, publication, values, [Wrong("email", why)])
        except Refused as refusal:
            if type(refusal) is not Refused:
                raise
            return _form(
                site, frame, publication, values, [Wrong("name", _("This name or choice cannot be accepted."))]
            )
    return _look_into_your_mail(frame, publication, values.email)


def _look_into_your_mail(frame: Frame, publication: Publication, email: str) -> Response:
    """Answer the same whatever is known of the address."""
    _ = frame.catalog.gettext
    return frame.show(
        "message.html",
        title=_("Check your inbox"),
        paragraphs=[
            fill(
                _("If {list} can be sent to {address}, a mail is on its way there. Press "
"the button in it, and you are subscribed."),
                list=bdi(publication.name),
                address=mailbox(email),
            ),
            _("Nothing after a few minutes? Look in your spam folder. Whoever is subscribed "
              "already is told so, once a day."),
        ],
        links=[],
    )  # fmt: skip


def _form(site: Site, frame: Frame, publication: Publication, values: _Values, wrong: Sequence[Wrong] = ()) -> Response:
    language = frame.language
    return frame.show(
        "subscribe.html",
        status=HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK,
        wrong=wrong,
        values=values,
        offered=language_options(frame, dict.fromkeys((*publication.languages, *catalog_languages()))),
        topics=[
            _Topic(topic.slug, topic.label(language), topic.description(language))
            for topic in publication.topics
            if not topic.retired
        ],
        wording=wording(frame, publication),
        trap=TRAP,
        seen_field=SEEN,
        seen=seen(site.pages.signer, publication.id, site.now()),
    )
