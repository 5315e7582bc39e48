"""What holds the rate and the quota."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from newsletter.delivery.account import AccountUnavailable
from newsletter.delivery.pace import Unpaced
from newsletter.delivery.pacing.gauge import Rules
from newsletter.delivery.pacing.rate import Lane
from newsletter.delivery.pacing.rows import Rows, read_gauge
from newsletter.delivery.pacing.shared import SharedPace, nothing_later
from newsletter.delivery.pacing.warmup import Warmup

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from newsletter.bootstrap.installation import Newsletter
    from newsletter.delivery.account import Account
    from newsletter.delivery.pace import Pace
    from newsletter.delivery.pacing.gauge import Gauge
    from newsletter.settings import Settings


def pace(
    newsletter: Newsletter,
    lane: str = "bulk",
    reserved_for_later: Callable[[Session, datetime], int] = nothing_later,
) -> Pace:
    """Return the pace of campaigns (`bulk`) or of test mails (`preview`): one for all threads of a process.

    `reserved_for_later`: of (session, now), how many recipients of the quota to keep for what is due within 24 hours.
    """
    settings = newsletter.settings
    wanted, asked = rules(settings), account(settings)
    if asked is None and wanted == Rules():
        return Unpaced()
    rows = Rows(newsletter.database, newsletter.clock)
    return SharedPace(rows, wanted, Lane(lane), account=asked, reserved_for_later=reserved_for_later)


def rules(settings: Settings) -> Rules:
    """Return what the settings say of rate and warm-up; files warm nothing up."""
    warmup = Warmup(*settings.warmup) if settings.warmup and settings.transport != "outbox" else None
    return Rules(asks_account=settings.transport == "ses", cap=settings.rate, warmup=warmup)


def account(settings: Settings) -> Account | None:
    """Return whom to ask how much may be sent; None where the transport knows no account."""
    if settings.transport != "ses":
        return None
    from newsletter.delivery.ses_account import SesAccount  # noqa: PLC0415 - boto3 takes a third of a second

    return SesAccount()


def outlook(newsletter: Newsletter) -> tuple[Gauge, str]:
    """Return how things stand, the account asked just now, and why it could not be ("": it could); write nothing."""
    with newsletter.database.read() as session:
        gauge = read_gauge(session)
    asked = account(newsletter.settings)
    if asked is None:
        return gauge, ""
    try:
        return replace(gauge, account=asked.look(), since_look=0), ""
    except AccountUnavailable as error:
        return gauge, str(error)
