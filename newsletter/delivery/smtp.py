"""SMTP (RFC 5321): the mails of a call, one after the other, over one connection to a server that relays them.

What a failure means depends on when it comes. Until the final dot of DATA is on its way nothing can have been accepted;
from there until the server's answer nobody knows (RFC 5321, 4.5.3.2.6; RFC 1047).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from newsletter.delivery.letters import letter
from newsletter.delivery.smtp_session import Mailing, connect, leave
from newsletter.delivery.transport import Outcome, Verdict
from newsletter.errors import MaybeSent, RetryLater, StopCampaign

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from newsletter.delivery.smtp_session import SmtpSettings
    from newsletter.delivery.transport import Addressed, Call


class Smtp:
    """Transport to an SMTP server."""

    max_recipients = 50
    """Mails over one connection; many servers end it after a hundred or so."""

    def __init__(self, settings: SmtpSettings, timer: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._timer = timer
        self._own_name: str | None = None
        self.name = f"smtp:{settings.host}:{settings.port}"

    def send(self, call: Call) -> Sequence[Outcome]:
        """Connect, hand over mail by mail, and leave. The message id is the server's answer: many name their queue's.

        Raises RetryLater when the server cannot be reached or has no time, StopCampaign when it refuses us.
        """
        began, timeout = self._timer(), self._settings.timeout
        connection = connect(self._settings, self._own_name)
        self._own_name = connection.local_hostname  # finding it may take a question to the DNS, once
        mailing = Mailing(connection, began + timeout, self._timer)
        outcomes: list[Outcome] = []
        try:
            for addressed in call.recipients:
                if outcomes and self._timer() - began > timeout / 2:
                    return _cut_short(outcomes, call, "the server took too long for the mails before")
                outcomes.append(_hand_over(mailing, call, addressed))
        except MaybeSent as unknown:
            outcomes.append(Outcome(Verdict.UNCERTAIN, reason=str(unknown)))
            return _cut_short(outcomes, call, "the connection was lost at the mail before")
        except (RetryLater, StopCampaign) as trouble:
            if not outcomes:
                raise
            return _cut_short(outcomes, call, str(trouble))
        else:
            leave(connection)
            return outcomes
        finally:
            connection.close()

    def evidence(self, delivery_ids: Sequence[str]) -> Mapping[str, bool]:  # noqa: ARG002 - nothing can be asked
        """Know nothing: a mail server tells nobody what it accepted before."""
        return {}

    def close(self) -> None:
        """Do nothing: a connection lasts one call."""


def _hand_over(mailing: Mailing, call: Call, addressed: Addressed) -> Outcome:
    message = letter(call, addressed)
    if isinstance(message, Outcome):
        return message
    return mailing.hand_over(call.prepared.envelope.publication.sender_email, addressed.recipient.email, message)


def _cut_short(outcomes: list[Outcome], call: Call, reason: str) -> Sequence[Outcome]:
    return [*outcomes, *[Outcome(Verdict.UNTRIED, reason=reason)] * (len(call.recipients) - len(outcomes))]
