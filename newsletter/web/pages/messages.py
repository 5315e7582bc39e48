"""A page that says one thing, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from http import HTTPStatus

    from starlette.responses import Response

    from newsletter.web.pages.frame import Frame


def message(
    frame: Frame,
    status: HTTPStatus,
    title: str,
    paragraphs: Sequence[str],
    links: Sequence[tuple[str, str]] = (),
    *,
    layout: str = "base.html",
) -> Response:
    """Return it. `links`: pairs of label and address. `layout`: the template of what stands around it."""
    return frame.show("message.html", status=status, title=title, paragraphs=paragraphs, links=links, layout=layout)
