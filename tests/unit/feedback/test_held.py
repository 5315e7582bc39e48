"""What came back of somebody's mails is found without going through what came back of everybody's."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event

from newsletter.feedback.held import HOLDERS
from newsletter.feedback.models import FeedbackEvent
from subscribers.database import Database
from subscribers.privacy.person import Person


def test_no_event_of_others_is_looked_through(sqlite_database: Database) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:  # noqa: ANN401 - SQLAlchemy's event
        asked.append((statement, parameters))

    event.listen(sqlite_database.engine, "before_cursor_execute", note)
    holder = next(each for each in HOLDERS if each.table == FeedbackEvent.__tablename__)
    with sqlite_database.write() as session:
        holder.erase(session, Person(number=1, addresses=("ada@example.org",)))
        event.remove(sqlite_database.engine, "before_cursor_execute", note)
        plans = [
            str(session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all())
            for statement, parameters in asked
        ]
    assert len(plans) == 2
    assert [plan for plan in plans if "SEARCH feedback_events USING INDEX ix_feedback_events_whose" not in plan] == []
