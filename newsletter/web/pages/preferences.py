"""`/preferences/<token>`: all that a person can choose of a list, on one page, without a login."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from newsletter.rendering.catalogs import catalog_languages
from newsletter.rendering.typography import typeset
from newsletter.web.pages import errors
from newsletter.web.pages.addresses import masked, unusable
from newsletter.web.pages.frame import Wrong, language_options
from newsletter.web.pages.guard import is_from_elsewhere
from subscribers.errors import InvalidAddress, TooMany
from subscribers.lifecycle import Status
from subscribers.origin import Origin
from subscribers.preferences import Digest
from subscribers.timezones import is_zone, zone, zones_of_places

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from starlette.responses import Response

    from newsletter.bootstrap.pages import Reader
    from newsletter.issues.examples import Example
    from newsletter.web.pages.asked import Asked
    from newsletter.web.pages.frame import Frame
    from newsletter.web.pages.site import Site
    from subscribers.wishes import Wishes

_SOURCE = "page"
_LANGUAGES = 3
"""That can be ordered on the page; who has more keeps them behind these."""


class _Topic(NamedTuple):
    slug: str
    label: str
    description: str
    state: str
    """`want`, `any` or `not`."""
    example: str
    example_language: str


class _Chosen(NamedTuple):
    """What stands in the fields."""

    languages: Sequence[str]
    digest: str
    pause: str
    timezone: str
    email: str = ""


def preferences(site: Site, asked: Asked) -> Response:
    """Show what somebody chose, or change it."""
    reader = site.pages.preferences(asked.path["token"])
    frame = site.frame(asked, reader.publication, reader.languages)
    if asked.method != "POST":
        return _page(site, frame, reader)
    if is_from_elsewhere(asked):
        return errors.elsewhere(frame)
    change = _CHANGES.get(asked.one("form"))
    return change(site, frame, reader, asked) if change else _page(site, frame, reader)


def _choose(site: Site, frame: Frame, reader: Reader, asked: Asked) -> Response:
    _ = frame.catalog.gettext
    wrong: list[Wrong] = []
    zone_name = asked.one("timezone")
    if zone_name and not is_zone(zone_name):
        wrong.append(Wrong("timezone", _("There is no such time zone. Write it like Europe/Paris.")))
        zone_name = reader.wishes.timezone or ""
    paused_until = _pause(asked.one("pause"), replace(reader.wishes, timezone=zone_name or None), reader, site.now())
    if paused_until is _NO_DAY:
        wrong.append(Wrong("pause", _("Choose a date in the future, within a year from now.")))
    if wrong:
        return _page(site, frame, reader, wrong=wrong, asked=asked)
    wishes = _wished(reader, asked, zone_name, paused_until)
    site.pages.choose(reader, wishes, said=_said(frame), source=asked.source)
    fresh = site.pages.reader(reader.publication.id, reader.subscriber_id)
    # a new first language is the page's, too, from now on
    return _page(
        site, site.frame(asked, fresh.publication, fresh.languages), fresh, done=_("Your choices have been saved.")
    )


def _resume(site: Site, frame: Frame, reader: Reader, asked: Asked) -> Response:
    site.pages.resume(reader, said=_said(frame), source=asked.source)
    fresh = site.pages.reader(reader.publication.id, reader.subscriber_id)
    return _page(site, frame, fresh, done=frame.catalog.gettext("The break is over: mails are sent again."))


def _move(site: Site, frame: Frame, reader: Reader, asked: Asked) -> Response:
    _, email = frame.catalog.gettext, asked.one("email")
    try:
        site.pages.change_address(reader, email, said=_said(frame), source=asked.source)
    except InvalidAddress as refusal:
        wrong = Wrong("email", unusable(frame, refusal))
        return _page(site, frame, reader, wrong=[wrong], email=email)
    except TooMany:
        wrong = Wrong(
            "email", _("This was asked for several times today. Look into that mailbox, or try again tomorrow.")
        )
        return _page(site, frame, reader, wrong=[wrong], email=email)
    return _page(
        site, frame, reader,
        done=_("Check the inbox of the new address: if mail can be sent to it, "
"a message with a button to press is on its way."),
    )  # fmt: skip


_CHANGES: Mapping[str, Callable[[Site, Frame, Reader, Asked], Response]] = {
    "wishes": _choose,
    "resume": _resume,
    "address": _move,
}


def _page(
    site: Site,
    frame: Frame,
    reader: Reader,
    *,
    done: str = "",
    wrong: Sequence[Wrong] = (),
    asked: Asked | None = None,
    email: str = "",
) -> Response:
    publication, wishes, language = reader.publication, reader.wishes, frame.language
    offered = dict.fromkeys((*publication.languages, *catalog_languages(), *wishes.languages))
    options = language_options(frame, offered)
    pages = site.pages
    lists_own = (("", frame.catalog.gettext("No preference")), *options)
    until = _future(wishes.paused_until, site.now())
    out = pages.unsubscribe_token(publication.id, reader.subscriber_id)
    return frame.show(
        "preferences.html",
        status=HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK,
        wrong=wrong,
        lasting=not wrong,
        done=done,
        address=masked(reader.email),
        active=reader.status in (Status.ACTIVE, Status.SUPPRESSED),
        suppressed=reader.suppressed or reader.status is Status.SUPPRESSED,
        paused_until=frame.catalog.date(until.astimezone(zone(_zone_of(wishes, reader))).date()) if until else "",
        languages_offered=lists_own,
        fallbacks_offered=lists_own,
        chosen=_shown(reader, until, asked, email),
        topics=_topics(frame, reader, asked, pages.examples(reader, language)),
        digest_offered=publication.policies.digest_offered,
        zones=zones_of_places(),
        others=[
            (
                other.name,
                f"{frame.root}/preferences/{pages.preferences_token(other.id, member.subscriber_id)}?lang={language}",
                _standing(frame, member.status),
            )
            for member, other in pages.others(reader)
        ],
        leave=f"{frame.root}/unsubscribe/{out}?lang={language}",
    )


def _shown(reader: Reader, until: datetime | None, asked: Asked | None, email: str) -> _Chosen:
    """Return what stands in the fields: what was just sent and has to be mended, else what is stored."""
    wishes = reader.wishes
    if asked is not None:
        languages = [asked.one(name) for name in ("language", "language-2", "language-3")]
        return _Chosen(languages, asked.one("digest"), asked.one("pause"), asked.one("timezone"))
    languages = [*wishes.languages[:_LANGUAGES], *[""] * _LANGUAGES][:_LANGUAGES]
    day = until.astimezone(zone(_zone_of(wishes, reader))).date().isoformat() if until else ""
    return _Chosen(languages, wishes.digest, day, wishes.timezone or "", email)


def _topics(frame: Frame, reader: Reader, asked: Asked | None, headlines: Mapping[str, Example]) -> Sequence[_Topic]:
    language, gone = frame.language, frame.catalog.gettext("No longer offered: nothing more is sent about it.")
    wanted, unwanted = _sent_topics(asked, reader) if asked else (reader.wishes.topics, reader.wishes.excluded)
    states = {**dict.fromkeys(unwanted, "not"), **dict.fromkeys(wanted, "want")}
    return [
        _Topic(
            topic.slug,
            topic.label(language),
            gone if topic.retired else topic.description(language),
            states.get(topic.slug, "any"),
            *_headline(headlines.get(topic.slug)),
        )
        for topic in reader.publication.topics
        # who chose nothing but what is retired keeps it: without it, no choice would be left, which means everything
        if not topic.retired or topic.slug in reader.wishes.topics
    ]


def _headline(example: Example | None) -> tuple[str, str]:
    return (typeset(example.title, example.language), example.language) if example else ("", "")


def _wished(reader: Reader, asked: Asked, zone_name: str, paused_until: datetime | None) -> Wishes:
    named = [asked.one(name) for name in ("language", "language-2", "language-3")]
    languages = dict.fromkeys(each for each in (*named, *reader.wishes.languages[_LANGUAGES:]) if each)
    wanted, unwanted = _sent_topics(asked, reader)
    digest = asked.one("digest")
    return replace(
        reader.wishes,
        languages=tuple(languages),
        topics=wanted,
        excluded=unwanted,
        digest=Digest(digest) if digest in set(Digest) else reader.wishes.digest,
        paused_until=paused_until,
        timezone=zone_name or None,
    )


def _sent_topics(asked: Asked, reader: Reader) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the topics that are wanted and those that are not."""
    states = {topic.slug: asked.one(f"topic.{topic.slug}") for topic in reader.publication.topics}
    wanted, unwanted = (tuple(slug for slug, state in states.items() if state == which) for which in ("want", "not"))
    return wanted, unwanted


_LONGEST_BREAK = timedelta(days=366)
"""A longer one is no break: who wants that wants to leave, and gets a button for it."""
_NO_DAY = datetime.min.replace(tzinfo=UTC)
"""What was written is no day, or none to come."""


def _pause(text: str, wishes: Wishes, reader: Reader, now: datetime) -> datetime | None:
    """Return the instant that a break ends: the first of that day where the reader is; `_NO_DAY` for what is none."""
    stored, here = wishes.paused_until, zone(_zone_of(wishes, reader))
    if not text:
        return stored if stored is not None and stored <= now else None
    try:
        day = date.fromisoformat(text)
        until = datetime.combine(day, time(), here).astimezone(UTC)
    except (ValueError, OverflowError):
        return _NO_DAY
    if stored is not None and stored.astimezone(here).date() == day:
        return stored
    return until if now < until <= now + _LONGEST_BREAK else _NO_DAY


def _future(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment is not None and moment > now else None


def _zone_of(wishes: Wishes, reader: Reader) -> str:
    return wishes.timezone or reader.publication.timezone or "UTC"


def _said(frame: Frame) -> Origin:
    return Origin(_SOURCE, language=frame.language)


def _standing(frame: Frame, status: Status) -> str:
    _ = frame.catalog.gettext
    if status is Status.ACTIVE:
        return _("subscribed")
    return _("waiting for your confirmation") if status is Status.PENDING else _("not subscribed")
