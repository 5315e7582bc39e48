"""The second page: what would become of the rows, the tags that are no topics, and the button that begins."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from starlette.responses import RedirectResponse

from newsletter.web.mapping import words
from newsletter.web.mapping.messages import started
from newsletter.web.mapping.spoken import spoken
from newsletter.web.pages.frame import fill

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup
    from starlette.responses import Response

    from newsletter.bootstrap.mapping import Desk, Look
    from newsletter.rendering.catalogs import Catalog
    from newsletter.web.mapping.sitting import Sitting
    from newsletter.web.pages.asked import Asked
    from newsletter.web.pages.frame import Frame
    from subscribers.importing import ImportReport

_PATIENCE = 5.0
"""Seconds that a page may take, for a look that ends within them is shown at once."""
_AGAIN = 3
"""Seconds after which a browser asks by itself how far it is."""


class _Tag(NamedTuple):
    id: str
    tag: str
    rows: str
    """How many have it; "" where that was not counted."""
    topic: str
    """The slug that is selected, "" for none."""


class _Sample(NamedTuple):
    line: str
    email: str
    reason: Markup


class _Group(NamedTuple):
    name: str
    rows: str
    samples: Sequence[_Sample]
    whole: bool
    """These are all of them."""


def rows(sitting: Sitting, asked: Asked) -> Response:
    """Show what would become of the rows, or take one of the two forms below."""
    desk, frame = sitting.desk, sitting.frame(asked)
    if desk.started:
        return started(frame, dry_run=desk.dry_run)
    look = desk.newest(_PATIENCE)
    if look is None:
        return _to(sitting.address(frame, ""))
    if asked.method == "POST":
        return _take(sitting, frame, asked, look)
    if not look.ended:
        return _wait(sitting, frame, look)
    return _show(sitting, frame, look)


def _take(sitting: Sitting, frame: Frame, asked: Asked, look: Look) -> Response:
    desk, again = sitting.desk, _to(sitting.address(frame, "rows"))
    if asked.one("look") != str(look.number):  # another window has gone on; what is newest is shown
        return again
    if asked.one("form") == "tags" and look.report:
        slugs = {topic.slug for topic in desk.publication.topics}
        said = {tag: asked.one(_id(number)) for number, (tag, _) in enumerate(_tags(look, look.report))}
        desk.ask(look.answers._replace(tags={tag: slug for tag, slug in said.items() if slug in slugs}))
    elif asked.one("form") == "start" and desk.start(look.number):
        return started(frame, dry_run=desk.dry_run)
    return again


def _wait(sitting: Sitting, frame: Frame, look: Look) -> Response:
    number = frame.catalog.number
    answer = frame.show(
        "mapping_wait.html",
        back=sitting.address(frame, ""),
        done=number(look.done),
        lines=number(look.lines) if look.lines else "",
    )
    answer.headers["Refresh"] = str(_AGAIN)
    return answer


def _show(sitting: Sitting, frame: Frame, look: Look) -> Response:
    desk, number, report = sitting.desk, frame.catalog.number, look.report
    return frame.show(
        "mapping_rows.html",
        back=sitting.address(frame, ""),
        token=desk.token,
        look=look.number,
        file=desk.glimpse.name,
        refusal=spoken(frame.catalog, look.refusal) if look.refusal else "",
        dry_run=desk.dry_run,
        report=report,
        total=number(report.rows) if report else "",
        groups=_groups(frame, report) if report else (),
        tags=[
            _Tag(_id(place), _shown(tag), number(count) if count else "", look.answers.tags.get(tag, ""))
            for place, (tag, count) in enumerate(_tags(look, report))
        ]
        if report
        else (),
        topics=[("", frame.catalog.gettext("No topic")), *_topics(desk, frame)],
        notes=_notes(frame.catalog, desk.glimpse.source.sheet.notes, report) if report else (),
    )


def _groups(frame: Frame, report: ImportReport) -> Sequence[_Group]:
    number = frame.catalog.number
    return [
        _Group(
            name,
            number(getattr(report, fate.value)),
            [
                _Sample(number(line), _shown(email), spoken(frame.catalog, reason))
                for line, email, _, reason in report.samples[fate]
            ],
            len(report.samples[fate]) == getattr(report, fate.value),
        )
        for fate, name in words.fates(frame.catalog).items()
    ]


def _tags(look: Look, report: ImportReport) -> Sequence[tuple[str, int]]:
    """Return the tags that somebody may say a topic for, those first that have one already, each with its rows."""
    unknown: Mapping[str, int] = dict(report.unknown_tags)
    return [*((tag, 0) for tag in look.answers.tags if tag not in unknown), *unknown.items()]


def _topics(desk: Desk, frame: Frame) -> Sequence[tuple[str, str]]:
    topics = (topic for topic in desk.publication.topics if not topic.retired)
    return [(topic.slug, topic.label(frame.language)) for topic in topics]


def _notes(catalog: Catalog, of_the_file: Sequence[str], report: ImportReport) -> Sequence[Markup]:
    _, number = catalog.gettext, catalog.number
    doubtful, left_out = _("Line {line}: {reason}."), _("Line {line}, {field}: {reason}")
    fields = {field.value: label for field, label in words.fields(catalog).items()}
    return [
        *(spoken(catalog, note) for note in of_the_file),
        *(
            fill(doubtful, line=number(line), reason=spoken(catalog, reason))
            for doubts in report.doubtful.values()
            for line, reason in doubts
        ),
        *(
            fill(left_out, line=number(line), field=fields[about], reason=spoken(catalog, reason))
            for about, (line, reason) in report.first_left_out.items()
        ),
    ]


def _shown(text: str) -> str:
    return text.encode(errors="replace").decode()


def _id(place: int) -> str:
    return f"tag-{place + 1}"


def _to(address: str) -> Response:
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)
