"""One request to Amazon SES through boto3, and what a failure of it means.

boto3 finds region, credentials and endpoint, signs, and keeps connections. What it is not asked for is the body: a
bulk request has the same edition in it call after call, and is put together from bytes (`ses_bulk`); the SDK would
walk through fifty entries, twice. So bodies are held to the service's model by our tests, not at run time. Retries of
the SDK are off: it repeats after a read time-out, when the mail may have been accepted. The requests after the first
one of an operation are made by `newsletter.sdk`.
"""

from __future__ import annotations

import ssl
import threading
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore import exceptions as boto
from botocore.config import Config

from newsletter.delivery.ses_answers import Answer, outcome_of
from newsletter.delivery.transport import Outcome, Verdict
from newsletter.errors import RetryLater, StopCampaign
from newsletter.sdk import Requests

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from newsletter.delivery.ses_answers import Judged

_LONGEST_CONNECT = 10.0
_NOT_REACHED = (boto.EndpointConnectionError, boto.ConnectTimeoutError, boto.ProxyConnectionError)
"""Raised before a byte of the request was sent."""
_PASSING = (boto.HTTPClientError, boto.ConnectionError, boto.CredentialRetrievalError, boto.MetadataRetrievalError)
"""Before the request left, these are about where credentials come from."""


class SesClient:
    """Sends requests; one for all threads."""

    def __init__(self, *, timeout: float, connections: int) -> None:
        """Open no connection yet. Raises StopCampaign when the SDK lacks a region."""
        self._under_way = _UnderWay()
        self._client, self._requests = _sdk(timeout, connections)
        events = self._client.meta.events
        events.register("before-call.sesv2", self._put_body)
        events.register("before-send.sesv2", self._depart)

    def ask(self, operation: str, body: bytes, still_ours: Callable[[], bool]) -> Mapping[str, Any] | Judged:
        """Send a request, with `body` in the JSON of the service's model; return its answer, or what a failure means.

        `operation` is named as in Python, e.g. `send_email`. `still_ours` is asked when the request is signed, before
        its first byte leaves. A verdict of REJECTED is about the request: nobody was accepted.
        """
        request = self._under_way
        request.body, request.still_ours, request.departed = body, still_ours, False
        try:
            if self._requests.knows(operation):
                return self._requests.repeat(operation, body, self._depart)
            answer: Mapping[str, Any] = getattr(self._client, operation)()
        except Exception as error:  # noqa: BLE001 - whatever it was, mails may be gone
            return _after_departure(error) if request.departed else _before_departure(error)
        return answer

    def close(self) -> None:
        """Give connections back."""
        self._requests.close()

    def _put_body(self, params: dict[str, Any], **_: object) -> None:
        params["body"] = self._under_way.body

    def _depart(self, **_: object) -> None:
        """Let the signed request go, or not. What is raised here, the SDK lets through."""
        if not self._under_way.still_ours():
            raise RetryLater("The work was no longer this worker's when the request was about to leave: not sent.")
        self._under_way.departed = True


class _UnderWay(threading.local):
    """The request of this thread."""

    body: bytes
    still_ours: Callable[[], bool]
    departed: bool
    """Whether bytes of it may have left."""


def _sdk(timeout: float, connections: int) -> tuple[Any, Requests]:
    config = Config(
        retries={"total_max_attempts": 1, "mode": "standard"},  # "adaptive" would also wait, after `before-send`
        connect_timeout=min(_LONGEST_CONNECT, timeout),
        read_timeout=timeout,
        max_pool_connections=connections,
        tcp_keepalive=True,
        parameter_validation=False,
    )
    session = botocore.session.get_session()
    try:
        client = boto3.session.Session(botocore_session=session).client("sesv2", config=config)
    except boto.BotoCoreError as error:
        raise StopCampaign(f"Amazon SES cannot be used: {error} AWS_DEFAULT_REGION names the region.") from error
    return client, Requests(client, session.get_config_variable("ca_bundle"))


def _before_departure(error: Exception) -> Judged:
    """Return what a failure means when nothing was sent: it is about credentials, or the SDK's settings."""
    lasting = isinstance(error, boto.BotoCoreError) and not isinstance(error, _PASSING)
    if isinstance(error, boto.ClientError):  # said by the service that lends credentials
        meaning = _meaning(error)
        lasting = not isinstance(meaning, Outcome) or meaning.verdict is Verdict.REJECTED
    if lasting:
        return StopCampaign(f"Amazon SES cannot be used as things stand: {error}")
    return Outcome(Verdict.UNTRIED, reason=str(error) or repr(error))


def _after_departure(error: Exception) -> Judged:
    """Return what a failure means once the request was let go."""
    if isinstance(error, boto.ClientError):
        return _meaning(error)
    if isinstance(error, _NOT_REACHED):
        return Outcome(Verdict.UNTRIED, reason=str(error))
    if isinstance(error, boto.SSLError) and _is_untrusted(error):
        return StopCampaign(f"Amazon SES's certificate cannot be trusted: {error}")
    return Outcome(Verdict.UNCERTAIN, reason=str(error) or repr(error))


def _meaning(error: boto.ClientError) -> Judged:
    said = error.response.get("Error", {})
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    try:
        return outcome_of(Answer(status, str(said.get("Code", "")), str(said.get("Message", ""))))
    except StopCampaign as stop:
        return stop


def _is_untrusted(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(error):
            return True
        error = error.__context__
    return False
