"""What whoever looks at a campaign should know of its first wave and its alarms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from newsletter.delivery.guarding import alarms
from newsletter.delivery.guarding.first_wave import FirstWave, first_wave

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from newsletter.delivery.guarding.models import Alarm


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """How a campaign is watched over."""

    alarm: Alarm | None = None
    """The last one, whatever became of it."""
    wave: FirstWave | None = None
    """What the rest waits for."""
    warnings: tuple[str, ...] = ()
    """Sentences for a person."""

    @property
    def alarmed(self) -> bool:
        """Whether it takes a word of its own to let the campaign go on."""
        return self.alarm is not None and self.alarm.acknowledged_at is None

    def as_json(self) -> dict[str, Any]:
        """Return the keys that it adds to a campaign, in the documented form."""
        return {
            **({"alarm": alarms.as_json(self.alarm)} if self.alarm else {}),
            **({"first_wave": self.wave.as_json()} if self.wave else {}),
        }

    def lines(self, *, goes_on: bool = True) -> list[str]:
        """Return the same for a person; where the campaign does not go on, without what would come next."""
        found = []
        if self.alarm is not None:
            found.append(f"Alarm of {self.alarm.raised_at:%Y-%m-%d %H:%M} UTC: {self.alarm.reason}")
            if self.alarm.acknowledged_at is not None:
                found.append(f"It went on despite the alarm at {self.alarm.acknowledged_at:%Y-%m-%d %H:%M} UTC.")
        if self.wave is not None and not goes_on:
            found.append(f"First wave: {self.wave.people} people.")
        elif self.wave is not None and self.wave.until is None:
            found.append(f"First wave: {self.wave.people} people get it now, the rest when nothing speaks against it.")
        elif self.wave is not None:
            found.append(
                f"First wave: {self.wave.people} people were written to; the rest follows at "
                f"{self.wave.until:%Y-%m-%d %H:%M} UTC unless what comes back speaks against it."
            )
        return found


UNWATCHED = Watch()


def watch_of(session: Session, campaign_id: int) -> Watch:
    """Return how a campaign is watched over."""
    return Watch(alarm=alarms.newest(session, campaign_id), wave=first_wave(session, campaign_id))
