"""Operations of SES: identities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsletter.simulator.protocols.wire import page

if TYPE_CHECKING:
    from newsletter.simulator.identities import Identity
    from newsletter.simulator.protocols.asked import Asked
    from newsletter.simulator.service import Service

_IDENTITIES_A_PAGE = 1000


def create(service: Service, asked: Asked) -> dict[str, Any]:
    """Add a domain or an address; it waits for its DNS records, or is verified at once, as the options say."""
    set_name = asked.body.get("ConfigurationSetName") or ""
    if set_name:
        service.state.configuration_sets.get(set_name)
    identity = service.state.identities.create(asked.required("EmailIdentity"), set_name)
    return {
        "IdentityType": identity.kind,
        "VerifiedForSendingStatus": identity.status == "SUCCESS",
        "DkimAttributes": identity.dkim,
    }


def get(service: Service, asked: Asked) -> dict[str, Any]:
    """Show an identity."""
    return _named(service, asked).shown()


def delete(service: Service, asked: Asked) -> dict[str, Any]:
    """Remove an identity."""
    service.state.identities.delete(asked.path["EmailIdentity"])
    return {}


def listed(service: Service, asked: Asked) -> dict[str, Any]:
    """List identities, a page at a time."""
    size = int(asked.one("PageSize") or _IDENTITIES_A_PAGE)
    found, token = page(service.state.identities.listed(), asked.one("NextToken"), size, _IDENTITIES_A_PAGE)
    shown = [
        {
            "IdentityType": identity.kind,
            "IdentityName": identity.name,
            "SendingEnabled": identity.status == "SUCCESS",
            "VerificationStatus": identity.status,
        }
        for identity in found
    ]
    return {"EmailIdentities": shown, **({"NextToken": token} if token else {})}


def put_dkim(service: Service, asked: Asked) -> dict[str, Any]:
    """Switch DKIM signing on or off."""
    _named(service, asked).dkim_enabled = bool(asked.body.get("SigningEnabled", False))
    return {}


def put_mail_from(service: Service, asked: Asked) -> dict[str, Any]:
    """Set or take away the custom MAIL FROM domain."""
    identity = _named(service, asked)
    identity.mail_from_domain = asked.body.get("MailFromDomain") or ""
    identity.on_mx_failure = asked.body.get("BehaviorOnMxFailure") or "USE_DEFAULT_VALUE"
    return {}


def put_feedback(service: Service, asked: Asked) -> dict[str, Any]:
    """Switch the forwarding of bounces and complaints by mail on or off."""
    _named(service, asked).feedback_forwarding = bool(asked.body.get("EmailForwardingEnabled", False))
    return {}


def put_configuration_set(service: Service, asked: Asked) -> dict[str, Any]:
    """Set or take away the default configuration set."""
    name = asked.body.get("ConfigurationSetName") or ""
    if name:
        service.state.configuration_sets.get(name)
    _named(service, asked).configuration_set = name
    return {}


def _named(service: Service, asked: Asked) -> Identity:
    return service.state.identities.get(asked.path["EmailIdentity"])
