"""Domains and addresses that may be written from: their verification, DKIM, custom MAIL FROM.

https://docs.aws.amazon.com/ses/latest/dg/creating-identities.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from newsletter.simulator.addresses import domain
from newsletter.simulator.errors import already_exists, mail_from_not_verified, not_found, rejected

_TOKENS = 3


@dataclass(slots=True)
class Identity:
    """One identity. `status` and `mail_from_status` are PENDING, SUCCESS, FAILED or TEMPORARY_FAILURE."""

    name: str
    status: str
    configuration_set: str = ""
    dkim_enabled: bool = True
    feedback_forwarding: bool = True
    mail_from_domain: str = ""
    mail_from_status: str = "PENDING"
    on_mx_failure: str = "USE_DEFAULT_VALUE"
    notification_topics: dict[str, str] = field(default_factory=dict)
    """Topics of identity-level notifications by `Bounce`, `Complaint`, `Delivery`: the older form of feedback."""

    @property
    def kind(self) -> str:
        """EMAIL_ADDRESS or DOMAIN."""
        return "EMAIL_ADDRESS" if "@" in self.name else "DOMAIN"

    @property
    def dkim(self) -> dict[str, Any]:
        """The DKIM state with the tokens that go into DNS as CNAME records."""
        tokens = [
            blake2b(f"{self.name}/{number}".encode(), digest_size=16).hexdigest() for number in range(1, _TOKENS + 1)
        ]
        return {
            "SigningEnabled": self.dkim_enabled,
            "Status": self.status if self.kind == "DOMAIN" else "NOT_STARTED",
            "Tokens": tokens if self.kind == "DOMAIN" else [],
            "SigningHostedZone": "dkim.amazonses.com",
            "SigningAttributesOrigin": "AWS_SES",
            "NextSigningKeyLength": "RSA_2048_BIT",
            "CurrentSigningKeyLength": "RSA_2048_BIT",
        }

    def shown(self) -> dict[str, Any]:
        """Return the answer to GetEmailIdentity."""
        answer: dict[str, Any] = {
            "IdentityType": self.kind,
            "FeedbackForwardingStatus": self.feedback_forwarding,
            "VerifiedForSendingStatus": self.status == "SUCCESS",
            "VerificationStatus": self.status,
            "DkimAttributes": self.dkim,
            "Policies": {},
            "Tags": [],
        }
        if self.mail_from_domain:
            answer["MailFromAttributes"] = {
                "MailFromDomain": self.mail_from_domain,
                "MailFromDomainStatus": self.mail_from_status,
                "BehaviorOnMxFailure": self.on_mx_failure,
            }
        if self.configuration_set:
            answer["ConfigurationSetName"] = self.configuration_set
        return answer


@dataclass(slots=True)
class Identities:
    """Identities by name, without regard to case."""

    auto_verify: bool
    strict: bool
    region: str
    _known: dict[str, Identity] = field(default_factory=dict)

    def create(self, name: str, configuration_set: str = "") -> Identity:
        """Add an identity, verified at once or pending as the options say."""
        if name.lower() in self._known:
            raise already_exists(f"Email identity {name} already exist.")
        identity = Identity(name, "SUCCESS" if self.auto_verify else "PENDING", configuration_set)
        identity.mail_from_status = identity.status
        self._known[name.lower()] = identity
        return identity

    def get(self, name: str) -> Identity:
        """Return the identity or raise NotFoundException."""
        found = self._known.get(name.lower())
        if found is None:
            raise not_found(f"Email identity {name} does not exist.")
        return found

    def delete(self, name: str) -> None:
        """Remove the identity or raise NotFoundException."""
        self.get(name)
        del self._known[name.lower()]

    def listed(self) -> list[Identity]:
        """Return all, by name."""
        return [self._known[name] for name in sorted(self._known)]

    def sending(self, sender: str) -> Identity | None:
        """Return the identity by which a bare sender address may send (the address's own before its domain's).

        Raises MessageRejected, or MailFromDomainNotVerifiedException.
        """
        identity = self.find(sender)
        if identity is None:
            if self.strict:
                raise self.unverified(sender)
            return None
        if identity.status != "SUCCESS":
            raise self.unverified(sender)
        refuses = identity.mail_from_domain and identity.on_mx_failure == "REJECT_MESSAGE"
        if refuses and identity.mail_from_status != "SUCCESS":
            raise mail_from_not_verified(identity.mail_from_domain)
        return identity

    def find(self, address: str) -> Identity | None:
        """Return the identity that a bare address is covered by: its own, else its domain's, else of one above that."""
        name = domain(address)
        found = self._known.get(address.lower())
        while found is None and name:
            found = self._known.get(name)
            name = name.partition(".")[2]
        return found

    def is_verified(self, address: str) -> bool:
        """Say whether mail may be sent to a bare address from the sandbox."""
        identity = self.find(address)
        return identity is not None and identity.status == "SUCCESS"

    def unverified(self, *addresses: str) -> Exception:
        """Return the refusal that names `addresses`."""
        return rejected(
            "Email address is not verified. The following identities failed the check in region "
            f"{self.region.upper()}: {', '.join(addresses)}"
        )
