"""The fields of an item in the canonical form: YAML between its heading and its text."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from newsletter.issues.canonical.yaml_texts import read_mapping, write_mapping
from newsletter.issues.identifiers import bare_doi, is_address
from newsletter.issues.model import ITEM_CLASSES, Item, Kind, Link, Quotation
from newsletter.issues.text import fold, fold_paragraphs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from newsletter.issues.findings import Notes
    from newsletter.issues.lines import Line

_YES = frozenset(["yes", "true", "oui", "ja"])
_NO = frozenset(["no", "false", "non", "nein", ""])
_SLUG = re.compile(r"[a-z0-9-]{1,64}")


def field_names(kind: Kind) -> tuple[str, ...]:
    """Return the names of the fields that an item of this kind may have, in the order they are written."""
    elsewhere = {"body", "name" if kind is Kind.LEADERS else "title"}
    own = [field.name for field in fields(ITEM_CLASSES[kind]) if field.name not in elsewhere]
    common = [field.name for field in fields(Item)]
    return (*(name for name in own if name not in common), *(name for name in own if name in common))


def write_fields(kind: Kind, item: Item) -> str:
    """Return the fields that are not empty, as YAML; empty when none is."""
    values = {name: _plain(getattr(item, name)) for name in field_names(kind)}
    said = {name: value for name, value in values.items() if value}
    return write_mapping(said) if said else ""


def read_fields(kind: Kind, lines: Sequence[Line], notes: Notes) -> dict[str, Any]:
    """Return the values of the fields that are there; problems go to `notes`."""
    names = field_names(kind)
    read = read_mapping(lines, notes)
    values: dict[str, Any] = {}
    for name, value in read.items():
        if name not in names:
            notes.reject(lines[0].number, name, f"one of the fields of {kind}: {', '.join(names)}")
            continue
        try:
            values[name] = _READERS.get(name, _text)(value)
        except _UnfitError as expected:
            notes.reject(lines[0].number, f"{name}: {value}", str(expected))
    return values


class _UnfitError(ValueError):
    """A value that is not what its field holds; says what was expected."""


def _plain(value: object) -> object:
    if isinstance(value, Link):
        return {"label": value.label, "url": value.url} if value.url else {"label": value.label}
    if isinstance(value, Quotation):
        return {"text": value.text, "language": value.language} if value.language else {"text": value.text}
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _UnfitError("text")
    return fold(value)


def _identifier(value: object) -> str | None:
    return _text(value) or None


def _doi(value: object) -> str | None:
    text = _text(value)
    return bare_doi(text) or text or None


def _flag(value: object) -> bool:
    text = _text(value).lower()
    if text not in _YES | _NO:
        raise _UnfitError("yes or no")
    return text in _YES


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _UnfitError("a list, such as [one, two]")
    return tuple(text for each in value if (text := _text(each)))


def _topics(value: object) -> tuple[str, ...]:
    slugs = _texts(value)
    if not all(_SLUG.fullmatch(slug) for slug in slugs):
        raise _UnfitError("a list of topics' slugs, such as [ct, mri]")
    return tuple(sorted(set(slugs)))


def _links(value: object) -> tuple[Link, ...]:
    if not isinstance(value, list):
        raise _UnfitError("a list of links, each with a label and a url")
    return tuple(_link(each) for each in value)


def _link(value: object) -> Link:
    if not isinstance(value, dict) or not value.keys() <= {"label", "url"}:
        raise _UnfitError("a link with a label and a url")
    label, url = _text(value.get("label", "")), _text(value.get("url", ""))
    if url in {"", "#"}:
        return Link(label, None)
    if not is_address(url):
        raise _UnfitError("an address that begins with https://")
    return Link(label or url, url)


def _quotation(value: object) -> Quotation | None:
    if isinstance(value, str):
        value = {"text": value}
    if not isinstance(value, dict) or not value.keys() <= {"text", "language"}:
        raise _UnfitError("a quotation with a text and a language")
    text = value.get("text", "")
    if not isinstance(text, str):
        raise _UnfitError("a quotation with a text and a language")
    folded = fold_paragraphs(text)
    return Quotation(folded, _text(value.get("language", "")).lower() or None) if folded else None


_READERS: Mapping[str, Callable[[object], Any]] = {
    "doi": _doi,
    "pmid": _identifier,
    "indexing_pending": _flag,
    "must_read": _flag,
    "badges": _texts,
    "roles": _texts,
    "topics": _topics,
    "links": _links,
    "quotation": _quotation,
}
"""How a field is read; any other is text."""
