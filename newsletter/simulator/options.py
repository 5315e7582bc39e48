"""What a simulator is started with; everything has a default, and most can be changed while it runs."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from newsletter.errors import FixConfiguration

_SHARES = (
    "hard_bounces", "soft_bounces", "complaints", "delays", "opens", "clicks", "late", "doubled", "lost",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Shares are between 0 and 1, times are seconds."""

    seed: int = 0
    """Decides, with the address alone, what becomes of a mail; and what faults and events by chance do."""
    region: str = "us-east-1"
    account_id: str = "123456789012"

    max_send_rate: float = 50_000.0
    """Recipients a second; a new production account has 14."""
    burst_seconds: float = 1.0
    """How many seconds' worth of the rate may go out at once."""
    max_24_hour_send: float = -1.0
    """-1 is no limit; a new production account has 50,000."""
    sandbox: bool = False
    """Only verified addresses (and those of the mailbox simulator) can be written to."""
    strict_identities: bool = False
    """Refuse senders without an identity; an identity that exists and is not verified is always refused."""
    auto_verify: bool = True
    """New identities are verified at once; otherwise they wait for the control API."""
    throttle_entries: bool = False
    """A bulk call that comes too fast gets status ACCOUNT_THROTTLED for each entry instead of an error."""

    hard_bounces: float = 0.0
    soft_bounces: float = 0.0
    complaints: float = 0.0
    delays: float = 0.0
    opens: float = 0.0
    clicks: float = 0.0

    latency: float = 0.0
    """From acceptance to delivery or bounce; a complaint takes twice as long, a click three times."""
    jitter: float = 0.0
    """Every event is published up to this much after it happened: they come out of order."""
    late: float = 0.0
    """Share of events that come `late_by` after they happened."""
    late_by: float = 60.0
    doubled: float = 0.0
    lost: float = 0.0

    webhook_retries: int = 3
    webhook_retry_seconds: float = 20.0
    webhook_timeout: float = 15.0

    max_mails: int = 2_000_000
    """Sends are refused when so many are recorded: the record is never cut."""
    max_record_bytes: int = 8 << 30
    max_queue_messages: int = 2_000_000
    """Events for a queue that is as full as this are dropped and counted."""

    def __post_init__(self) -> None:
        for name in _SHARES:
            if not 0 <= getattr(self, name) <= 1:
                raise FixConfiguration(f"{name} is a share between 0 and 1, not {getattr(self, name)}.")
        if self.hard_bounces + self.soft_bounces > 1:
            raise FixConfiguration("hard_bounces and soft_bounces together are more than all mails.")
        for name in ("max_send_rate", "burst_seconds", "webhook_timeout"):
            if getattr(self, name) <= 0:
                raise FixConfiguration(f"{name} must be more than 0, not {getattr(self, name)}.")

    @property
    def all_is_well(self) -> bool:
        """Whether every mail is delivered, and nothing more is heard of it."""
        return not (
            self.hard_bounces or self.soft_bounces or self.complaints or self.delays or self.opens or self.clicks
        )

    def changed(self, **changes: Any) -> Options:  # noqa: ANN401 - each is checked against its field
        """Return options with `changes`; raise `FixConfiguration` for a name that is none."""
        known = {field.name: field for field in fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise FixConfiguration(f"{name} is not an option of the simulator.")
            kind = type(getattr(self, name))
            if not isinstance(value, (int, float) if kind is float else kind) or isinstance(value, bool) != (
                kind is bool
            ):
                raise FixConfiguration(f"{name} must be {kind.__name__}, not {value!r}.")
        return replace(self, **changes)
