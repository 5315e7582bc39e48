"""What a person chose of a list, checked against what the list offers. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from subscribers.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from subscribers.publication import Publication

LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*")
"""A language code (BCP 47) as it is kept: lower case, `fr` or `pt-br`."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The topics and languages one can choose from."""

    topics: frozenset[str]
    languages: frozenset[str]
    """Those that mails are written or addressed in."""
    others: frozenset[str] = frozenset()
    """Those that can be preferred all the same: until there are mails in them, their readers get another language."""

    @classmethod
    def of(
        cls, publication: Publication, reader_languages: Iterable[str] = (), other_languages: Iterable[str] = ()
    ) -> Self:
        """Return what `publication` offers.

        `reader_languages`: those that a mail can be addressed in beside the languages the list is written in.
        `other_languages`: what else is a language, and no slip of the pen.
        """
        return cls(
            topics=frozenset(topic.slug for topic in publication.topics),
            languages=frozenset(publication.languages) | frozenset(reader_languages),
            others=frozenset(other_languages),
        )

    def choose_topics(self, slugs: Iterable[str]) -> str:
        """Return the choice as it is stored: sorted, separated by a space; "" is all of them.

        Raises Refused for a slug that the list does not have.
        """
        wanted = {slug.strip().lower() for slug in slugs} - {""}
        for unknown in sorted(wanted - self.topics):
            raise Refused(f"There is no topic “{unknown}”. {_known('topics', self.topics)}")
        return " ".join(sorted(wanted))

    def choose_languages(self, codes: Iterable[str]) -> str:
        """Return the choice as it is stored: in order of preference, separated by a space; "" is the list's default.

        `fr-CA` and `fr_CA` mean `fr` where only that is offered. Raises Refused for what is no language.
        """
        return " ".join(dict.fromkeys(self._language(code) for code in codes if code.strip()))

    def _language(self, code: str) -> str:
        wanted = code.strip().lower().replace("_", "-")
        while wanted and wanted not in self.languages and wanted not in self.others:
            wanted, _, _ = wanted.rpartition("-")  # RFC 4647, 3.4: lookup by leaving off from the end
        if not wanted:
            raise Refused(f"There is no language “{code.strip()}”. {_known('languages', self.languages)}")
        return wanted


def _known(what: str, choices: frozenset[str]) -> str:
    return f"Known {what}: {', '.join(sorted(choices))}." if choices else f"The list has no {what} yet."
