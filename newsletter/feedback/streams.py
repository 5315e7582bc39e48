"""How the streams of events do, as their consumers note it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from newsletter.feedback.models import StreamState
from newsletter.feedback.upsert import inserting

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session


def note(session: Session, name: str, **values: object) -> None:
    """Set columns of a stream's state."""
    statement = inserting(session, StreamState).values(**{"trouble": "", **values, "name": name})
    session.connection().execute(statement.on_conflict_do_update(index_elements=[StreamState.name], set_=values))


def note_answer(session: Session, name: str, *, at: datetime, best_effort: bool = False, trouble: str = "") -> None:
    """Note that a stream answered, whether it was EventBridge that brought something, what is wrong all the same."""
    values: dict[str, object] = {"polled_at": at, "trouble": trouble}
    if best_effort:
        values["best_effort_at"] = at
    if trouble:
        values["troubled_at"] = at
    note(session, name, **values)


def stream_states(session: Session) -> Sequence[StreamState]:
    """Return every stream that was ever read, by name."""
    return session.scalars(select(StreamState).order_by(StreamState.name)).all()
