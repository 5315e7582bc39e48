"""Whether a send may go ahead, what it sends, and what becomes of it: the steps that every form of sending shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from newsletter.simulator import outcomes, requests
from newsletter.simulator.addresses import InvalidDestination, bare, domain, scenario
from newsletter.simulator.errors import bad_request
from newsletter.simulator.requests import InvalidEntry
from newsletter.simulator.templates import Content

if TYPE_CHECKING:
    from newsletter.simulator.accepted import Pairs
    from newsletter.simulator.outcomes import Fate
    from newsletter.simulator.state import State
    from newsletter.simulator.templates import Compiled


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends through what, after the checks."""

    source: str
    configuration_set: str


def sender_of(state: State, request: dict[str, Any], header: str, set_in_header: str = "") -> Sender:
    """Return who sends; raise unless the account, the identity and the configuration set may send."""
    state.account.check_open()
    source = request.get("FromEmailAddress") or header
    try:
        address = bare(source)
    except InvalidDestination as error:
        raise bad_request(f"FromEmailAddress is not an address: {error}.") from error
    identity = state.identities.sending(address)
    name = request.get("ConfigurationSetName") or set_in_header or (identity.configuration_set if identity else "")
    if name:
        state.configuration_sets.get(name).check_open()
    return Sender(source, name)


def content_of(state: State, template: dict[str, Any]) -> Content:
    """Return the content that a `Template` names or carries."""
    given = [key for key in ("TemplateName", "TemplateArn", "TemplateContent") if template.get(key)]
    if len(given) != 1:
        raise bad_request("Template has exactly one of TemplateName, TemplateArn and TemplateContent.")
    if given[0] == "TemplateContent":
        return Content.read(template["TemplateContent"])
    return state.templates.get(str(template[given[0]]).rpartition("template/")[2])


def tags_of(given: list[dict[str, str]] | None) -> Pairs:
    """Return the message tags of a call; raise BadRequestException for a bad one."""
    try:
        return requests.tags(given)
    except InvalidEntry as error:
        raise bad_request(str(error)) from error


def check_sandbox(state: State, recipients: tuple[str, ...]) -> None:
    """Raise MessageRejected while the account is in the sandbox and an address is not verified."""
    if state.account.production_access:
        return
    strangers = [a for a in recipients if scenario(a) is None and not state.identities.is_verified(a)]
    if strangers:
        raise state.identities.unverified(*strangers)


def counted(recipients: tuple[str, ...]) -> int:
    """Return how many recipients count to the day's quota: those of the mailbox simulator do not."""
    return sum([scenario(address) is None for address in recipients])


def fates_of(
    state: State,
    sender: Sender,
    recipients: tuple[str, ...],
    content: Compiled | None = None,
    data: dict[str, Any] | None = None,
    *,
    infected: bool = False,
) -> tuple[Fate, ...]:
    """Return what will become of a mail at each of its recipients."""
    if content is not None:
        missing = content.check(data or {})
        if missing:
            return (outcomes.read({"missing": missing}),) * len(recipients)
        infected = content.infected
    if infected:
        return (outcomes.REJECTED,) * len(recipients)
    return tuple([_fate(state, sender, address) for address in recipients])


def _fate(state: State, sender: Sender, address: str) -> Fate:
    if len(state.suppression):
        reasons = state.account.suppressed_reasons
        if sender.configuration_set:
            own = state.configuration_sets.get(sender.configuration_set).suppressed_reasons
            reasons = reasons if own is None else own
        reason = state.suppression.reason(address, reasons)
        if reason:
            return outcomes.SUPPRESSED[reason]
    if state.fates:
        lowered = address.lower()
        ordered = state.fates.get(lowered) or state.fates.get("@" + domain(lowered))
        if ordered is not None:
            return ordered
    return outcomes.fate_of(address, state.options, state.chance)
