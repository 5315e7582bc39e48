"""Operations of SES: the account and its suppression list."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from newsletter.simulator.errors import bad_request, invalid_next_token
from newsletter.simulator.protocols.wire import page
from newsletter.simulator.suppression import REASONS, Suppressed

if TYPE_CHECKING:
    from newsletter.simulator.protocols.asked import Asked
    from newsletter.simulator.service import Service

_SUPPRESSED_A_PAGE = 1000


def get_account(service: Service, asked: Asked) -> dict[str, Any]:
    """Show quotas and switches."""
    return service.state.account.shown(asked.now)


def put_sending(service: Service, asked: Asked) -> dict[str, Any]:
    """Switch sending on or off."""
    service.state.account.sending_enabled = bool(asked.body.get("SendingEnabled", False))
    return {}


def put_suppression_attributes(service: Service, asked: Asked) -> dict[str, Any]:
    """Say for which reasons addresses are put onto the suppression list and held back."""
    reasons = tuple(asked.body.get("SuppressedReasons") or ())
    if not REASONS.issuperset(reasons):
        raise bad_request("SuppressedReasons holds BOUNCE and COMPLAINT.")
    service.state.account.suppressed_reasons = reasons
    return {}


def put_details(service: Service, asked: Asked) -> dict[str, Any]:
    """Ask for production access; it is granted by the control API only."""
    service.state.account.details = {
        name: asked.body[name] for name in ("MailType", "WebsiteURL") if name in asked.body
    }
    return {}


def put_suppressed(service: Service, asked: Asked) -> dict[str, Any]:
    """Put an address onto the list."""
    entry = Suppressed(asked.required("EmailAddress"), asked.required("Reason"), asked.now)
    service.state.suppression.put(entry)
    return {}


def get_suppressed(service: Service, asked: Asked) -> dict[str, Any]:
    """Show an address of the list."""
    entry = service.state.suppression.get(asked.path["EmailAddress"])
    shown = _summary(entry)
    if entry.message_id:
        shown["Attributes"] = {"MessageId": entry.message_id, "FeedbackId": entry.feedback_id}
    return {"SuppressedDestination": shown}


def delete_suppressed(service: Service, asked: Asked) -> dict[str, Any]:
    """Take an address off the list."""
    service.state.suppression.delete(asked.path["EmailAddress"])
    return {}


def list_suppressed(service: Service, asked: Asked) -> dict[str, Any]:
    """List addresses by reason and time, a page at a time."""
    since = _moment(asked.one("StartDate"), float("-inf"))
    until = _moment(asked.one("EndDate"), float("inf"))
    entries = service.state.suppression.listed(asked.query.get("Reason", ()), since, until)
    size = int(asked.one("PageSize") or _SUPPRESSED_A_PAGE)
    found, token = page(entries, asked.one("NextToken"), size, _SUPPRESSED_A_PAGE, invalid_next_token)
    return {"SuppressedDestinationSummaries": list(map(_summary, found)), **({"NextToken": token} if token else {})}


def _summary(entry: Suppressed) -> dict[str, Any]:
    return {"EmailAddress": entry.address, "Reason": entry.reason, "LastUpdateTime": entry.since}


def _moment(text: str | None, default: float) -> float:
    """Read a time of a query string, which clients write in ISO 8601 (or in seconds)."""
    if text is None:
        return default
    try:
        return float(text)
    except ValueError:
        return datetime.fromisoformat(text).timestamp()
