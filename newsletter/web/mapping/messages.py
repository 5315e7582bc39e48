"""Pages of this sitting that say one thing, and what to do next."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from newsletter.web.pages.messages import message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from newsletter.web.pages.frame import Frame


def used(frame: Frame) -> Response:
    """Say that the address was opened before, and nothing of the one that it led to."""
    _ = frame.catalog.gettext
    return _page(
        frame,
        HTTPStatus.GONE,
        _("This address works once"),
        [_("It was opened before. Go on in that window; or stop the command with Ctrl-C, and run it again.")],
    )


def not_from_here(frame: Frame) -> Response:
    """Refuse a form that this page did not show."""
    _ = frame.catalog.gettext
    return _page(
        frame,
        HTTPStatus.FORBIDDEN,
        _("This form is not from this page"),
        [_("Nothing was changed. Load the page again, and press the button on it.")],
    )


def broken(frame: Frame) -> Response:
    """Own up."""
    _ = frame.catalog.gettext
    return _page(
        frame,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        _("Something went wrong on our side"),
        [_("The page could not be made, and nothing was changed. The options of the command do the same.")],
    )


def started(frame: Frame, *, dry_run: bool) -> Response:
    """Say where it goes on."""
    _ = frame.catalog.gettext
    if dry_run:
        paragraphs = [_("Nothing was changed. The terminal shows the same figures, and the options for another time.")]
        return _page(frame, HTTPStatus.OK, _("The trial is over"), paragraphs)
    return _page(
        frame,
        HTTPStatus.OK,
        _("The import has begun"),
        [
            _("It goes on in the terminal, which shows how far it is and what became of the rows."),
            _("You can close this page."),
        ],
    )


def _page(frame: Frame, status: HTTPStatus, title: str, paragraphs: Sequence[str]) -> Response:
    return message(frame, status, title, paragraphs, layout="mapping.html")
