"""The account: who asks, by which clock, and what SES lets it send."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from newsletter.aws.doctor.findings import Finding, fail, ok, warn
from newsletter.aws.wanted import SUPPRESSED_REASONS

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from newsletter.aws.service import Aws
    from subscribers.clock import Clock

_UNLIMITED = -1
_SKEW_WARNED, _SKEW_REFUSED = 30, 240
"""Seconds. AWS refuses requests that are five minutes off."""
_LONG_RUN = 6 * 60 * 60


def credentials(aws: Aws) -> Generator[Finding, None, None]:
    """Say whose account this is."""
    arn = aws.ask("sts", "get_caller_identity")["Arn"]
    yield ok("credentials", f"account {aws.place.account} in {aws.region}, as {arn}")


def clock(aws: Aws, now: Clock) -> Generator[Finding, None, None]:
    """Compare this machine's clock with that of AWS; signatures are good for five minutes."""
    before = now()
    headers = aws.ask("sts", "get_caller_identity")["ResponseMetadata"]["HTTPHeaders"]
    skew = (before - parsedate_to_datetime(headers["date"])).total_seconds()
    said = f"this machine is {abs(skew):.0f} seconds {'ahead of' if skew > 0 else 'behind'} AWS"
    if abs(skew) > _SKEW_REFUSED:
        yield fail("clock", said, "Set the clock, and keep it with NTP: AWS refuses what is five minutes off.")
    elif abs(skew) > _SKEW_WARNED:
        yield warn("clock", said, "Keep the clock with NTP: AWS refuses what is five minutes off.")
    else:
        yield ok("clock", "this machine agrees with AWS on the time")


def account(aws: Aws, largest_audience: int) -> Generator[Finding, None, None]:
    """Say what the account may send, from one answer of SES."""
    said = aws.ask("sesv2", "get_account")
    yield _production(said)
    yield _quota(said["SendQuota"], largest_audience)
    yield _enforcement(said)
    yield _sending(said)
    yield _suppression(said)


def _production(said: Mapping[str, Any]) -> Finding:
    if said.get("ProductionAccessEnabled"):
        return ok("production access", "mail goes to anybody")
    return fail(
        "production access",
        "the account is in the sandbox: mail goes to verified addresses only, 200 a day",
        "Ask for production access in the SES console (docs/aws.md says what to write).",
    )


def _quota(quota: Mapping[str, float], largest_audience: int) -> Finding:
    most, sent, rate = quota["Max24HourSend"], quota["SentLast24Hours"], quota["MaxSendRate"]
    allowed = "no limit in 24 hours" if most == _UNLIMITED else f"{most:,.0f} in 24 hours, {sent:,.0f} of them used"
    seconds = largest_audience / rate if rate else float("inf")
    described = f"{allowed}; {rate:,.0f} a second"
    if largest_audience:
        described += f": the largest list ({largest_audience:,}) takes {_duration(seconds)}"
    if most != _UNLIMITED and largest_audience > most:
        return fail("quota", described, "Ask for a higher sending quota (Service Quotas, Amazon SES) before you send.")
    if most != _UNLIMITED and largest_audience > most - sent:
        return warn("quota", described, "A campaign begun now would wait for the quota; or ask for a higher one.")
    if seconds > _LONG_RUN:
        return warn("quota", described, "Ask for a higher sending rate (Service Quotas, Amazon SES).")
    return ok("quota", described)


def _enforcement(said: Mapping[str, Any]) -> Finding:
    status = said.get("EnforcementStatus", "HEALTHY")
    if status == "HEALTHY":
        return ok("enforcement", "the account is in good standing")
    if status == "PROBATION":
        return warn(
            "enforcement",
            "the account is under review (PROBATION)",
            "Read the mail from AWS, and mend what it names, mostly bounces or complaints, before more goes out.",
        )
    return fail(
        "enforcement",
        f"AWS has stopped the account ({status})",
        "Answer in the AWS Support Center; nothing else helps.",
    )


def _sending(said: Mapping[str, Any]) -> Finding:
    if said.get("SendingEnabled"):
        return ok("sending", "sending is switched on")
    return fail(
        "sending",
        "sending is switched off for the account",
        "When you know why: `aws sesv2 put-account-sending-attributes --sending-enabled`.",
    )


def _suppression(said: Mapping[str, Any]) -> Finding:
    reasons = (said.get("SuppressionAttributes") or {}).get("SuppressedReasons") or []
    missing = [each for each in SUPPRESSED_REASONS if each not in reasons]
    if not missing:
        return ok("suppression", "SES holds back addresses that bounced or complained")
    return warn(
        "suppression",
        f"SES does not hold back addresses after {' and '.join(missing)}",
        "`newsletter aws setup` switches it on.",
    )


def _duration(seconds: float) -> str:
    minutes = seconds / 60
    if minutes < 1:
        return "less than a minute"
    return f"{minutes:,.0f} minutes" if minutes < 2 * 60 else f"{minutes / 60:,.0f} hours"
