"""Pages that say what is in the way, and what to do next."""

from __future__ import annotations

import traceback
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse

from newsletter.rendering.catalogs import page_catalog
from newsletter.web.pages.messages import message

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.responses import Response

    from newsletter.web.pages.frame import Frame


def missing(frame: Frame) -> Response:
    """Say that there is no such page."""
    _ = frame.catalog.gettext
    return message(
        frame,
        HTTPStatus.NOT_FOUND,
        _("Page not found"),
        [_("Perhaps the address was mistyped, or a line break cut it short.")],
    )


def not_taken(frame: Frame, allowed: str) -> Response:
    """Say that a page takes nothing of that kind; `Allow` (RFC 9110, 15.5.6) says what it does take."""
    _ = frame.catalog.gettext
    answer = message(
        frame,
        HTTPStatus.METHOD_NOT_ALLOWED,
        _("Not possible at this address"),
        [_("Nothing was changed. Open the link once more, and press the button on its page.")],
    )
    answer.headers["Allow"] = allowed
    return answer


def altered(frame: Frame) -> Response:
    """Say that a link is none of ours, or not any more."""
    _ = frame.catalog.gettext
    return message(
        frame,
        HTTPStatus.NOT_FOUND,
        _("This link does not work"),
        [
            _("It was cut short or changed on its way, or it is too old to be read."),
            _("Take the link in the newest mail, and copy it as a whole."),
        ],
    )


def gone(frame: Frame) -> Response:
    """Say that what a link is about was deleted, or never was."""
    _ = frame.catalog.gettext
    return message(
        frame,
        HTTPStatus.GONE,
        _("This is no longer here"),
        [_("What this link belongs to has been deleted, or it comes from a mail that was only a test.")],
    )


def expired(frame: Frame) -> Response:
    """Say that a link is too old, or was overtaken."""
    _ = frame.catalog.gettext
    slug = frame.publication.slug if frame.publication else None
    again = [(_("Ask again"), f"{frame.root}/subscribe/{slug}?lang={frame.language}")] if slug else []
    return message(
        frame,
        HTTPStatus.GONE,
        _("This link has expired"),
        [_("It was valid for a few days, or something newer has taken its place. Ask again, and a new mail is sent.")],
        again,
    )


def too_many(frame: Frame, later: datetime, now: datetime) -> Response:
    """Ask for patience; Retry-After says how much."""
    _ = frame.catalog.gettext
    answer = message(
        frame,
        HTTPStatus.TOO_MANY_REQUESTS,
        _("Too many requests"),
        [_("Many requests have come from your network lately. Please wait a little, then try again.")],
    )
    answer.headers["Retry-After"] = str(max(1, round((later - now).total_seconds())))
    return answer


def elsewhere(frame: Frame) -> Response:
    """Refuse what another site's page sent in the name of a reader."""
    _ = frame.catalog.gettext
    return message(
        frame,
        HTTPStatus.FORBIDDEN,
        _("This came from another site"),
        [
            _(
                "For your safety nothing was changed. "
                "Open the link in your mail, and press the button on the page itself."
            )
        ],
    )


def busy(frame: Frame) -> Response:
    """Say that it will work in a moment."""
    _ = frame.catalog.gettext
    answer = message(
        frame,
        HTTPStatus.SERVICE_UNAVAILABLE,
        _("Temporarily unavailable"),
        [_("We have a technical problem. Nothing is lost: please try again in a few minutes.")],
    )
    answer.headers["Retry-After"] = "120"
    return answer


def broken(frame: Frame) -> Response:
    """Own up."""
    _ = frame.catalog.gettext
    return message(
        frame,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        _("Something went wrong on our side"),
        [
            _(
                "The page could not be shown. Please try again later; if it keeps happening, "
                "reply to any of our mails and tell us."
            )
        ],
    )


def plain(status: HTTPStatus) -> Response:
    """Answer what is no request of a browser."""
    return PlainTextResponse(f"{page_catalog('en').gettext(status.phrase)}\n", status, {"Cache-Control": "no-store"})


def where(error: BaseException) -> str:
    """Return the line that raised it, and nothing of what it was about."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "an unknown place"
