"""What an admin writes about a list, in TOML: read into values, or refused with the file and the line or key.

`topics.toml` has one table per topic, named by its slug:

    [mri]
    labels = { fr = "IRM", en = "MRI" }
    keywords = { fr = ["IRM", "résonance magnétique"], en = ["MRI"] }

`list.toml` has the fields of `publication.Draft` (`slug`, `name`, `sender_name`, `sender_email`, `languages`, …) and
those of `publication.Branding` in a table `[branding]`. Whether the values make a list is for `lists` to say.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from subscribers.errors import Refused
from subscribers.publication import Branding, Draft, NothingLeft, Topic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_SLUG = re.compile(r"[a-z0-9-]+")
_REQUIRED = ("slug", "name", "sender_name", "sender_email", "languages")

_Value = TypeVar("_Value")


def read_topics(path: Path) -> tuple[Topic, ...]:
    """Read a vocabulary, in the order of the file."""
    root = _Table(str(path), "", _parsed(path))
    for slug in root.content:
        if not _SLUG.fullmatch(slug):
            raise root.refusal(slug, "a topic is named by one word of lower-case letters a–z, digits and hyphens")
    return tuple(_topic(slug, root.table(slug)) for slug in root.content)


def read_list(path: Path) -> Draft:
    """Read a list; its vocabulary is in a file of its own."""
    root = _Table(str(path), "", _parsed(path))
    root.only(field.name for field in dataclasses.fields(Draft) if field.name != "topics")
    for key in _REQUIRED:
        if key not in root.content:
            raise root.refusal(key, "it is missing")
    read: dict[str, Any] = {key: root.value(key, str, "a text") for key in root.content if key not in _NOT_TEXT}
    read |= {key: reader(root) for key, reader in _NOT_TEXT.items() if key in root.content}
    return Draft(**read)


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of a file, which knows its place for a refusal."""

    file: str
    path: str
    content: Mapping[str, Any]

    def value(self, key: str, kind: type[_Value], expected: str) -> _Value:
        found = self.content[key]
        if not isinstance(found, kind) or isinstance(found, bool):
            raise self.refusal(key, f"{expected} is expected")
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        found = self.value(key, list, "a list of texts")
        if not all(isinstance(each, str) and each.strip() for each in found):
            raise self.refusal(key, "a list of texts is expected")
        return tuple(" ".join(each.split()) for each in found)

    def table(self, key: str) -> _Table:
        """Return the table under `key`; an empty one where there is none."""
        found = self.value(key, dict, "a table is expected, so") if key in self.content else {}
        return _Table(self.file, f"{self.path}{key}.", found)

    def only(self, known: Iterable[str]) -> None:
        names = sorted(known)
        for key in self.content:
            if key not in names:
                raise self.refusal(key, f"there is no such key; there are {', '.join(names)}")

    def refusal(self, key: str, what: str) -> Refused:
        return Refused(f"{self.file}: `{self.path}{key}`: {what}.")


def _topic(slug: str, table: _Table) -> Topic:
    table.only(("labels", "keywords"))
    labels, keywords = table.table("labels"), table.table("keywords")
    return Topic(
        slug,
        labels={language: labels.value(language, str, "a text") for language in labels.content},
        keywords={language: _distinct(keywords, language) for language in keywords.content},
    )


def _distinct(keywords: _Table, language: str) -> tuple[str, ...]:
    words = keywords.texts(language)
    for number, word in enumerate(words):
        if word in words[:number]:
            raise keywords.refusal(language, f"“{word}” stands there twice")
    return words


def _branding(root: _Table) -> Branding:
    table = root.table("branding")
    table.only(field.name for field in dataclasses.fields(Branding))
    read: dict[str, Any] = {}
    for key in table.content:
        if key == "tagline":
            tagline = table.table(key)
            read[key] = {language: tagline.value(language, str, "a text") for language in tagline.content}
        elif key == "logo_width":
            read[key] = table.value(key, int, "a number of pixels")
        else:
            read[key] = table.value(key, str, "a text")
    return Branding(**read)


def _nothing_left(root: _Table) -> NothingLeft:
    found = root.value("nothing_left", str, "a text")
    if found not in set(NothingLeft):
        raise root.refusal("nothing_left", f"“{found}” is none of {', '.join(NothingLeft)}")
    return NothingLeft(found)


_NOT_TEXT = {
    "languages": lambda root: root.texts("languages"),
    "branding": _branding,
    "nothing_left": _nothing_left,
}


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise Refused(f"{path}: line {line} is not UTF-8, as TOML has to be: save the file as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"{path}: this is not TOML: {error}.") from None
