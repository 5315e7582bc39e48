"""Lists: create, find and change what one can subscribe to."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, literal, or_, select

from subscribers.address import normalised
from subscribers.errors import AlreadyExists, InvalidAddress, NotFound, Refused
from subscribers.models import List, Subscription
from subscribers.preferences import LANGUAGE
from subscribers.publication import Branding, Draft, NothingLeft, Policies, Publication, Topic, current
from subscribers.timezones import zone_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_TOPIC_SLUG = re.compile(r"[a-z0-9-]{1,64}")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_LOGO_URL = re.compile(r"https?://[^\s\"<>]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_COLUMNS = tuple(field.name for field in dataclasses.fields(Draft))


class ListStore:
    """The lists, seen through one session; what is written is committed with it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def create(self, draft: Draft, now: datetime) -> Publication:
        """Store a new list. Raises AlreadyExists for a slug that is taken, Refused for what cannot be a list."""
        checked = _checked(draft)
        if self._row(checked.slug) is not None:
            raise AlreadyExists(f"There is a list “{checked.slug}” already: choose another slug, or edit that one.")
        row = List(created_at=now, **_columns(checked))
        self._session.add(row)
        self._session.flush()
        return _publication(row)

    def get(self, slug: str) -> Publication:
        """Return the list called `slug`. Raises NotFound, with the lists that there are."""
        row = self._row(slug)
        if row is None:
            there_are = ", ".join(each.slug for each in self.all())
            hint = f"There are: {there_are}." if there_are else "Create one with `newsletter list create`."
            raise NotFound(f"There is no list “{slug}”. {hint}")
        return _publication(row)

    def by_id(self, list_id: int) -> Publication:
        """Return the list with that key. Raises NotFound."""
        row = self._session.get(List, list_id)
        if row is None:
            raise NotFound(f"There is no list number {list_id}.")
        return _publication(row)

    def all(self) -> Sequence[Publication]:
        """Return every list, by slug."""
        return [_publication(row) for row in self._session.scalars(select(List).order_by(List.slug))]

    def edit(self, slug: str, /, **changes: Any) -> Publication:  # noqa: ANN401 - the fields of Draft, each of its own type
        """Change the fields of `Draft` that are named, all but the slug, and return the list as it is now.

        A topic that somebody chose cannot be taken away: with nothing left of their choice they would get everything.
        What a topic was called formerly, and those that are retired, are kept where `changes` do not name them. A
        former name can be taken away as soon as nobody's choice holds it any longer.
        """
        before = self.get(slug)
        if "topics" in changes:
            changes["topics"] = _with_history(changes["topics"], before.topics)
        after = _checked(dataclasses.replace(before, **changes))
        if after.slug != before.slug:
            raise Refused(
                f"The list {before.slug} keeps its slug: links in mails that are out there hold it. For another list "
                f"called {after.slug} create one; else leave the slug out."
            )
        for gone in {topic.slug for topic in before.topics} - {topic.slug for topic in after.topics}:
            self._nobody_chose(before, gone)
        for old in current(before.topics).keys() - current(after.topics).keys():
            self._nobody_holds(before, old)
        return self._write(after)

    def revise(self, slug: str, topics: Sequence[Topic]) -> Publication:
        """Give a list another vocabulary, whose topics know what they were called; `revising` sees to choices."""
        return self._write(_checked(dataclasses.replace(self.get(slug), topics=tuple(topics))))

    def _write(self, after: Draft) -> Publication:
        row = self._row(after.slug)
        for column, value in _columns(after).items():
            setattr(row, column, value)
        self._session.flush()
        return self.get(after.slug)

    def _row(self, slug: str) -> List | None:
        return self._session.scalar(select(List).where(List.slug == slug))

    def _nobody_holds(self, publication: Publication, old: str) -> None:
        if count := self._choices_with(publication, old):
            raise Refused(
                f"“{old}”, which a topic was called formerly, still stands in the choices of {count} subscribers: "
                f"give the command that renamed or merged it once more, which ends it, and take it out then."
            )

    def _choices_with(self, publication: Publication, topic: str) -> int:
        named = (
            literal(" ").concat(column).concat(" ").contains(f" {topic} ", autoescape=True)
            for column in (Subscription.topics, Subscription.topics_excluded)
        )
        query = select(func.count()).where(Subscription.list_id == publication.id, or_(*named))
        return self._session.scalar(query) or 0

    def _nobody_chose(self, publication: Publication, topic: str) -> None:
        if count := self._choices_with(publication, topic):
            raise Refused(
                f"The topic “{topic}” was chosen, or left out, by {count} subscribers: keep it in the vocabulary, or "
                f"rename, merge or retire it (`newsletter list topics {publication.slug} --retire {topic}`)."
            )


def snapshot(publication: Publication) -> dict[str, Any]:
    """Return the list as JSON, to be kept beside what was made of it."""
    return {"id": publication.id, **_columns(publication)}


def from_snapshot(kept: Mapping[str, Any]) -> Publication:
    """Return the list as it was when `snapshot` was taken; what was added to lists since has its default."""
    return _restored({name: kept[name] for name in ("id", *_COLUMNS) if name in kept})


def _checked(draft: Draft) -> Draft:
    """Return `draft` with one spelling for everything that has several. Raises Refused for what cannot be."""
    if not _SLUG.fullmatch(draft.slug):
        raise Refused(
            f"“{draft.slug}” cannot be a list's slug: use lower-case letters a–z, digits and hyphens, at most 64."
        )
    for what, text in (("name", draft.name), ("sender's name", draft.sender_name)):
        if not text.strip() or _CONTROL.search(text):
            raise Refused(f"The {what} of a list has to be one line that is not empty.")
    return dataclasses.replace(
        draft,
        sender_email=normalised(draft.sender_email),
        reply_to=normalised(draft.reply_to) if draft.reply_to else None,
        languages=_checked_languages(draft.languages),
        topics=_checked_topics(draft.topics),
        branding=_checked_branding(draft.branding),
        timezone=zone_name(draft.timezone) if draft.timezone else None,
        policies=_checked_policies(draft.policies),
    )


def _checked_languages(codes: Sequence[str]) -> tuple[str, ...]:
    languages = tuple(dict.fromkeys(code.strip().lower().replace("_", "-") for code in codes))
    for code in languages:
        if not LANGUAGE.fullmatch(code):
            raise Refused(f"“{code}” is no language code: write `fr`, `en`, `pt-br`.")
    if not languages:
        raise Refused("A list needs a language; the first one named is its default.")
    return languages


def _checked_topics(topics: Sequence[Topic]) -> tuple[Topic, ...]:
    seen: set[str] = set()
    for topic in topics:
        if not _TOPIC_SLUG.fullmatch(topic.slug):
            raise Refused(f"“{topic.slug}” cannot be a topic's slug: use lower-case letters a–z, digits and hyphens.")
        if topic.slug in seen:
            raise Refused(f"The topic “{topic.slug}” stands there twice.")
        seen.add(topic.slug)
    for old in current(topics):
        if old in seen:
            raise Refused(f"“{old}” is a topic, and what another one was called before: take it out of `formerly`.")
    return tuple(topics)


def _with_history(topics: Sequence[Topic], before: Sequence[Topic]) -> tuple[Topic, ...]:
    known, named = {topic.slug: topic for topic in before}, {topic.slug for topic in topics}
    kept = [
        dataclasses.replace(topic, formerly=known[topic.slug].formerly)
        if topic.slug in known and not topic.formerly and not topic.formerly_named
        else topic
        for topic in topics
    ]
    return (*kept, *(topic for topic in before if topic.retired and topic.slug not in named))


def _checked_branding(branding: Branding) -> Branding:
    for colour in (branding.accent, branding.accent_dark):
        if not _COLOUR.fullmatch(colour):
            raise Refused(f"“{colour}” is no colour: write it as #rrggbb.")
    if branding.logo_url is not None and not _LOGO_URL.fullmatch(branding.logo_url):
        raise Refused("A logo's address begins with https:// and has no spaces.")
    if not 0 < branding.logo_width <= 600:  # noqa: PLR2004 - the width of the mail
        raise Refused("A logo is 1 to 600 pixels wide: the mail is no wider.")
    return branding


def _checked_policies(policies: Policies) -> Policies:
    for name, (least, most) in _BOUNDS.items():
        number = getattr(policies, name)
        if not least <= number <= most:
            raise Refused(f"The policy {name} is {least} to {most}; {number} is not.")
    address = policies.unsubscribe_email
    try:
        return dataclasses.replace(policies, unsubscribe_email=normalised(address) if address else "")
    except InvalidAddress as error:
        raise Refused(f"The policy unsubscribe_email is no address: {error}") from error


_BOUNDS = {
    "confirm_days": (1, 30),
    "unconfirmed_days": (1, 3_650),
    "ip_days": (0, 3_650),
    "ledger_weeks": (1, 1_040),
    "sunset_months": (0, 120),
    "sunset_answer_days": (7, 365),
}
"""Least and most of the policies that are numbers; a link that confirms is not to lie about for longer than a month."""


def _columns(draft: Draft) -> dict[str, Any]:
    return {
        "slug": draft.slug,
        "name": draft.name.strip(),
        "sender_name": draft.sender_name.strip(),
        "sender_email": draft.sender_email,
        "reply_to": draft.reply_to,
        "languages": list(draft.languages),
        "topics": [
            {
                "slug": topic.slug,
                "labels": dict(topic.labels),
                "keywords": {language: list(words) for language, words in topic.keywords.items()},
                "descriptions": dict(topic.descriptions),
                "formerly": list(topic.formerly),
                "retired": topic.retired,
            }
            for topic in draft.topics
        ],
        "branding": {field.name: getattr(draft.branding, field.name) for field in dataclasses.fields(Branding)},
        "postal_address": draft.postal_address,
        "nothing_left": draft.nothing_left.value,
        "timezone": draft.timezone,
        "policies": {field.name: getattr(draft.policies, field.name) for field in dataclasses.fields(Policies)},
    }


def _publication(row: List) -> Publication:
    return _restored({name: getattr(row, name) for name in ("id", *_COLUMNS)})


def _restored(values: Mapping[str, Any]) -> Publication:
    """Return what `_columns` wrote, with its id."""
    topics = tuple(
        Topic(
            each["slug"],
            labels=each["labels"],
            keywords={language: tuple(words) for language, words in each["keywords"].items()},
            descriptions=each.get("descriptions", {}),  # lists of before there were any have none
            formerly=tuple(each.get("formerly", ())),
            retired=each.get("retired", False),
        )
        for each in values["topics"]
    )
    changed = {
        "languages": tuple(values["languages"]),
        "topics": topics,
        "branding": Branding(**values["branding"]),
        "nothing_left": NothingLeft(values["nothing_left"]),
        "policies": Policies(**(values.get("policies") or {})),
    }
    return Publication(**{**values, **changed})
