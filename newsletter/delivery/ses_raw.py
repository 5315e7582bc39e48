"""The mails of a call by SendEmail with raw content, side by side: each a request of its own.

https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html.
"""

from __future__ import annotations

from binascii import b2a_base64
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from newsletter.delivery.letters import letter
from newsletter.delivery.ses_answers import troubled
from newsletter.delivery.ses_bulk import encode
from newsletter.delivery.ses_settings import tag_value
from newsletter.delivery.transport import DELIVERY_TAG, Outcome, Verdict
from newsletter.errors import StopCampaign

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from newsletter.delivery.ses_answers import Judged
    from newsletter.delivery.ses_client import SesClient
    from newsletter.delivery.ses_settings import SesSettings
    from newsletter.delivery.transport import Addressed, Call


class RawMails:
    """Sends raw mails; one for all threads."""

    def __init__(self, client: SesClient, settings: SesSettings, timer: Callable[[], float]) -> None:
        self._client = client
        self._settings = settings
        self._timer = timer
        self._threads = ThreadPoolExecutor(settings.connections, thread_name_prefix="ses")

    def send(self, call: Call, people: Sequence[Addressed]) -> list[Judged]:
        """Send the mails of these people of a call. Who has not begun when one meets trouble is untried."""
        began = self._timer()
        trouble: list[str] = []

        def judged(addressed: Addressed) -> Judged:
            if not trouble and self._timer() - began > self._settings.timeout / 2:
                trouble.append("the mails before took too long")
            if trouble:
                return Outcome(Verdict.UNTRIED, reason=trouble[0])
            answer = self._send(call, addressed)
            trouble.extend(troubled([answer]))
            return answer

        return list(self._threads.map(judged, people))

    def close(self) -> None:
        """Give the threads back."""
        self._threads.shutdown()

    def _send(self, call: Call, addressed: Addressed) -> Judged:
        message = letter(call, addressed)
        if isinstance(message, Outcome):
            return message
        body = raw_request(message, addressed, self._settings.configuration_set)
        said = self._client.ask("send_email", body, call.still_ours)
        if isinstance(said, (Outcome, StopCampaign)):
            return said
        return Outcome(Verdict.ACCEPTED, message_id=said.get("MessageId"))


def raw_request(message: bytes, addressed: Addressed, configuration_set: str) -> bytes:
    """Return the body of the request that sends a whole message to one recipient."""
    rest: dict[str, object] = {
        "Destination": {"ToAddresses": [addressed.recipient.email]},
        "EmailTags": [{"Name": DELIVERY_TAG, "Value": tag_value(addressed.delivery_id)}],
    }
    if configuration_set:
        rest["ConfigurationSetName"] = configuration_set
    data = b2a_base64(message, newline=False)
    return b"".join((b'{"Content":{"Raw":{"Data":"', data, b'"}},', encode(rest).encode()[1:]))
