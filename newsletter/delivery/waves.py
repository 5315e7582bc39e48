"""Delivery by the readers' own clocks: everybody of a plan in the wave of their zone, each wave at its instant.

Only the zones pass through Python, a few hundred at most; the people stay in the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Column, Integer, MetaData, Table, Text, func, insert, literal_column, select

from newsletter.delivery.models import Planned
from newsletter.delivery.wall_time import at_their_own
from subscribers.models import Subscriber
from subscribers.repository import reader_timezones

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Subquery
    from sqlalchemy.orm import Session

    from newsletter.delivery.models import Campaign

_zones = Table(
    "planning_zones",
    MetaData(),
    Column("timezone", Text, primary_key=True),
    Column("wave", Integer, nullable=False),
    prefixes=["TEMPORARY"],
)


@dataclass(frozen=True, slots=True)
class Waves:
    """When those of which zone get their mail; without instants: everybody from the first moment on."""

    instants: Sequence[datetime] = ()
    """In order."""
    without_zone: int = 0
    """The wave of those who have no zone."""


def write_zones(session: Session, campaign: Campaign) -> Waves:
    """Write which zone is in which wave, if the campaign goes by the readers' own clocks. `forget_zones` ends it."""
    if not campaign.local_time or campaign.wall_time is None or campaign.timezone is None:
        return Waves()
    wall = datetime.fromisoformat(campaign.wall_time)
    zones = at_their_own(wall, {*reader_timezones(session, campaign.list_id), None}, campaign.timezone)
    instants = sorted(set(zones.values()))
    _zones.create(session.connection())
    rows = [{"timezone": name, "wave": instants.index(at)} for name, at in zones.items() if name is not None]
    if rows:
        session.execute(insert(_zones), rows)
    return Waves(instants, instants.index(zones[None]))


def forget_zones(session: Session, waves: Waves) -> None:
    """Drop what `write_zones` wrote."""
    if waves.instants:
        _zones.drop(session.connection())


def in_waves(people: Subquery, waves: Waves) -> Subquery:
    """Return the rows of `people`, which have a `subscriber_id`, with the column `wave`."""
    zoned = select(people, _wave(waves)).outerjoin(Subscriber, Subscriber.id == people.c.subscriber_id)
    return zoned.outerjoin(_zones, _zones.c.timezone == Subscriber.timezone).subquery()


def people_by_wave(session: Session, campaign_id: int, waves: Waves) -> Sequence[tuple[int, datetime]]:
    """Return, of a plan that was written in the order of the waves, how many are in each, with its instant."""
    wave = _wave(waves)
    query = (
        select(wave, func.count())
        .select_from(Planned)
        .outerjoin(Subscriber, Subscriber.id == Planned.subscriber_id)
        .outerjoin(_zones, _zones.c.timezone == Subscriber.timezone)
        .where(Planned.campaign_id == campaign_id)
    )
    return [(people, waves.instants[number]) for number, people in session.execute(query.group_by(wave).order_by(wave))]


def _wave(waves: Waves) -> ColumnElement[int]:
    return func.coalesce(_zones.c.wave, literal_column(str(waves.without_zone))).label("wave")
