"""The first page: every column with what stands in it, and what it is about, as far as its heading shows."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from starlette.responses import RedirectResponse

from newsletter.web.mapping import words
from newsletter.web.mapping.messages import started
from newsletter.web.pages.frame import Wrong, bdi, fill
from subscribers.importing.fields import Field
from subscribers.importing.mapping import SEVERAL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.responses import Response

    from newsletter.bootstrap.mapping import Desk
    from newsletter.web.mapping.sitting import Sitting
    from newsletter.web.pages.asked import Asked
    from newsletter.web.pages.frame import Frame


class _Column(NamedTuple):
    id: str
    title: str
    samples: Sequence[str]
    about: str
    """The field that is selected, "" for none."""


def columns(sitting: Sitting, asked: Asked) -> Response:
    """Show the form, or take it."""
    desk, frame = sitting.desk, sitting.frame(asked)
    if desk.started:
        return started(frame, dry_run=desk.dry_run)
    if asked.method != "POST":
        return _form(desk, frame, desk.before().fields)
    said = _said(asked, len(desk.glimpse.titles))
    wrong = _wrong(frame, desk, said)
    if wrong:
        return _form(desk, frame, said, wrong)
    desk.ask(desk.before()._replace(fields=said))
    return RedirectResponse(sitting.address(frame, "rows"), HTTPStatus.SEE_OTHER)


def title(frame: Frame, desk: Desk, position: int) -> str:
    """Return what a column is called, or which one it is where it has no name."""
    found = "" if desk.glimpse.source.nameless else desk.glimpse.titles[position]
    return found or fill(frame.catalog.gettext("Column {number}"), number=frame.catalog.number(position + 1))


def _said(asked: Asked, width: int) -> Mapping[int, Field]:
    known = {about.value: about for about in Field}
    said = ((position, asked.one(_id(position))) for position in range(width))
    return {position: known[about] for position, about in said if about in known}


def _wrong(frame: Frame, desk: Desk, said: Mapping[int, Field]) -> Sequence[Wrong]:
    _ = frame.catalog.gettext
    if Field.EMAIL not in said.values():
        first = next((position for position in range(len(desk.glimpse.titles)) if position not in said), 0)
        missing = _("Say which column holds the e-mail addresses: it is the one that is needed.")
        return [Wrong(_id(first), missing)]
    first_of: dict[Field, int] = {}
    wrong = []
    for position, about in said.items():
        first = first_of.setdefault(about, position)
        if first != position and about not in SEVERAL:
            what, other = words.fields(frame.catalog)[about], title(frame, desk, first)
            message = _("“{field}” is what the column {column} is already: choose something else for one of them.")
            wrong.append(Wrong(_id(position), fill(message, field=what, column=bdi(other))))
    return wrong


def _form(desk: Desk, frame: Frame, said: Mapping[int, Field], wrong: Sequence[Wrong] = ()) -> Response:
    _, glimpse = frame.catalog.gettext, desk.glimpse
    sheet = glimpse.source.sheet
    return frame.show(
        "mapping_columns.html",
        status=HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK,
        wrong=wrong,
        token=desk.token,
        file=glimpse.name,
        written=words.written(frame.catalog, sheet.written, glimpse.source.tool, sheet.lines),
        fields=[("", _("Not read")), *((about.value, label) for about, label in words.fields(frame.catalog).items())],
        columns=[
            _Column(_id(position), title(frame, desk, position), samples, said.get(position, ""))
            for position, samples in enumerate(glimpse.samples)
        ],
    )


def _id(position: int) -> str:
    return f"column-{position + 1}"
