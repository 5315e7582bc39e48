"""Everything one simulator knows. What it does with it stands in the rooms beside."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from newsletter.simulator.account import Account
from newsletter.simulator.agenda import Agenda
from newsletter.simulator.chance import Chance
from newsletter.simulator.configuration import ConfigurationSets
from newsletter.simulator.faults import Faults
from newsletter.simulator.identities import Identities
from newsletter.simulator.queues import Queues
from newsletter.simulator.record import Record
from newsletter.simulator.signing import Signer
from newsletter.simulator.suppression import SuppressionList
from newsletter.simulator.templates import Templates
from newsletter.simulator.topics import Topics

if TYPE_CHECKING:
    from pathlib import Path

    from newsletter.simulator.clock import SimulatedClock
    from newsletter.simulator.options import Options
    from newsletter.simulator.outcomes import Fate


@dataclass(slots=True, kw_only=True)
class State:
    """One AWS account in one region."""

    options: Options
    clock: SimulatedClock
    chance: Chance
    account: Account
    identities: Identities
    configuration_sets: ConfigurationSets = field(default_factory=ConfigurationSets)
    templates: Templates = field(default_factory=Templates)
    suppression: SuppressionList = field(default_factory=SuppressionList)
    fates: dict[str, Fate] = field(default_factory=dict)
    """Outcomes that were ordered, by address or `@domain` in lower case."""
    record: Record
    queues: Queues
    topics: Topics
    agenda: Agenda = field(default_factory=Agenda)
    faults: Faults = field(default_factory=Faults)
    url: str = ""
    """Where this simulator is reached; known once it listens."""
    event_bus: str = ""
    """Name of the queue that gets what is published to EventBridge, if any does."""

    @classmethod
    def new(cls, options: Options, clock: SimulatedClock, record: Path | None = None) -> State:
        """Return a new account; with the mails that `record` holds, if it is given."""
        state = cls(
            options=options,
            clock=clock,
            chance=Chance(options.seed),
            account=Account.opened(options),
            identities=Identities(options.auto_verify, options.strict_identities, options.region),
            record=Record(options, clock(), record),
            queues=Queues(options.region, options.account_id, options.max_queue_messages),
            topics=Topics(options.region, options.account_id, Signer(datetime.fromtimestamp(clock(), UTC))),
        )
        for call in state.record.calls:
            state.account.day.add(sum(len(mail.recipients) for mail in call.mails), call.time)
        return state
