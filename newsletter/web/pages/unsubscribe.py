"""`/unsubscribe/<token>`: the way out. One click for mail programs (RFC 8058), one button for people.

The token alone decides: no cookie, no login, no guard, no limit. Whatever is posted to it but what the page itself
posts afterwards is the one click; a second time changes nothing. Looking at it changes nothing (scanners look).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse

from newsletter.web.pages import errors
from newsletter.web.pages.addresses import masked
from newsletter.web.pages.frame import Wrong
from newsletter.web.pages.guard import is_from_elsewhere
from subscribers.errors import NotFound, Refused
from subscribers.leaving import LONGEST, Why
from subscribers.lifecycle import Status
from subscribers.origin import Origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from newsletter.bootstrap.pages import Reader
    from newsletter.web.pages.asked import Asked
    from newsletter.web.pages.frame import Frame
    from newsletter.web.pages.site import Site

_SOURCE = "page"


def unsubscribe(site: Site, asked: Asked) -> Response:
    """Show the button, or do what was pressed."""
    if asked.method == "POST" and asked.one("form") not in ("leave", "undo", "reason"):
        site.pages.leave(asked.path["token"], source=asked.source, one_click=True)
        return PlainTextResponse("Unsubscribed.\n", headers={"Cache-Control": "no-store"})
    list_id, _, subscriber_id = site.pages.leaving(asked.path["token"])
    try:
        reader = site.pages.reader(list_id, subscriber_id)
    except NotFound:
        return _nobody(site.frame(asked))
    frame = site.frame(asked, reader.publication, reader.languages)
    return _pressed(site, frame, reader, asked) if asked.method == "POST" else _page(site, frame, reader)


def _pressed(site: Site, frame: Frame, reader: Reader, asked: Asked) -> Response:
    form = asked.one("form")
    if form == "leave":
        site.pages.leave(asked.path["token"], source=asked.source, one_click=False)
        return _page(site, frame, site.pages.reader(reader.publication.id, reader.subscriber_id))
    if is_from_elsewhere(asked):  # being taken off by somebody is a nuisance, being put on again is worse
        return errors.elsewhere(frame)
    return (_undo if form == "undo" else _reason)(site, frame, reader, asked)


def _undo(site: Site, frame: Frame, reader: Reader, asked: Asked) -> Response:
    _ = frame.catalog.gettext
    words = _("That was a mistake: subscribe me again")
    said = Origin(_SOURCE, wording=words, language=frame.language)
    try:
        site.pages.undo(asked.path["token"], said=said, source=asked.source)
    except Refused:
        cannot = _("This can no longer be undone here: please subscribe again.")
        return _page(site, frame, reader, wrong=[Wrong("content", cannot)])
    return frame.show(
        "message.html",
        title=_("You are subscribed again"),
        paragraphs=[_("Everything is as it was before, including your choices.")],
        links=[(_("Choose languages and topics"), _preferences(site, frame, reader))],
    )


def _reason(site: Site, frame: Frame, reader: Reader, asked: Asked) -> Response:
    reason, words = asked.one("reason"), asked.one("words")
    if reason or words:
        site.pages.give_reason(asked.path["token"], reason if reason in set(Why) else Why.OTHER, words)
    return _page(site, frame, reader, thanks=bool(reason or words))


def _page(site: Site, frame: Frame, reader: Reader, *, thanks: bool = False, wrong: Sequence[Wrong] = ()) -> Response:
    left = reader.status is Status.UNSUBSCRIBED
    return frame.show(
        "unsubscribe.html",
        wrong=wrong,
        lasting=not wrong,
        left=left,
        undo=left and reader.may_return and not wrong,
        thanks=thanks,
        address=masked(reader.email),
        reasons=_reasons(frame),
        longest=LONGEST,
        preferences=_preferences(site, frame, reader),
    )


def _reasons(frame: Frame) -> Sequence[tuple[str, str]]:
    _ = frame.catalog.gettext
    return [
        (Why.TOO_OFTEN, _("It comes too often")),
        (Why.NOT_FOR_ME, _("It is not about what interests me")),
        (Why.NO_TIME, _("I have no time to read it")),
        (Why.ELSEWHERE, _("I read it elsewhere, or at another address")),
        (Why.NEVER_ASKED, _("I never subscribed to it")),
        (Why.OTHER, _("Another reason")),
    ]


def _nobody(frame: Frame) -> Response:
    _ = frame.catalog.gettext
    return frame.show(
        "message.html",
        title=_("You are not subscribed"),
        paragraphs=[_("Nothing is kept here about the address that this link was sent to, so nothing is sent to it.")],
        links=[],
    )


def _preferences(site: Site, frame: Frame, reader: Reader) -> str:
    token = site.pages.preferences_token(reader.publication.id, reader.subscriber_id)
    return f"{frame.root}/preferences/{token}?lang={frame.language}"
