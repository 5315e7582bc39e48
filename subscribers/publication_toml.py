"""A list as the TOML that `publication_files` reads again, down to the last value. Pure.

Comments and the order of keys are not kept: the file is written anew from what the list is.
"""

from __future__ import annotations

import dataclasses
import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from subscribers.publication import Draft, Topic

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN = ("slug", "name", "sender_name", "sender_email", "reply_to", "languages", "postal_address", "nothing_left")


def written(draft: Draft, schedule: Mapping[str, object] | None = None) -> str:
    """Return the file. `schedule`: the table of that name, whose words are not this package's; None: there is none."""
    return "\n".join([*_lines(draft, schedule or {}), ""])


def _lines(draft: Draft, schedule: Mapping[str, object]) -> Iterator[str]:
    for name in (*_PLAIN, "timezone"):
        yield f"{name} = {_value(getattr(draft, name))}"
    for name, table in (("branding", draft.branding), ("policies", draft.policies)):
        yield from ("", f"[{name}]")
        for field in dataclasses.fields(table):
            yield f"{field.name} = {_value(getattr(table, field.name))}"
    if schedule:
        yield from ("", "[schedule]")
        for key, value in schedule.items():
            yield f"{key} = {_value(value)}"
    for topic in draft.topics:
        yield from ("", f"[topics.{_key(topic.slug)}]", *_topic(topic))


def _topic(topic: Topic) -> Iterator[str]:
    for name in ("labels", "descriptions", "keywords"):
        if value := getattr(topic, name):
            yield f"{name} = {_value(value)}"
    if topic.formerly:
        yield f"formerly = {_value(topic.formerly)}"
    if topic.retired:
        yield "retired = true"


def _value(value: object) -> str:
    """Write a value; None is an empty text, which the reader takes for none."""
    if value is None:
        return '""'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_key(key)} = {_value(each)}' for key, each in value.items())} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return _text(str(value))


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(text: str) -> str:
    """Write a basic string: JSON's escapes are TOML's, which asks for one more (https://toml.io/en/v1.0.0#string)."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
