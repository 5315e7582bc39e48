"""Bad news of rows that are rejected. Pure.

Of two rows of an address the first counts, and a row with a cell that cannot be read does not; but that somebody left,
or that their address failed, is believed of whichever row says it. So neither the order of rows nor a slip in one of
them brings somebody a mail who is to have none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from subscribers.importing.says import Says

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from subscribers.importing.wishes import Wish

_BAD = [says for says in Says if says not in (Says.PENDING, Says.ACTIVE)]
_WEIGHT: Mapping[Says, int] = {says: weight for weight, says in enumerate(_BAD)}
"""Of what is bad; the lower, the worse."""


def rounds(news: Iterable[Wish]) -> Sequence[Sequence[Wish]]:
    """Return `news` in rounds to be brought one after the other, each address once in each.

    What an earlier one of the same address says already is left out, so there are no more rounds than kinds of news.
    """
    found: list[list[Wish]] = []
    told: dict[str, list[Wish]] = {}
    for each in news:
        before = told.setdefault(each.email, [])
        if any(_says_as_much(other, each) for other in before):
            continue
        if len(before) == len(found):
            found.append([])
        found[len(before)].append(each)
        before.append(each)
    return found


def _says_as_much(other: Wish, wish: Wish) -> bool:
    assert other.says is not None  # noqa: S101 - `bad_news` sees to that
    assert wish.says is not None  # noqa: S101 - likewise
    return _WEIGHT[other.says] <= _WEIGHT[wish.says] and (other.leaves or not wish.leaves)
