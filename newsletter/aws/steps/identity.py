"""A sender's domain: signed by SES (Easy DKIM), with bounces going to a domain of its own (custom MAIL FROM)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from newsletter.aws.refusals import NotThere
from newsletter.aws.steps.change import Change

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from newsletter.aws.service import Aws
    from newsletter.aws.wanted import SenderDomain

SIGNED_BY_SES = "AWS_SES"


@dataclass(frozen=True, slots=True)
class Identity:
    """The domain, known to SES and signed."""

    domain: SenderDomain

    @property
    def title(self) -> str:
        """What it is."""
        return f"identity {self.domain.name}"

    def look(self, aws: Aws) -> Sequence[Change]:
        """Return what is to be done about it."""
        name = self.domain.name
        there = identity(aws, name)
        if there is None:
            return [
                Change(
                    what="",
                    there=None,
                    wanted="Easy DKIM, 2048 bits",
                    why="SES sends from domains that it has verified, and mailbox providers want signatures",
                    make=lambda: aws.ask(
                        "sesv2",
                        "create_email_identity",
                        EmailIdentity=name,
                        DkimSigningAttributes={"NextSigningKeyLength": "RSA_2048_BIT"},
                    ),
                )
            ]
        if there.get("DkimAttributes", {}).get("SigningEnabled"):
            return []
        return [
            Change(
                what="SigningEnabled",
                there="no",
                wanted="yes",
                why="Gmail, Yahoo and Microsoft refuse newsletters that are not signed",
                make=lambda: aws.ask(
                    "sesv2", "put_email_identity_dkim_attributes", EmailIdentity=name, SigningEnabled=True
                ),
            )
        ]


@dataclass(frozen=True, slots=True)
class MailFrom:
    """The custom MAIL FROM domain of a sender's domain."""

    domain: SenderDomain

    @property
    def title(self) -> str:
        """What it is."""
        return f"MAIL FROM of {self.domain.name}"

    def look(self, aws: Aws) -> Sequence[Change]:
        """Return what is to be done about it; one that is set stays, unless another one is asked for by name."""
        there = mail_from_of(identity(aws, self.domain.name) or {})
        wanted = self.domain.mail_from or there or self.domain.default_mail_from
        if there == wanted:
            return []
        return [
            Change(
                what="",
                there=there or None,
                wanted=wanted,
                why="asked for by --mail-from"
                if self.domain.mail_from
                else "SPF has to pass for a domain of the sender",
                make=lambda: aws.ask(
                    "sesv2",
                    "put_email_identity_mail_from_attributes",
                    EmailIdentity=self.domain.name,
                    MailFromDomain=wanted,
                    BehaviorOnMxFailure="USE_DEFAULT_VALUE",  # without its DNS record, mail still goes
                ),
            )
        ]


def identity(aws: Aws, name: str) -> Mapping[str, Any] | None:
    """Return an identity; None where there is none of that name."""
    try:
        return aws.ask("sesv2", "get_email_identity", EmailIdentity=name)
    except NotThere:
        return None


def mail_from_of(there: Mapping[str, Any]) -> str:
    """Return the custom MAIL FROM domain of an identity; empty where it has none."""
    return str((there.get("MailFromAttributes") or {}).get("MailFromDomain") or "")
