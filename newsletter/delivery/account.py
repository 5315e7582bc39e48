"""What the provider says of our account, and what that means for whoever wants to send. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

UNLIMITED = -1
"""A quota of 24 hours without a limit, as GetAccount says it."""


class AccountUnavailable(Exception):  # noqa: N818 - a state of the world
    """The account could not be asked, or did not answer what is needed; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """An answer of GetAccount.

    https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetAccount.html
    """

    max_rate: float
    """Recipients a second."""
    quota: int
    """Recipients in any 24 hours; `UNLIMITED`: as many as there are."""
    sent: int
    """Recipients in the 24 hours before the answer, whoever wrote to them."""
    production: bool
    """False: in the sandbox, where only verified addresses can be written to."""
    sending_enabled: bool
    enforcement: str
    """HEALTHY, PROBATION, SHUTDOWN; more may come."""

    def refusal(self) -> str:
        """Return why no mail can leave as things stand, and what to do about it; "": it can."""
        if self.enforcement == "SHUTDOWN":
            return (
                "Amazon SES has suspended the account (enforcement status SHUTDOWN): read the mails from AWS, answer "
                "the case in the Support Center, and resume the campaign when sending is allowed again."
            )
        if not self.sending_enabled:
            return (
                "Sending is switched off for the account. Switch it on in the SES console (Account dashboard) or with "
                "`aws sesv2 put-account-sending-attributes --sending-enabled`, then resume the campaign."
            )
        if self.max_rate <= 0:
            return "Amazon SES allows the account no mail at all (MaxSendRate is 0): see the SES console."
        return ""

    def under_review(self) -> str:
        """Return what it means that SES looks into the account; "": it does not."""
        if self.enforcement != "PROBATION":
            return ""
        return (
            "Amazon SES has the account under review (enforcement status PROBATION): bounces or complaints are too "
            "many. Read the mails from AWS before you send more."
        )

    def warnings(self) -> tuple[str, ...]:
        """Return what a person should know, though mail may leave."""
        found = []
        if review := self.under_review():
            found.append(review)
        if not self.production:
            found.append(
                "The account is in the sandbox: only verified addresses can be written to. The SES console is where "
                "production access is asked for."
            )
        return tuple(found)


class Account(Protocol):
    """Implemented by `ses_account`; called by `pacing.shared` about once a minute, and by `campaign estimate`."""

    def look(self) -> AccountState:
        """Ask. May take some seconds. Raises AccountUnavailable."""
        ...
