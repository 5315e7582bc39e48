"""Whom and what somebody wants of a list. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from subscribers.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from subscribers.preferences import Vocabulary

COLUMNS = ("email", "name", "language", "topics", "timezone", "status", "since", "paused_until", "excluded", "digest")
"""What an import reads again; in this order unless somebody says another one."""
MORE = ("changed",)
"""What can be had beside them: when anything of the subscription changed last."""

STATUSES = ("active", "pending", "unsubscribed", "bounced", "complained", "blocked")
"""The words in the column of statuses; the last three are the reasons of a suppression, where it is that alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be in a file."""

    columns: Sequence[str] = COLUMNS
    statuses: frozenset[str] = frozenset(STATUSES)
    language: str = ""
    """Only who reads it: it is among their languages, or they chose none and it is the list's first."""
    topics: Sequence[str] = ()
    """Only who gets one of them: they chose it, or they chose none, which means all."""
    since: datetime | None = None
    """Only whose subscription began then or later."""

    @classmethod
    def of(
        cls,
        vocabulary: Vocabulary,
        *,
        columns: Iterable[str] = (),
        statuses: Iterable[str] = (),
        language: str = "",
        topics: Iterable[str] = (),
        since: datetime | None = None,
    ) -> Self:
        """Return what is meant. Raises Refused for columns, statuses, languages and topics that there are not."""
        return cls(
            columns=_known("column", columns, (*COLUMNS, *MORE)) or COLUMNS,
            statuses=frozenset(_known("status", statuses, STATUSES) or STATUSES),
            language=vocabulary.choose_languages([language]),
            topics=vocabulary.choose_topics(topics).split(),
            since=since,
        )


def _known(what: str, words: Iterable[str], known: Sequence[str]) -> Sequence[str]:
    wanted = tuple(dict.fromkeys(word.strip().lower() for word in words))
    for word in wanted:
        if word not in known:
            raise Refused(f"There is no {what} “{word}”; there are: {', '.join(known)}.")
    return wanted
