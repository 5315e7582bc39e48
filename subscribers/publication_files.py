"""What an admin writes about a list, in TOML: read into values, or refused with the file and the line or key.

`topics.toml` has one table per topic, named by its slug:

    [mri]
    labels = { fr = "IRM", en = "MRI" }
    keywords = { fr = ["IRM", "résonance magnétique"], en = ["MRI"] }
    descriptions = { fr = "Séquences, reconstruction, protocoles." }

`list.toml` has the fields of `publication.Draft` (`slug`, `name`, `sender_name`, `sender_email`, `languages`, …), those
of `publication.Branding` in a table `[branding]`, those of `publication.Policies` in a table `[policies]`, and may have
its topics, as above, in tables `[topics.mri]`. A table `[schedule]` is handed on as it is. Whether the values make a
list is for `lists` to say; `publication_toml` writes such a file.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

from subscribers.errors import Refused
from subscribers.publication import Branding, Draft, NothingLeft, Policies, Topic

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


@dataclass(frozen=True, slots=True)
class ListFile:
    """What a file says of a list."""

    draft: Draft
    named: frozenset[str]
    """The fields of the draft that stand in the file; the others have their defaults."""
    slots: tuple[str, ...] | None
    """When it sends, as it is written; None: the file does not say."""
    local_time: bool = False
    catch_up_hours: float | None = None


def read_list(path: Path) -> Draft:
    """Read a list; its vocabulary may be in a file of its own."""
    return read_list_file(path).draft


def read_list_file(path: Path) -> ListFile:
    """Read a list and when it sends."""
    root = _Table(str(path), "", _parsed(path))
    root.only([*(field.name for field in dataclasses.fields(Draft)), "schedule"])
    for key in _REQUIRED:
        if key not in root.content:
            raise root.refusal(key, "it is missing")
    fields = root.content.keys() - {"schedule"}
    read: dict[str, Any] = {key: root.value(key, str, "a text") for key in fields if key not in _NOT_TEXT}
    read |= {key: reader(root) for key, reader in _NOT_TEXT.items() if key in fields}
    for clearable in _CLEARABLE & read.keys():
        read[clearable] = read[clearable] or None
    return ListFile(Draft(**read), frozenset(fields), *_schedule(root))


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

    def flag(self, key: str) -> bool:
        found = self.content[key]
        if not isinstance(found, bool):
            raise self.refusal(key, "true or false is expected")
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        found = self.value(key, list, "a list of texts")
        if not all(isinstance(each, str) and each.strip() for each in found):
            raise self.refusal(key, "a list of texts is expected")
        return tuple(" ".join(each.split()) for each in found)

    def table(self, key: str) -> _Table:
        """Return the table under `key`; an empty one where there is none."""
        found = self.value(key, dict, "a table") if key in self.content else {}
        return _Table(self.file, f"{self.path}{key}.", found)

    def only(self, known: Iterable[str]) -> None:
        names = sorted(known)
        for key in self.content:
            if key not in names:
                raise self.refusal(key, f"there is no such key; there are {', '.join(names)}")

    def refusal(self, key: str, what: str) -> Refused:
        return Refused(f"{self.file}: `{self.path}{key}`: {what}.")


def _topic(slug: str, table: _Table) -> Topic:
    table.only(("labels", "keywords", "descriptions", "formerly", "retired"))
    keywords = table.table("keywords")
    return Topic(
        slug,
        labels=_by_language(table, "labels"),
        keywords={language: _distinct(keywords, language) for language in keywords.content},
        descriptions=_by_language(table, "descriptions"),
        formerly=table.texts("formerly") if "formerly" in table.content else (),
        retired=table.flag("retired") if "retired" in table.content else False,
        formerly_named="formerly" in table.content,
    )


def _by_language(table: _Table, key: str) -> dict[str, str]:
    texts = table.table(key)
    return {language: texts.value(language, str, "a text") for language in texts.content}


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
            read[key] = _by_language(table, key)
        elif key == "logo_width":
            read[key] = table.value(key, int, "a number of pixels")
        else:
            read[key] = table.value(key, str, "a text")
    if "logo_url" in read:
        read["logo_url"] = read["logo_url"] or None
    return Branding(**read)


def _policies(root: _Table) -> Policies:
    table, kinds = root.table("policies"), get_type_hints(Policies)
    table.only(field.name for field in dataclasses.fields(Policies))
    read: dict[str, Any] = {
        key: table.flag(key)
        if kinds[key] is bool
        else table.value(key, kinds[key], "a text" if kinds[key] is str else "a whole number")
        for key in table.content
    }
    return Policies(**read)


def _topics(root: _Table) -> tuple[Topic, ...]:
    topics = root.table("topics")
    return tuple(_topic(slug, topics.table(slug)) for slug in topics.content)


def _schedule(root: _Table) -> tuple[tuple[str, ...] | None, bool, float | None]:
    if "schedule" not in root.content:
        return None, False, None
    table = root.table("schedule")
    table.only(("slots", "local_time", "catch_up_hours"))
    hours = table.content.get("catch_up_hours")
    if hours is not None and (isinstance(hours, bool) or not isinstance(hours, int | float)):
        raise table.refusal("catch_up_hours", "a number of hours is expected")
    local_time = table.flag("local_time") if "local_time" in table.content else False
    return table.texts("slots") if "slots" in table.content else (), local_time, hours


def _nothing_left(root: _Table) -> NothingLeft:
    found = root.value("nothing_left", str, "a text")
    if found not in set(NothingLeft):
        raise root.refusal("nothing_left", f"“{found}” is none of {', '.join(NothingLeft)}")
    return NothingLeft(found)


_NOT_TEXT = {
    "languages": lambda root: root.texts("languages"),
    "branding": _branding,
    "nothing_left": _nothing_left,
    "policies": _policies,
    "topics": _topics,
}
_CLEARABLE = {"reply_to", "timezone"}
"""Fields that may be none, which an empty text says."""


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise Refused(f"{path}: line {line} is not UTF-8, as TOML has to be: save the file as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"{path}: this is not TOML: {error}.") from None
