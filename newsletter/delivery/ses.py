"""Amazon SES: the mails of a call in one bulk request, or each in a raw one where that is worth more.

docs/decisions/ses-in-bulk.md says when, and what a reader gets either way: the same. Region, credentials and
`AWS_ENDPOINT_URL` are settings of the SDK.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from newsletter.delivery.ses_answers import entry_outcomes, settled, troubled
from newsletter.delivery.ses_bulk import MOST_ENTRIES
from newsletter.delivery.ses_client import SesClient
from newsletter.delivery.ses_raw import RawMails
from newsletter.delivery.ses_settings import Method, SesSettings
from newsletter.delivery.ses_variants import Variants
from newsletter.delivery.transport import Outcome, Verdict
from newsletter.errors import StopCampaign
from subscribers.errors import InvalidAddress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from newsletter.delivery.ses_answers import Judged
    from newsletter.delivery.ses_bulk import BulkMail
    from newsletter.delivery.transport import Addressed, Call

__all__ = ["Method", "Ses", "SesSettings"]

FEWEST_IN_BULK = 2
"""Recipients from which on a bulk request costs less than raw ones, in bytes and in time."""

_log = logging.getLogger(__name__)


def _nobody(_: Sequence[str]) -> Mapping[str, str]:
    return {}


class Ses:
    """Transport to Amazon SES. May be called from as many threads at once as it has connections."""

    name = "ses"

    def __init__(
        self,
        settings: SesSettings,
        receipts: Callable[[Sequence[str]], Mapping[str, str]] = _nobody,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open no connection yet. `receipts`: the message ids of those deliveries that are proven to be accepted.

        Raises StopCampaign when the SDK lacks a region.
        """
        raw = settings.method is Method.RAW
        self.max_recipients = settings.connections if raw else MOST_ENTRIES
        self._settings = settings
        self._receipts = receipts
        self._timer = timer
        # while others send in bulk, each from a thread of its own, raw mails go from threads of ours
        self._client = SesClient(timeout=settings.timeout, connections=2 * settings.connections)
        self._raw = RawMails(self._client, settings, timer)
        self._variants = Variants(settings.configuration_set)

    def send(self, call: Call) -> Sequence[Outcome]:
        """Hand the mails of a call over. The message id is that of SES.

        Raises StopCampaign when SES refuses what every mail has in common, and none was accepted.
        """
        mail = self._variants.bulk_mail(call.prepared) if self._is_for_bulk(call) else None
        return settled(self._raw.send(call, call.recipients) if mail is None else self._in_bulk(call, mail))

    def evidence(self, delivery_ids: Sequence[str]) -> Mapping[str, bool]:
        """Say of whom a receipt proves that they were accepted; SES cannot be asked for the others."""
        return dict.fromkeys(self._receipts(delivery_ids), True)

    def close(self) -> None:
        """Give threads and connections back."""
        self._raw.close()
        self._client.close()

    def _is_for_bulk(self, call: Call) -> bool:
        method = self._settings.method
        if call.prepared.is_single:
            return False
        return method is Method.BULK or (method is Method.AUTO and len(call.recipients) >= FEWEST_IN_BULK)

    def _in_bulk(self, call: Call, mail: BulkMail) -> list[Judged]:
        """Send in as few requests as the call fits in, one after the other."""
        began = self._timer()
        refused: dict[int, Outcome] = {}
        entries: list[tuple[Addressed, bytes]] = []
        for index, addressed in enumerate(call.recipients):
            try:
                entries.append((addressed, mail.entry(addressed)))
            except InvalidAddress as error:
                refused[index] = Outcome(Verdict.REJECTED, reason=str(error))
        judged: list[Judged] = []
        for part in mail.cut([entry for _, entry in entries]):
            trouble = troubled(judged)
            if judged and self._timer() - began > self._settings.timeout / 2:
                trouble.append("the request before took too long")
            if trouble:
                judged += [Outcome(Verdict.UNTRIED, reason=trouble[0])] * len(entries[part])
            else:
                judged += self._request(call, mail, entries[part])
        others = iter(judged)
        return [refused.get(index) or next(others) for index in range(len(call.recipients))]

    def _request(self, call: Call, mail: BulkMail, entries: Sequence[tuple[Addressed, bytes]]) -> list[Judged]:
        body = mail.request([entry for _, entry in entries])
        said = self._client.ask("send_bulk_email", body, call.still_ours)
        if isinstance(said, Outcome) and said.verdict is Verdict.REJECTED:
            # the request is at fault, or one address in it: raw mails show which, and go where the others can
            _log.warning("SES refuses a bulk request; its %d mails go one by one.", len(entries))
            return self._raw.send(call, [addressed for addressed, _ in entries])
        if isinstance(said, (Outcome, StopCampaign)):
            return [said] * len(entries)
        return entry_outcomes(said.get("BulkEmailEntryResults") or (), len(entries))
