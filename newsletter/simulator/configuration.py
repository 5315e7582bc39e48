"""Configuration sets, and where they publish events to.

https://docs.aws.amazon.com/ses/latest/dg/monitor-using-event-publishing.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from newsletter.simulator.errors import already_exists, bad_request, limit_exceeded, not_found, paused

EVENT_TYPES = frozenset(
    {"SEND", "REJECT", "BOUNCE", "COMPLAINT", "DELIVERY", "OPEN", "CLICK", "RENDERING_FAILURE", "DELIVERY_DELAY",
     "SUBSCRIPTION"}
)  # fmt: skip
_KINDS = ("SnsDestination", "EventBridgeDestination", "KinesisFirehoseDestination", "CloudWatchDestination",
          "PinpointDestination")  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MOST_DESTINATIONS = 10


@dataclass(slots=True)
class Destination:
    """One event destination. Only SNS and EventBridge are published to; the others are kept and shown."""

    name: str
    enabled: bool
    event_types: frozenset[str]
    target: dict[str, Any]
    """The one of `SnsDestination`, `EventBridgeDestination`, … that was given, under its name."""
    topic_arn: str
    """The SNS topic, or nothing."""
    is_event_bridge: bool
    """Whether events go to the default event bus."""

    @classmethod
    def read(cls, name: str, described: dict[str, Any]) -> Destination:
        """Return the destination that a request describes."""
        types = frozenset(described.get("MatchingEventTypes") or ())
        if not types or not types <= EVENT_TYPES:
            raise bad_request("MatchingEventTypes must name at least one event type, and only those that exist.")
        target = {kind: described[kind] for kind in _KINDS if described.get(kind)}
        if len(target) != 1:
            raise bad_request("An event destination has exactly one of " + ", ".join(_KINDS) + ".")
        return cls(
            name=name,
            enabled=bool(described.get("Enabled", False)),
            event_types=types,
            target=target,
            topic_arn=target.get("SnsDestination", {}).get("TopicArn", ""),
            is_event_bridge="EventBridgeDestination" in target,
        )

    def shown(self) -> dict[str, Any]:
        """Return it as GetConfigurationSetEventDestinations does."""
        return {
            "Name": self.name,
            "Enabled": self.enabled,
            "MatchingEventTypes": sorted(self.event_types),
            **self.target,
        }


@dataclass(slots=True)
class ConfigurationSet:
    """One configuration set; `options` are its groups as they were put (`SendingOptions`, `SuppressionOptions`, …)."""

    name: str
    options: dict[str, Any]
    destinations: dict[str, Destination] = field(default_factory=dict)

    @property
    def suppressed_reasons(self) -> tuple[str, ...] | None:
        """The reasons that apply instead of the account's, if the set says so."""
        reasons = self.options.get("SuppressionOptions", {}).get("SuppressedReasons")
        return None if reasons is None else tuple(reasons)

    def check_open(self) -> None:
        """Raise if sending through this set is paused."""
        if not self.options.get("SendingOptions", {}).get("SendingEnabled", True):
            raise paused("the configuration set")

    def wants(self, event_type: str) -> bool:
        """Say whether any destination publishes events of this type."""
        return any(d.enabled and event_type in d.event_types for d in self.destinations.values())

    def shown(self) -> dict[str, Any]:
        """Return the answer to GetConfigurationSet."""
        return {"ConfigurationSetName": self.name, "SendingOptions": {"SendingEnabled": True}, **self.options}


@dataclass(slots=True)
class ConfigurationSets:
    """All of the account's."""

    _known: dict[str, ConfigurationSet] = field(default_factory=dict)

    def create(self, name: str, options: dict[str, Any]) -> None:
        """Add a set."""
        if _NAME.fullmatch(name) is None:
            raise bad_request("Configuration set name may hold letters, digits, '_' and '-', at most 64.")
        if name in self._known:
            raise already_exists(f"Configuration set {name} already exists.")
        self._known[name] = ConfigurationSet(name, options)

    def get(self, name: str) -> ConfigurationSet:
        """Return the set or raise NotFoundException."""
        if name not in self._known:
            raise not_found(f"Configuration set {name} does not exist.")
        return self._known[name]

    def find(self, name: str) -> ConfigurationSet | None:
        """Return the set, if there is one of that name."""
        return self._known.get(name)

    def delete(self, name: str) -> None:
        """Remove the set or raise NotFoundException."""
        self.get(name)
        del self._known[name]

    def names(self) -> list[str]:
        """Return all names, in order."""
        return sorted(self._known)

    def add_destination(self, name: str, destination: Destination) -> None:
        """Add an event destination to the set `name`."""
        destinations = self.get(name).destinations
        if destination.name in destinations:
            raise already_exists(f"Event destination {destination.name} already exists.")
        if len(destinations) >= _MOST_DESTINATIONS:
            raise limit_exceeded(f"A configuration set has at most {_MOST_DESTINATIONS} event destinations.")
        destinations[destination.name] = destination

    def destination(self, name: str, destination: str) -> Destination:
        """Return an event destination of the set `name`, or raise NotFoundException."""
        found = self.get(name).destinations.get(destination)
        if found is None:
            raise not_found(f"Event destination {destination} does not exist.")
        return found
