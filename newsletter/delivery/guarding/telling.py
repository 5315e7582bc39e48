"""An alarm as a mail to the admins: what was seen, what it came to, what they can do. No address of a reader in it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from newsletter.delivery.transport import Addressed, Call, Verdict, hand_over
from newsletter.errors import Hold, StopCampaign
from newsletter.personalization.message import Recipient
from newsletter.personalization.notice import plain_mail

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from newsletter.delivery.campaigns import CampaignInfo
    from newsletter.delivery.guarding.models import Alarm
    from newsletter.delivery.pace import Pace
    from newsletter.delivery.transport import Transport
    from newsletter.personalization.message import Envelope

_log = logging.getLogger(__name__)

_NOBODY = 0
_DONE = frozenset({Verdict.ACCEPTED, Verdict.REJECTED, Verdict.UNCERTAIN})
"""Nothing more can be done for that admin."""


def alarm_text(alarm: Alarm, info: CampaignInfo) -> tuple[str, str]:
    """Return subject and text."""
    what = f"{info.list}/{info.issue}"
    subject = f"Alarm: campaign {info.id} ({what}) is paused"
    text = f"""Campaign {info.id} was paused at {alarm.raised_at:%Y-%m-%d %H:%M} UTC.
It brings issue {info.issue} to the list {info.list}.

{alarm.reason}

At that time:
  mails whose end is known   {alarm.mails}
  bounced for good           {alarm.bounces}
  complaints                 {alarm.complaints}

No more mail of it leaves until somebody says so. See to the cause first: where the
addresses came from, what has changed since the last issue, what the mails say.

  newsletter campaign status {info.id}                   how it stands
  newsletter campaign resume {info.id} --despite-alarm   lets it go on
  newsletter campaign cancel {info.id}                   ends it
"""
    return subject, text


def tell_admins(
    alarm: Alarm,
    info: CampaignInfo,
    admins: Sequence[str],
    *,
    envelope: Envelope,
    transport: Transport,
    pace: Pace,
    now: datetime,
    wait: Callable[[float], bool],
) -> bool:
    """Write to each of them; return whether that is done: False where nothing can leave at the moment."""
    prepared = plain_mail(envelope, *alarm_text(alarm, info))
    for number, admin in enumerate(admins, start=1):
        recipient = Recipient(subscriber_id=_NOBODY, email=admin, name="")
        addressed = Addressed(delivery_id=f"alarm-{alarm.id}-{info.label}.{number}", recipient=recipient)
        try:
            wait(pace.reserve(1))
            (outcome,) = hand_over(transport, Call(prepared, [addressed], now))
        except (Hold, StopCampaign) as error:
            _log.error("The admins cannot be told of the alarm of campaign %s: %s", info.id, error)
            return False
        if outcome.verdict not in _DONE:
            _log.warning("The admins are not told of the alarm of campaign %s yet: %s", info.id, outcome.reason)
            return False
        if outcome.verdict is Verdict.REJECTED:
            _log.error("An admin cannot be written to: %s", outcome.reason)
    return True
