"""Whether the languages of an issue line up: the same kinds of items in the same order. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.errors import Refused
from newsletter.issues.findings import Finding
from newsletter.issues.model import Article, Document, Item, Kind, OpinionLeader

if TYPE_CHECKING:
    from collections.abc import Sequence

_TITLE_SHOWN = 80


class DoesNotLineUp(Refused):
    """A translation with other items than the issue has in its first language."""


def check_lineup(first: Document, other: Document) -> None:
    """Compare item by item. Raises DoesNotLineUp with the first difference."""
    ours, theirs = list(first.items()), list(other.items())
    for position in range(max(len(ours), len(theirs))):
        one, two = _at(ours, position), _at(theirs, position)
        if _kind(one) is not _kind(two):
            raise DoesNotLineUp(
                f"The languages do not line up: item {position} is {_described(one)} in “{first.language}”, but "
                f"{_described(two)} in “{other.language}”. {_counted(first, other)}Mend the text that is wrong; where "
                "items are added or taken away in all languages, add the files of all languages in one command."
            )


def doubts(first: Document, other: Document) -> tuple[Finding, ...]:
    """Return what makes it doubtful that two documents that line up say the same."""
    found: list[Finding] = []
    if first.period != other.period:
        message = f"The period is {_period(first)} in “{first.language}”, but {_period(other)} in “{other.language}”."
        found.append(Finding(None, "period-differs", message))
    for (position, _, one), (_, _, two) in zip(first.items(), other.items(), strict=True):
        if isinstance(one, Article) and isinstance(two, Article) and one.doi and two.doi and one.doi != two.doi:
            message = f"Item {position}: the DOI is {one.doi} in “{first.language}”, {two.doi} in “{other.language}”."
            found.append(Finding(None, "doi-differs", message))
    return tuple(found)


def _at(items: Sequence[tuple[int, Kind, Item]], position: int) -> tuple[Kind, Item] | None:
    return items[position][1:] if position < len(items) else None


def _kind(found: tuple[Kind, Item] | None) -> Kind | None:
    return found[0] if found else None


def _described(found: tuple[Kind, Item] | None) -> str:
    if found is None:
        return "not there"
    kind, item = found
    title = item.title or (item.name if isinstance(item, OpinionLeader) else "") or item.body
    shown = title if len(title) <= _TITLE_SHOWN else title[:_TITLE_SHOWN] + "…"
    return f"of the kind “{kind}” (“{shown}”)" if shown else f"of the kind “{kind}”"


def _counted(first: Document, other: Document) -> str:
    """Say which kinds are not there as often; nothing when only the order differs."""
    kinds = [[kind for _, kind, _ in document.items()] for document in (first, other)]
    unequal = [
        f"{kind}: {kinds[0].count(kind)} and {kinds[1].count(kind)}"
        for kind in Kind
        if kinds[0].count(kind) != kinds[1].count(kind)
    ]
    return f"Items of each kind, where they differ: {', '.join(unequal)}. " if unequal else ""


def _period(document: Document) -> str:
    return f"{document.period.start} to {document.period.end}"
