"""What an answer of Amazon SES means for a mail, or for each entry of a bulk call. Pure.

Codes: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors and
https://docs.aws.amazon.com/ses/latest/APIReference-V2/CommonErrors.html; statuses of entries:
https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_BulkEmailEntryResult.html. There is no idempotency token:
whatever may have been accepted stays uncertain until the event with our tag says more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from newsletter.delivery.transport import Outcome, Verdict
from newsletter.errors import StopCampaign

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Judged: TypeAlias = Outcome | StopCampaign
"""What became of one recipient; what concerns all of a call is a value too, for the others are on their way."""

_REFUSED = 400
_BROKEN = 500
_TIMED_OUT = 408
"""The server's own: it may have read the whole request."""
_TOO_MANY = 429

_BUSY = frozenset({"TooManyRequestsException", "ThrottlingException", "Throttling", "SlowDown"})

_SUSPENDED = "the account is suspended: see the SES console and the mails from AWS, then ask AWS to lift it"
_PAUSED = "sending is paused for the account or the configuration set: find out why in the SES console, switch it on"
_MAIL_FROM = "the MAIL FROM domain or the sender is not verified: see their DNS records and the SES console"
_NO_SUCH_SET = "there is no such configuration set: see NEWSLETTER_SES_CONFIGURATION_SET and the region"
_CREDENTIALS = "the credentials are not right: see what boto3 is given"
_NOT_ALLOWED = (
    "the credentials may not send: allow ses:SendEmail, ses:SendRawEmail and ses:SendBulkEmail, or do without the last "
    "by NEWSLETTER_SES_METHOD=raw"
)
_CLOCK = "the clock of this machine is wrong: set it"
_EXPIRED = "the credentials have expired: renew them"

_NEEDS_A_PERSON = {
    "AccountSuspendedException": _SUSPENDED,
    "ACCOUNT_SUSPENDED": _SUSPENDED,
    "SendingPausedException": _PAUSED,
    "ACCOUNT_SENDING_PAUSED": _PAUSED,
    "CONFIGURATION_SET_SENDING_PAUSED": _PAUSED,
    "MailFromDomainNotVerifiedException": _MAIL_FROM,
    "MAIL_FROM_DOMAIN_NOT_VERIFIED": _MAIL_FROM,
    "NotFoundException": "something named does not exist: see NEWSLETTER_SES_CONFIGURATION_SET and the region",
    "CONFIGURATION_SET_NOT_FOUND": _NO_SUCH_SET,
    "TEMPLATE_NOT_FOUND": "it looks for a stored template, and none is used: set NEWSLETTER_SES_METHOD=raw",
    "INVALID_SENDING_POOL_NAME": "the pool of addresses that the configuration set names does not exist: mend it there",
    "LimitExceededException": "a limit of the account is reached: see the quotas of SES",
    "AccessDeniedException": _NOT_ALLOWED,
    "AccessDenied": _NOT_ALLOWED,
    "NotAuthorized": _NOT_ALLOWED,
    "OptInRequired": "the account is not signed up for SES in this region",
    "ExpiredToken": _EXPIRED,
    "ExpiredTokenException": _EXPIRED,
    "IncompleteSignature": _CREDENTIALS,
    "InvalidClientTokenId": _CREDENTIALS,
    "InvalidSignatureException": _CREDENTIALS,
    "MissingAuthenticationToken": "the credentials are missing",
    "MissingAuthenticationTokenException": "the credentials are missing",
    "SignatureDoesNotMatch": _CREDENTIALS,
    "UnrecognizedClientException": _CREDENTIALS,
    "RequestExpired": _CLOCK,
    "RequestTimeTooSkewed": _CLOCK,
}
_ENTRIES = {
    "MESSAGE_REJECTED": Verdict.REJECTED,
    "INVALID_PARAMETER": Verdict.REJECTED,
    "TRANSIENT_FAILURE": Verdict.RETRY,
    "FAILED": Verdict.RETRY,
    "ACCOUNT_THROTTLED": Verdict.THROTTLED,
    "ACCOUNT_DAILY_QUOTA_EXCEEDED": Verdict.QUOTA,
}
_MAY_BE_THERE = frozenset({Verdict.ACCEPTED, Verdict.UNCERTAIN})
_TROUBLE = frozenset({Verdict.UNTRIED, Verdict.THROTTLED, Verdict.QUOTA, Verdict.UNCERTAIN})
_QUOTA = "daily message quota exceeded"
_TOO_FAST = "sending rate exceeded"
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
    """Return what `answer` means for the mail, or for every mail, of its request.

    Raises StopCampaign for what every other mail would meet, until a person acts.
    """
    if answer.status >= _BROKEN or answer.status == _TIMED_OUT or answer.status < _REFUSED:
        return Outcome(Verdict.UNCERTAIN, reason=str(answer))
    busy = Verdict.THROTTLED if answer.code in _BUSY or answer.status == _TOO_MANY else None
    verdict = _of_the_account(answer) or busy
    return Outcome(verdict or Verdict.REJECTED, reason=str(answer))


def entry_outcomes(results: Sequence[Mapping[str, Any]], entries: int) -> list[Judged]:
    """Return what the answer to a bulk call of so many entries means for each.

    Results stand in the order of the entries; where there is not one for each, nobody knows whose they are.
    """
    if len(results) != entries or not all(isinstance(result, dict) for result in results):
        reason = f"SES answered with {len(results)} results to {entries} entries"
        return [Outcome(Verdict.UNCERTAIN, reason=reason)] * entries
    return [_entry_outcome(result) for result in results]


def troubled(judged: Sequence[Judged]) -> list[str]:
    """Return why whoever is next in the call should not be tried now, once for each who met that; mostly nothing."""
    return [
        str(each) if isinstance(each, StopCampaign) else each.reason or each.verdict
        for each in judged
        if isinstance(each, StopCampaign) or each.verdict in _TROUBLE
    ]


def settled(judged: Sequence[Judged]) -> list[Outcome]:
    """Return the outcomes of a call. Raises StopCampaign where somebody met that and nobody may have a mail.

    Where somebody may, those who met it are untried, and the next call meets it first.
    """
    outcomes = [
        Outcome(Verdict.UNTRIED, reason=str(each)) if isinstance(each, StopCampaign) else each for each in judged
    ]
    if not any(outcome.verdict in _MAY_BE_THERE for outcome in outcomes):
        for stop in judged:
            if isinstance(stop, StopCampaign):
                raise stop
    return outcomes


def _entry_outcome(result: Mapping[str, Any]) -> Judged:
    status = str(result.get("Status", ""))
    if status == "SUCCESS":
        return Outcome(Verdict.ACCEPTED, message_id=result.get("MessageId"))
    answer = Answer(0, status, str(result.get("Error", "")))
    try:
        verdict = _of_the_account(answer) if status in _ENTRIES or status in _NEEDS_A_PERSON else Verdict.UNCERTAIN
    except StopCampaign as stop:
        return stop
    return Outcome(verdict or _ENTRIES[status], reason=str(answer))


def _of_the_account(answer: Answer) -> Verdict | None:
    """Return what a refusal says of the account's rate or quota, if it does. Raises StopCampaign for what else it is.

    By the words, for which class carries them is documented nowhere.
    """
    text = answer.message.lower()
    if _QUOTA in text:
        return Verdict.QUOTA
    if _TOO_FAST in text:
        return Verdict.THROTTLED
    if answer.code in _NEEDS_A_PERSON or _NOT_VERIFIED in text:
        hint = _NEEDS_A_PERSON.get(answer.code, "verify the address or its domain, or leave the sandbox")
        raise StopCampaign(f"Amazon SES refuses: {hint} ({answer}).")
    return None
