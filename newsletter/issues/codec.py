"""Issues as JSON: the frozen content of a revision, and the form that `issue show --json` prints."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from newsletter.issues.model import ITEM_CLASSES, Document, Issue, Item, Kind, Link, Period, Quotation, Section

if TYPE_CHECKING:
    from collections.abc import Mapping

_FORMAT = 1


def dumps(issue: Issue) -> str:
    """Return the content of a revision: JSON with sorted keys, so that equal issues are equal texts."""
    content = {
        "format": _FORMAT,
        "date": issue.date.isoformat(),
        "languages": list(issue.documents),
        "documents": {language: _document(document) for language, document in issue.documents.items()},
    }
    if issue.origins:  # no other issue has the key: their content, and its hash, are what they were before digests
        content["origins"] = [date.isoformat() for date in issue.origins]
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def loads(content: str) -> Issue:
    """Return the issue that `dumps` wrote."""
    read = json.loads(content)
    documents = {language: _read_document(language, read["documents"][language]) for language in read["languages"]}
    origins = tuple(dt.date.fromisoformat(each) for each in read.get("origins", ()))
    return Issue(date=dt.date.fromisoformat(read["date"]), documents=documents, origins=origins)


def content_hash(content: str) -> str:
    """Return the SHA-256 of a revision's content, hexadecimal."""
    return hashlib.sha256(content.encode()).hexdigest()


def counts(document: Document) -> dict[str, int]:
    """Return how many items there are of every kind, zeros included, in the usual order."""
    kinds = [kind for _, kind, _ in document.items()]
    return {kind.value: kinds.count(kind) for kind in Kind}


def shown(slug: str, document: Document) -> dict[str, Any]:
    """Return the object that `issue show --json` prints; `position` is what topics are set by."""
    positions = iter(range(sum(1 for _ in document.items())))
    return {
        "issue": slug,
        "language": document.language,
        "title": document.title,
        "period": _period(document.period),
        "sections": [
            {
                "kind": section.kind.value,
                "heading": section.heading,
                "items": [{"position": next(positions), **_item(item)} for item in section.items],
            }
            for section in document.sections
        ],
    }


def _document(document: Document) -> dict[str, Any]:
    return {
        "title": document.title,
        "period": _period(document.period),
        "sections": [
            {"kind": section.kind.value, "heading": section.heading, "items": [_item(item) for item in section.items]}
            for section in document.sections
        ],
    }


def _period(period: Period) -> dict[str, str]:
    return {"start": period.start.isoformat(), "end": period.end.isoformat()}


def _item(item: Item) -> dict[str, Any]:
    return {field.name: _value(getattr(item, field.name)) for field in fields(item)}


def _value(value: object) -> object:
    if isinstance(value, tuple):
        return [_value(each) for each in value]
    if isinstance(value, Link | Quotation):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return value


def _read_document(language: str, read: Mapping[str, Any]) -> Document:
    return Document(
        language=language,
        title=read["title"],
        period=Period(dt.date.fromisoformat(read["period"]["start"]), dt.date.fromisoformat(read["period"]["end"])),
        sections=tuple(_read_section(section) for section in read["sections"]),
    )


def _read_section(read: Mapping[str, Any]) -> Section:
    kind = Kind(read["kind"])
    return Section(kind, read["heading"], tuple(_read_item(kind, item) for item in read["items"]))


def _read_item(kind: Kind, read: Mapping[str, Any]) -> Item:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in read.items()}
    values["links"] = tuple(Link(**link) for link in read["links"])
    if read.get("quotation") is not None:
        values["quotation"] = Quotation(**read["quotation"])
    return ITEM_CLASSES[kind](**values)
