"""A list's file at the command line: what of it is another room's, when the list sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.scheduling.slots import parse_slot
from newsletter.scheduling.timetable import set_slots
from subscribers.timezones import UTC

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from newsletter.scheduling.timetable import ScheduleInfo
    from subscribers.publication import Publication
    from subscribers.publication_files import ListFile


def take_slots(session: Session, publication: Publication, file: ListFile | None, now: datetime) -> None:
    """Let a list send when its file says so, if it does."""
    if file is None or file.slots is None:
        return
    slots = [parse_slot(text, publication.timezone or UTC) for text in file.slots]
    local_time, hours = file.local_time, file.catch_up_hours
    set_slots(session, publication.id, slots, local_time=local_time, catch_up_hours=hours, now=now)


def schedule_table(slots: Sequence[ScheduleInfo]) -> dict[str, object]:
    """Return the slots as a file has them; one policy is that of all."""
    table: dict[str, object] = {"slots": [str(each.slot) for each in slots]}
    for each in slots[:1]:
        table["local_time"] = each.local_time
        if each.catch_up_hours is not None:
            table["catch_up_hours"] = each.catch_up_hours
    return table
