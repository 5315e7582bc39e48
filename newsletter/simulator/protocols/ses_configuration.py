"""Operations of SES: configuration sets and event destinations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsletter.simulator.configuration import Destination
from newsletter.simulator.protocols.wire import page

if TYPE_CHECKING:
    from newsletter.simulator.protocols.asked import Asked, Handler
    from newsletter.simulator.service import Service

OPTION_GROUPS = {
    "archiving-options": ("PutConfigurationSetArchivingOptions", "ArchivingOptions"),
    "delivery-options": ("PutConfigurationSetDeliveryOptions", "DeliveryOptions"),
    "reputation-options": ("PutConfigurationSetReputationOptions", "ReputationOptions"),
    "sending": ("PutConfigurationSetSendingOptions", "SendingOptions"),
    "suppression-options": ("PutConfigurationSetSuppressionOptions", "SuppressionOptions"),
    "tracking-options": ("PutConfigurationSetTrackingOptions", "TrackingOptions"),
    "vdm-options": ("PutConfigurationSetVdmOptions", "VdmOptions"),
}
"""The operations that set a group of options, by the last part of their path."""
_SETS_A_PAGE = 1000


def create(service: Service, asked: Asked) -> dict[str, Any]:
    """Add a configuration set."""
    groups = {group for _, group in OPTION_GROUPS.values()}
    options = {name: value for name, value in asked.body.items() if name in groups or name == "Tags"}
    service.state.configuration_sets.create(asked.required("ConfigurationSetName"), options)
    return {}


def get(service: Service, asked: Asked) -> dict[str, Any]:
    """Show a configuration set."""
    return service.state.configuration_sets.get(asked.path["ConfigurationSetName"]).shown()


def delete(service: Service, asked: Asked) -> dict[str, Any]:
    """Remove a configuration set."""
    service.state.configuration_sets.delete(asked.path["ConfigurationSetName"])
    return {}


def listed(service: Service, asked: Asked) -> dict[str, Any]:
    """List configuration sets, a page at a time."""
    size = int(asked.one("PageSize") or _SETS_A_PAGE)
    found, token = page(service.state.configuration_sets.names(), asked.one("NextToken"), size, _SETS_A_PAGE)
    return {"ConfigurationSets": list(found), **({"NextToken": token} if token else {})}


def putter(group: str) -> Handler:
    """Return the operation that sets one group of options, whole."""

    def put(service: Service, asked: Asked) -> dict[str, Any]:
        service.state.configuration_sets.get(asked.path["ConfigurationSetName"]).options[group] = asked.body
        return {}

    return put


def create_destination(service: Service, asked: Asked) -> dict[str, Any]:
    """Add an event destination; SES tries it at once."""
    destination = Destination.read(asked.required("EventDestinationName"), asked.required("EventDestination"))
    service.publisher.validate(destination, asked.now)
    service.state.configuration_sets.add_destination(asked.path["ConfigurationSetName"], destination)
    return {}


def get_destinations(service: Service, asked: Asked) -> dict[str, Any]:
    """List the event destinations of a set."""
    destinations = service.state.configuration_sets.get(asked.path["ConfigurationSetName"]).destinations
    return {"EventDestinations": [destination.shown() for destination in destinations.values()]}


def update_destination(service: Service, asked: Asked) -> dict[str, Any]:
    """Replace an event destination."""
    sets, name = service.state.configuration_sets, asked.path["ConfigurationSetName"]
    there = sets.destination(name, asked.path["EventDestinationName"])
    replaced = Destination.read(there.name, asked.required("EventDestination"))
    if replaced.topic_arn != there.topic_arn:
        service.publisher.validate(replaced, asked.now)
    sets.get(name).destinations[there.name] = replaced
    return {}


def delete_destination(service: Service, asked: Asked) -> dict[str, Any]:
    """Remove an event destination."""
    sets, name = service.state.configuration_sets, asked.path["ConfigurationSetName"]
    there = sets.destination(name, asked.path["EventDestinationName"])
    del sets.get(name).destinations[there.name]
    return {}
