"""What an answer of Amazon SES means for a mail. Pure.

Codes: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors and
https://docs.aws.amazon.com/ses/latest/APIReference-V2/CommonErrors.html. There is no idempotency token: whatever may
have been accepted stays uncertain until the event with our tag says more.
"""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.delivery.transport import Outcome, Verdict
from newsletter.errors import StopCampaign

_REFUSED = 400
_BROKEN = 500
_TIMED_OUT = 408
"""The server's own: it may have read the whole request."""

_BUSY = frozenset({"TooManyRequestsException", "ThrottlingException", "Throttling", "SlowDown"})

_NEEDS_A_PERSON = {
    "AccountSuspendedException": "the account is suspended: see the SES console and the mails from AWS",
    "SendingPausedException": "sending is paused for the account or the configuration set: see the SES console",
    "MailFromDomainNotVerifiedException": "the MAIL FROM domain is not verified: see its DNS records",
    "NotFoundException": "something named does not exist: see NEWSLETTER_SES_CONFIGURATION_SET and the region",
    "LimitExceededException": "a limit of the account is reached",
    "AccessDeniedException": "the credentials may not send: allow ses:SendEmail",
    "AccessDenied": "the credentials may not send: allow ses:SendEmail",
    "NotAuthorized": "the credentials may not send: allow ses:SendEmail",
    "OptInRequired": "the account is not signed up for SES in this region",
    "ExpiredToken": "the credentials have expired",
    "ExpiredTokenException": "the credentials have expired",
    "IncompleteSignature": "the credentials are not right",
    "InvalidClientTokenId": "the credentials are not right",
    "InvalidSignatureException": "the credentials are not right",
    "MissingAuthenticationToken": "the credentials are missing",
    "MissingAuthenticationTokenException": "the credentials are missing",
    "SignatureDoesNotMatch": "the credentials are not right",
    "UnrecognizedClientException": "the credentials are not right",
    "RequestExpired": "the clock of this machine is wrong",
    "RequestTimeTooSkewed": "the clock of this machine is wrong",
}
_QUOTA = "daily message quota exceeded"
_NOT_VERIFIED = "not verified"
"""The sender, or in the sandbox the recipient: either way every mail meets it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An error that SES answered with."""

    status: int
    """HTTP."""
    code: str
    message: str

    def __str__(self) -> str:
        """Return what a person and the ledger read."""
        return f"{self.code}: {self.message}" if self.message else self.code


def outcome_of(answer: Answer) -> Outcome:
    """Return what `answer` means for its mail.

    Raises StopCampaign for what every other mail would meet, until a person acts.
    """
    text = answer.message.lower()
    if answer.status >= _BROKEN or answer.status == _TIMED_OUT or answer.status < _REFUSED:
        return Outcome(Verdict.UNCERTAIN, reason=str(answer))
    if _QUOTA in text:
        raise StopCampaign(f"Amazon SES: the quota of 24 hours is used up ({answer}). Resume the campaign later.")
    if answer.code in _BUSY:
        return Outcome(Verdict.UNTRIED, reason=str(answer))
    if answer.code in _NEEDS_A_PERSON or _NOT_VERIFIED in text:
        hint = _NEEDS_A_PERSON.get(answer.code, "verify the address or its domain, or leave the sandbox")
        raise StopCampaign(f"Amazon SES refuses: {hint} ({answer}).")
    return Outcome(Verdict.REJECTED, reason=str(answer))
