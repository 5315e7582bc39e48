"""What a person chose of a list, checked against what the list offers. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from subscribers.errors import Refused
from subscribers.publication import current
from subscribers.sentences import Sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from subscribers.publication import Publication

LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*")
"""A language code (BCP 47) as it is kept: lower case, `fr` or `pt-br`."""


class Digest(StrEnum):
    """How much mail somebody wants of a list, as stored."""

    WEEKLY = "weekly"
    """Every issue, however often there is one."""
    MONTHLY = "monthly"
    """One mail a month, with what its issues held."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The topics and languages one can choose from."""

    topics: frozenset[str]
    languages: frozenset[str]
    """Those that mails are written or addressed in."""
    others: frozenset[str] = frozenset()
    """Those that can be preferred all the same: until there are mails in them, their readers get another language."""
    digests: frozenset[Digest] = frozenset({Digest.WEEKLY})
    retired: frozenset[str] = frozenset()
    """Topics that are offered no longer and may be kept."""
    names: Callable[[], Mapping[str, str]] = dict
    """The codes of languages by their plain names, found out where they are asked for."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """What the slugs of renamed and merged topics mean now: files and pages of before still hold them."""

    @classmethod
    def of(
        cls,
        publication: Publication,
        reader_languages: Iterable[str] = (),
        other_languages: Iterable[str] = (),
        names: Callable[[], Mapping[str, str]] = dict,
    ) -> Self:
        """Return what `publication` offers.

        `reader_languages`: those that a mail can be addressed in beside the languages the list is written in.
        `other_languages`: what else is a language, and no slip of the pen. `names`: what languages are called.
        """
        return cls(
            topics=frozenset(topic.slug for topic in publication.topics if not topic.retired),
            languages=frozenset(publication.languages) | frozenset(reader_languages),
            others=frozenset(other_languages),
            names=names,
            retired=frozenset(topic.slug for topic in publication.topics if topic.retired),
            renamed=current(publication.topics),
            digests=frozenset(Digest if publication.policies.digest_offered else [Digest.WEEKLY]),
        )

    def choose_topics(self, slugs: Iterable[str]) -> str:
        """Return the choice as it is stored: sorted, separated by a space; "" is all of them.

        Raises Refused for a slug that the list does not have.
        """
        named = {slug.strip().lower() for slug in slugs} - {""}
        wanted = {self.renamed.get(slug, slug) for slug in named}
        for unknown in sorted(wanted - self.topics - self.retired):
            known = ", ".join(sorted(self.topics))
            if not known:
                raise Refused(Sentence("There is no topic “{word}”. The list has no topics yet.", word=unknown))
            raise Refused(Sentence("There is no topic “{word}”. Known topics: {known}.", word=unknown, known=known))
        return " ".join(sorted(wanted))

    def check_offered(self, topics: str, has: str = "") -> None:
        """Raise Refused for a retired topic in a choice, as it is stored, of somebody who does not have it yet."""
        had = {self.renamed.get(each, each) for each in has.split()}
        if gone := sorted((set(topics.split()) & self.retired) - had):
            named = ", ".join(f"“{each}”" for each in gone)
            raise Refused(f"Retired, and for nobody to choose anew: {named}. {_known('topics', self.topics)}")

    def choose_digest(self, digest: str) -> str:
        """Return the choice as it is stored. Raises Refused for one that the list does not offer."""
        wanted = digest.strip().lower()
        if wanted not in self.digests:
            offered = ", ".join(sorted(self.digests))
            raise Refused(
                Sentence("The list has no “{word}” edition. Offered: {known}.", word=digest.strip(), known=offered)
            )
        return wanted

    def choose_languages(self, codes: Iterable[str]) -> str:
        """Return the choice as it is stored: in order of preference, separated by a space; "" is the list's default.

        `fr-CA` and `fr_CA` mean `fr` where only that is offered. Raises Refused for what is no language.
        """
        return " ".join(dict.fromkeys(self._language(code) for code in codes if code.strip()))

    def is_language(self, code: str) -> bool:
        """Return whether `code` is that of a language, as `choose_languages` takes it."""
        return bool(self._found(code))

    def _language(self, code: str) -> str:
        wanted = self._found(code)
        if not wanted:
            said = Sentence("There is no language “{word}”. Write a code such as fr, it, pt-br.", word=code.strip())
            raise Refused(said)
        return wanted

    def _found(self, code: str) -> str:
        wanted = code.strip().lower().replace("_", "-")
        while wanted and wanted not in self.languages and wanted not in self.others:
            wanted, _, _ = wanted.rpartition("-")  # RFC 4647, 3.4: lookup by leaving off from the end
        return wanted


def exclusive(topics: str, excluded: str) -> None:
    """Raise Refused where a topic is both chosen and excluded; both as they are stored."""
    if both := set(topics.split()) & set(excluded.split()):
        raise Refused(f"The topics {', '.join(sorted(both))} are both chosen and left out: do one of the two.")


def _known(what: str, choices: frozenset[str]) -> str:
    return f"Known {what}: {', '.join(sorted(choices))}." if choices else f"The list has no {what} yet."
