"""Where things are in AWS, and what they are called there. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One account in one region."""

    partition: str
    account: str
    region: str

    def arn(self, service: str, resource: str) -> str:
        """Return the name of a resource that no other account has."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"


@dataclass(frozen=True, slots=True)
class Names:
    """What `newsletter aws setup` makes, by name; all of them begin with one word."""

    prefix: str

    @property
    def configuration_set(self) -> str:
        """What mails are sent with."""
        return self.prefix

    @property
    def destination(self) -> str:
        """Where the configuration set publishes events to."""
        return f"{self.prefix}-events"

    @property
    def topic(self) -> str:
        """What SES publishes to."""
        return f"{self.prefix}-events"

    @property
    def queue(self) -> str:
        """Where events wait for `newsletter feedback consume`."""
        return f"{self.prefix}-events"

    @property
    def dead_letters(self) -> str:
        """Where events go that were received again and again, and never taken in."""
        return f"{self.prefix}-events-dead"
