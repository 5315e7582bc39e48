"""Names of people: one line, without control characters, of a length that a greeting can bear. Pure."""

from __future__ import annotations

import re

from subscribers.errors import Refused
from subscribers.sentences import Sentence

LONGEST = 200

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def tidied(text: str) -> str:
    """Return `text` on one line, every stretch of white space a single blank."""
    line = text if text.isprintable() else _CONTROL.sub(" ", text)
    return " ".join(line.split())


def name_of(text: str) -> str:
    """Return the name in `text`, "" where there is none. Raises Refused for what is too long to be one."""
    name = tidied(text)
    if len(name) > LONGEST:
        raise Refused(
            Sentence("A name of {length} characters is longer than {most}: is it one?", length=len(name), most=LONGEST)
        )
    return name
