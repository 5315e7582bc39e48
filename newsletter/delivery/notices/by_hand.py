"""Mails outside campaigns that somebody looked at, and decided about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from newsletter.delivery.notices.lifecycle import BY_HAND, State, lasts
from newsletter.delivery.notices.models import Notice
from newsletter.errors import NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

_DROPPED = "somebody dropped it"
_VERBS: Mapping[State, str] = {State.WAITING: "sent again", State.DROPPED: "dropped"}


def send_again(session: Session, numbers: Iterable[int], *, now: datetime) -> Sequence[int]:
    """Let these mails wait as if they were asked for now; all of them, or none.

    One that was uncertain may so arrive twice. Return their numbers. Raises NotFound, Refused.
    """
    found = _found(session, numbers, State.WAITING)
    for notice in found:
        _put(notice, State.WAITING, not_before=now, not_after=now + lasts(notice.kind), tries=0, reason=None)
    return [notice.id for notice in found]


def drop(session: Session, numbers: Iterable[int]) -> Sequence[int]:
    """Let these mails be; all of them, or none. Return their numbers. Raises NotFound, Refused."""
    found = _found(session, numbers, State.DROPPED)
    for notice in found:
        _put(notice, State.DROPPED, reason=_DROPPED)
    return [notice.id for notice in found]


def _found(session: Session, numbers: Iterable[int], to: State) -> Sequence[Notice]:
    """Return these mails, locked in the order of their numbers."""
    wanted = sorted(set(numbers))
    query = select(Notice).where(Notice.id.in_(wanted)).order_by(Notice.id).with_for_update()
    found = session.scalars(query).all()
    if missing := set(wanted) - {notice.id for notice in found}:
        raise NotFound(f"There is no notice {min(missing)}: `newsletter notices list` shows their numbers.")
    for notice in found:
        if notice.state not in BY_HAND[to]:
            states = " or ".join(BY_HAND[to])
            raise Refused(f"Notice {notice.id} is {notice.state}: only one that is {states} can be {_VERBS[to]}.")
    return found


def _put(notice: Notice, state: State, **values: Any) -> None:  # noqa: ANN401 - columns, each of its own type
    """Put a mail elsewhere; what is heard of earlier tries, known by their label, is not about it any more."""
    for name, value in {"state": state.value, "sent_at": None, "message_id": None, "label": None, **values}.items():
        setattr(notice, name, value)
