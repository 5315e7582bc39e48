"""The configuration set that mails are sent with, and where it publishes what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from newsletter.aws.refusals import NotThere
from newsletter.aws.steps.change import Change
from newsletter.aws.wanted import SUPPRESSED_REASONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from newsletter.aws.place import Place
    from newsletter.aws.service import Aws
    from newsletter.aws.wanted import Wanted


@dataclass(frozen=True, slots=True)
class ConfigurationSet:
    """The set with its options."""

    wanted: Wanted

    @property
    def title(self) -> str:
        """What it is."""
        return f"configuration set {self.wanted.names.configuration_set}"

    def look(self, aws: Aws) -> Sequence[Change]:
        """Return what is to be done about it."""
        name = self.wanted.names.configuration_set
        there = configuration_set(aws, name)
        if there is None:
            options = {each.group: {each.member: each.wanted} for each in self._options()}
            return [
                Change(
                    what="",
                    there=None,
                    wanted=", ".join(f"{each.member} {_text(each.wanted)}" for each in self._options()),
                    why="mails are sent with it, so that SES reports what becomes of them",
                    make=lambda: aws.ask("sesv2", "create_configuration_set", ConfigurationSetName=name, **options),
                )
            ]
        return [*self._different(aws, there), *self._paused(there)]

    def _different(self, aws: Aws, there: Mapping[str, Any]) -> Iterator[Change]:
        for each in self._options():
            group = there.get(each.group) or {}
            found = group.get(each.member, each.default)
            if _text(found) == _text(each.wanted):
                continue

            def make(each: _Option = each, group: Mapping[str, Any] = group) -> None:  # an option is set with its group
                said = {**group, each.member: each.wanted}
                aws.ask("sesv2", each.operation, ConfigurationSetName=self.wanted.names.configuration_set, **said)

            yield Change(what=each.member, there=_text(found), wanted=_text(each.wanted), why=each.why, make=make)

    def _paused(self, there: Mapping[str, Any]) -> Iterator[Change]:
        if not (there.get("SendingOptions") or {}).get("SendingEnabled", True):
            name = self.wanted.names.configuration_set
            yield Change(
                what="SendingEnabled",
                there="no",
                wanted="yes",
                why="somebody, or an alarm, has paused sending: when you know why, `aws sesv2 "
                f"put-configuration-set-sending-options --configuration-set-name {name} --sending-enabled`",
                make=None,
            )

    def _options(self) -> tuple[_Option, ...]:
        tls = "REQUIRE" if self.wanted.require_tls else "OPTIONAL"
        return (
            _Option(
                "ReputationOptions", "ReputationMetricsEnabled", wanted=True, default=False,
                operation="put_configuration_set_reputation_options",
                why="bounce and complaint rates of the newsletters, apart from other mail of the account",
            ),
            _Option(
                "SuppressionOptions", "SuppressedReasons", wanted=list(SUPPRESSED_REASONS), default=None,
                operation="put_configuration_set_suppression_options",
                why="SES holds back what our own list of suppressed addresses does not know yet",
            ),
            _Option(
                "DeliveryOptions", "TlsPolicy", wanted=tls, default="OPTIONAL",
                operation="put_configuration_set_delivery_options",
                why="mails carry personal links: none goes in the clear" if self.wanted.require_tls
                else "asked for by --tls optional",
            ),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDestination:
    """What is published, and to which topic."""

    wanted: Wanted
    place: Place

    @property
    def title(self) -> str:
        """What it is."""
        return f"event destination {self.wanted.names.destination}"

    def look(self, aws: Aws) -> Sequence[Change]:
        """Return what is to be done about it; one of another name that publishes to the topic is taken for it."""
        topic = self.place.arn("sns", self.wanted.names.topic)
        found = destinations(aws, self.wanted.names.configuration_set)
        there = next(
            (each for each in found if each["Name"] == self.wanted.names.destination or topic_of(each) == topic), None
        )
        if there is None:
            described = self._described(self.wanted.events)
            return [
                Change(
                    what="",
                    there=None,
                    wanted=", ".join(self.wanted.events),
                    why="what becomes of mails is published to the topic",
                    make=lambda: self._ask(
                        aws, "create_configuration_set_event_destination", self.wanted.names.destination, described
                    ),
                )
            ]
        events = [
            *there["MatchingEventTypes"],
            *(e for e in self.wanted.events if e not in there["MatchingEventTypes"]),
        ]
        described = self._described(events)

        def make() -> None:
            self._ask(aws, "update_configuration_set_event_destination", there["Name"], described)

        return list(self._different(there, events, make))

    def _different(self, there: Mapping[str, Any], events: Sequence[str], make: Any) -> Iterator[Change]:  # noqa: ANN401 - a callable
        topic = self.place.arn("sns", self.wanted.names.topic)
        for what, found, wanted, why in (
            ("events", there["MatchingEventTypes"], events, "what is not published cannot be acted on"),
            ("Enabled", there["Enabled"], True, "a destination that is switched off publishes nothing"),
            ("topic", topic_of(there) or "none", topic, "the queue is subscribed to this topic"),
        ):
            if _text(found) != _text(wanted):
                yield Change(what=what, there=_text(found), wanted=_text(wanted), why=why, make=make)

    def _described(self, events: Sequence[str]) -> dict[str, Any]:
        topic = self.place.arn("sns", self.wanted.names.topic)
        return {"Enabled": True, "MatchingEventTypes": list(events), "SnsDestination": {"TopicArn": topic}}

    def _ask(self, aws: Aws, operation: str, name: str, described: Mapping[str, Any]) -> None:
        aws.ask(
            "sesv2",
            operation,
            ConfigurationSetName=self.wanted.names.configuration_set,
            EventDestinationName=name,
            EventDestination=described,
        )


def configuration_set(aws: Aws, name: str) -> Mapping[str, Any] | None:
    """Return a configuration set; None where there is none of that name."""
    try:
        return aws.ask("sesv2", "get_configuration_set", ConfigurationSetName=name)
    except NotThere:
        return None


def destinations(aws: Aws, name: str) -> Sequence[Mapping[str, Any]]:
    """Return the event destinations of a configuration set; none where there is no such set."""
    try:
        said = aws.ask("sesv2", "get_configuration_set_event_destinations", ConfigurationSetName=name)
    except NotThere:
        return ()
    found: Sequence[Mapping[str, Any]] = said["EventDestinations"]
    return found


def topic_of(destination: Mapping[str, Any]) -> str:
    """Return the ARN of the topic that a destination publishes to; empty where it is no topic."""
    return str((destination.get("SnsDestination") or {}).get("TopicArn", ""))


@dataclass(frozen=True, slots=True)
class _Option:
    """One option of the set, in the group that it is set with."""

    group: str
    member: str
    wanted: Any
    default: Any
    """What it is where the set does not say; for the suppressed reasons, those of the account."""
    operation: str
    why: str


def _text(value: Any) -> str:  # noqa: ANN401 - JSON
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(sorted(map(str, value))) or "none"
    return "as the account" if value is None else str(value)
