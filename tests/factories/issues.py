"""Issues in our own words: every kind of item, in French, English, German and Arabic. The studies are fictional.

`small_issue` has a summary and one article; `sample_issue` has every field of every kind at least once, among them
an address that is missing, a paper that waits for its PMID, two badges, a must-read and an item without topic.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from newsletter.issues.model import Document, Issue, Item, Kind, Period, Section
from subscribers.publication import Topic
from tests.factories.issue_texts import arabic, english, french, german

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

DATE = dt.date(2026, 3, 6)
PERIOD = Period(dt.date(2026, 2, 28), dt.date(2026, 3, 6))
LANGUAGES = ("fr", "en", "de", "ar")

_TEXTS: dict[str, ModuleType] = {"fr": french, "en": english, "de": german, "ar": arabic}
HEADINGS: dict[str, dict[Kind, str]] = {language: texts.HEADINGS for language, texts in _TEXTS.items()}


def small_issue(*languages: str) -> Issue:
    """A summary and one article; in French alone unless `languages` says otherwise."""
    return _issue(small_document, languages or ("fr",))


def sample_issue(*languages: str) -> Issue:
    """Every kind and field; in French and English unless `languages` says otherwise."""
    return _issue(sample_document, languages or ("fr", "en"))


def small_document(language: str = "fr") -> Document:
    sample = sample_document(language)
    sections = (sample.sections[0], replace(sample.sections[1], items=sample.sections[1].items[:1]))
    return replace(sample, sections=sections)


def sample_document(language: str = "fr") -> Document:
    """Ten items: positions 0 summary, 1-2 articles, 3-4 announcements, 5-6 media, 7 society, 8-9 leaders."""
    texts = _TEXTS[language]
    return Document(language=language, title=texts.TITLE, period=PERIOD, sections=_sections(language, texts.ITEMS))


def unmarked(document: Document) -> Document:
    """Return `document` without topics and must-read, which the editors' layout cannot say."""
    sections = tuple(
        replace(section, items=tuple(replace(item, topics=(), must_read=False) for item in section.items))
        for section in document.sections
    )
    return replace(document, sections=sections)


def vocabulary() -> tuple[Topic, ...]:
    """The topics that the samples carry, with labels in four languages and keywords in three."""
    return (
        Topic(
            slug="cardiac",
            labels={"fr": "Cœur", "en": "Heart", "de": "Herz", "ar": "القلب"},
            keywords={"fr": ("cardiaque", "cœur"), "en": ("cardiac", "heart"), "de": ("Herz", "kardial")},
        ),
        Topic(
            slug="ct",
            labels={"fr": "Scanner", "en": "CT", "de": "CT", "ar": "التصوير المقطعي"},
            keywords={"fr": ("scanner", "tomodensitométrie"), "en": ("CT", "tomography"), "de": ("CT",)},
        ),
        Topic(
            slug="mri",
            labels={"fr": "IRM", "en": "MRI", "de": "MRT", "ar": "الرنين المغناطيسي"},
            keywords={"fr": ("IRM",), "en": ("MRI",), "de": ("MRT",)},
        ),
        Topic(
            slug="regulation",
            labels={"fr": "Réglementation", "en": "Regulation", "de": "Zulassung", "ar": "التنظيم"},
            keywords={"fr": ("marquage CE", "FDA"), "en": ("CE mark", "FDA"), "de": ("CE-Kennzeichnung", "FDA")},
        ),
    )


def _issue(build: Callable[[str], Document], languages: tuple[str, ...]) -> Issue:
    return Issue(date=DATE, documents={language: build(language) for language in languages})


_KINDS = (
    *(Kind.SUMMARY, Kind.ARTICLES, Kind.ARTICLES, Kind.ANNOUNCEMENTS, Kind.ANNOUNCEMENTS),
    *(Kind.MEDIA, Kind.MEDIA, Kind.SOCIETIES, Kind.LEADERS, Kind.LEADERS),
)
_TOPICS = ((), ("mri",), ("cardiac", "ct"), ("ct", "regulation"), ("mri",), (), ("cardiac",), ("mri",), ("ct",), ())
_MUST_READ = (5,)


def _sections(language: str, items: tuple[Item, ...]) -> tuple[Section, ...]:
    marked = [
        (kind, replace(item, topics=topics, must_read=position in _MUST_READ))
        for position, (kind, topics, item) in enumerate(zip(_KINDS, _TOPICS, items, strict=True))
    ]
    return tuple(
        Section(kind, heading, tuple(item for of, item in marked if of is kind))
        for kind, heading in HEADINGS[language].items()
    )
