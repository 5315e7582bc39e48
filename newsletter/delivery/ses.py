"""Amazon SES: each mail by SendEmail with raw content, the mails of a call side by side.

https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html. Retries of the SDK are off: it repeats after
a read time-out, when the mail may have been accepted. Region, credentials and `AWS_ENDPOINT_URL` are settings of the
SDK.
"""

from __future__ import annotations

import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore import exceptions as boto
from botocore.config import Config

from newsletter.delivery.letters import letter
from newsletter.delivery.ses_answers import Answer, outcome_of
from newsletter.delivery.transport import DELIVERY_TAG, Outcome, Verdict
from newsletter.errors import StopCampaign

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from newsletter.delivery.transport import Addressed, Call

_LONGEST_CONNECT = 10.0
_NOT_REACHED = (boto.EndpointConnectionError, boto.ConnectTimeoutError, boto.ProxyConnectionError)
"""Raised before a byte of the request was sent."""
_CREDENTIALS_LATER = (boto.CredentialRetrievalError, boto.MetadataRetrievalError)


@dataclass(frozen=True, kw_only=True)
class SesSettings:
    """What SES is asked with, beside the SDK's own settings."""

    configuration_set: str = ""
    timeout: float = 30.0
    """Seconds that an answer may take."""
    connections: int = 10


class Ses:
    """Transport to Amazon SES."""

    name = "ses"

    def __init__(self, settings: SesSettings) -> None:
        """Open no connection yet. Raises StopCampaign when the SDK lacks a region."""
        self.max_recipients = settings.connections
        self._client = _client(settings)
        self._threads = ThreadPoolExecutor(settings.connections, thread_name_prefix="ses")
        self._shared = {"ConfigurationSetName": settings.configuration_set} if settings.configuration_set else {}

    def send(self, call: Call) -> Sequence[Outcome]:
        """Send the mails of a call side by side. The message id is that of SES.

        Raises StopCampaign when SES refuses what every mail has in common, and none was accepted.
        """
        answers = list(self._threads.map(lambda addressed: self._answer(call, addressed), call.recipients))
        stops = [answer for answer in answers if isinstance(answer, StopCampaign)]
        if len(stops) == len(answers):
            raise stops[0]
        return [
            Outcome(Verdict.UNTRIED, reason=str(answer)) if isinstance(answer, StopCampaign) else answer
            for answer in answers
        ]

    def evidence(self, delivery_ids: Sequence[str]) -> Mapping[str, bool]:  # noqa: ARG002 - nothing can be asked
        """Know nothing: SES cannot be asked for a tag; its events tell, when they come."""
        return {}

    def close(self) -> None:
        """Give threads and connections back."""
        self._threads.shutdown()
        self._client.close()

    def _answer(self, call: Call, addressed: Addressed) -> Outcome | StopCampaign:
        """Send one mail; what concerns all mails is returned as well, for the others are on their way."""
        message = letter(call, addressed)
        if isinstance(message, Outcome):
            return message
        try:
            return self._send(message, addressed)
        except StopCampaign as stop:
            return stop

    def _send(self, message: bytes, addressed: Addressed) -> Outcome:
        try:
            answer = self._client.send_email(
                Destination={"ToAddresses": [addressed.recipient.email]},
                Content={"Raw": {"Data": message}},
                EmailTags=[{"Name": DELIVERY_TAG, "Value": addressed.delivery_id}],
                **self._shared,
            )
        except boto.ClientError as error:
            return outcome_of(_said(error))
        except Exception as error:  # noqa: BLE001 - whatever it was, the mail may be gone
            return _meaning(error)
        return Outcome(Verdict.ACCEPTED, message_id=answer["MessageId"])


def _client(settings: SesSettings) -> Any:  # noqa: ANN401 - boto3 makes its classes at run time
    config = Config(
        retries={"total_max_attempts": 1},
        connect_timeout=min(_LONGEST_CONNECT, settings.timeout),
        read_timeout=settings.timeout,
        max_pool_connections=settings.connections,
        tcp_keepalive=True,
    )
    try:
        return boto3.session.Session().client("sesv2", config=config)
    except boto.BotoCoreError as error:
        raise StopCampaign(f"Amazon SES cannot be used: {error} AWS_DEFAULT_REGION names the region.") from error


def _said(error: boto.ClientError) -> Answer:
    said = error.response.get("Error", {})
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return Answer(status, str(said.get("Code", "")), str(said.get("Message", "")))


def _meaning(error: Exception) -> Outcome:
    """Return what a failure without an answer means. Raises StopCampaign."""
    if isinstance(error, (*_NOT_REACHED, *_CREDENTIALS_LATER)):
        return Outcome(Verdict.UNTRIED, reason=str(error))
    if isinstance(error, boto.ParamValidationError):
        return Outcome(Verdict.REJECTED, reason=str(error))
    if isinstance(error, boto.SSLError) and _is_untrusted(error):
        raise StopCampaign(f"Amazon SES's certificate cannot be trusted: {error}") from error
    if isinstance(error, boto.BotoCoreError) and not isinstance(error, (boto.HTTPClientError, boto.ConnectionError)):
        raise StopCampaign(f"Amazon SES cannot be used as things stand: {error}") from error
    return Outcome(Verdict.UNCERTAIN, reason=str(error) or repr(error))


def _is_untrusted(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(error):
            return True
        error = error.__context__
    return False
